import type { ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';
import { isPodFinished } from '../../machinery/pods.ts';
import { historyLimit, maxUnavailable, wantedReplicas } from './limits.ts';
import { ensureNewReplicaSet, newReplicaSetSize, syncNewReplicaSet } from './new-replica-set.ts';
import { isComplete, writeRolloutStatus } from './progress.ts';
import { activeSets, allSets, compareByAge, sizeOf, total } from './replica-sets.ts';
import { numberAnnotation, REVISION } from './revisions.ts';
import type { Rollout } from './rollout.ts';

/** One step of a rolling update: grow the new ReplicaSet, or else shrink the old ones. kubernetes: rolling.go */
export async function rollingStep(rollout: Rollout): Promise<void> {
  const current = await ensureNewReplicaSet(rollout);
  const moved = (await growNew(rollout, current)) || (await shrinkOld(rollout, current));
  if (!moved && isComplete(rollout.deployment, rollout.status)) await cleanUpHistory(rollout);
  await writeRolloutStatus(rollout);
}

/** One step of a rollout that first ends all old pods. kubernetes: recreate.go */
export async function recreateStep(rollout: Rollout): Promise<void> {
  await syncNewReplicaSet(rollout);
  const active = activeSets(rollout.revisions.old);
  for (const set of active) await rollout.scale(set, 0);
  if (active.length === 0 && !oldPodsRun(rollout)) {
    const current = await ensureNewReplicaSet(rollout);
    const wanted = wantedReplicas(rollout.deployment);
    if (sizeOf(current) !== wanted) await rollout.scale(current, wanted);
    if (isComplete(rollout.deployment, rollout.status)) await cleanUpHistory(rollout);
  }
  await writeRolloutStatus(rollout);
}

/** Deletes the oldest ReplicaSets without pods beyond the history limit. */
export async function cleanUpHistory(rollout: Rollout): Promise<void> {
  const limit = historyLimit(rollout.deployment);
  if (limit === undefined) return;
  const old = rollout.revisions.old.filter((set) => !isDeleting(set));
  const surplus = old.length - limit;
  if (surplus <= 0) return;
  const byRevision = old.toSorted(
    (a, b) => (numberAnnotation(a, REVISION) ?? 0) - (numberAnnotation(b, REVISION) ?? 0) || compareByAge(a, b),
  );
  for (const set of byRevision.slice(0, surplus)) {
    const observed = set.status?.observedGeneration ?? 0;
    const inUse = (set.status?.replicas ?? 0) !== 0 || sizeOf(set) !== 0;
    if (inUse || (set.metadata.generation ?? 0) > observed) continue;
    try {
      await rollout.env.client.delete(RESOURCES.replicaSets, { namespace: namespaceOf(set), name: nameOf(set) });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

async function growNew(rollout: Rollout, current: ReplicaSet): Promise<boolean> {
  const wanted = wantedReplicas(rollout.deployment);
  const size = sizeOf(current);
  if (size === wanted) return false;
  const others = total(rollout.revisions.old, sizeOf);
  const next = size > wanted ? wanted : newReplicaSetSize(rollout.deployment, others, size);
  if (next === size) return false;
  await rollout.scale(current, next);
  return true;
}

/** Takes pods from old ReplicaSets, oldest first: unhealthy ones, then as many as may be missing. */
async function shrinkOld(rollout: Rollout, current: ReplicaSet): Promise<boolean> {
  const { deployment } = rollout;
  const old = activeSets(rollout.revisions.old).toSorted(compareByAge);
  if (old.length === 0) return false;
  const minAvailable = wantedReplicas(deployment) - maxUnavailable(deployment);
  const unavailable = sizeOf(current) - availableOf(current);
  const removable = total(allSets(rollout.revisions), sizeOf) - minAvailable - unavailable;
  if (removable <= 0) return false;

  const healthyOnly: ReplicaSet[] = [];
  let removed = 0;
  for (const set of old) {
    const unhealthy = Math.min(removable - removed, sizeOf(set) - availableOf(set));
    healthyOnly.push(unhealthy > 0 ? await rollout.scale(set, sizeOf(set) - unhealthy) : set);
    removed += Math.max(0, unhealthy);
  }

  let spare = total(healthyOnly, availableOf) + availableOf(current) - minAvailable;
  for (const set of healthyOnly) {
    const take = Math.min(sizeOf(set), spare);
    if (take <= 0) continue;
    await rollout.scale(set, sizeOf(set) - take);
    spare -= take;
    removed += take;
  }
  return removed > 0;
}

function availableOf(set: ReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

function oldPodsRun(rollout: Rollout): boolean {
  const { current, old } = rollout.revisions;
  if (total(old, (set) => set.status?.replicas) > 0) return true;
  const currentUid = current === undefined ? undefined : uidOf(current);
  return rollout.sets.some(
    (set) => uidOf(set) !== currentUid && rollout.env.podsOf(set).some((pod) => !isPodFinished(pod)),
  );
}
