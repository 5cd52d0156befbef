import { PintleError } from '../base/errors.ts';
import type { ServerVersion } from '../client/kube-client.ts';

/** The version whose API the cluster serves. */
export const KUBERNETES_VERSION = 'v1.35.2';

const NEWEST_MINOR = 35;
/** The oldest with `apps/v1`, `networking.k8s.io/v1` and what charts of today ask for. */
const OLDEST_MINOR = 19;

/**
 * The version that a cluster says it is: `1.34`, `v1.34.3`. It answers as Kubernetes 1.35 does whatever it says; charts that ask
 * for the version see this one.
 *
 * @throws PintleError `usage`
 */
export function parseKubernetesVersion(text: string): ServerVersion {
  const match = /^v?1\.(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text);
  const minor = Number(match?.[1] ?? Number.NaN);
  if (match === null || !(minor >= OLDEST_MINOR && minor <= NEWEST_MINOR)) {
    throw new PintleError('usage', `invalid Kubernetes version "${text}"`, {
      hint: `use one from 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}, such as 1.34 or v1.34.3`,
    });
  }
  const known = match[2] === undefined && minor === NEWEST_MINOR;
  return {
    major: '1',
    minor: String(minor),
    gitVersion: known ? KUBERNETES_VERSION : `v1.${minor}.${match[2] ?? '0'}`,
  };
}
