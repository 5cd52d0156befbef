import type { HPAScalingRules } from '../../../kube/api/autoscaling-v2.generated.ts';

interface Sample {
  readonly at: number;
  readonly replicas: number;
}

/** What is remembered of one autoscaler: what it recommended, and what it did. All instants are ms since the epoch. */
export class ScalingHistory {
  #recommendations: Sample[] = [];
  #ups: Sample[] = [];
  #downs: Sample[] = [];

  /** True until the first recommendation. */
  get isEmpty(): boolean {
    return this.#recommendations.length === 0;
  }

  recommend(replicas: number, now: number, keep: number): void {
    this.#recommendations = this.#recommendations.filter(({ at }) => at > now - keep);
    this.#recommendations.push({ at: now, replicas });
  }

  /** The recommendations within the last so many ms. */
  since(window: number, now: number): number[] {
    return this.#recommendations.filter(({ at }) => at > now - window).map(({ replicas }) => replicas);
  }

  scaled(from: number, to: number, { now, keep }: { readonly now: number; readonly keep: number }): void {
    const change = { at: now, replicas: Math.abs(to - from) };
    const recent = ({ at }: Sample): boolean => at > now - keep;
    if (to > from) this.#ups = [...this.#ups.filter(recent), change];
    else this.#downs = [...this.#downs.filter(recent), change];
  }

  /** Replicas at the beginning of the last so many seconds. */
  atStartOf(seconds: number, current: number, now: number): number {
    const sum = (samples: readonly Sample[]): number =>
      samples.reduce((total, { at, replicas }) => (at > now - seconds * 1000 ? total + replicas : total), 0);
    return current - sum(this.#ups) + sum(this.#downs);
  }
}

/** ms of the longest period that rules look back. */
export function longestPeriod(rules: HPAScalingRules | undefined): number {
  return Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds)) * 1000;
}
