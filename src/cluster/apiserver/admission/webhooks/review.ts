import { isObject } from '../../../../base/json.ts';
import type { KubeObject, ResourceType } from '../../../../kube/object.ts';
import type { Status } from '../../../../kube/status-error.ts';
import { SIMULATED, WebhookFailure } from '../../webhooks/webhook-client.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { requestObject } from '../policies/expression-context.ts';

const VERSIONS = ['v1', 'v1beta1'];

/** What a webhook decided. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly result: Partial<Status> | undefined;
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** The operations of a JSON patch. */
  readonly patch: readonly unknown[];
}

const ALLOWED: ReviewAnswer = { allowed: true, result: undefined, warnings: [], annotations: {}, patch: [] };

/**
 * The AdmissionReview of a request, in the first version that the webhook and the server know.
 *
 * @throws WebhookFailure when there is none
 */
export function reviewOf(
  request: AdmissionRequest,
  { type, versions, uid }: { readonly type: ResourceType; readonly versions: readonly string[]; readonly uid: string },
): object {
  const version = versions.find((each) => VERSIONS.includes(each));
  if (version === undefined) {
    const text =
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new WebhookFailure(text);
  }
  const show = (object: KubeObject | undefined): unknown =>
    object === undefined ? null : request.convert(object, type.version);
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      ...requestObject(request, type),
      object: show(request.draft),
      oldObject: show(request.old),
    },
  };
}

/**
 * Reads what came back. apiserver: pkg/admission/plugin/webhook/request/admissionreview.go
 *
 * @throws WebhookFailure for what is no answer to the review
 */
export function readAnswer(
  body: unknown,
  { mutating, uid, version }: { readonly mutating: boolean; readonly uid: string; readonly version: string },
): ReviewAnswer {
  if (body === SIMULATED) return ALLOWED;
  const wrong = (text: string): WebhookFailure => new WebhookFailure(`received invalid webhook response: ${text}`);
  if (!isObject(body)) throw wrong('webhook response was absent');
  const { response, kind = '', apiVersion = '' } = body;
  if (!isObject(response)) throw wrong('webhook response was absent');
  if (version === 'v1') {
    if (response['uid'] !== uid) {
      throw wrong(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
    }
    if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1') {
      throw wrong(
        `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${String(apiVersion)}, Kind=${String(kind)}`,
      );
    }
    checkPatch(response, mutating, wrong);
  }
  const { allowed, status, warnings, auditAnnotations } = response;
  return {
    allowed: allowed === true,
    result: isObject(status) ? status : undefined,
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    annotations: isObject(auditAnnotations) ? (auditAnnotations as Record<string, string>) : {},
    patch: mutating && allowed === true ? readPatch(response['patch']) : [],
  };
}

function checkPatch(
  { patch, patchType }: Record<string, unknown>,
  mutating: boolean,
  wrong: (text: string) => Error,
): void {
  const hasPatch = typeof patch === 'string' && patch !== '';
  const hasType = patchType !== undefined && patchType !== null;
  if (!mutating) {
    if (hasPatch) throw wrong('validating webhook may not return response.patch');
    if (hasType) throw wrong('validating webhook may not return response.patchType');
    return;
  }
  if (hasPatch && !hasType) throw wrong('webhook returned response.patch but not response.patchType');
  if (!hasPatch && hasType) throw wrong('webhook returned response.patchType but not response.patch');
  if (hasType && patchType === '') throw wrong('webhook returned invalid response.patchType of ""');
  if (hasType && patchType !== 'JSONPatch')
    throw new WebhookFailure(`unsupported patch type ${JSON.stringify(patchType)}`);
}

function readPatch(patch: unknown): readonly unknown[] {
  if (typeof patch !== 'string' || patch === '') return [];
  try {
    const operations: unknown = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
    if (Array.isArray(operations)) return operations;
  } catch {
    // Told below.
  }
  throw new WebhookFailure('received undecodable patch in webhook response: it is no list of operations');
}
