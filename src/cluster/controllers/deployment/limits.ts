import type { Deployment } from '../../../kube/api/apps-v1.generated.ts';
import { resolveIntOrPercent } from '../../../kube/int-or-string.ts';

const MAX_INT32 = 0x7fff_ffff;

/** How many pods a rollout may have too many, and too few. */
interface Fenceposts {
  readonly surge: number;
  readonly unavailable: number;
}

/** The number of replicas wanted; 1 by default. */
export function wantedReplicas(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1;
}

/**
 * Counts for maxSurge, rounded up, and maxUnavailable, rounded down; when both come to nothing one pod may be missing, or
 * no rollout would move. kubernetes: pkg/controller/deployment/util/deployment_util.go ResolveFenceposts
 */
function resolveFenceposts(deployment: Deployment): Fenceposts {
  const replicas = wantedReplicas(deployment);
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  const surge = resolveIntOrPercent(rolling?.maxSurge ?? 0, replicas, true);
  const unavailable = resolveIntOrPercent(rolling?.maxUnavailable ?? 0, replicas, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** True unless the strategy is Recreate. */
export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** Pods above the wanted number that a rollout may run. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? resolveFenceposts(deployment).surge : 0;
}

/** Pods below the wanted number that a rollout may leave. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = wantedReplicas(deployment);
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  return Math.min(resolveFenceposts(deployment).unavailable, replicas);
}

/** Seconds within which a rollout must get on, or undefined when it may take for ever. */
export function progressDeadline(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds === MAX_INT32 ? undefined : seconds;
}

/** Number of old ReplicaSets to keep, or undefined for all. */
export function historyLimit(deployment: Deployment): number | undefined {
  const limit = deployment.spec?.revisionHistoryLimit;
  return limit === undefined || limit === MAX_INT32 ? undefined : limit;
}
