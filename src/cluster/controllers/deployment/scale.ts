import type { Deployment, ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import { isRollingUpdate, maxSurge, wantedReplicas } from './limits.ts';
import { activeSets, allSets, compareByAge, type Revisions, sizeOf, total } from './replica-sets.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, replicasAnnotation } from './revisions.ts';
import type { Rollout } from './rollout.ts';

/** True when the Deployment's size has changed since its ReplicaSets were scaled. */
export function isScalingEvent({ deployment, sets }: Rollout): boolean {
  return activeSets(sets).some((set) => {
    const desired = replicasAnnotation(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== wantedReplicas(deployment);
  });
}

/**
 * Brings ReplicaSets to a new size of the Deployment, outside of a rollout's own steps: the only active one takes all, and
 * amid a rollout each takes its share. kubernetes: pkg/controller/deployment/sync.go scale
 */
export async function scaleToSize(rollout: Rollout): Promise<void> {
  const { deployment, revisions } = rollout;
  const only = activeOrLatest(revisions);
  if (only !== undefined) {
    if (sizeOf(only) !== wantedReplicas(deployment)) await rollout.scale(only, wantedReplicas(deployment));
    return;
  }
  if (isSaturated(deployment, revisions.current)) {
    for (const old of activeSets(revisions.old)) await rollout.scale(old, 0);
    return;
  }
  if (!isRollingUpdate(deployment)) return;
  for (const [set, size] of proportionalSizes(deployment, activeSets(allSets(revisions))))
    await rollout.scale(set, size);
}

function activeOrLatest(revisions: Revisions): ReplicaSet | undefined {
  const active = activeSets(allSets(revisions));
  if (active.length > 1) return undefined;
  return active[0] ?? revisions.current ?? revisions.old.toSorted(compareByAge).at(-1);
}

/** True when the current ReplicaSet has all its pods, available. */
function isSaturated(deployment: Deployment, set: ReplicaSet | undefined): boolean {
  if (set === undefined) return false;
  const wanted = wantedReplicas(deployment);
  const desired = replicasAnnotation(set, DESIRED_REPLICAS);
  return sizeOf(set) === wanted && desired === wanted && (set.status?.availableReplicas ?? 0) === wanted;
}

/**
 * The sizes of several active ReplicaSets for the Deployment's new size: each in proportion to what it has, rounded; what
 * remains goes to the largest. Equals go by age: newer first to grow, older first to shrink.
 */
function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const wanted = wantedReplicas(deployment);
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - total(active, sizeOf);
  const byAge = toAdd > 0 ? -1 : 1;
  const ordered = toAdd === 0 ? active : active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || byAge * compareByAge(a, b));
  const sizes = new Map<ReplicaSet, number>();
  let added = 0;
  for (const set of ordered) {
    const share = proportion(deployment, set, toAdd - added);
    sizes.set(set, sizeOf(set) + share);
    added += share;
  }
  const largest = ordered[0];
  if (largest !== undefined) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added));
  return sizes;
}

/** By how much a ReplicaSet changes in proportion, within what remains to be added (or, negative, taken away). */
function proportion(deployment: Deployment, set: ReplicaSet, remaining: number): number {
  const size = sizeOf(set);
  if (size === 0 || remaining === 0) return 0;
  const share = fraction(deployment, set);
  return remaining > 0 ? Math.min(share, remaining) : Math.max(share, remaining);
}

function fraction(deployment: Deployment, set: ReplicaSet): number {
  const size = sizeOf(set);
  const wanted = wantedReplicas(deployment);
  if (wanted === 0) return -size;
  const before = replicasAnnotation(set, MAX_REPLICAS) || deployment.status?.replicas || size;
  return Math.round((size * (wanted + maxSurge(deployment))) / before) - size;
}
