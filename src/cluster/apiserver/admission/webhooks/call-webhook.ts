import type { MutatingWebhook, ValidatingWebhook } from '../../../../kube/api/admissionregistration-v1.generated.ts';
import type { ResourceType } from '../../../../kube/object.ts';
import { StatusError } from '../../../../kube/status-error.ts';
import { badRequest, forbidden, internalError } from '../../../registry/status.ts';
import { CelFailure } from '../../cel/cel-library.ts';
import { newUid } from '../../rest/identity.ts';
import { WebhookFailure } from '../../webhooks/webhook-client.ts';
import { matchedVersion, namespaceMatches, objectMatches } from '../matching.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { conditionsHold, expressionContext } from '../policies/expression-context.ts';
import { readAnswer, type ReviewAnswer, reviewOf } from './review.ts';

export type Webhook = MutatingWebhook | ValidatingWebhook;

const DRY_RUN_EFFECTS = ['None', 'NoneOnDryRun'];
const LEAST_FAILURE_CODE = 400;

/**
 * The version of the resource with which a webhook is to be called; undefined when it is not to be.
 * apiserver: pkg/admission/plugin/webhook/generic/webhook.go (ShouldCallHook)
 *
 * @throws StatusError when that cannot be told
 */
export function versionFor(webhook: Webhook, request: AdmissionRequest): ResourceType | undefined {
  const namespaces = namespaceMatches(webhook.namespaceSelector, request);
  if (namespaces === false || !objectMatches(webhook.objectSelector, request)) return undefined;
  const type = matchedVersion(webhook.rules, webhook.matchPolicy, request);
  if (type === undefined) return undefined;
  if (namespaces instanceof Error) throw namespaces;
  if ((webhook.matchConditions ?? []).length === 0) return type;
  try {
    const values = expressionContext(request, type);
    const { failurePolicy } = webhook;
    return conditionsHold(webhook.matchConditions, request, { values, failurePolicy }) ? type : undefined;
  } catch (error) {
    if (!(error instanceof CelFailure)) throw error;
    throw forbidden(request.type, request.name, error.message);
  }
}

/**
 * Asks a webhook. The same question, asked again by a later attempt of the same request, has the same answer.
 *
 * @returns undefined when it gave no answer and that is to be ignored
 * @throws StatusError when it refused, or gave no answer
 */
export function callWebhook(
  webhook: Webhook,
  request: AdmissionRequest,
  {
    type,
    configuration,
    mutating,
  }: { readonly type: ResourceType; readonly configuration: string; readonly mutating: boolean },
): ReviewAnswer | undefined {
  const { name, sideEffects, admissionReviewVersions: versions, clientConfig, timeoutSeconds = 10 } = webhook;
  if (request.dryRun && !DRY_RUN_EFFECTS.includes(sideEffects)) {
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  const uid = newUid(request.random);
  let answer: ReviewAnswer;
  try {
    const review = reviewOf(request, { type, versions, uid });
    const question = JSON.stringify({
      ...review,
      uid: '',
      request: { ...(review as { request: object }).request, uid: '' },
    });
    answer = request.outside(`webhook ${configuration}/${name} ${question}`, async () => {
      const body = await post(() => request.webhooks().post(clientConfig, review, timeoutSeconds));
      return readAnswer(body, { mutating, uid, version: versions.find(isKnown) ?? 'v1' });
    });
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error;
    if (webhook.failurePolicy === 'Ignore') return undefined;
    throw internalError(`failed calling webhook ${JSON.stringify(name)}: ${error.message}`);
  }
  for (const [key, value] of Object.entries(answer.annotations)) request.audit(`${name}/${key}`, value);
  for (const warning of answer.warnings) request.warn(warning);
  if (!answer.allowed) throw rejection(name, answer.result);
  return answer;
}

function isKnown(version: string): boolean {
  return version === 'v1' || version === 'v1beta1';
}

async function post(send: () => Promise<unknown>): Promise<unknown> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof WebhookFailure) throw new WebhookFailure(`failed to call webhook: ${error.message}`, error);
    throw error;
  }
}

/** apiserver: pkg/admission/plugin/webhook/errors/statuserror.go */
function rejection(name: string, result: ReviewAnswer['result']): StatusError {
  const { message = '', reason = '', code = 0, details } = result ?? {};
  const why = message === '' ? reason : message;
  const head = `admission webhook ${JSON.stringify(name)} denied the request`;
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: why === '' ? `${head} without explanation` : `${head}: ${why}`,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code: Math.max(code, LEAST_FAILURE_CODE),
  });
}
