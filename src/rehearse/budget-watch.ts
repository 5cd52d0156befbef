import type { PodDisruptionBudget } from '../kube/api/policy-v1.generated.ts';
import { type LabelMatcher, labelSelectorMatcher } from '../kube/labels.ts';
import type { PodTrack } from './pod-tracks.ts';
import type { BudgetStory } from './rehearsal.ts';

interface Budget {
  readonly name: string;
  readonly namespace: string;
  matcher: LabelMatcher;
  desired: number;
  gone: boolean;
  /** Healthy pods when it was looked at first. */
  first: number | undefined;
  least: number;
  leastDesired: number;
  leastAt: number;
  breachedFor: number;
  breachedSince: number | undefined;
}

/** A budget that is no longer kept, or is kept again. */
export interface BudgetChange {
  readonly name: string;
  readonly breached: boolean;
  readonly healthy: number;
  readonly desired: number;
}

/**
 * Watches whether rollouts leave as many pods healthy as PodDisruptionBudgets ask for. The API holds only evictions to them; a
 * rollout may break them all the same.
 */
export class BudgetWatch {
  readonly #budgets = new Map<string, Budget>();

  note(object: PodDisruptionBudget): void {
    const { namespace = '', name = '' } = object.metadata;
    const id = `${namespace}/${name}`;
    const { observedGeneration, desiredHealthy = 0 } = object.status ?? {};
    // Before the controller has looked, nobody knows what it asks for.
    if (observedGeneration === undefined) return;
    const matcher = labelSelectorMatcher(object.spec?.selector);
    const known = this.#budgets.get(id);
    if (known !== undefined) Object.assign(known, { matcher, desired: desiredHealthy, gone: false });
    else {
      this.#budgets.set(id, {
        name: id,
        namespace,
        matcher,
        desired: desiredHealthy,
        gone: false,
        first: undefined,
        least: Number.POSITIVE_INFINITY,
        leastDesired: desiredHealthy,
        leastAt: 0,
        breachedFor: 0,
        breachedSince: undefined,
      });
    }
  }

  gone(object: PodDisruptionBudget): void {
    const known = this.#budgets.get(`${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`);
    if (known !== undefined) known.gone = true;
  }

  /** Counts the healthy pods of each budget. */
  count(pods: Iterable<PodTrack>, at: number): BudgetChange[] {
    const ready = [...pods].filter(({ phase }) => phase === 'ready');
    const changes: BudgetChange[] = [];
    for (const budget of this.#budgets.values()) {
      if (budget.gone) continue;
      const healthy = ready.filter(
        ({ namespace, labels }) => namespace === budget.namespace && budget.matcher.matches(labels),
      ).length;
      budget.first ??= healthy;
      if (healthy < budget.least) Object.assign(budget, { least: healthy, leastDesired: budget.desired, leastAt: at });
      // A budget that asks for more than there were loses nothing while pods are added.
      const breached = healthy < Math.min(budget.desired, budget.first);
      if (breached === (budget.breachedSince !== undefined)) continue;
      if (budget.breachedSince === undefined) budget.breachedSince = at;
      else {
        budget.breachedFor += at - budget.breachedSince;
        budget.breachedSince = undefined;
      }
      // A gap of no length is none.
      changes.push({ name: budget.name, breached, healthy, desired: budget.desired });
    }
    return changes;
  }

  /** @param end ms; breaches that go on end there */
  stories(end: number): BudgetStory[] {
    return [...this.#budgets.values()].map((budget) => {
      const { name, least, leastDesired, leastAt, breachedSince } = budget;
      const breachedFor = budget.breachedFor + (breachedSince === undefined ? 0 : end - breachedSince);
      return {
        name,
        desired: leastDesired,
        least: Number.isFinite(least) ? least : 0,
        leastAt,
        breached: breachedFor > 0 || breachedSince !== undefined,
        breachedFor,
      };
    });
  }
}
