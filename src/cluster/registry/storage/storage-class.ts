import type { TopologySelectorTerm } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { byteLength } from '../../../base/go-string.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { checkLabelKey } from '../checks/labels.ts';
import { checkQualifiedName } from '../checks/names.ts';
import { checkImmutable, checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

const PARAMETERS_LIMIT = 512;
const PARAMETERS_SIZE = 256 * 1024;
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

/** kubernetes: pkg/registry/storage/storageclass/strategy.go */
export function storageClassStrategy(): Strategy {
  return defineStrategy<StorageClass>({
    type: resourceType('storage.k8s.io/v1', 'StorageClass', 'storageclasses', {
      clusterScoped: true,
      shortNames: ['sc'],
    }),
    defaults: (storage) => {
      storage.reclaimPolicy ??= 'Delete';
      storage.volumeBindingMode ??= 'Immediate';
    },
    validate,
    validateUpdate: (storage, old, faults) => {
      for (const field of ['parameters', 'provisioner', 'reclaimPolicy'] as const) {
        if (!deepEqual(storage[field] ?? {}, old[field] ?? {})) {
          faults.forbidden(field, `updates to ${field} are forbidden.`);
        }
      }
      checkImmutable(storage.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode', faults);
    },
  });
}

function validate(storage: Loose<StorageClass>, faults: Faults): void {
  const { provisioner = '' } = storage;
  if (provisioner === '') faults.required('provisioner');
  else checkQualifiedName(provisioner.toLowerCase(), 'provisioner', faults);
  checkParameters(storage.parameters ?? {}, 'parameters', faults);
  checkOneOf(storage.reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy', faults);
  checkOneOf(storage.volumeBindingMode, BINDING_MODES, 'volumeBindingMode', faults, { required: true });
  storage.allowedTopologies?.forEach((term, i) => checkTopology(term, `allowedTopologies[${i}]`, faults));
}

function checkParameters(parameters: Readonly<Record<string, string | undefined>>, path: string, faults: Faults): void {
  const keys = Object.keys(parameters);
  if (keys.length > PARAMETERS_LIMIT) {
    faults.tooLong(path, PARAMETERS_LIMIT);
    return;
  }
  let size = 0;
  for (const key of keys) {
    if (key === '') faults.invalid(path, key, 'field can not be empty.');
    size += byteLength(key) + byteLength(parameters[key] ?? '');
  }
  if (size > PARAMETERS_SIZE) faults.tooLong(path, PARAMETERS_SIZE);
}

function checkTopology(term: Loose<TopologySelectorTerm>, path: string, faults: Faults): void {
  const seen = new Set<string>();
  term.matchLabelExpressions?.forEach(({ key = '', values: given }, i) => {
    const values = given ?? [];
    const at = `${path}.matchLabelExpressions[${i}]`;
    if (values.length === 0) faults.required(`${at}.values`);
    values.forEach((value, v) => {
      if (values.indexOf(value) < v) faults.duplicate(`${at}.values[${v}]`, value);
    });
    checkLabelKey(key, `${at}.key`, faults);
    if (seen.has(key)) faults.duplicate(`${at}.key`, key);
    seen.add(key);
  });
}
