import type { CSIStorageCapacity } from '../../../kube/api/storage-v1.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkDnsSubdomain } from '../checks/names.ts';
import { quantityOf } from '../checks/resources.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

/** kubernetes: pkg/registry/storage/csistoragecapacity/strategy.go */
export function csiStorageCapacityStrategy(): Strategy {
  return defineStrategy<CSIStorageCapacity>({
    type: resourceType('storage.k8s.io/v1', 'CSIStorageCapacity', 'csistoragecapacities'),
    validate: checkCapacity,
    validateUpdate: (capacity, old, faults) => {
      checkImmutable(capacity.nodeTopology, old.nodeTopology, 'nodeTopology', faults);
      checkImmutable(capacity.storageClassName, old.storageClassName, 'storageClassName', faults);
    },
  });
}

function checkCapacity(object: Loose<CSIStorageCapacity>, faults: Faults): void {
  const { storageClassName = '', nodeTopology } = object;
  checkDnsSubdomain(storageClassName, 'storageClassName', faults);
  if (nodeTopology !== undefined) checkLabelSelector(nodeTopology, 'nodeTopology', faults);
  for (const field of ['capacity', 'maximumVolumeSize'] as const) {
    const quantity = quantityOf(object[field]);
    if (quantity.nano < 0n) {
      faults.invalid(field, object[field], 'must be greater than or equal to 0');
    }
  }
}
