import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { API_SERVICE_ADDRESS } from '../machinery/cluster-network.ts';
import type { KeyPair } from './certificates.ts';

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
const ADDRESSES = ['127.0.0.1', '::1', API_SERVICE_ADDRESS];

/**
 * Completes keys that were kept; what has run out is made anew.
 *
 * @param now ms since the epoch, by the wall clock
 */
export async function completeKeys(kept: Partial<ClusterKeys>, now: number): Promise<ClusterKeys> {
  return {
    ...(await certificates(kept, now)),
    token: kept.token ?? randomBytes(24).toString('base64url'),
    signingKey: kept.signingKey ?? newSigningKey(),
  };
}

async function certificates(
  kept: Partial<ClusterKeys>,
  now: number,
): Promise<Pick<ClusterKeys, 'authority' | 'serving'>> {
  const { authority: known, serving } = kept;
  if (known !== undefined && serving !== undefined && isCurrent(serving, known, now)) {
    return { authority: known, serving };
  }
  // Only the first start and one a year need it: it takes as long to load as all the rest of serving.
  const { createAuthority, issueCertificate } = await import('./certificates.ts');
  const authority = known ?? (await createAuthority('pintle', now));
  const subject = { kind: 'server', names: NAMES, addresses: ADDRESSES } as const;
  return { authority, serving: await issueCertificate(authority, subject, now) };
}

/** True while a certificate is signed by the authority and has a week left. */
function isCurrent(pair: KeyPair, authority: KeyPair, now: number): boolean {
  try {
    const certificate = new X509Certificate(pair.certificate);
    const issuer = new X509Certificate(authority.certificate);
    return certificate.checkIssued(issuer) && Date.parse(certificate.validTo) > now + 7 * 24 * 3_600_000;
  } catch {
    return false;
  }
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
