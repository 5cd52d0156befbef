import type { KubeClient } from '../../../client/kube-client.ts';
import type { Job, JobCondition, JobStatus } from '../../../kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { uidOf } from '../../machinery/keys.ts';
import { formatTime } from '../../machinery/time.ts';
import { countIndexes, formatIndexes, hasIndex, indexesOf, mergeIndexes } from './index-intervals.ts';
import { newCondition, withCondition } from './job-conditions.ts';
import { completionIndex, hasTrackingFinalizer, hasValidIndex, isPodFailed } from './job-pods.ts';
import type { Round } from './job-round.ts';
import { matchPodFailurePolicy } from './pod-failure-policy.ts';

/** Most pods that a status lists as not counted. kubernetes: pkg/controller/job/job_controller.go MaxUncountedPods */
const MAX_UNCOUNTED = 500;

/** What {@link trackPods} works with. */
export interface TrackingTools {
  readonly client: KubeClient;
  /** Takes finalizers off pods; gives the uids of those that it succeeded for, and the first failure. */
  readonly release: (key: string, pods: readonly Pod[]) => Promise<{ released: Set<string>; error: unknown }>;
  /** The status that counts the round's failures is stored. */
  readonly flushed: (round: Round) => void;
}

/**
 * Counts pods that have ended exactly once: their uids are put in the status, then their finalizers are taken off, then
 * the uids become counts. Writes at most two statuses. Gives the final condition when the job has ended.
 * kubernetes: pkg/controller/job/job_controller.go trackJobStatusAndRemoveFinalizers
 */
export async function trackPods(
  tools: TrackingTools,
  round: Round,
  verdict: JobCondition | undefined,
  changed: boolean,
): Promise<JobCondition | undefined> {
  let dirty = changed;
  const tracked = new Set<string>();
  for (const pod of round.pods) {
    if (hasTrackingFinalizer(pod) && !round.released.has(uidOf(pod))) tracked.add(uidOf(pod));
  }
  if (countReleased(round, tracked)) dirty = true;
  const counted = countEnded(round, verdict, tracked);
  if (counted.dirty) dirty = true;
  const final = addInterimCondition(round, verdict);
  if (final.dirty) dirty = true;
  if (dirty) {
    await flush(tools, round);
    tools.flushed(round);
    dirty = false;
  }
  if (counted.toRelease.length > 0) {
    const { released, error } = await tools.release(round.key, counted.toRelease);
    for (const uid of released) tracked.delete(uid);
    dirty = countReleased(round, tracked);
    if (error !== undefined) {
      if (dirty) await flush(tools, round);
      throw error;
    }
  }
  const finished = counted.full ? undefined : finish(round, final.condition);
  if (finished !== undefined || dirty) await flush(tools, round);
  return finished;
}

async function flush(tools: TrackingTools, round: Round): Promise<void> {
  const { succeeded, failed } = round.status.uncountedTerminatedPods;
  const status: JobStatus = {
    ...round.status,
    uncountedTerminatedPods: {
      ...(succeeded.length === 0 ? {} : { succeeded }),
      ...(failed.length === 0 ? {} : { failed }),
    },
  };
  round.job = await tools.client.update<Job>(RESOURCES.jobs, { ...round.job, status }, AS_CONTROLLER_STATUS);
}

/** Turns uids in the status whose pods have lost their finalizer into counts. */
function countReleased({ status }: Round, tracked: ReadonlySet<string>): boolean {
  const { succeeded, failed } = status.uncountedTerminatedPods;
  if (succeeded.length === 0 && failed.length === 0) return false;
  const left = {
    succeeded: succeeded.filter((uid) => tracked.has(uid)),
    failed: failed.filter((uid) => tracked.has(uid)),
  };
  const newSucceeded = succeeded.length - left.succeeded.length;
  const newFailed = failed.length - left.failed.length;
  if (newSucceeded === 0 && newFailed === 0) return false;
  status.uncountedTerminatedPods = left;
  if (newSucceeded > 0) status.succeeded = (status.succeeded ?? 0) + newSucceeded;
  if (newFailed > 0) status.failed = (status.failed ?? 0) + newFailed;
  return true;
}

interface Ended {
  readonly toRelease: readonly Pod[];
  readonly dirty: boolean;
  /** True when more pods have ended than one round counts. */
  readonly full: boolean;
}

function countEnded(round: Round, verdict: JobCondition | undefined, tracked: ReadonlySet<string>): Ended {
  const { job, status } = round;
  const toRelease: Pod[] = [];
  const newIndexes: number[] = [];
  const succeeded = [...status.uncountedTerminatedPods.succeeded];
  const failed = [...status.uncountedTerminatedPods.failed];
  const before = succeeded.length + failed.length;
  const known = new Set([...succeeded, ...failed]);
  // Every pod of a job that fails counts as failed.
  const allFail = verdict !== undefined && verdict.type !== 'SuccessCriteriaMet';
  let full = false;
  for (const pod of sortedForCounting(round)) {
    const uid = uidOf(pod);
    if (!tracked.has(uid)) continue;
    const podFailed = isPodFailed(pod, job);
    if (!isReleasable(round, verdict, pod, podFailed)) continue;
    toRelease.push(pod);
    if (!known.has(uid) && hasValidIndex(pod, job)) {
      if (pod.status?.phase === 'Succeeded') {
        const index = round.indexes === undefined ? undefined : completionIndex(pod);
        if (round.indexes === undefined) succeeded.push(uid);
        else if (index !== undefined && !hasIndex(round.indexes.counted, index)) newIndexes.push(index);
      } else if ((podFailed || allFail) && matchPodFailurePolicy(job.spec?.podFailurePolicy, pod).counts) {
        failed.push(uid);
      }
    }
    full = newIndexes.length + succeeded.length + failed.length >= MAX_UNCOUNTED;
    if (full) break;
  }
  status.uncountedTerminatedPods = { succeeded, failed };
  const indexesChanged = countIndexesOf(round, newIndexes);
  return { toRelease, full, dirty: indexesChanged || succeeded.length + failed.length > before };
}

function sortedForCounting({ pods, indexes }: Round): readonly Pod[] {
  if (indexes === undefined) return pods;
  return pods.toSorted((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1));
}

function isReleasable(round: Round, verdict: JobCondition | undefined, pod: Pod, podFailed: boolean): boolean {
  if (round.job.metadata.deletionTimestamp !== undefined || verdict !== undefined) return true;
  if (pod.status?.phase === 'Succeeded') return true;
  if (!podFailed) return false;
  const index = completionIndex(pod);
  return index === undefined || round.indexes?.kept.get(index)?.metadata.uid !== pod.metadata.uid;
}

function countIndexesOf({ status, indexes }: Round, fresh: readonly number[]): boolean {
  if (indexes === undefined) return false;
  const all = mergeIndexes(indexes.counted, indexesOf(fresh));
  const completed = formatIndexes(all);
  const failed = indexes.failed === undefined ? undefined : formatIndexes(indexes.failed);
  const dirty = completed !== (status.completedIndexes ?? '') || failed !== status.failedIndexes;
  const count = countIndexes(all);
  if (count > 0 || status.succeeded !== undefined) status.succeeded = count;
  if (completed !== '' || status.completedIndexes !== undefined) status.completedIndexes = completed;
  status.failedIndexes = failed;
  return dirty;
}

/** Puts an interim condition into the status, and gives the final one that is to follow. */
function addInterimCondition(
  round: Round,
  verdict: JobCondition | undefined,
): { readonly condition: JobCondition | undefined; readonly dirty: boolean } {
  if (verdict === undefined || (verdict.type !== 'FailureTarget' && verdict.type !== 'SuccessCriteriaMet')) {
    return { condition: verdict, dirty: false };
  }
  const conditions = round.status.conditions ?? [];
  const present = conditions.some(({ type, status }) => type === verdict.type && status === 'True');
  if (!present) round.status.conditions = [...conditions, verdict];
  const outcome = { reason: verdict.reason ?? '', message: verdict.message ?? '' };
  const type = verdict.type === 'FailureTarget' ? 'Failed' : 'Complete';
  return { condition: newCondition(type, 'True', outcome, formatTime(round.now)), dirty: !present };
}

/** Sets the final condition once all pods are counted and gone. */
function finish(round: Round, condition: JobCondition | undefined): JobCondition | undefined {
  const { status } = round;
  if (condition === undefined) return undefined;
  const { succeeded, failed } = status.uncountedTerminatedPods;
  if (succeeded.length + failed.length > 0 || round.terminating > 0) return undefined;
  status.conditions = withCondition(status.conditions ?? [], condition);
  if (condition.type === 'Complete') status.completionTime = condition.lastTransitionTime;
  return condition;
}
