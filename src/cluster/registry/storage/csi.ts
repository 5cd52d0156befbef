import type { CSIDriver, CSINode } from '../../../kube/api/storage-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { checkQualifiedName } from '../checks/names.ts';
import { checkImmutable, checkNonNegative, checkOneOf, IMMUTABLE } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { checkCsiDriverName } from '../pod/storage-sources.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
const NODE_ID_LIMIT = 256;

/** kubernetes: pkg/registry/storage/csidriver/strategy.go */
export function csiDriverStrategy(): Strategy {
  return defineStrategy<CSIDriver>({
    type: resourceType('storage.k8s.io/v1', 'CSIDriver', 'csidrivers', { clusterScoped: true }),
    allowUnconditionalUpdate: false,
    defaults: (driver) => {
      const spec = (driver.spec ??= {});
      spec.attachRequired ??= true;
      spec.podInfoOnMount ??= false;
      spec.storageCapacity ??= false;
      spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
      if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
      spec.requiresRepublish ??= false;
      spec.seLinuxMount ??= false;
    },
    validate: checkDriver,
    validateUpdate: ({ spec = {} }, old, faults) => {
      checkImmutable(spec.attachRequired, old.spec?.attachRequired, 'spec.attachedRequired', faults);
      const modes = old.spec?.volumeLifecycleModes;
      checkImmutable(spec.volumeLifecycleModes, modes, 'spec.volumeLifecycleModes', faults);
    },
  });
}

function checkDriver({ spec = {} }: Loose<CSIDriver>, faults: Faults): void {
  checkOneOf(spec.fsGroupPolicy, GROUP_POLICIES, 'spec.fsGroupPolicy', faults);
  const audiences = new Set<string>();
  spec.tokenRequests?.forEach(({ audience = '', expirationSeconds: seconds }, i) => {
    const at = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) {
      faults.duplicate(`${at}.audience`, audience);
      return;
    }
    audiences.add(audience);
    if (seconds === undefined) return;
    if (seconds < 600) {
      faults.invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes');
    }
    if (seconds > 2 ** 32) {
      faults.invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds');
    }
  });
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (!LIFECYCLE_MODES.includes(mode)) faults.notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES);
  }
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < 10) {
    const text = 'must be greater than or equal to 10 seconds';
    faults.invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, text);
  }
}

/** kubernetes: pkg/registry/storage/csinode/strategy.go */
export function csiNodeStrategy(): Strategy {
  return defineStrategy<CSINode>({
    type: resourceType('storage.k8s.io/v1', 'CSINode', 'csinodes', { clusterScoped: true }),
    allowUnconditionalUpdate: false,
    validate: checkNodeDrivers,
    validateUpdate: ({ spec = {} }, old, faults) => {
      for (const { allocatable: _before, ...driver } of old.spec?.drivers ?? []) {
        for (const { allocatable: _after, ...other } of spec.drivers ?? []) {
          if (driver.name === other.name && !semanticEqual(driver, other)) {
            faults.invalid('spec.drivers', other, IMMUTABLE);
          }
        }
      }
    },
  });
}

function checkNodeDrivers({ spec = {} }: Loose<CSINode>, faults: Faults): void {
  const names = new Set<string>();
  spec.drivers?.forEach(({ name = '', nodeID = '', topologyKeys, allocatable }, i) => {
    const at = `spec.drivers[${i}]`;
    checkCsiDriverName(name, `${at}.name`, faults);
    if (nodeID === '') faults.required(`${at}.nodeID`);
    if (nodeID.length > NODE_ID_LIMIT) {
      faults.invalid(`${at}.nodeID`, nodeID, `must be ${NODE_ID_LIMIT} characters or less`);
    }
    checkNonNegative(allocatable?.count, `${at}.allocatable.count`, faults);
    if (names.has(name)) faults.duplicate(`${at}.name`, name);
    names.add(name);
    // The wire writes null where none are given.
    (topologyKeys ?? []).forEach((key, k, keys) => {
      if (key === '') faults.required(at);
      if (keys.indexOf(key) < k) faults.duplicate(at, key);
      checkQualifiedName(key, at, faults);
    });
  });
}
