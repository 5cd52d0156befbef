import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient, Watch } from '../../client/kube-client.ts';
import type { CertificateSigningRequest } from '../../kube/api/certificates-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { formatTime } from '../machinery/time.ts';
import { isOwnSigner, signerFault } from './certificate-rules.ts';
import type { KeyPair } from './certificates.ts';
import { completeObjects } from './complete-objects.ts';

type Request = KubeObject & CertificateSigningRequest;

/** Seconds; kubernetes: pkg/controller/certificates/signer/signer.go */
const LONGEST = 365 * 24 * 3600;
const SHORTEST = 600;

/** What a signer works with. */
export interface SignerOptions {
  readonly client: KubeClient;
  readonly authority: KeyPair;
  /** Certificates are checked by it. */
  readonly wallClock: Clock;
  readonly logger: Logger;
}

/** Signs what has been approved with the authority that the served cluster trusts, until it is stopped. */
export function startCertificateSigner({ client, authority, wallClock, logger }: SignerOptions): Watch {
  return completeObjects<Request>({
    client,
    logger,
    resource: RESOURCES.certificateSigningRequests,
    subresource: 'status',
    isDue,
    complete: async (request) => ({ ...request, status: await outcome(request, authority, wallClock.now()) }),
  });
}

function isDue({ spec, status }: Request): boolean {
  const conditions = status?.conditions ?? [];
  const has = (wanted: string): boolean => conditions.some(({ type }) => type === wanted);
  return has('Approved') && !has('Failed') && isEmpty(status?.certificate) && isOwnSigner(spec.signerName);
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}

async function outcome({ spec, status }: Request, authority: KeyPair, now: number): Promise<Request['status']> {
  const { signerName, usages = [], expirationSeconds = LONGEST } = spec;
  try {
    // Loaded when there is something to sign.
    const { readRequest, signRequest } = await import('./certificates.ts');
    const fault = signerFault(signerName, readRequest(spec.request), usages);
    if (fault !== undefined) throw new Error(fault);
    const duration = Math.max(SHORTEST, Math.min(expirationSeconds, LONGEST)) * 1000;
    const certificate = await signRequest(authority, spec.request, { now, duration, usages });
    return { ...status, certificate: Buffer.from(certificate).toString('base64') };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const time = formatTime(now);
    const reason = 'SignerValidationFailure';
    const failed = { type: 'Failed', status: 'True', reason, message, lastUpdateTime: time };
    return { ...status, conditions: [...(status?.conditions ?? []), failed] };
  }
}
