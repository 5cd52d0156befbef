import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { isSidecar } from '../../machinery/pods.ts';

/** The first back-off after a failure, ms. */
const POD_BACK_OFF_START = 10_000;
/** The longest back-off between two pods of a job, ms. */
const POD_BACK_OFF_LIMIT = 600_000;

/** Failures since the last success of a job, and when the last one was. */
export interface BackOffRecord {
  readonly failures: number;
  /** ms since the epoch */
  readonly lastFailure?: number;
}

const NO_FAILURES: BackOffRecord = { failures: 0 };

/**
 * When a pod ended, ms since the epoch: the latest end of its containers and sidecars, else when it stopped being ready, else
 * when it was deleted, else its creation (kubernetes: pkg/controller/job/backoff_utils.go).
 */
export function finishedTime(pod: Pod): number {
  const { metadata, status } = pod;
  const ends = endsOfContainers(pod);
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return Math.max(...ends.map((end) => Date.parse(end)));
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) return Date.parse(ready.lastTransitionTime);
  if (metadata.deletionTimestamp !== undefined) {
    return Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  }
  return Date.parse(metadata.creationTimestamp ?? '');
}

/** Sidecars end after the containers that they serve. */
function endsOfContainers({ spec, status }: Pod): readonly (string | undefined)[] {
  const sidecars = new Set((spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const inits = (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  return [...(status?.containerStatuses ?? []), ...inits].map(({ state }) => state?.terminated?.finishedAt);
}

/** The record after more pods have ended; failures before the last success are forgotten. */
export function nextBackOffRecord(
  previous: BackOffRecord | undefined,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
): BackOffRecord {
  const failures = failed.map(finishedTime);
  if (succeeded.length === 0) {
    if (failures.length === 0) return previous ?? NO_FAILURES;
    return { failures: (previous?.failures ?? 0) + failures.length, lastFailure: Math.max(...failures) };
  }
  const lastSuccess = Math.max(...succeeded.map(finishedTime));
  const later = failures.filter((time) => time > lastSuccess);
  return later.length === 0 ? NO_FAILURES : { failures: later.length, lastFailure: Math.max(...later) };
}

/** How long a replacement pod must still wait, ms: 10 s doubled with each failure up to 10 min, from the last failure on. */
export function remainingBackOff(record: BackOffRecord, now: number): number {
  if (record.failures === 0 || record.lastFailure === undefined) return 0;
  const doublings = Math.min(record.failures - 1, 10);
  const delay = Math.min(POD_BACK_OFF_START * 2 ** doublings, POD_BACK_OFF_LIMIT);
  return Math.max(0, record.lastFailure + delay - now);
}
