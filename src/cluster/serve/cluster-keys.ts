import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createAuthority, isCurrent, issueCertificate, type KeyPair } from './certificates.ts';

/** What a served cluster proves itself with, and what its administrator does. They may be kept. */
export interface ClusterKeys {
  readonly authority: KeyPair;
  readonly serving: KeyPair;
  /** Of the administrator. */
  readonly token: string;
  /** The key that tokens of ServiceAccounts are signed with: ECDSA P-256, PKCS #8, PEM. */
  readonly signingKey: string;
}

const NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const ADDRESSES = ['127.0.0.1', '::1', '10.96.0.1'];

/**
 * Completes keys that were kept; what has run out is made anew.
 *
 * @param now ms since the epoch, by the wall clock
 */
export async function completeKeys(kept: Partial<ClusterKeys>, now: number): Promise<ClusterKeys> {
  const authority = kept.authority ?? (await createAuthority('pintle', now));
  const isGood = kept.authority !== undefined && kept.serving !== undefined && isCurrent(kept.serving, authority, now);
  const serving =
    isGood && kept.serving !== undefined
      ? kept.serving
      : await issueCertificate(authority, { kind: 'server', names: NAMES, addresses: ADDRESSES }, now);
  return {
    authority,
    serving,
    token: kept.token ?? randomBytes(24).toString('base64url'),
    signingKey: kept.signingKey ?? newSigningKey(),
  };
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
