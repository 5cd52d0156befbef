import type { DeviceClass, OpaqueDeviceConfiguration } from '../../../kube/api/resource-v1.generated.ts';
import { isObject } from '../../../base/json.ts';
import { checkQualifiedName } from '../checks/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkCsiDriverName } from '../pod/storage-sources.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank, type Loose } from '../wire.ts';
import { checkSelectors } from './device-selectors.ts';

const MOST_CONFIGURATIONS = 32;

/** kubernetes: pkg/registry/resource/deviceclass/strategy.go, pkg/apis/resource/validation */
export function deviceClassStrategy(): Strategy {
  return defineStrategy<DeviceClass>({
    type: resourceType('resource.k8s.io/v1', 'DeviceClass', 'deviceclasses', { clusterScoped: true }),
    generation: ['spec'],
    validate: ({ spec = {} }, faults) => {
      checkSelectors(spec.selectors, 'spec.selectors', faults);
      const { config = [], extendedResourceName: extended } = spec;
      if (config.length > MOST_CONFIGURATIONS) faults.tooMany('spec.config', config.length, MOST_CONFIGURATIONS);
      config.forEach(({ opaque }, i) => checkOpaque(opaque, `spec.config[${i}]`, faults));
      if (extended !== undefined) checkQualifiedName(extended, 'spec.extendedResourceName', faults);
    },
  });
}

/** Refuses configurations that no driver can be given. */
export function checkOpaque(opaque: Loose<OpaqueDeviceConfiguration> | undefined, path: string, faults: Faults): void {
  if (opaque === undefined) {
    faults.required(path, 'exactly one of `opaque` is required');
    return;
  }
  const at = `${path}.opaque`;
  if (isBlank(opaque.driver)) faults.required(`${at}.driver`);
  else checkCsiDriverName(opaque.driver, `${at}.driver`, faults);
  if (opaque.parameters === undefined) faults.required(`${at}.parameters`);
  else if (!isObject(opaque.parameters))
    faults.invalid(`${at}.parameters`, '<value omitted>', 'must be a valid JSON object');
}
