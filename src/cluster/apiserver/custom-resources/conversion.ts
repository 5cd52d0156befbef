import { isObject } from '../../../base/json.ts';
import type { CustomResourceConversion } from '../../../kube/api/apiextensions-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { apiVersionOf } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status-error.ts';
import type { Outside } from '../outside.ts';
import { SIMULATED, type WebhookClient, WebhookFailure } from '../webhooks/webhook-client.ts';

/** Shows objects in another version. @throws PendingWork, StatusError 500 */
export type Convert = (objects: readonly KubeObject[], outside: Outside) => readonly KubeObject[];

const TIMEOUT_SECONDS = 30;
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/**
 * Makes the conversion to one version of a definition: by name alone, or by a webhook. An object is converted once.
 * apiextensions: pkg/apiserver/conversion
 */
export function converterTo(
  type: ResourceType,
  conversion: CustomResourceConversion | undefined,
  webhooks: () => WebhookClient,
): Convert {
  const apiVersion = apiVersionOf(type);
  const known = new WeakMap<KubeObject, KubeObject>();
  const rename = (object: KubeObject): KubeObject => ({ ...object, apiVersion });
  const byName = conversion?.strategy !== 'Webhook';
  return (objects, outside) => {
    const foreign = objects.filter((object) => object.apiVersion !== apiVersion && !known.has(object));
    if (foreign.length > 0) {
      const converted = byName
        ? foreign.map(rename)
        : outside(`conversion to ${apiVersion} of ${JSON.stringify(foreign)}`, () =>
            askWebhook(foreign, { type, apiVersion, conversion, webhooks: webhooks(), rename }),
          );
      foreign.forEach((object, i) => known.set(object, converted[i] ?? rename(object)));
    }
    return objects.map((object) => known.get(object) ?? object);
  };
}

interface Call {
  readonly type: ResourceType;
  readonly apiVersion: string;
  readonly conversion: CustomResourceConversion | undefined;
  readonly webhooks: WebhookClient;
  readonly rename: (object: KubeObject) => KubeObject;
}

async function askWebhook(objects: readonly KubeObject[], call: Call): Promise<readonly KubeObject[]> {
  const { type, apiVersion, conversion, webhooks, rename } = call;
  const { webhook } = conversion ?? {};
  const version = webhook?.conversionReviewVersions.find((each) => REVIEW_VERSIONS.includes(each)) ?? 'v1';
  // Every call is answered on a connection of its own, so that one name serves them all.
  const uid = '2b1f3d62-5c9a-4f3e-8c7d-3a1e6b9d4f20';
  const request = { uid, desiredAPIVersion: apiVersion, objects };
  const review = { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${version}`, request, response: null };
  try {
    const answer = await webhooks.post(webhook?.clientConfig ?? {}, review, TIMEOUT_SECONDS);
    if (answer === SIMULATED) return objects.map(rename);
    return readAnswer(answer, objects, { uid, apiVersion });
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error;
    const from = objects[0]?.apiVersion ?? '';
    const what = error.message.startsWith('returned ') ? error.message : `failed: ${error.message}`;
    const message = `conversion webhook for ${from}, Kind=${type.kind} ${what}`;
    throw new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
  }
}

function readAnswer(
  answer: unknown,
  objects: readonly KubeObject[],
  { uid, apiVersion }: { readonly uid: string; readonly apiVersion: string },
): readonly KubeObject[] {
  const response = isObject(answer) ? answer['response'] : undefined;
  if (!isObject(response)) throw new WebhookFailure('no response provided');
  if (response['uid'] !== uid) {
    throw new WebhookFailure(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`,
    );
  }
  const result = isObject(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') {
    const message =
      typeof result['message'] === 'string' && result['message'] !== ''
        ? result['message']
        : `response.result.status was '${typeof result['status'] === 'string' ? result['status'] : ''}', not 'Success'`;
    throw new WebhookFailure(message);
  }
  const converted: unknown = response['convertedObjects'];
  const count = Array.isArray(converted) ? converted.length : 0;
  if (!Array.isArray(converted) || count !== objects.length) {
    throw new WebhookFailure(`returned ${count} objects, expected ${objects.length}`);
  }
  return objects.map((object, i) => checked(converted[i], object, { index: i, apiVersion }));
}

/** A webhook may change anything but the identity of an object; of the metadata, labels and annotations. */
function checked(
  converted: unknown,
  object: KubeObject,
  { index, apiVersion }: { readonly index: number; readonly apiVersion: string },
): KubeObject {
  const wrong = (text: string): WebhookFailure =>
    new WebhookFailure(`returned invalid converted object at index ${index}: ${text}`);
  if (!isObject(converted) || !isObject(converted['metadata'])) throw wrong('missing metadata in converted object');
  if (converted['apiVersion'] !== apiVersion) {
    throw wrong(`invalid groupVersion (expected ${apiVersion}, received ${String(converted['apiVersion'])})`);
  }
  if (converted['kind'] !== object.kind) {
    throw wrong(`invalid kind (expected ${object.kind}, received ${String(converted['kind'])})`);
  }
  const { labels, annotations, ...own } = converted['metadata'] as KubeObject['metadata'];
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const [before = '', after = ''] = [object.metadata[field], own[field]];
    const name = field === 'uid' ? 'UID' : field;
    if (before !== after) throw wrong(`must have the same ${name}: ${before} != ${after}`);
  }
  const { labels: _labels, annotations: _annotations, ...metadata } = object.metadata;
  return {
    ...(converted as KubeObject),
    metadata: {
      ...metadata,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
