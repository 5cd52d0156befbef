import type { ConfigMap } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { isConfigMapKey } from '../../../kube/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';
import { base64Size, DATA_LIMIT, textSize } from './data-size.ts';

/** What a change of immutable data is answered with. */
export const IMMUTABLE_DATA = 'field is immutable when `immutable` is set';

/** kubernetes: pkg/registry/core/configmap/strategy.go */
export function configMapStrategy(): Strategy {
  return defineStrategy<ConfigMap>({
    type: resourceType('v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
    validate,
    validateUpdate,
  });
}

function validate({ data = {}, binaryData = {} }: Loose<ConfigMap>, faults: Faults): void {
  let size = 0;
  for (const key of Object.keys(data)) {
    faults.invalidEach(`data[${key}]`, key, isConfigMapKey(key));
    if (Object.hasOwn(binaryData, key)) {
      faults.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData');
    }
    size += textSize(data[key]);
  }
  for (const key of Object.keys(binaryData)) {
    faults.invalidEach(`binaryData[${key}]`, key, isConfigMapKey(key));
    size += base64Size(binaryData[key]);
  }
  if (size > DATA_LIMIT) faults.tooLong('[]', DATA_LIMIT);
}

function validateUpdate(map: Loose<ConfigMap>, old: Loose<ConfigMap>, faults: Faults): void {
  if (old.immutable !== true) return;
  if (map.immutable !== true) faults.forbidden('immutable', IMMUTABLE_DATA);
  for (const field of ['data', 'binaryData'] as const) {
    if (!deepEqual(map[field] ?? {}, old[field] ?? {})) faults.forbidden(field, IMMUTABLE_DATA);
  }
}
