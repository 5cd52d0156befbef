import type { PriorityClass } from '../../../kube/api/scheduling-v1.generated.ts';
import { checkImmutable, checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

const SYSTEM_PREFIX = 'system-';
const HIGHEST_USER_VALUE = 1_000_000_000;

const SYSTEM_CLASSES = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);

/** kubernetes: pkg/registry/scheduling/priorityclass/strategy.go */
export function priorityClassStrategy(): Strategy {
  return defineStrategy<PriorityClass>({
    type: resourceType('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', {
      clusterScoped: true,
      shortNames: ['pc'],
    }),
    generation: ['value', 'globalDefault', 'description', 'preemptionPolicy'],
    defaults: (priority) => {
      priority.preemptionPolicy ??= 'PreemptLowerPriority';
    },
    validateCreate,
    validateUpdate: (priority, old, faults) => {
      if ((priority.value ?? 0) !== (old.value ?? 0)) faults.forbidden('value', 'may not be changed in an update.');
      checkImmutable(priority.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', faults);
    },
  });
}

function validateCreate(
  { metadata = {}, value = 0, preemptionPolicy, globalDefault }: Loose<PriorityClass>,
  faults: Faults,
): void {
  const name = metadata.name ?? '';
  if (name.startsWith(SYSTEM_PREFIX)) {
    const fault = systemFault(name, value, globalDefault === true);
    if (fault !== undefined) {
      const text = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${fault}`;
      faults.forbidden('metadata.name', text);
    }
  } else if (value > HIGHEST_USER_VALUE) {
    faults.forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_VALUE}`);
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  checkOneOf(preemptionPolicy, policies, 'preemptionPolicy', faults);
}

function systemFault(name: string, value: number, isDefault: boolean): string | undefined {
  const known = SYSTEM_CLASSES.get(name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return isDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
