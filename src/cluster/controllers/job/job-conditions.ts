import type { Job, JobCondition } from '../../../kube/api/batch-v1.generated.ts';

/** Condition types of a Job. */
export type JobConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended';

/** Reason and message of a finished job (kubernetes: staging/src/k8s.io/api/batch/v1/types.go). */
export interface Outcome {
  readonly reason: string;
  readonly message: string;
}

/** How a job may end, by the texts of Kubernetes. */
export const OUTCOMES = {
  completionsReached: { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' },
  backoffLimitExceeded: {
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  },
  deadlineExceeded: { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' },
  maxFailedIndexesExceeded: {
    reason: 'MaxFailedIndexesExceeded',
    message: 'Job has exceeded the specified maximal number of failed indexes',
  },
  failedIndexes: { reason: 'FailedIndexes', message: 'Job has failed indexes' },
} as const satisfies Record<string, Outcome>;

/** A condition with both its times at `now`, an RFC 3339 time. */
export function newCondition(
  type: JobConditionType,
  status: 'True' | 'False',
  outcome: Outcome,
  now: string,
): JobCondition {
  return {
    type,
    status,
    lastProbeTime: now,
    lastTransitionTime: now,
    reason: outcome.reason,
    message: outcome.message,
  };
}

/** The condition of that type when it is true. */
export function trueCondition(job: Job, type: JobConditionType): JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/**
 * The list with a condition set, or the same list when nothing changes. A condition that was never there does not become
 * false.
 */
export function withCondition(conditions: readonly JobCondition[], condition: JobCondition): readonly JobCondition[] {
  const position = conditions.findIndex(({ type }) => type === condition.type);
  const present = conditions[position];
  if (present === undefined) return condition.status === 'False' ? conditions : [...conditions, condition];
  const same =
    present.status === condition.status && present.reason === condition.reason && present.message === condition.message;
  return same ? conditions : conditions.with(position, condition);
}
