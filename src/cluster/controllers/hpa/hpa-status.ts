import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../../kube/api/autoscaling-v2.generated.ts';
import { formatTime } from '../../machinery/time.ts';

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

/** The status of an autoscaler while it is being worked out. */
export class HpaStatus {
  readonly #hpa: HorizontalPodAutoscaler;
  readonly #now: number;
  #conditions: readonly HorizontalPodAutoscalerCondition[];
  #currentReplicas: number | undefined;
  #desiredReplicas: number;
  #metrics: readonly MetricStatus[];
  #lastScaleTime: string | undefined;

  constructor(hpa: HorizontalPodAutoscaler, now: number) {
    this.#hpa = hpa;
    this.#now = now;
    this.#conditions = hpa.status?.conditions ?? [];
    this.#currentReplicas = hpa.status?.currentReplicas;
    this.#desiredReplicas = hpa.status?.desiredReplicas ?? 0;
    this.#metrics = hpa.status?.currentMetrics ?? [];
    this.#lastScaleTime = hpa.status?.lastScaleTime;
  }

  set(type: ConditionType, status: 'True' | 'False', { reason, message }: { reason: string; message: string }): void {
    const at = this.#conditions.findIndex((condition) => condition.type === type);
    const old = this.#conditions[at];
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : formatTime(this.#now);
    const condition = { type, status, lastTransitionTime, reason, message };
    this.#conditions = old === undefined ? [...this.#conditions, condition] : this.#conditions.with(at, condition);
  }

  /** What was measured. */
  observe(currentReplicas: number, metrics: readonly MetricStatus[]): void {
    this.#currentReplicas = currentReplicas;
    this.#metrics = metrics;
  }

  decide(desiredReplicas: number, rescaled: boolean): void {
    this.#desiredReplicas = desiredReplicas;
    if (rescaled) this.#lastScaleTime = formatTime(this.#now);
  }

  result(): HorizontalPodAutoscalerStatus {
    const current = this.#currentReplicas ?? 0;
    const { observedGeneration } = this.#hpa.status ?? {};
    return {
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...(this.#lastScaleTime === undefined ? {} : { lastScaleTime: this.#lastScaleTime }),
      ...(current === 0 ? {} : { currentReplicas: current }),
      desiredReplicas: this.#desiredReplicas,
      ...(this.#metrics.length === 0 ? {} : { currentMetrics: this.#metrics }),
      conditions: this.#conditions,
    };
  }
}
