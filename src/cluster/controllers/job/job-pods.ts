import type { Job } from '../../../kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';

/** Keeps a pod until the job has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Annotation and label that hold the completion index of a pod. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** The annotations by which a replacement pod remembers the failures of its index. */
export const FAILURE_COUNT_ANNOTATIONS = { counted: FAILURE_COUNT, ignored: IGNORED_FAILURE_COUNT } as const;

/** True when the pod still has to be counted by its job. */
export function hasTrackingFinalizer(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** The completion index of a pod, or undefined when it has none that is valid. */
export function completionIndex(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** How often pods of this pod's index failed before it; `ignored` failures count towards no limit but lengthen the back-off. */
export function indexFailures(pod: Pod): { readonly counted: number; readonly ignored: number } {
  const read = (key: string): number => {
    const text = pod.metadata.annotations?.[key];
    const value = text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : 0;
    return value > 2_147_483_647 ? 0 : value;
  };
  return { counted: read(FAILURE_COUNT), ignored: read(IGNORED_FAILURE_COUNT) };
}

/** True for `completionMode: Indexed`. */
export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

/** True when every index has a back-off limit of its own. */
export function hasLimitPerIndex(job: Job): boolean {
  return job.spec?.backoffLimitPerIndex !== undefined;
}

/** True when a pod is replaced only when it has failed, not already when it terminates. */
export function replacesFailedPodsOnly(job: Job): boolean {
  return job.spec?.podReplacementPolicy === 'Failed' || job.spec?.podFailurePolicy !== undefined;
}

/** True for `suspend: true`. */
export function isSuspended(job: Job): boolean {
  return job.spec?.suspend === true;
}

/** True when the job is complete or failed. */
export function isJobFinished(job: Job): boolean {
  return finishedCondition(job) !== undefined;
}

/** `Complete` or `Failed` when the job has that condition. */
export function finishedCondition(job: Job): 'Complete' | 'Failed' | undefined {
  for (const { type, status } of job.status?.conditions ?? []) {
    if (status === 'True' && (type === 'Complete' || type === 'Failed')) return type;
  }
  return undefined;
}

/** The controller named by `spec.managedBy` when it is not this one. */
export function foreignManager(job: Job): string | undefined {
  const manager = job.spec?.managedBy;
  return manager === undefined || manager === 'kubernetes.io/job-controller' ? undefined : manager;
}

/**
 * True when a pod counts as failed: it has, or it is being deleted without having succeeded (it may never come to report an
 * end), unless only failed pods are replaced.
 */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (replacesFailedPodsOnly(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

/** True for pods that neither ended nor are being deleted. */
export function isActive(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined;
}

/** True for pods that are being deleted and have not ended. */
export function isTerminating(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp !== undefined;
}

/** True when the pod's index can be counted: always for jobs without indexes, else when it is in range. */
export function hasValidIndex(pod: Pod, job: Job): boolean {
  if (!isIndexed(job)) return true;
  const index = completionIndex(pod);
  return index !== undefined && index < (job.spec?.completions ?? 0);
}
