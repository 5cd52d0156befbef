import { formatDuration } from '../base/duration.ts';
import type { Rehearsal, WorkloadStory } from './rehearsal.ts';

/** What workloads must keep: pods, or hundredths of those that were ready before. */
export interface LeastAvailable {
  readonly amount: number;
  readonly percent: boolean;
}

/** The promises that an operation would break on its way, in words. */
export function breachesOf(rehearsal: Rehearsal, least: LeastAvailable | undefined): string[] {
  const budgets = rehearsal.budgets
    .filter(({ breached }) => breached)
    .map(
      ({ name, least: healthy, desired }) => `PodDisruptionBudget ${name} is broken (${healthy} of ${desired} healthy)`,
    );
  if (least === undefined) return budgets;
  const workloads = rehearsal.workloads
    .filter((workload) => workload.ofRelease && workload.least < wantedOf(workload, least))
    .map(
      (workload) =>
        `${workload.id} has ${workload.least} ready at ${formatDuration(workload.leastAt)}, less than the ${wantedOf(workload, least)} asked for`,
    );
  return [...budgets, ...workloads];
}

/** Nobody can keep more than there was, or than there will be. */
function wantedOf({ before, desired }: WorkloadStory, { amount, percent }: LeastAvailable): number {
  const base = Math.min(before, desired);
  return percent ? Math.ceil((base * amount) / 100) : Math.min(base, amount);
}
