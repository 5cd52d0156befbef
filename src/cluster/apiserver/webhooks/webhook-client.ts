import type { WebhookClientConfig } from '../../../kube/api/admissionregistration-v1.generated.ts';

/** Why a webhook gave no answer, in the words of Go's client. */
export class WebhookFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'WebhookFailure';
  }
}

/** A webhook of the simulation: it runs and listens, and what it would say is not known. */
export const SIMULATED = Symbol('a simulated webhook');

/** Sends what the API server asks to whoever answers it. */
export interface WebhookClient {
  /**
   * Posts a review.
   *
   * @returns the JSON of the answer; {@link SIMULATED} for a container of the simulation that listens
   * @throws WebhookFailure
   */
  post(config: WebhookClientConfig, review: object, timeoutSeconds: number): Promise<unknown>;
}

/** Is told of each change that a webhook has made to an object. */
export type MutationListener = (
  webhook: string,
  object: { readonly kind: string; readonly namespace?: string | undefined; readonly name: string },
) => void;

/** The URL that a webhook is called at, as messages name it: `https://name.namespace.svc:443/path?timeout=10s`. */
export function webhookUrl({ url, service }: WebhookClientConfig, timeoutSeconds: number): URL {
  const target = new URL(
    service === undefined
      ? (url ?? '')
      : `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}/${(service.path ?? '').replace(/^\//, '')}`,
  );
  target.searchParams.set('timeout', `${timeoutSeconds}s`);
  return target;
}

/** The same as text; a port that a URL would leave out stays. */
export function webhookAddress(config: WebhookClientConfig, timeoutSeconds: number): string {
  const { service } = config;
  const target = webhookUrl(config, timeoutSeconds);
  const host = service === undefined ? target.host : `${target.hostname}:${service.port ?? 443}`;
  const path = service === undefined || (service.path ?? '') !== '' ? target.pathname : '';
  return `https://${host}${path}${target.search}`;
}

/** Where nobody can be asked. */
export const NO_WEBHOOKS: WebhookClient = {
  post: (config, _review, timeoutSeconds) =>
    Promise.reject(
      new WebhookFailure(`Post "${webhookAddress(config, timeoutSeconds)}": this API server cannot call webhooks`),
    ),
};
