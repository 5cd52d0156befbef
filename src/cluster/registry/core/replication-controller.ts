import type { ReplicationController } from '../../../kube/api/core-v1.generated.ts';
import { equalityMatcher } from '../../../kube/labels.ts';
import { checkReplicaStatus } from '../apps/replica-set.ts';
import { labelsOf } from '../checks/labels.ts';
import { checkNonNegative } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { applyTemplateDefaults } from '../pod/defaults.ts';
import { checkPodTemplate } from '../pod/spec.ts';
import { checkRunsForever, checkTemplateLabels } from '../pod/template.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isEmpty, type Edit, type Loose } from '../wire.ts';

/** kubernetes: pkg/registry/core/replicationcontroller/strategy.go */
export function replicationControllerStrategy(): Strategy {
  return defineStrategy<ReplicationController>({
    type: resourceType('v1', 'ReplicationController', 'replicationcontrollers', {
      shortNames: ['rc'],
      categories: ['all'],
      subresources: ['scale', 'status'],
    }),
    generation: ['spec'],
    scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
    defaults,
    validate,
    validateStatus: (controller, _old, faults) => checkReplicaStatus(controller.status ?? {}, faults),
    selectableFields: ({ status = {} }) => ({ 'status.replicas': String(status.replicas ?? 0) }),
  });
}

function defaults(controller: Edit<ReplicationController>): void {
  const spec = (controller.spec ??= {});
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) {
    if (isEmpty(spec.selector)) spec.selector = { ...labels };
    const metadata = (controller.metadata ??= {});
    if (isEmpty(metadata.labels)) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  applyTemplateDefaults(spec.template);
}

function validate({ spec = {} }: Loose<ReplicationController>, faults: Faults): void {
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', faults);
  const isSelecting = !isEmpty(spec.selector);
  if (!isSelecting) faults.required('spec.selector');
  checkNonNegative(spec.replicas, 'spec.replicas', faults);
  const { template } = spec;
  if (template === undefined) {
    faults.required('spec.template');
    return;
  }
  if (isSelecting) {
    checkTemplateLabels(equalityMatcher(labelsOf(spec.selector)), template, 'spec.template', faults);
  }
  checkPodTemplate(template, 'spec.template', faults);
  checkRunsForever(template, 'ReplicationController', 'spec.template', faults);
}
