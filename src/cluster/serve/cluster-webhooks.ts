import type { WebhookClientConfig } from '../../kube/api/admissionregistration-v1.generated.ts';
import type { Service } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import {
  SIMULATED,
  webhookAddress,
  type WebhookClient,
  WebhookFailure,
  webhookUrl,
} from '../apiserver/webhooks/webhook-client.ts';
import { isLoopback, postJson } from './https-webhooks.ts';

/** How a request through the simulated network ended. */
type TracedOutcome =
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly failure: string; readonly message: string };

/** What calls of webhooks go through. */
export interface ClusterWebhooksOptions {
  readonly service: (namespace: string, name: string) => KubeObject | undefined;
  /** Sends a request through the simulated network. */
  readonly trace: (url: URL) => Promise<TracedOutcome>;
  /** Keeps the cluster's time from passing until the returned function is called. */
  readonly hold: () => () => void;
}

/**
 * Calls webhooks: URLs of this machine's loopback, and Services. A Service of the kind ExternalName that leads to the loopback is
 * called over TLS as well; any other is asked in the simulated network, whose containers answer or not, but decide nothing. No other
 * host is ever dialled.
 */
export class ClusterWebhooks implements WebhookClient {
  readonly #options: ClusterWebhooksOptions;

  constructor(options: ClusterWebhooksOptions) {
    this.#options = options;
  }

  async post(config: WebhookClientConfig, review: object, timeoutSeconds: number): Promise<unknown> {
    const release = this.#options.hold();
    try {
      return await this.#post(config, review, timeoutSeconds);
    } finally {
      release();
    }
  }

  async #post(config: WebhookClientConfig, review: object, timeoutSeconds: number): Promise<unknown> {
    const { service, caBundle } = config;
    const url = webhookUrl(config, timeoutSeconds);
    const address = webhookAddress(config, timeoutSeconds);
    const call = { url, address, caBundle, body: JSON.stringify(review), timeoutSeconds };
    if (service === undefined) {
      if (!isLoopback(url.hostname)) throw refused(address, url.hostname);
      const port = url.port === '' ? 443 : Number(url.port);
      return await postJson({ ...call, port, serverName: url.hostname.replace(/^\[|\]$/g, '') });
    }
    const { name, namespace, port = 443 } = service;
    const found: (KubeObject & Service) | undefined = this.#options.service(namespace, name);
    if (found === undefined) throw new WebhookFailure(`Post "${address}": service ${JSON.stringify(name)} not found`);
    if (found.spec?.type === 'ExternalName') {
      const { externalName = '' } = found.spec;
      if (!isLoopback(externalName)) throw refused(address, externalName);
      return await postJson({ ...call, host: externalName, port, serverName: `${name}.${namespace}.svc` });
    }
    return await this.#simulate({ url, address, port }, found);
  }

  /** Asks the network of the simulation whether anybody would take the call. */
  async #simulate(
    { url, address, port }: { readonly url: URL; readonly address: string; readonly port: number },
    { spec, metadata: { name = '' } }: KubeObject & Service,
  ): Promise<unknown> {
    if (!(spec?.ports ?? []).some((each) => each.port === port)) {
      throw new WebhookFailure(`Post "${address}": no service port ${port} found for service ${JSON.stringify(name)}`);
    }
    const target = new URL(url);
    target.port = String(port);
    const outcome = await this.#options.trace(target);
    if (outcome.kind === 'answered') return SIMULATED;
    const { failure, message } = outcome;
    if (failure === 'timeout') throw new WebhookFailure(`Post "${address}": context deadline exceeded (${message})`);
    const ip = spec?.clusterIP === 'None' ? url.hostname : (spec?.clusterIP ?? url.hostname);
    throw new WebhookFailure(`Post "${address}": dial tcp ${ip}:${port}: connect: connection refused (${message})`);
  }
}

function refused(address: string, host: string): WebhookFailure {
  const why = `${host} is not dialled: a simulated cluster calls webhooks on this machine's loopback and in its own network alone`;
  return new WebhookFailure(`Post "${address}": ${why}`);
}
