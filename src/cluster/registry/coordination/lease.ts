import type { Lease } from '../../../kube/api/coordination-v1.generated.ts';
import { defineStrategy } from '../define.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank } from '../wire.ts';

/** kubernetes: pkg/registry/coordination/lease/strategy.go */
export function leaseStrategy(): Strategy {
  return defineStrategy<Lease>({
    type: resourceType('coordination.k8s.io/v1', 'Lease', 'leases'),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    validate: ({ spec = {} }, faults) => {
      const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec;
      if (seconds !== undefined && seconds <= 0) {
        faults.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0');
      }
      if (transitions !== undefined && transitions < 0) {
        faults.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0');
      }
      if (!isBlank(spec.preferredHolder) && isBlank(spec.strategy)) {
        faults.forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined');
      }
    },
  });
}
