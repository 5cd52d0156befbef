import type { VolumeAttributesClass } from '../../../kube/api/storage-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkCsiDriverName } from '../pod/storage-sources.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank, type Loose } from '../wire.ts';

const MOST_PARAMETERS = 512;
const MOST_BYTES = 256 * 1024;

/** kubernetes: pkg/registry/storage/volumeattributesclass/strategy.go */
export function volumeAttributesClassStrategy(): Strategy {
  return defineStrategy<VolumeAttributesClass>({
    type: resourceType('storage.k8s.io/v1', 'VolumeAttributesClass', 'volumeattributesclasses', {
      clusterScoped: true,
      shortNames: ['vac'],
    }),
    validate: checkClass,
    validateUpdate: (attributes, old, faults) => {
      checkImmutable(attributes.driverName, old.driverName, 'driverName', faults);
      if (!semanticEqual(attributes.parameters ?? {}, old.parameters ?? {})) {
        faults.forbidden('parameters', 'updates to parameters are forbidden.');
      }
    },
  });
}

function checkClass({ driverName, parameters = {} }: Loose<VolumeAttributesClass>, faults: Faults): void {
  if (isBlank(driverName)) faults.required('driverName');
  else checkCsiDriverName(driverName, 'driverName', faults);
  const entries = Object.entries(parameters);
  if (entries.length === 0) faults.required('parameters', 'must contain at least one key/value pair');
  if (entries.length > MOST_PARAMETERS) {
    faults.tooLong('parameters', MOST_PARAMETERS);
    return;
  }
  let bytes = 0;
  for (const [key, value = ''] of entries) {
    if (key === '') faults.invalid('parameters', key, 'field can not be empty.');
    bytes += key.length + value.length;
  }
  if (bytes > MOST_BYTES) faults.tooLong('parameters', MOST_BYTES);
}
