import type { Logger } from '../../base/logger.ts';
import type { KubeClient, Watch } from '../../client/kube-client.ts';
import type { Secret } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { completeObjects } from './complete-objects.ts';
import { ISSUER, type ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';

type TokenSecret = KubeObject & Secret;

/** What tokens in Secrets are made with. */
export interface TokenFillerOptions {
  readonly client: KubeClient;
  readonly tokens: ServiceAccountTokens;
  /** PEM: what the API server is trusted by. */
  readonly certificate: string;
  readonly logger: Logger;
}

/** Puts tokens that do not end into the Secrets that wait for one, with the certificate to trust, until it is stopped. */
export function startTokenFiller({ client, tokens, certificate, logger }: TokenFillerOptions): Watch {
  const complete = async (secret: TokenSecret): Promise<TokenSecret> => {
    const { namespace, name = '', uid = '', annotations } = secret.metadata;
    const account = { namespace, name: annotations?.['kubernetes.io/service-account.name'] ?? '' };
    const owner = await client.get(RESOURCES.serviceAccounts, account);
    const { token } = await tokens.issue(owner, {
      audiences: [ISSUER],
      expirationSeconds: undefined,
      bound: { kind: 'Secret', name, uid },
    });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    return { ...secret, data: { 'ca.crt': base64(certificate), ...secret.data, token: base64(token) } };
  };
  return completeObjects({ client, logger, resource: RESOURCES.secrets, isDue: isWaiting, complete });
}

/** True for one that the controller has completed but for its token. */
function isWaiting({ type, data }: TokenSecret): boolean {
  return type === 'kubernetes.io/service-account-token' && data?.['token'] === '';
}
