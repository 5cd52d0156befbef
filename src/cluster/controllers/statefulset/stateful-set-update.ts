import { hasBacklog } from '../../machinery/backlog.ts';
import { resolveIntOrPercent } from '../../../kube/int-or-string.ts';
import type { StatefulSet, StatefulSetStatus } from '../../../kube/api/apps-v1.generated.ts';
import type { Pod, PodTemplateSpec } from '../../../kube/api/core-v1.generated.ts';
import { BURST_REPLICAS } from '../../machinery/constants.ts';
import { isDeleting } from '../../machinery/keys.ts';
import { slowStart } from '../../machinery/slow-start.ts';
import type { StatefulPodControl } from './stateful-pod-control.ts';
import {
  hasEnded,
  identityMatches,
  isCreated,
  isInRange,
  isRunningAndAvailable,
  isRunningAndReady,
  isUnavailable,
  ordinalOf,
  podRevision,
  replicasOf,
  startOrdinal,
  statefulPod,
  storageMatches,
} from './stateful-pods.ts';

/** A revision as the update needs it. */
interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

/** What {@link updateStatefulSet} is to do. */
export interface UpdateTask {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly current: Revision;
  readonly update: Revision;
  /** ms since the epoch */
  readonly now: number;
  readonly control: StatefulPodControl;
}

interface Plan extends UpdateTask {
  /** One for each wanted ordinal, in order; those that do not exist are planned. */
  readonly replicas: readonly Pod[];
  /** Pods that must go, highest ordinal first. */
  readonly condemned: readonly Pod[];
  readonly minReady: number;
  /** One step at a time, in order. */
  readonly ordered: boolean;
  /** The unavailable pod with the lowest ordinal. */
  readonly firstUnavailable: Pod | undefined;
}

/**
 * Takes the next steps towards the wanted pods, and gives how many pods of the old revision it deleted for an update;
 * kubernetes: pkg/controller/statefulset/stateful_set_control.go updateStatefulSet.
 */
export async function updateStatefulSet(task: UpdateTask): Promise<number> {
  const { set } = task;
  if (isDeleting(set)) return 0;
  const plan = makePlan(task);
  if (await settleReplicas(plan)) return 0;
  await fixClaimsOfCondemned(plan);
  if (await removeCondemned(plan)) return 0;
  if (set.spec?.updateStrategy?.type === 'OnDelete') return 0;
  return await rollOut(plan);
}

function makePlan(task: UpdateTask): Plan {
  const { set, pods, now } = task;
  const minReady = set.spec?.minReadySeconds ?? 0;
  const start = startOrdinal(set);
  const condemned: Pod[] = [];
  // Of those that are not there, as many as one round may create: a set may ask for any number.
  const last = pods.reduce((most, pod) => (isInRange(set, ordinalOf(pod)) ? Math.max(most, ordinalOf(pod)) : most), -1);
  const reach = Math.max(last - start + 1, 0) + (hasBacklog(pods) ? 0 : BURST_REPLICAS);
  const replicas = Array.from<Pod | undefined>({ length: Math.min(replicasOf(set), reach) });
  for (const pod of pods) {
    const ordinal = ordinalOf(pod);
    if (isInRange(set, ordinal)) replicas[ordinal - start] = pod;
    else if (ordinal >= 0) condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const wanted = replicas.map((pod, i) => pod ?? plannedPod(task, start + i));
  const firstUnavailable = [...wanted, ...condemned.toReversed()].find((pod) => isUnavailable(pod, minReady, now));
  const ordered = set.spec?.podManagementPolicy !== 'Parallel';
  return { ...task, replicas: wanted, condemned, minReady, ordered, firstUnavailable };
}

/** The pod to create for an ordinal: below the partition it is still of the current revision. */
function plannedPod({ set, current, update }: UpdateTask, ordinal: number): Pod {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec?.updateStrategy ?? {};
  const kept = rollingUpdate === undefined ? (set.status?.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  const revision = type === 'RollingUpdate' && ordinal < startOrdinal(set) + kept ? current : update;
  return statefulPod(set, revision.template, { ordinal, revision: revision.name });
}

/** True when nothing else may be done now: in order alone; with Parallel no pod waits for another one. */
async function settleReplicas(plan: Plan): Promise<boolean> {
  if (plan.ordered) {
    for (const pod of plan.replicas) {
      if (await settleReplica(plan, pod)) return true;
    }
    return false;
  }
  const todo = plan.replicas.filter((pod) => !isSettled(plan, pod)).slice(0, BURST_REPLICAS);
  const { error } = await slowStart(todo.length, async (i) => {
    const pod = todo[i];
    if (pod !== undefined) await settleReplica(plan, pod);
  });
  if (error !== undefined) throw error;
  return false;
}

function isSettled({ set }: Plan, pod: Pod): boolean {
  if (hasEnded(pod) || !isCreated(pod) || pod.status?.phase === 'Pending') return false;
  return hasNoRetention(set) && identityMatches(set, pod) && storageMatches(set, pod);
}

function hasNoRetention(set: StatefulSet): boolean {
  return (set.spec?.volumeClaimTemplates ?? []).length === 0;
}

/** Brings one replica on; true when those after it must wait. */
async function settleReplica(plan: Plan, pod: Pod): Promise<boolean> {
  const { set, control, ordered, minReady, now } = plan;
  if (hasEnded(pod)) {
    if (!isDeleting(pod)) {
      control.recordRecreation(set, pod);
      await control.delete(set, pod);
    }
    // Its successor is created when it is gone.
    return true;
  }
  if (!isCreated(pod)) {
    if (control.hasStaleClaim(set, pod)) return true;
    await control.create(set, pod);
    return ordered;
  }
  if (pod.status?.phase === 'Pending') await control.createMissingClaims(set, pod);
  if (ordered && (isDeleting(pod) || !isRunningAndReady(pod))) return true;
  if (ordered && !isRunningAndAvailable(pod, minReady, now)) return true;
  await control.mend(set, pod);
  return false;
}

async function fixClaimsOfCondemned({ set, condemned, control }: Plan): Promise<void> {
  if (hasNoRetention(set)) return;
  for (const pod of condemned) await control.applyRetention(set, pod);
}

/** True when the update must wait. */
async function removeCondemned(plan: Plan): Promise<boolean> {
  const { set, condemned, control, ordered, minReady, now, firstUnavailable } = plan;
  if (!ordered) {
    const alive = condemned.filter((pod) => !isDeleting(pod));
    const { error } = await slowStart(alive.length, async (i) => {
      const pod = alive[i];
      if (pod !== undefined) await control.delete(set, pod);
    });
    if (error !== undefined) throw error;
    return false;
  }
  const [pod] = condemned;
  if (pod === undefined) return false;
  const mustWait = isDeleting(pod) || (!isRunningAndAvailable(pod, minReady, now) && pod !== firstUnavailable);
  if (!mustWait) await control.delete(set, pod);
  return true;
}

/** Deletes pods of other revisions, as many as may be unavailable; gives how many. */
async function rollOut(plan: Plan): Promise<number> {
  const { set, replicas, update, control } = plan;
  const rollingUpdate = set.spec?.updateStrategy?.rollingUpdate;
  const partition = rollingUpdate?.partition ?? 0;
  const candidates = replicas.slice(partition).toReversed();
  const targets =
    rollingUpdate?.maxUnavailable === undefined
      ? nextToUpdate(plan, candidates)
      : withinBudget(plan, candidates, rollingUpdate.maxUnavailable);
  let deleted = 0;
  for (const pod of targets) {
    await control.delete(set, pod);
    if (podRevision(pod) !== update.name) deleted += 1;
  }
  return deleted;
}

/** True for pods to be replaced by the update; those that have ended are being replaced already. */
function isOutdated({ update }: Plan, pod: Pod): boolean {
  return podRevision(pod) !== update.name && !isDeleting(pod) && !hasEnded(pod);
}

/** The highest outdated pod, unless a pod above it is not available yet. */
function nextToUpdate(plan: Plan, candidates: readonly Pod[]): readonly Pod[] {
  for (const pod of candidates) {
    if (isOutdated(plan, pod)) return [pod];
    if (isUnavailable(pod, plan.minReady, plan.now)) return [];
  }
  return [];
}

/** Outdated pods, highest first; with Parallel those that are unavailable anyway go first and cost nothing. */
function withinBudget(plan: Plan, candidates: readonly Pod[], maxUnavailable: number | string): readonly Pod[] {
  const { set, replicas, minReady, now, ordered } = plan;
  const limit = Math.max(1, resolveIntOrPercent(maxUnavailable, replicasOf(set), false));
  const budget = limit - replicas.filter((pod) => isUnavailable(pod, minReady, now)).length;
  const outdated = candidates.filter((pod) => isOutdated(plan, pod));
  if (ordered) return outdated.slice(0, Math.max(0, budget));
  const isAvailable = (pod: Pod): boolean => isRunningAndAvailable(pod, minReady, now);
  return [
    ...outdated.filter((pod) => !isAvailable(pod)),
    ...outdated.filter(isAvailable).slice(0, Math.max(0, budget)),
  ];
}

/** Counts the pods of a set for its status. */
export function statefulSetStatus(
  { set, pods, current, update, now }: Omit<UpdateTask, 'control'>,
  deletedOutdated: number,
  collisionCount: number | undefined,
): StatefulSetStatus {
  const minReady = set.spec?.minReadySeconds ?? 0;
  const counts = { replicas: 0, ready: 0, available: 0, current: -deletedOutdated, updated: 0 };
  for (const pod of pods) {
    if (!isCreated(pod) || ordinalOf(pod) < 0) continue;
    counts.replicas += 1;
    if (isRunningAndReady(pod)) counts.ready += 1;
    if (isRunningAndAvailable(pod, minReady, now)) counts.available += 1;
    if (isDeleting(pod)) continue;
    if (podRevision(pod) === current.name) counts.current += 1;
    if (podRevision(pod) === update.name) counts.updated += 1;
  }
  const wanted = replicasOf(set);
  const isRolling = (set.spec?.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const complete = isRolling && counts.updated === wanted && counts.ready === wanted && counts.replicas === wanted;
  const currentReplicas = complete ? counts.updated : Math.max(0, counts.current);
  const omitZero = (value: number): number | undefined => (value === 0 ? undefined : value);
  return {
    ...set.status,
    observedGeneration: set.metadata.generation,
    replicas: counts.replicas,
    readyReplicas: omitZero(counts.ready),
    availableReplicas: counts.available,
    currentReplicas: omitZero(currentReplicas),
    updatedReplicas: omitZero(counts.updated),
    currentRevision: complete ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: collisionCount ?? 0,
  };
}
