import type { PodDisruptionBudget } from '../../../kube/api/policy-v1.generated.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkIntOrPercent, checkNonNegative, checkNotAbove100Percent, checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import { Verbatim } from '../field-error.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

/** kubernetes: pkg/registry/policy/poddisruptionbudget/strategy.go */
export function podDisruptionBudgetStrategy(): Strategy {
  return defineStrategy<PodDisruptionBudget>({
    type: resourceType('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
      shortNames: ['pdb'],
      subresources: ['status'],
    }),
    generation: ['spec'],
    validate,
    validateStatus: ({ status = {} }, _old, faults) => {
      for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const) {
        checkNonNegative(status[field], `status.${field}`, faults);
      }
    },
  });
}

function validate({ spec = {} }: Loose<PodDisruptionBudget>, faults: Faults): void {
  const { minAvailable, maxUnavailable, selector } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const json = JSON.stringify;
    // Kubernetes shows its internal struct.
    const shown = `{"MinAvailable":${json(minAvailable)},"Selector":${json(selector ?? null)},"MaxUnavailable":${json(maxUnavailable)},"UnhealthyPodEvictionPolicy":${json(spec.unhealthyPodEvictionPolicy ?? null)}}`;
    faults.invalid('spec', new Verbatim(shown), 'minAvailable and maxUnavailable cannot be both set');
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    checkIntOrPercent(spec[field], `spec.${field}`, faults);
    checkNotAbove100Percent(spec[field], `spec.${field}`, faults);
  }
  checkLabelSelector(selector, 'spec.selector', faults);
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  checkOneOf(spec.unhealthyPodEvictionPolicy, policies, 'spec.unhealthyPodEvictionPolicy', faults);
}
