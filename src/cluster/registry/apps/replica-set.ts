import type { ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import { checkImmutable, checkNonNegative } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { applyTemplateDefaults } from '../pod/defaults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { checkCounts, checkNotAbove, checkReplicaTemplate, checkSelector } from './workload.ts';

/** kubernetes: pkg/registry/apps/replicaset/strategy.go */
export function replicaSetStrategy(): Strategy {
  return defineStrategy<ReplicaSet>({
    type: resourceType('apps/v1', 'ReplicaSet', 'replicasets', {
      shortNames: ['rs'],
      categories: ['all'],
      subresources: ['scale', 'status'],
    }),
    generation: ['spec'],
    scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
    defaults,
    validate,
    validateUpdate: (set, old, faults) =>
      checkImmutable(set.spec?.selector, old.spec?.selector, 'spec.selector', faults),
    validateStatus: (set, _old, faults) => checkReplicaStatus(set.status ?? {}, faults),
    selectableFields: ({ status = {} }) => ({ 'status.replicas': String(status.replicas ?? 0) }),
  });
}

function defaults(set: Edit<ReplicaSet>): void {
  const spec = (set.spec ??= {});
  spec.replicas ??= 1;
  applyTemplateDefaults((spec.template ??= {}));
}

function validate({ spec = {} }: Loose<ReplicaSet>, faults: Faults): void {
  checkNonNegative(spec.replicas, 'spec.replicas', faults);
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', faults);
  // Kubernetes names the wrong kind here.
  checkSelector(spec, 'deployment', faults);
  checkReplicaTemplate(spec, faults);
}

/** Refuses wrong counters of ReplicaSets and ReplicationControllers. */
export function checkReplicaStatus(status: object, faults: Faults): void {
  const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
  checkCounts(status, [...counts, 'observedGeneration'], faults);
  checkNotAbove(status, counts.slice(1), 'replicas', 'cannot be greater than status.replicas', faults);
  checkNotAbove(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas', faults);
}
