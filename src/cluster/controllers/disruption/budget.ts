import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../kube/api/policy-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { Condition } from '../../../kube/api/meta-v1.generated.ts';
import { isDeleting, nameOf } from '../../machinery/keys.ts';
import { isPodReady } from '../../machinery/pods.ts';
import { formatTime, parseTime } from '../../machinery/time.ts';

/** ms that an evicted pod may take until its deletion is seen. */
const DELETION_TIMEOUT = 120_000;

/** Counts that a budget's status is made from. */
export interface BudgetCounts {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  readonly currentHealthy: number;
  readonly disruptedPods: Readonly<Record<string, string>>;
}

/** The evicted pods that are still to go, those that did not, and ms until the next of them is overdue. */
export interface Disrupted {
  readonly pods: Readonly<Record<string, string>>;
  readonly overdue: readonly Pod[];
  readonly recheck: number | undefined;
}

/** Looks after the pods that the status says are being evicted. */
export function disruptedPods(budget: PodDisruptionBudget, pods: readonly Pod[], now: number): Disrupted {
  const known = budget.status?.disruptedPods ?? {};
  const waiting: Record<string, string> = {};
  const overdue: Pod[] = [];
  let recheck: number | undefined;
  for (const pod of pods) {
    const name = nameOf(pod);
    const text = Object.hasOwn(known, name) ? known[name] : undefined;
    const since = parseTime(text);
    if (isDeleting(pod) || text === undefined || since === undefined) continue;
    const left = since + DELETION_TIMEOUT - now;
    if (left < 0) {
      overdue.push(pod);
      continue;
    }
    waiting[name] = text;
    recheck = Math.min(recheck ?? left, left);
  }
  return { pods: waiting, overdue, recheck };
}

/** Number of pods that are ready and not about to go. */
export function countHealthy(pods: readonly Pod[], disrupted: Disrupted): number {
  let healthy = 0;
  for (const pod of pods) {
    if (!isDeleting(pod) && !Object.hasOwn(disrupted.pods, nameOf(pod)) && isPodReady(pod)) healthy += 1;
  }
  return healthy;
}

/** The status that follows from the counts; a budget without pods allows nothing. */
export function budgetStatus(
  budget: PodDisruptionBudget,
  counts: BudgetCounts,
  now: number,
): PodDisruptionBudgetStatus {
  const surplus = counts.currentHealthy - counts.desiredHealthy;
  const disruptionsAllowed = counts.expectedPods <= 0 ? 0 : Math.max(0, surplus);
  const { generation } = budget.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(Object.keys(counts.disruptedPods).length === 0 ? {} : { disruptedPods: counts.disruptedPods }),
    disruptionsAllowed,
    currentHealthy: counts.currentHealthy,
    desiredHealthy: counts.desiredHealthy,
    expectedPods: counts.expectedPods,
    conditions: withAllowed(budget, now, {
      status: disruptionsAllowed > 0 ? 'True' : 'False',
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    }),
  };
}

/** The status of a budget that cannot be computed: nothing is allowed. */
export function failedStatus(budget: PodDisruptionBudget, message: string, now: number): PodDisruptionBudgetStatus {
  const status = budget.status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  return {
    ...status,
    disruptionsAllowed: 0,
    conditions: withAllowed(budget, now, { status: 'False', reason: 'SyncFailed', message }),
  };
}

function withAllowed(
  budget: PodDisruptionBudget,
  now: number,
  wanted: Pick<Condition, 'status' | 'reason' | 'message'>,
): readonly Condition[] {
  const conditions = budget.status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : formatTime(now);
  const { generation } = budget.metadata;
  const condition: Condition = {
    type: 'DisruptionAllowed',
    ...wanted,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime,
  };
  return old === undefined ? [...conditions, condition] : conditions.with(conditions.indexOf(old), condition);
}
