import type { Job } from '../../../kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { hasIndex, type IndexIntervals, indexesOf, mergeIndexes, parseIndexes } from './index-intervals.ts';
import { completionIndex, hasTrackingFinalizer, hasValidIndex, indexFailures, isPodFailed } from './job-pods.ts';
import { finishedTime } from './pod-back-off.ts';
import { matchPodFailurePolicy } from './pod-failure-policy.ts';

/** The indexes that have succeeded: those the status knows, and with the pods that are not counted yet. */
export function succeededIndexes(job: Job, pods: readonly Pod[]): { before: IndexIntervals; now: IndexIntervals } {
  const before = parseIndexes(job.status?.completedIndexes ?? '', job.spec?.completions ?? 0);
  const fresh: number[] = [];
  for (const pod of pods) {
    const index = completionIndex(pod);
    if (index === undefined || pod.status?.phase !== 'Succeeded') continue;
    if (hasValidIndex(pod, job) && hasTrackingFinalizer(pod)) fresh.push(index);
  }
  return { before, now: mergeIndexes(before, indexesOf(fresh)) };
}

/** The indexes that have failed for good: their limit is used up or the failure policy says so. */
export function failedIndexes(job: Job, pods: readonly Pod[]): IndexIntervals {
  const before = parseIndexes(job.status?.failedIndexes ?? '', job.spec?.completions ?? 0);
  const fresh: number[] = [];
  for (const pod of pods) {
    const index = completionIndex(pod);
    if (index === undefined || !hasValidIndex(pod, job) || !hasTrackingFinalizer(pod)) continue;
    if (isIndexFailed(job, pod)) fresh.push(index);
  }
  return mergeIndexes(before, indexesOf(fresh));
}

function isIndexFailed(job: Job, pod: Pod): boolean {
  if (!isPodFailed(pod, job)) return false;
  const verdict = matchPodFailurePolicy(job.spec?.podFailurePolicy, pod);
  if (verdict.action === 'FailIndex') return true;
  return verdict.counts && indexFailures(pod).counted >= (job.spec?.backoffLimitPerIndex ?? 0);
}

/** The indexes of pods that have one. */
export function indexesOfPods(pods: readonly Pod[]): Set<number> {
  const result = new Set<number>();
  for (const pod of pods) {
    const index = completionIndex(pod);
    if (index !== undefined) result.add(index);
  }
  return result;
}

/**
 * For each index that waits for a replacement, its last failed pod: the pod is kept until the replacement exists, because the
 * replacement takes over its count of failures.
 */
export function podsKeptForIndexes(
  job: Job,
  candidates: readonly Pod[],
  done: { active: ReadonlySet<number>; succeeded: IndexIntervals; failed: IndexIntervals },
): ReadonlyMap<number, Pod> {
  const kept = new Map<number, Pod>();
  for (const pod of candidates) {
    const index = completionIndex(pod);
    if (index === undefined || !isPodFailed(pod, job)) continue;
    if (done.active.has(index) || hasIndex(done.succeeded, index) || hasIndex(done.failed, index)) continue;
    const other = kept.get(index);
    if (other === undefined || isLaterFailure(pod, other)) kept.set(index, pod);
  }
  return kept;
}

function isLaterFailure(pod: Pod, than: Pod): boolean {
  return allFailures(than) <= allFailures(pod) && finishedTime(pod) >= finishedTime(than);
}

/** Failures of the pod's index before it, with those that the failure policy ignored. */
export function allFailures(pod: Pod): number {
  const { counted, ignored } = indexFailures(pod);
  return counted + ignored;
}

/** The counts of failures that a replacement for `replaced` starts with. */
export function failureCountsAfter(job: Job, replaced: Pod | undefined): { counted: number; ignored: number } {
  if (replaced === undefined) return { counted: 0, ignored: 0 };
  const { counted, ignored } = indexFailures(replaced);
  return matchPodFailurePolicy(job.spec?.podFailurePolicy, replaced).counts
    ? { counted: counted + 1, ignored }
    : { counted, ignored: ignored + 1 };
}

/**
 * Active pods of an indexed job that must go: those without a valid index and all but the best of each index.
 * `worstFirst` orders pods as they are given up.
 */
export function surplusIndexPods(
  pods: readonly Pod[],
  completions: number,
  worstFirst: (a: Pod, b: Pod) => number,
): { surplus: Pod[]; rest: Pod[] } {
  const byIndex = new Map<number, Pod[]>();
  const surplus: Pod[] = [];
  for (const pod of pods) {
    const index = completionIndex(pod);
    if (index === undefined || index >= completions) surplus.push(pod);
    else if (byIndex.has(index)) byIndex.get(index)?.push(pod);
    else byIndex.set(index, [pod]);
  }
  const rest: Pod[] = [];
  for (const [, group] of [...byIndex].sort(([a], [b]) => a - b)) {
    if (group.length > 1) group.sort(worstFirst);
    surplus.push(...group.slice(0, -1));
    rest.push(...group.slice(-1));
  }
  return { surplus, rest };
}
