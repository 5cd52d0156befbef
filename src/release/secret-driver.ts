import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { type KubeDriverOptions, KubeRecordDriver } from './kube-record-driver.ts';
import { HEAD_CHARACTERS, LEAST_CHARACTERS } from './record-head.ts';
import type { ReleaseDriver } from './release-driver.ts';

/** The type of Secrets, and of rows, that hold records. */
export const RECORD_TYPE = 'helm.sh/release.v1';

/** Keeps releases in Secrets, whose data the API holds in base64 once more. */
export function createSecretDriver(options: KubeDriverOptions): ReleaseDriver {
  return new KubeRecordDriver(options, {
    name: 'Secret',
    type: RESOURCES.secrets,
    pack: (text) => ({ type: RECORD_TYPE, data: { release: Buffer.from(text).toString('base64') } }),
    unpack: (object) => decode(dataOf(object)),
    unpackEnds: (object) => {
      const data = dataOf(object);
      if (data.length < (LEAST_CHARACTERS / 3) * 4 || data.length % 4 !== 0) return undefined;
      const end = decode(data.slice(-16));
      return {
        start: decode(data.slice(0, Math.ceil(HEAD_CHARACTERS / 3) * 4)).slice(0, HEAD_CHARACTERS),
        end: end.slice(end.length % 4),
        length: (data.length / 4 - 4) * 3 + end.length,
      };
    },
  });
}

function dataOf(object: KubeObject): string {
  return (object as Partial<KubeObject> & { data?: { release?: string } }).data?.release ?? '';
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}
