import type { Job, JobCondition, JobStatus } from '../../../kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { isPodReady } from '../../machinery/pods.ts';
import { formatTime, parseTime } from '../../machinery/time.ts';
import { countIndexes, type IndexIntervals } from './index-intervals.ts';
import { newCondition, type Outcome, OUTCOMES, trueCondition } from './job-conditions.ts';
import { failedIndexes, indexesOfPods, podsKeptForIndexes, succeededIndexes } from './job-indexes.ts';
import {
  hasLimitPerIndex,
  hasTrackingFinalizer,
  hasValidIndex,
  isActive,
  isIndexed,
  isPodFailed,
  isSuspended,
  isTerminating,
} from './job-pods.ts';
import { type BackOffRecord, nextBackOffRecord } from './pod-back-off.ts';
import { matchPodFailurePolicy } from './pod-failure-policy.ts';
import { matchSuccessPolicy } from './success-policy.ts';

/** A status that is being made up. */
type StatusDraft = { -readonly [K in keyof JobStatus]: JobStatus[K] } & {
  uncountedTerminatedPods: { succeeded: readonly string[]; failed: readonly string[] };
};

/** What one look at a job and its pods gives; the counts are corrected as pods are created and deleted. */
export interface Round {
  job: Job;
  readonly key: string;
  /** ms since the epoch */
  readonly now: number;
  readonly pods: readonly Pod[];
  readonly activePods: readonly Pod[];
  /** uids of pods whose finalizer this controller has removed, and the cache still shows. */
  readonly released: ReadonlySet<string>;
  active: number;
  ready: number;
  terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly backOff: BackOffRecord;
  readonly indexes: IndexState | undefined;
  status: StatusDraft;
}

/** What is known of the indexes of an indexed job. */
export interface IndexState {
  /** Those that `status.completedIndexes` holds already. */
  readonly counted: IndexIntervals;
  readonly succeeded: IndexIntervals;
  /** Undefined without limits per index. */
  readonly failed: IndexIntervals | undefined;
  /** The failed pods that wait for their replacement, by index. */
  readonly kept: ReadonlyMap<number, Pod>;
}

/** What {@link observe} looks at. */
export interface Observation {
  readonly job: Job;
  readonly key: string;
  readonly now: number;
  readonly pods: readonly Pod[];
  readonly released: ReadonlySet<string>;
  readonly backOff: BackOffRecord | undefined;
}

/** Counts a job's pods. */
export function observe({ job, key, now, pods, released, backOff }: Observation): Round {
  const activePods = pods.filter(isActive);
  const status = draftStatus(job);
  const { succeeded: uncountedSucceeded, failed: uncountedFailed } = status.uncountedTerminatedPods;
  const uncounted = pods.filter(
    (pod) => hasTrackingFinalizer(pod) && !released.has(pod.metadata.uid ?? '') && hasValidIndex(pod, job),
  );
  const fresh = (known: readonly string[]): Pod[] => {
    if (known.length === 0) return uncounted;
    const uids = new Set(known);
    return uncounted.filter((pod) => !uids.has(pod.metadata.uid ?? ''));
  };
  const newSucceeded = fresh(uncountedSucceeded).filter((pod) => pod.status?.phase === 'Succeeded');
  const newFailed = fresh(uncountedFailed).filter((pod) => isPodFailed(pod, job));
  const policy = job.spec?.podFailurePolicy;
  const counting = newFailed.filter((pod) => matchPodFailurePolicy(policy, pod).counts);
  const indexes = isIndexed(job) ? observeIndexes(job, pods, uncounted, activePods) : undefined;
  if (status.startTime === undefined && !isSuspended(job)) status.startTime = formatTime(now);
  return {
    job,
    key,
    now,
    pods,
    activePods,
    released,
    active: activePods.length,
    ready: activePods.filter(isPodReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded:
      indexes === undefined
        ? (status.succeeded ?? 0) + newSucceeded.length + uncountedSucceeded.length
        : countIndexes(indexes.succeeded),
    failed: (status.failed ?? 0) + counting.length + uncountedFailed.length,
    backOff: nextBackOffRecord(backOff, newSucceeded, newFailed),
    indexes,
    status,
  };
}

function draftStatus(job: Job): StatusDraft {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  return { ...job.status, uncountedTerminatedPods: { succeeded, failed } };
}

function observeIndexes(
  job: Job,
  pods: readonly Pod[],
  uncounted: readonly Pod[],
  activePods: readonly Pod[],
): IndexState {
  const { before, now } = succeededIndexes(job, pods);
  if (!hasLimitPerIndex(job)) return { counted: before, succeeded: now, failed: undefined, kept: new Map() };
  const failed = failedIndexes(job, pods);
  const kept = podsKeptForIndexes(job, uncounted, { active: indexesOfPods(activePods), succeeded: now, failed });
  return { counted: before, succeeded: now, failed, kept };
}

/**
 * The interim condition (`FailureTarget`, `SuccessCriteriaMet`), or the final one that follows it, when the job is to end;
 * in the order of kubernetes: pkg/controller/job/job_controller.go syncJob. Completion by count is decided later.
 */
export function judge(round: Round): JobCondition | undefined {
  const { job } = round;
  const met = trueCondition(job, 'SuccessCriteriaMet');
  if (met !== undefined) return met;
  const now = formatTime(round.now);
  const target = trueCondition(job, 'FailureTarget');
  if (target !== undefined) {
    return newCondition('Failed', 'True', { reason: target.reason ?? '', message: target.message ?? '' }, now);
  }
  const failure = failureOf(round);
  if (failure !== undefined) return newCondition('FailureTarget', 'True', failure, now);
  const { spec } = job;
  if (round.indexes === undefined) return undefined;
  const message = matchSuccessPolicy(spec?.successPolicy, spec?.completions ?? 0, round.indexes.succeeded);
  if (message === undefined) return undefined;
  return newCondition('SuccessCriteriaMet', 'True', { reason: 'SuccessPolicy', message }, now);
}

function failureOf(round: Round): Outcome | undefined {
  const { job, indexes } = round;
  const policyMessage = failJobMessage(round);
  if (policyMessage !== undefined) return { reason: 'PodFailurePolicy', message: policyMessage };
  if (round.failed > (job.spec?.backoffLimit ?? 6) || restartsExceedLimit(round)) return OUTCOMES.backoffLimitExceeded;
  const deadline = deadlineOf(round);
  if (deadline !== undefined && deadline <= round.now) return OUTCOMES.deadlineExceeded;
  if (indexes?.failed === undefined) return undefined;
  const failed = countIndexes(indexes.failed);
  const { maxFailedIndexes, completions = 0 } = job.spec ?? {};
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) return OUTCOMES.maxFailedIndexesExceeded;
  if (failed > 0 && failed + countIndexes(indexes.succeeded) >= completions) return OUTCOMES.failedIndexes;
  return undefined;
}

/** When `activeDeadlineSeconds` end, ms since the epoch; undefined when none is set or the job does not run. */
export function deadlineOf(round: Round): number | undefined {
  const seconds = round.job.spec?.activeDeadlineSeconds;
  const start = parseTime(round.status.startTime);
  if (seconds === undefined || start === undefined || isSuspended(round.job)) return undefined;
  return start + seconds * 1000;
}

function failJobMessage({ job, pods }: Round): string | undefined {
  const policy = job.spec?.podFailurePolicy;
  if (policy === undefined) return undefined;
  for (const pod of pods) {
    if (!isPodFailed(pod, job)) continue;
    const { failJobMessage: message } = matchPodFailurePolicy(policy, pod);
    if (message !== undefined) return message;
  }
  return undefined;
}

/** With restartPolicy OnFailure the restarts of containers count as failures. */
function restartsExceedLimit({ job, pods }: Round): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const container of status.initContainerStatuses ?? []) restarts += container.restartCount;
    for (const container of status.containerStatuses ?? []) restarts += container.restartCount;
  }
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** True when as many pods have succeeded as are wanted and none runs any more. */
export function isComplete(round: Round): boolean {
  const completions = round.job.spec?.completions;
  const enough = completions === undefined ? round.succeeded > 0 : round.succeeded >= completions;
  return enough && round.active === 0;
}
