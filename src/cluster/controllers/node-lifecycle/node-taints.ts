import type { Node, Taint } from '../../../kube/api/core-v1.generated.ts';

/** Node not reached by its kubelet. */
const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** Node that says it is not ready. */
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Conditions that keep new pods away. kubernetes: pkg/controller/nodelifecycle/node_lifecycle_controller.go nodeConditionToTaintKeyStatusMap */
const TAINT_BY_CONDITION: ReadonlyMap<string, string> = new Map([
  ['Ready=False', NOT_READY],
  ['Ready=Unknown', UNREACHABLE],
  ['MemoryPressure=True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure=True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable=True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure=True', 'node.kubernetes.io/pid-pressure'],
]);
const CONDITION_TAINTS: ReadonlySet<string> = new Set([...TAINT_BY_CONDITION.values(), UNSCHEDULABLE]);

/** The status of a condition, or undefined when the node has none of that type. */
export function conditionStatus(node: Node, type: string): string | undefined {
  return node.status?.conditions?.find((condition) => condition.type === type)?.status;
}

/** Keys of the NoSchedule taints that a node's conditions and `unschedulable` ask for. */
function wantedNoSchedule(node: Node): Set<string> {
  const keys = new Set<string>();
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = TAINT_BY_CONDITION.get(`${type}=${status}`);
    if (key !== undefined) keys.add(key);
  }
  if (node.spec?.unschedulable === true) keys.add(UNSCHEDULABLE);
  return keys;
}

/** The NoExecute taint that drives pods off a node that is not ready, if any. */
export function evictionTaint(node: Node): string | undefined {
  const ready = conditionStatus(node, 'Ready');
  return ready === 'False' ? NOT_READY : ready === 'Unknown' ? UNREACHABLE : undefined;
}

/** True when the node has one of the taints of {@link evictionTaint}. */
export function hasEvictionTaint(node: Node): boolean {
  return node.spec?.taints?.some(isEvictionTaint) ?? false;
}

function isEvictionTaint({ key, effect }: Taint): boolean {
  return effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE);
}

/**
 * The taints that a node should have, or undefined when it has them. Taints that others set stay.
 *
 * @param eviction key of the NoExecute taint to have, if any
 * @param now an RFC 3339 time
 */
export function wantedTaints(node: Node, eviction: string | undefined, now: string): readonly Taint[] | undefined {
  const taints = node.spec?.taints ?? [];
  const noSchedule = wantedNoSchedule(node);
  const kept = taints.filter((taint) => {
    if (isEvictionTaint(taint)) return taint.key === eviction;
    return taint.effect !== 'NoSchedule' || !CONDITION_TAINTS.has(taint.key) || noSchedule.has(taint.key);
  });
  const added: Taint[] = [];
  for (const key of noSchedule) {
    if (!kept.some((taint) => taint.key === key && taint.effect === 'NoSchedule')) {
      added.push({ key, effect: 'NoSchedule', timeAdded: now });
    }
  }
  if (eviction !== undefined && !kept.some(isEvictionTaint)) {
    added.push({ key: eviction, effect: 'NoExecute', timeAdded: now });
  }
  return added.length === 0 && kept.length === taints.length ? undefined : [...kept, ...added];
}
