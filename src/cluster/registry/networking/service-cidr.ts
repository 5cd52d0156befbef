import type { ServiceCIDR } from '../../../kube/api/networking-v1.generated.ts';
import { isValidCidr } from '../../../kube/names.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

/** kubernetes: pkg/registry/networking/servicecidr/strategy.go */
export function serviceCidrStrategy(): Strategy {
  return defineStrategy<ServiceCIDR>({
    type: resourceType('networking.k8s.io/v1', 'ServiceCIDR', 'servicecidrs', {
      clusterScoped: true,
      subresources: ['status'],
    }),
    validateCreate: checkSpec,
    validateUpdate: ({ spec = {} }, old, faults) => {
      const before = old.spec?.cidrs ?? [];
      const now = spec.cidrs ?? [];
      // A second family may be added, and nothing else changes.
      if (before.length === 1 && now.length === 2 && now[0] === before[0]) checkSpec({ spec }, faults);
      else if (!semanticEqual(now, before)) faults.invalid('spec.cidrs', now, 'field is immutable');
    },
  });
}

function checkSpec({ spec = {} }: Loose<ServiceCIDR>, faults: Faults): void {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) faults.required('spec.cidrs', 'at least one CIDR required');
  if (cidrs.length > 2) {
    faults.invalid('spec', spec, 'may only hold up to 2 values');
  } else if (cidrs.length === 2 && cidrs[0]?.includes(':') === cidrs[1]?.includes(':')) {
    faults.invalid('spec', spec, 'may specify no more than one IP for each IP family');
  }
  cidrs.forEach((cidr, i) => faults.invalidEach(`spec.cidrs[${i}]`, cidr, isValidCidr(cidr)));
}
