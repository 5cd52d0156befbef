import type { HorizontalPodAutoscaler } from '../../../kube/api/autoscaling-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { defineStrategy } from '../define.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { autoscalerOfFirst, autoscalerAsFirst } from './convert-autoscaler.ts';
import { checkAutoscaler } from './horizontal-pod-autoscaler.ts';

const DEFAULT_UTILIZATION = 80;

/**
 * Version 1 of autoscalers: they are kept, and validated, as those of version 2.
 * kubernetes: pkg/apis/autoscaling/v1/conversion.go, defaults.go
 */
export function firstAutoscalerStrategy(): Strategy {
  return defineStrategy<HorizontalPodAutoscaler>({
    type: resourceType('autoscaling/v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
      shortNames: ['hpa'],
      categories: ['all'],
      subresources: ['status'],
    }),
    storedAs: {
      bucket: 'autoscaling/horizontalpodautoscalers',
      toStored: autoscalerOfFirst,
      fromStored: autoscalerAsFirst,
    },
    defaults: (autoscaler) => {
      const spec = (autoscaler.spec ??= {});
      spec.minReplicas ??= 1;
      // Metrics of the annotation are enough, unless there are none at all.
      const { spec: kept } = autoscalerOfFirst(autoscaler as KubeObject) as { spec?: { metrics?: readonly object[] } };
      if ((kept?.metrics ?? []).length === 0) spec.targetCPUUtilizationPercentage ??= DEFAULT_UTILIZATION;
    },
    validateCreate: (autoscaler, faults) =>
      checkAutoscaler(autoscalerOfFirst(autoscaler as KubeObject), undefined, faults),
    validateUpdate: (autoscaler, old, faults) =>
      checkAutoscaler(autoscalerOfFirst(autoscaler as KubeObject), autoscalerOfFirst(old as KubeObject), faults),
  });
}
