import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
} from '../../../kube/api/autoscaling-v2.generated.ts';
import { checkNonNegative, checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { clone, type Edit, type Loose } from '../wire.ts';
import { checkMetric, checkTargetReference } from './metrics.ts';

const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES = ['Percent', 'Pods'];
const MAX_WINDOW = 3600;
const MAX_PERIOD = 1800;

type Rules = Edit<HPAScalingRules>;

const SCALE_UP: Rules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const SCALE_DOWN: Rules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** kubernetes: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go */
export function horizontalPodAutoscalerStrategy(): Strategy {
  return defineStrategy<HorizontalPodAutoscaler>({
    type: resourceType('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
      shortNames: ['hpa'],
      categories: ['all'],
      subresources: ['status'],
    }),
    defaults,
    validateCreate: (autoscaler, faults) => checkAutoscaler(autoscaler, undefined, faults),
    validateUpdate: checkAutoscaler,
    validateStatus: ({ status = {} }, _old, faults) => {
      checkNonNegative(status.currentReplicas, 'status.currentReplicas', faults);
      checkNonNegative(status.desiredReplicas, 'status.desiredReplicas', faults);
    },
  });
}

/** Refuses wrong autoscalers; `old` is what an update replaces. */
export function checkAutoscaler(
  { spec = {} }: Loose<HorizontalPodAutoscaler>,
  old: Loose<HorizontalPodAutoscaler> | undefined,
  faults: Faults,
): void {
  // One that may already scale to zero goes on doing so.
  checkSpec(spec, old?.spec?.minReplicas === 0 ? 0 : 1, faults);
}

function defaults(autoscaler: Edit<HorizontalPodAutoscaler>): void {
  const spec = (autoscaler.spec ??= {});
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) {
    spec.metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  }
  const { behavior } = spec;
  if (behavior === undefined) return;
  behavior.scaleUp = { ...clone(SCALE_UP), ...given(behavior.scaleUp) };
  behavior.scaleDown = { ...clone(SCALE_DOWN), ...given(behavior.scaleDown) };
}

function given(rules: Rules = {}): Rules {
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}

function checkSpec(spec: Loose<HorizontalPodAutoscalerSpec>, lowest: number, faults: Faults): void {
  const { minReplicas, maxReplicas = 0, metrics = [] } = spec;
  if (minReplicas !== undefined && minReplicas < lowest) {
    faults.invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${lowest}`);
  }
  if (maxReplicas < 1) faults.invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0');
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    faults.invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`');
  }
  checkTargetReference(spec.scaleTargetRef ?? {}, 'spec.scaleTargetRef', faults);
  metrics.forEach((metric, i) => checkMetric(metric, `spec.metrics[${i}]`, faults));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const text = 'must specify at least one Object or External metric to support scaling to zero replicas';
    faults.forbidden('spec.metrics', text);
  }
  checkRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp', faults);
  checkRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown', faults);
}

function checkRules(rules: Loose<HPAScalingRules> | undefined, path: string, faults: Faults): void {
  if (rules === undefined) return;
  const window = rules.stabilizationWindowSeconds;
  const at = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) faults.invalid(at, window, 'must be greater than or equal to zero');
  if (window !== undefined && window > MAX_WINDOW) {
    faults.invalid(at, window, `must be less than or equal to ${MAX_WINDOW}`);
  }
  checkOneOf(rules.selectPolicy, SELECT_POLICIES, `${path}.selectPolicy`, faults);
  const policies = rules.policies ?? [];
  if (policies.length === 0) faults.required(`${path}.policies`, 'must specify at least one Policy');
  policies.forEach(({ type = '', value = 0, periodSeconds: period = 0 }, i) => {
    const policyAt = `${path}.policies[${i}]`;
    if (!POLICY_TYPES.includes(type)) faults.notSupported(`${policyAt}.type`, type, POLICY_TYPES);
    if (value <= 0) faults.invalid(`${policyAt}.value`, value, 'must be greater than zero');
    if (period <= 0) faults.invalid(`${policyAt}.periodSeconds`, period, 'must be greater than zero');
    if (period > MAX_PERIOD) {
      faults.invalid(`${policyAt}.periodSeconds`, period, `must be less than or equal to ${MAX_PERIOD}`);
    }
  });
}
