import type { HorizontalPodAutoscalerSpec, HPAScalingRules } from '../../../kube/api/autoscaling-v2.generated.ts';
import type { ScalingHistory } from './scaling-history.ts';

/** ms for which the highest recommendation holds when the object does not say. kubernetes: pkg/controller/podautoscaler */
export const DOWNSCALE_STABILIZATION = 300_000;

/** What becomes of a recommendation, and why. */
export interface Normalized {
  readonly replicas: number;
  /** Of condition AbleToScale. */
  readonly able: Reason;
  /** Of condition ScalingLimited. */
  readonly limit: Reason;
  readonly limited: boolean;
}

interface Reason {
  readonly reason: string;
  readonly message: string;
}

/** The recommendation to be normalized. */
export interface Recommendation {
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly history: ScalingHistory;
  readonly current: number;
  readonly desired: number;
  readonly minReplicas: number;
  /** ms since the epoch */
  readonly now: number;
}

const READY: Reason = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const DOWN_STABILIZED: Reason = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const UP_STABILIZED: Reason = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const WITHIN: Reason = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const TOO_MANY: Reason = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const TOO_FEW: Reason = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const UP_LIMIT: Reason = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const DOWN_LIMIT: Reason = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** Steadies a recommendation over time and keeps it within bounds; remembers it in the history. */
export function normalize(recommendation: Recommendation): Normalized {
  const { behavior } = recommendation.spec;
  const stabilized = behavior === undefined ? stabilizeDown(recommendation) : stabilizeBoth(recommendation);
  const able =
    stabilized === recommendation.desired
      ? READY
      : behavior === undefined || recommendation.desired < recommendation.current
        ? DOWN_STABILIZED
        : UP_STABILIZED;
  const [replicas, limit] =
    behavior === undefined ? legacyLimit(recommendation, stabilized) : rateLimit(recommendation, stabilized);
  return { replicas, able, limit, limited: replicas !== stabilized };
}

function stabilizeDown({ history, desired, now }: Recommendation): number {
  const highest = Math.max(desired, ...history.since(DOWNSCALE_STABILIZATION, now));
  history.recommend(desired, now, DOWNSCALE_STABILIZATION);
  return highest;
}

function stabilizeBoth({ spec, history, current, desired, now }: Recommendation): number {
  const up = (spec.behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
  const seconds = spec.behavior?.scaleDown?.stabilizationWindowSeconds;
  const down = seconds === undefined ? DOWNSCALE_STABILIZATION : seconds * 1000;
  const floor = Math.min(desired, ...history.since(up, now));
  const ceiling = Math.max(desired, ...history.since(down, now));
  history.recommend(desired, now, Math.max(up, down));
  return Math.min(Math.max(current, floor), ceiling);
}

function legacyLimit({ spec, current, minReplicas }: Recommendation, desired: number): [number, Reason] {
  const rate = Math.max(2 * current, 4);
  const [most, reason] = spec.maxReplicas > rate ? [rate, UP_LIMIT] : [spec.maxReplicas, TOO_MANY];
  if (desired < minReplicas) return [minReplicas, TOO_FEW];
  return desired > most ? [most, reason] : [desired, WITHIN];
}

function rateLimit(recommendation: Recommendation, desired: number): [number, Reason] {
  const { spec, current, minReplicas } = recommendation;
  if (desired > current) {
    const rate = Math.max(current, upLimit(recommendation, spec.behavior?.scaleUp ?? DEFAULT_UP));
    const [most, reason] = spec.maxReplicas > rate ? [rate, UP_LIMIT] : [spec.maxReplicas, TOO_MANY];
    return desired > most ? [most, reason] : [desired, WITHIN];
  }
  if (desired < current) {
    const rate = Math.min(current, downLimit(recommendation, spec.behavior?.scaleDown ?? DEFAULT_DOWN));
    const [least, reason] = minReplicas < rate ? [rate, DOWN_LIMIT] : [minReplicas, TOO_FEW];
    return desired < least ? [least, reason] : [desired, WITHIN];
  }
  return [desired, WITHIN];
}

/** What the API server fills in for absent rules. kubernetes: pkg/apis/autoscaling/v2/defaults.go */
const DEFAULT_UP: HPAScalingRules = {
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DEFAULT_DOWN: HPAScalingRules = { policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

function upLimit({ history, current, now }: Recommendation, rules: HPAScalingRules): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = history.atStartOf(periodSeconds, current, now);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function downLimit({ history, current, now }: Recommendation, rules: HPAScalingRules): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = history.atStartOf(periodSeconds, current, now);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  // The smallest change leaves the most replicas.
  return rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}
