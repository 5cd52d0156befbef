import { compareStrings } from '../../../base/json.ts';
import type { DaemonSet, DaemonSetStatus } from '../../../kube/api/apps-v1.generated.ts';
import type { Node, Pod } from '../../../kube/api/core-v1.generated.ts';
import { isDeleting, nameOf } from '../../machinery/keys.ts';
import { isPodAvailable, isPodReady } from '../../machinery/pods.ts';
import {
  allowsSurge,
  byAge,
  isUpdated,
  judgeNode,
  maxSurge,
  maxUnavailable,
  podsByNode,
  REVISION_LABEL,
} from './daemon-pods.ts';

/** A set, its pods and the nodes at one instant. */
export interface DaemonView {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Hash of the present revision. */
  readonly hash: string;
  /** ms since the epoch */
  readonly now: number;
}

/** What is to be done. */
export interface DaemonPlan {
  /** Names of nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** A pod that has ended: what to do with it is the caller's to decide (it may come back too soon). */
export type EndedPodCheck = (pod: Pod, node: Node) => 'remove' | 'leave';

/**
 * Pods for nodes without one, and an end for those that are too many or where they should not be;
 * kubernetes: pkg/controller/daemon/daemon_controller.go manage.
 */
export function planNodes(view: DaemonView, ended: EndedPodCheck): DaemonPlan {
  const create: string[] = [];
  const remove: Pod[] = [];
  const byNode = podsByNode(view.pods);
  for (const node of view.nodes) {
    const { run, keep } = judgeNode(view.set, node);
    const pods = byNode.get(nameOf(node));
    if (run && pods === undefined) {
      create.push(nameOf(node));
    } else if (keep) {
      const running: Pod[] = [];
      for (const pod of pods ?? []) {
        if (isDeleting(pod)) continue;
        const phase = pod.status?.phase;
        if (phase !== 'Failed' && phase !== 'Succeeded') running.push(pod);
        else if (ended(pod, node) === 'remove') remove.push(pod);
      }
      remove.push(...surplusPods(view, running));
    } else {
      remove.push(...(pods ?? []).filter((pod) => !isDeleting(pod)));
    }
  }
  remove.push(...podsWithoutNode(view, byNode));
  return { create, remove };
}

/** Of several pods on a node the oldest stays; while surging, an old one and a new one until one of them is enough. */
function surplusPods({ set, hash, now }: DaemonView, running: Pod[]): readonly Pod[] {
  if (running.length <= 1) return [];
  running.sort(byAge);
  if (!allowsSurge(set)) return running.slice(1);
  const newest = running.find((pod) => pod.metadata.labels?.[REVISION_LABEL] === hash);
  const oldest = running.find((pod) => pod.metadata.labels?.[REVISION_LABEL] !== hash);
  const surplus = running.filter((pod) => pod !== newest && pod !== oldest);
  if (newest === undefined || oldest === undefined) return surplus;
  const done = isPodAvailable(newest, set.spec?.minReadySeconds ?? 0, now);
  return !isPodReady(oldest) || done ? [...surplus, oldest] : surplus;
}

/** Pods that wait for a node that is gone: nobody else would delete them. */
function podsWithoutNode({ nodes }: DaemonView, byNode: ReadonlyMap<string, readonly Pod[]>): readonly Pod[] {
  const known = new Set(nodes.map(nameOf));
  const result: Pod[] = [];
  for (const [node, pods] of byNode) {
    if (known.has(node)) continue;
    result.push(...pods.filter((pod) => (pod.spec?.nodeName ?? '') === '' && !isDeleting(pod)));
  }
  return result;
}

interface NodePods {
  readonly name: string;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
  /** More pods than one of each: the next look at the nodes puts it right. */
  readonly crowded: boolean;
}

/** The next step of a rolling update; kubernetes: pkg/controller/daemon/update.go rollingUpdate. */
export function planUpdate(view: DaemonView): DaemonPlan {
  const { set } = view;
  const byNode = podsByNode(view.pods);
  let desired = 0;
  for (const node of view.nodes) {
    if (!judgeNode(set, node).run) continue;
    desired += 1;
    if (!byNode.has(nameOf(node))) byNode.set(nameOf(node), []);
  }
  const nodes = [...byNode].sort(([a], [b]) => compareStrings(a, b)).map(([name, pods]) => sortOut(view, name, pods));
  const surge = maxSurge(set, desired);
  const unavailable = maxUnavailable(set, desired);
  if (surge === 0) return replacePods(view, nodes, desired > 0 ? Math.max(unavailable, 1) : unavailable);
  return surgePods(view, nodes, { surge, desired });
}

function sortOut({ set, hash }: DaemonView, name: string, pods: readonly Pod[]): NodePods {
  const alive = pods.filter((pod) => !isDeleting(pod));
  const fresh = alive.filter((pod) => isUpdated(set, pod, hash));
  const old = alive.filter((pod) => !isUpdated(set, pod, hash));
  return { name, fresh: fresh[0], old: old[0], crowded: fresh.length > 1 || old.length > 1 };
}

/** Deletes old pods, as many as may be missing; those that are not available anyway at once. */
function replacePods(view: DaemonView, nodes: readonly NodePods[], limit: number): DaemonPlan {
  const available = availability(view);
  const free: Pod[] = [];
  const candidates: Pod[] = [];
  let missing = 0;
  for (const { fresh, old, crowded } of nodes) {
    if (crowded || (fresh === undefined) === (old === undefined)) {
      missing += 1;
    } else if (fresh !== undefined) {
      if (!available(fresh)) missing += 1;
    } else if (old !== undefined) {
      if (available(old)) {
        candidates.push(old);
      } else {
        free.push(old);
        missing += 1;
      }
    }
  }
  return { create: [], remove: [...free, ...candidates.slice(0, Math.max(0, limit - missing))] };
}

/** Starts new pods beside old ones, and deletes those whose successor is available. */
function surgePods(
  view: DaemonView,
  nodes: readonly NodePods[],
  { surge, desired }: { readonly surge: number; readonly desired: number },
): DaemonPlan {
  const available = availability(view);
  const byName = new Map(view.nodes.map((node) => [nameOf(node), node]));
  const create: string[] = [];
  const candidates: string[] = [];
  const remove: Pod[] = [];
  const leaving: Pod[] = [];
  let surging = 0;
  let availableNodes = 0;
  for (const { name, fresh, old, crowded } of nodes) {
    if (crowded) {
      surging += 1;
      continue;
    }
    const serving = old ?? fresh;
    if (serving !== undefined && available(serving)) availableNodes += 1;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (available(fresh)) remove.push(old);
      else surging += 1;
      continue;
    }
    const node = byName.get(name);
    const runs = node !== undefined && judgeNode(view.set, node).run;
    if (available(old)) {
      if (runs) candidates.push(name);
      else leaving.push(old);
    } else if (runs) {
      create.push(name);
    } else {
      remove.push(old);
    }
  }
  // Where the set no longer belongs, pods go as others become available.
  remove.push(...leaving.slice(0, Math.max(0, availableNodes - desired)));
  create.push(...candidates.slice(0, Math.max(0, surge - surging)));
  return { create, remove };
}

function availability({ set, now }: DaemonView): (pod: Pod) => boolean {
  const minReady = set.spec?.minReadySeconds ?? 0;
  return (pod) => isPodAvailable(pod, minReady, now);
}

/** Counts for the status; `observed` is false while pods that were asked for are not seen yet. */
export function daemonSetStatus(
  view: DaemonView,
  collisionCount: number | undefined,
  observed: boolean,
): DaemonSetStatus {
  const { set, nodes, hash } = view;
  const available = availability(view);
  const byNode = podsByNode(view.pods);
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 };
  for (const node of nodes) {
    const pods = byNode.get(nameOf(node));
    if (!judgeNode(set, node).run) {
      if (pods !== undefined) counts.misscheduled += 1;
      continue;
    }
    counts.desired += 1;
    const [pod] = pods?.toSorted(byAge) ?? [];
    if (pod === undefined) continue;
    counts.current += 1;
    if (isPodReady(pod)) counts.ready += 1;
    if (available(pod)) counts.available += 1;
    if (isUpdated(set, pod, hash)) counts.updated += 1;
  }
  const omitZero = (value: number): number | undefined => (value === 0 ? undefined : value);
  return {
    ...set.status,
    desiredNumberScheduled: counts.desired,
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    numberReady: counts.ready,
    updatedNumberScheduled: omitZero(counts.updated),
    numberAvailable: omitZero(counts.available),
    numberUnavailable: omitZero(counts.desired - counts.available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(observed ? { observedGeneration: set.metadata.generation } : {}),
  };
}
