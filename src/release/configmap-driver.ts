import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { type KubeDriverOptions, KubeRecordDriver } from './kube-record-driver.ts';
import type { ReleaseDriver } from './release-driver.ts';

/** Keeps releases in ConfigMaps. */
export function createConfigMapDriver(options: KubeDriverOptions): ReleaseDriver {
  return new KubeRecordDriver(options, {
    name: 'ConfigMap',
    type: RESOURCES.configMaps,
    pack: (text) => ({ data: { release: text } }),
    unpack: (object) => (object as Partial<KubeObject> & { data?: { release?: string } }).data?.release ?? '',
  });
}
