import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { type KubeDriverOptions, KubeRecordDriver } from './kube-record-driver.ts';
import type { ReleaseDriver } from './release-driver.ts';

/** The type of Secrets, and of rows, that hold records. */
export const RECORD_TYPE = 'helm.sh/release.v1';

/** Keeps releases in Secrets, whose data the API holds in base64 once more. */
export function createSecretDriver(options: KubeDriverOptions): ReleaseDriver {
  return new KubeRecordDriver(options, {
    name: 'Secret',
    type: RESOURCES.secrets,
    pack: (text) => ({ type: RECORD_TYPE, data: { release: Buffer.from(text).toString('base64') } }),
    unpack: (object) => {
      const data = (object as Partial<KubeObject> & { data?: { release?: string } }).data?.release ?? '';
      return Buffer.from(data, 'base64').toString('latin1');
    },
  });
}
