import type { KubeClient, Watch } from '../../client/kube-client.ts';
import type { Secret } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { ISSUER, type ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';

type TokenSecret = KubeObject & Secret;

/** What tokens in Secrets are made with. */
export interface TokenFillerOptions {
  readonly client: KubeClient;
  readonly tokens: ServiceAccountTokens;
  /** PEM: what the API server is trusted by. */
  readonly certificate: string;
}

/** Puts tokens that do not end into the Secrets that wait for one, with the certificate to trust, until it is stopped. */
export function startTokenFiller(options: TokenFillerOptions): Watch {
  const busy = new Set<string>();
  return options.client.watch<TokenSecret>(
    RESOURCES.secrets,
    {},
    {
      event: (event) => {
        if (event.type !== 'ADDED' && event.type !== 'MODIFIED') return;
        const { object } = event;
        const { uid = '' } = object.metadata;
        if (!isWaiting(object) || busy.has(uid)) return;
        busy.add(uid);
        void fill(options, object).finally(() => busy.delete(uid));
      },
    },
  );
}

/** True for one that the controller has completed but for its token. */
function isWaiting({ type, data }: TokenSecret): boolean {
  return type === 'kubernetes.io/service-account-token' && data?.['token'] === '';
}

async function fill({ client, tokens, certificate }: TokenFillerOptions, secret: TokenSecret): Promise<void> {
  const { namespace, name = '', uid = '', annotations } = secret.metadata;
  const account = { namespace, name: annotations?.['kubernetes.io/service-account.name'] ?? '' };
  try {
    const owner = await client.get(RESOURCES.serviceAccounts, account);
    const { token } = await tokens.issue(owner, {
      audiences: [ISSUER],
      expirationSeconds: undefined,
      bound: { kind: 'Secret', name, uid },
    });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const data = { 'ca.crt': base64(certificate), ...secret.data, token: base64(token) };
    await client.update(RESOURCES.secrets, { ...secret, data });
  } catch (error) {
    // Gone meanwhile, or changed, which is an event of its own.
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
  }
}
