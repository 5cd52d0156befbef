import type { Node, Pod } from '../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../kube/api/policy-v1.generated.ts';
import { labelSelectorMatcher } from '../../kube/labels.ts';
import { nameOf, namespaceOf } from '../machinery/keys.ts';
import { resourceAmounts } from '../machinery/pod-amounts.ts';
import type { PodInfo } from '../scheduler/pod-info.ts';
import type { FitSimulation } from './fit-simulation.ts';

/** Nodes that use less than this share of what they have may go. kubernetes/autoscaler: --scale-down-utilization-threshold */
const THRESHOLD = 0.5;

const SAFE = 'cluster-autoscaler.kubernetes.io/safe-to-evict';
const DISABLED = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';

/** The cluster as it is when nodes are looked for that nobody needs. */
export interface DownSituation {
  /** The pods of a node that would have to move; see {@link movingPods}. */
  readonly moving: (node: string) => readonly PodInfo[];
  readonly budgets: readonly PodDisruptionBudget[];
  /** All nodes with their pods; asked for when it comes to that. */
  readonly simulation: () => FitSimulation;
}

/** True for pods that go with their node: those of DaemonSets, and the kubelet's own. */
function goesWithNode({ metadata }: Pod): boolean {
  return (
    metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined ||
    metadata.ownerReferences?.some(({ controller, kind }) => controller === true && kind === 'DaemonSet') === true
  );
}

/** Those of a node's pods that would have to move. */
export function movingPods(pods: readonly PodInfo[]): readonly PodInfo[] {
  return pods.filter(({ pod }) => !goesWithNode(pod));
}

/** True if nobody needs a node: it is little used, its pods may be evicted, and the others have room for them. */
export function isUnneeded(node: Node, { moving, budgets, simulation }: DownSituation): boolean {
  if (node.metadata.annotations?.[DISABLED] === 'true') return false;
  const own = moving(nameOf(node));
  if (own.length === 0) return true;
  if (utilization(node, own) >= THRESHOLD || own.some(({ pod }) => isBlocked(pod, budgets))) return false;
  const others = simulation();
  return others.trial(() => {
    others.remove(node);
    return own.every((pod) => others.place(pod));
  });
}

/** The share of cpu or memory, whichever is more, that pods ask for. */
function utilization({ status }: Node, pods: readonly PodInfo[]): number {
  const has = resourceAmounts(status?.allocatable ?? {});
  const share = (resource: string): number => {
    const all = has.get(resource) ?? 0;
    const asked = pods.reduce((sum, { requests }) => sum + (requests.get(resource) ?? 0), 0);
    return all === 0 ? 0 : asked / all;
  };
  return Math.max(share('cpu'), share('memory'));
}

/**
 * What keeps a node: pods that nobody makes again, that keep files on it, that say so, that belong to the system, or whose
 * budget does not let them go. kubernetes/autoscaler: cluster-autoscaler/simulator/drainability/rules
 */
function isBlocked(pod: Pod, budgets: readonly PodDisruptionBudget[]): boolean {
  const { metadata, spec } = pod;
  const own = budgets.filter((budget) => selects(budget, pod));
  if (own.some(({ status }) => (status?.disruptionsAllowed ?? 0) < 1)) return true;
  const safe = metadata.annotations?.[SAFE];
  if (safe !== undefined) return safe !== 'true';
  if (metadata.ownerReferences?.some(({ controller }) => controller === true) !== true) return true;
  if (namespaceOf(pod) === 'kube-system' && own.length === 0) return true;
  return (spec?.volumes ?? []).some(
    ({ emptyDir, hostPath }) => hostPath !== undefined || (emptyDir !== undefined && emptyDir.medium !== 'Memory'),
  );
}

function selects({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean {
  if (metadata.namespace !== namespaceOf(pod) || spec?.selector === undefined) return false;
  return labelSelectorMatcher(spec.selector).matches(pod.metadata.labels ?? {});
}
