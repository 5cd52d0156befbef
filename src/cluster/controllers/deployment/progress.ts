import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../../../kube/api/apps-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { nameOf } from '../../machinery/keys.ts';
import { nonZero } from '../../machinery/status-writer.ts';
import { parseTime } from '../../machinery/time.ts';
import {
  findCondition,
  newCondition,
  progressing,
  REASONS,
  withCondition,
  withConditions,
  withoutCondition,
} from './conditions.ts';
import { maxUnavailable, progressDeadline, wantedReplicas } from './limits.ts';
import { allSets, type Revisions, sizeOf, total } from './replica-sets.ts';
import type { Rollout } from './rollout.ts';

/** The status that follows from the ReplicaSets, with the Available condition. kubernetes: sync.go calculateStatus */
function computeStatus(deployment: Deployment, revisions: Revisions, now: number): DeploymentStatus {
  const sets = allSets(revisions);
  const available = total(sets, (set) => set.status?.availableReplicas);
  const enough = available >= wantedReplicas(deployment) - maxUnavailable(deployment);
  const condition = newCondition(
    now,
    'Available',
    enough
      ? { status: 'True', reason: REASONS.available, message: 'Deployment has minimum availability.' }
      : { status: 'False', reason: REASONS.unavailable, message: 'Deployment does not have minimum availability.' },
  );
  const { collisionCount, conditions } = deployment.status ?? {};
  // A set that was never looked at has no pods yet; one that was, and does not tell, makes the sum unknown.
  const terminating = sets.every(
    ({ status }) => status?.terminatingReplicas !== undefined || (status?.observedGeneration ?? 0) === 0,
  );
  return {
    ...nonZero({
      observedGeneration: deployment.metadata.generation,
      replicas: total(sets, (set) => set.status?.replicas),
      updatedReplicas: revisions.current?.status?.replicas,
      readyReplicas: total(sets, (set) => set.status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, total(sets, sizeOf) - available),
    }),
    ...(terminating ? { terminatingReplicas: total(sets, (set) => set.status?.terminatingReplicas) } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions ?? [], condition),
  };
}

/** True when a status tells of a rollout that is at its end. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Writes the status alone: for Deployments that are paused, scaled or being deleted. */
export async function writePlainStatus(rollout: Rollout): Promise<void> {
  const { deployment, env, revisions } = rollout;
  const status = computeStatus(deployment, revisions, env.now);
  if (!deepEqual(deployment.status, status)) await rollout.writeStatus(status);
}

/** Writes the status with what it says of the rollout's progress. kubernetes: progress.go syncRolloutStatus */
export async function writeRolloutStatus(rollout: Rollout): Promise<void> {
  const { deployment, env, revisions } = rollout;
  const counted = computeStatus(deployment, revisions, env.now);
  const conditions = withFailure(revisions, withProgress(rollout, counted));
  const status = withConditions(counted, conditions);
  if (!deepEqual(deployment.status, status)) {
    await rollout.writeStatus(status);
  }
  watchDeadline(rollout);
}

function withProgress(rollout: Rollout, status: DeploymentStatus): readonly DeploymentCondition[] {
  const { deployment, env, revisions } = rollout;
  const conditions = status.conditions ?? [];
  const deadline = progressDeadline(deployment);
  if (deadline === undefined) return withoutCondition(conditions, 'Progressing');
  const known = progressing(deployment);
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && known?.reason === REASONS.complete) return conditions;
  const subject =
    revisions.current === undefined
      ? `Deployment "${nameOf(deployment)}"`
      : `ReplicaSet "${nameOf(revisions.current)}"`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(
      conditions,
      newCondition(env.now, 'Progressing', { status: 'True', reason: REASONS.complete, message }),
    );
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const message = `${subject} is progressing.`;
    const condition = newCondition(env.now, 'Progressing', { status: 'True', reason: REASONS.updated, message });
    // Unlike other conditions this one gets a new update time with every progress.
    const lastTransitionTime = known?.status === 'True' ? known.lastTransitionTime : condition.lastTransitionTime;
    return [...withoutCondition(conditions, 'Progressing'), { ...condition, lastTransitionTime }];
  }
  if (!isTimedOut(findCondition(conditions, 'Progressing'), deadline, env.now)) return conditions;
  const message = `${subject} has timed out progressing.`;
  return withCondition(
    conditions,
    newCondition(env.now, 'Progressing', { status: 'False', reason: REASONS.timedOut, message }),
  );
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const oldReplicas = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldReplicas(now) < oldReplicas(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(condition: DeploymentCondition | undefined, deadline: number, now: number): boolean {
  if (condition === undefined || condition.reason === REASONS.complete) return false;
  if (condition.reason === REASONS.timedOut) return true;
  const since = parseTime(condition.lastUpdateTime);
  return since !== undefined && since + deadline * 1000 < now;
}

/** Sees to it that the Deployment is looked at when its deadline has passed: a second later, as Kubernetes does. */
function watchDeadline({ deployment, status, env }: Rollout): void {
  const deadline = progressDeadline(deployment);
  const condition = progressing(deployment);
  if (deadline === undefined || condition === undefined) return;
  if (isComplete(deployment, status) || condition.reason === REASONS.timedOut) return;
  // A rollout that was complete has no deadline any more, whatever becomes of its pods.
  if (condition.reason === REASONS.complete) return;
  const since = parseTime(condition.lastUpdateTime) ?? env.now;
  const left = since + deadline * 1000 - env.now;
  env.lookAgain(left < 1000 ? Math.max(left, 0) + 5 : left + 1000);
}

/** With a ReplicaSet's failure to create or delete pods, the current one's before the others'. */
function withFailure(
  { current, old }: Revisions,
  conditions: readonly DeploymentCondition[],
): readonly DeploymentCondition[] {
  const failed = [...(current === undefined ? [] : [current]), ...old].find((set) => failureOf(set) !== undefined);
  const failure = failed === undefined ? undefined : failureOf(failed);
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  return withCondition(conditions, { ...failure, lastUpdateTime: failure.lastTransitionTime });
}

function failureOf(set: ReplicaSet): DeploymentCondition | undefined {
  return set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
}
