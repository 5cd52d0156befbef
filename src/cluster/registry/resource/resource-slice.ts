import type { Device, ResourceSlice } from '../../../kube/api/resource-v1.generated.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../checks/names.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkCsiDriverName } from '../pod/storage-sources.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank, type Loose } from '../wire.ts';

const MOST_DEVICES = 128;
const PLACES = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;

/** kubernetes: pkg/registry/resource/resourceslice/strategy.go, pkg/apis/resource/validation */
export function resourceSliceStrategy(): Strategy {
  return defineStrategy<ResourceSlice>({
    type: resourceType('resource.k8s.io/v1', 'ResourceSlice', 'resourceslices', { clusterScoped: true }),
    generation: ['spec'],
    validate: checkSlice,
    validateUpdate: ({ spec = {} }, old, faults) => {
      checkImmutable(spec.nodeName, old.spec?.nodeName, 'spec.nodeName', faults);
      checkImmutable(spec.driver, old.spec?.driver, 'spec.driver', faults);
      checkImmutable(spec.pool?.name, old.spec?.pool?.name, 'spec.pool.name', faults);
    },
    selectableFields: ({ spec = {} }) => ({ 'spec.nodeName': spec.nodeName ?? '', 'spec.driver': spec.driver ?? '' }),
  });
}

function checkSlice({ spec = {} }: Loose<ResourceSlice>, faults: Faults): void {
  const { driver, pool = {}, devices = [] } = spec;
  if (isBlank(driver)) faults.required('spec.driver');
  else checkCsiDriverName(driver, 'spec.driver', faults);
  if (isBlank(pool.name)) faults.required('spec.pool.name');
  else for (const part of pool.name.split('/')) checkDnsSubdomain(part, 'spec.pool.name', faults);
  const { resourceSliceCount: count = 0, generation = 0 } = pool;
  if (count <= 0) faults.invalid('spec.pool.resourceSliceCount', count, 'must be greater than zero');
  if (generation < 0) faults.invalid('spec.pool.generation', generation, 'must be greater than or equal to zero');
  const places = PLACES.filter((place) => spec[place] !== undefined && spec[place] !== '' && spec[place] !== false);
  const list = '`nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection`';
  if (places.length === 0) faults.required('spec', `exactly one of ${list} is required`);
  else if (places.length > 1) {
    faults.invalid(
      'spec',
      `{${places.map((place) => `\`${place}\``).join(', ')}}`,
      `exactly one of ${list} is required, but multiple fields are set`,
    );
  }
  if (devices.length > MOST_DEVICES) faults.tooMany('spec.devices', devices.length, MOST_DEVICES);
  checkDeviceNames(devices, faults);
}

function checkDeviceNames(devices: readonly Loose<Device>[], faults: Faults): void {
  const names = new Set<string>();
  devices.forEach(({ name = '' }, i) => {
    checkDnsLabel(name, `spec.devices[${i}].name`, faults);
    if (names.has(name)) faults.duplicate(`spec.devices[${i}].name`, name);
    names.add(name);
  });
}
