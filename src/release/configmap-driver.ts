import type { KubeObject } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import { type KubeDriverOptions, KubeRecordDriver } from './kube-record-driver.ts';
import { HEAD_CHARACTERS, LEAST_CHARACTERS } from './record-head.ts';
import type { ReleaseDriver } from './release-driver.ts';

/** Keeps releases in ConfigMaps. */
export function createConfigMapDriver(options: KubeDriverOptions): ReleaseDriver {
  return new KubeRecordDriver(options, {
    name: 'ConfigMap',
    type: RESOURCES.configMaps,
    pack: (text) => ({ data: { release: text } }),
    unpack: textOf,
    unpackEnds: (object) => {
      const text = textOf(object);
      if (text.length < LEAST_CHARACTERS) return undefined;
      return { start: text.slice(0, HEAD_CHARACTERS), end: text.slice(-12), length: text.length };
    },
  });
}

function textOf(object: KubeObject): string {
  return (object as Partial<KubeObject> & { data?: { release?: string } }).data?.release ?? '';
}
