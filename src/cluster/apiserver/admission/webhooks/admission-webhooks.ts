import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from '../../../../kube/api/admissionregistration-v1.generated.ts';
import { decodeObject } from '../../../../kube/decode.ts';
import { deepEqual } from '../../../../kube/equality.ts';
import { applyJsonPatch } from '../../../../kube/json-patch.ts';
import type { KubeObject } from '../../../../kube/object.ts';
import type { Draft } from '../../../registry/strategy.ts';
import { internalError } from '../../../registry/status.ts';
import { PendingWork } from '../../outside.ts';
import { isExempt } from '../matching.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { callWebhook, versionFor, type Webhook } from './call-webhook.ts';

const GROUP = 'admissionregistration.k8s.io';
const MUTATING = { group: GROUP, resource: 'mutatingwebhookconfigurations' };
const VALIDATING = { group: GROUP, resource: 'validatingwebhookconfigurations' };

interface ConfiguredWebhook<T extends Webhook> {
  readonly webhook: T;
  readonly configuration: string;
}

function webhooksOf<T extends Webhook>(
  request: AdmissionRequest,
  resource: { readonly group: string; readonly resource: string },
): readonly ConfiguredWebhook<T>[] {
  const configurations = request.list(resource) as readonly (KubeObject &
    (MutatingWebhookConfiguration | ValidatingWebhookConfiguration))[];
  if (configurations.length === 0 || isExempt(request)) return [];
  return configurations.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.map((webhook) => ({ webhook: webhook as T, configuration: metadata.name ?? '' })),
  );
}

/** What the rounds of one request keep. */
interface MutationNotes {
  /** Webhooks that wish to be asked again when others have changed the object after them. */
  readonly eager: Set<string>;
  /** Those that are to be asked again. */
  due: Set<string>;
  /** The object as the last webhook left it. */
  output: object | undefined;
}

/** Lets webhooks change objects, one after the other. apiserver: pkg/admission/plugin/webhook/mutating/dispatcher.go */
export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  resources: undefined,
  admit(request) {
    const webhooks = webhooksOf<MutatingWebhook>(request, MUTATING);
    if (webhooks.length === 0) return;
    const notes = notesOf(request);
    const { again } = request.rounds;
    if (again && notes.output !== undefined && !deepEqual(notes.output, request.draft))
      notes.due = new Set(notes.eager);
    for (const { webhook, configuration } of webhooks) mutate(request, webhook, configuration, notes);
    notes.output = request.draft === undefined ? undefined : structuredClone(request.draft);
  },
};

function notesOf({ rounds }: AdmissionRequest): MutationNotes {
  let notes = rounds.notes.get('webhooks') as MutationNotes | undefined;
  if (notes === undefined) {
    notes = { eager: new Set(), due: new Set(), output: undefined };
    rounds.notes.set('webhooks', notes);
  }
  return notes;
}

function mutate(
  request: AdmissionRequest,
  webhook: MutatingWebhook,
  configuration: string,
  notes: MutationNotes,
): void {
  const type = versionFor(webhook, request);
  const id = `${configuration}/${webhook.name}`;
  if (type === undefined || (request.rounds.again && !notes.due.has(id))) return;
  const answer = callWebhook(webhook, request, { type, configuration, mutating: true });
  if (answer !== undefined && answer.patch.length > 0 && patch(request, webhook.name, answer.patch, type.version)) {
    const { kind, namespace, name } = request;
    request.mutated(webhook.name, { kind: kind.kind, namespace, name });
    notes.due = new Set(notes.eager);
    request.rounds.needed = true;
  }
  if (webhook.reinvocationPolicy === 'IfNeeded') notes.eager.add(id);
}

/** Applies a patch to the draft, in the version that the webhook saw. True when that changed it. */
function patch(request: AdmissionRequest, webhook: string, operations: readonly unknown[], version: string): boolean {
  const { draft, type } = request;
  if (draft === undefined) {
    const text = `admission webhook ${JSON.stringify(webhook)} attempted to modify the object, which is not supported for this operation`;
    throw internalError(text);
  }
  const before = draft as KubeObject;
  let after: Draft;
  try {
    const seen = request.convert(before, version);
    const patched = applyJsonPatch(seen, operations) as KubeObject;
    const decoded = decodeObject({ ...request.kind, version }, patched, 'Ignore').object;
    after = structuredClone(request.convert(decoded, type.version)) as Draft;
  } catch (error) {
    if (error instanceof PendingWork) throw error;
    throw internalError(error instanceof Error ? error.message : String(error));
  }
  const changed = !deepEqual(after, before);
  // Whoever works on the request holds the draft, so that it is changed in place.
  for (const key of Object.keys(draft)) delete draft[key];
  Object.assign(draft, after);
  if (request.subresource === '') request.applyDefaults(draft);
  return changed;
}

/** Lets webhooks refuse requests; all that match are asked at once. apiserver: pkg/admission/plugin/webhook/validating/dispatcher.go */
export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  resources: undefined,
  validate(request) {
    const pending: PendingWork[] = [];
    let failure: unknown;
    for (const { webhook, configuration } of webhooksOf(request, VALIDATING)) {
      const type = versionFor(webhook, request);
      if (type === undefined) continue;
      try {
        callWebhook(webhook, request, { type, configuration, mutating: false });
      } catch (error) {
        if (error instanceof PendingWork) pending.push(error);
        else failure ??= error;
      }
    }
    if (pending.length > 0) throw PendingWork.all(pending);
    if (failure !== undefined) throw failure;
  },
};
