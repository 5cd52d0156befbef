import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../../kube/api/apps-v1.generated.ts';
import { formatTime } from '../../machinery/time.ts';

/** Reasons that clients read; kubernetes: pkg/controller/deployment/util/deployment_util.go */
export const REASONS = {
  updated: 'ReplicaSetUpdated',
  createFailed: 'ReplicaSetCreateError',
  created: 'NewReplicaSetCreated',
  found: 'FoundNewReplicaSet',
  complete: 'NewReplicaSetAvailable',
  timedOut: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
  available: 'MinimumReplicasAvailable',
  unavailable: 'MinimumReplicasUnavailable',
} as const;

export type ConditionType = 'Available' | 'Progressing' | 'ReplicaFailure';

/** A condition that begins now. */
export function newCondition(
  now: number,
  type: ConditionType,
  { status, reason, message }: { status: 'True' | 'False' | 'Unknown'; reason: string; message: string },
): DeploymentCondition {
  const time = formatTime(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** The condition of that type, if there is one. */
export function findCondition(
  conditions: readonly DeploymentCondition[] | undefined,
  type: ConditionType,
): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The Progressing condition. */
export function progressing(deployment: Deployment): DeploymentCondition | undefined {
  return findCondition(deployment.status?.conditions, 'Progressing');
}

/**
 * The conditions with this one put last. One with the same status and reason stays untouched, and one with the same status
 * keeps its transition time.
 */
export function withCondition(
  conditions: readonly DeploymentCondition[],
  condition: DeploymentCondition,
): readonly DeploymentCondition[] {
  const type = condition.type as ConditionType;
  const old = findCondition(conditions, type);
  if (old !== undefined && old.status === condition.status && old.reason === condition.reason) return conditions;
  const kept =
    old?.status === condition.status ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition;
  return [...withoutCondition(conditions, type), kept];
}

/** The conditions but those of a type. */
export function withoutCondition(
  conditions: readonly DeploymentCondition[],
  type: ConditionType,
): readonly DeploymentCondition[] {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

/** A status with other conditions; none at all leaves the member out. */
export function withConditions(status: DeploymentStatus, conditions: readonly DeploymentCondition[]): DeploymentStatus {
  const { conditions: _, ...rest } = status;
  return conditions.length === 0 ? rest : { ...rest, conditions };
}
