import type { ContainerPort, Node, Pod } from '../../../kube/api/core-v1.generated.ts';
import { fitsNodeAffinity } from '../../machinery/node-affinity.ts';
import { podAmounts, qosClassOf, resourceAmounts } from '../../machinery/pod-amounts.ts';
import { isTolerated } from '../../machinery/tolerations.ts';
import type { Rejection } from '../pods/node-context.ts';

/** What a node can give. */
export interface NodeRoom {
  readonly node: Node | undefined;
  readonly allocatable: Readonly<Record<string, string | number>>;
  /** The pods that it runs already. */
  readonly pods: readonly Pod[];
  readonly isUnderMemoryPressure: boolean;
}

const MEMORY_PRESSURE = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };
/** kubernetes: pkg/apis/scheduling SystemCriticalPriority */
const CRITICAL_PRIORITY = 2_000_000_000;

/** Why a node does not take a pod, undefined when it does. kubernetes: pkg/kubelet/lifecycle/predicate.go */
export function admitPod(
  pod: Pod,
  { node, allocatable, pods, isUnderMemoryPressure }: NodeRoom,
): Rejection | undefined {
  const pressed = isUnderMemoryPressure ? pressureFault(pod) : undefined;
  const fault = pressed ?? resourceFault(pod, allocatable, pods) ?? predicateFault(pod, node, pods);
  return fault === undefined ? undefined : { reason: fault.reason, message: `Pod was rejected: ${fault.message}` };
}

/** A node that is short of memory takes no more pods that ask for none. kubernetes: pkg/kubelet/eviction Admit */
function pressureFault(pod: Pod): Rejection | undefined {
  const isCritical = (pod.spec?.priority ?? 0) >= CRITICAL_PRIORITY;
  if (isCritical || qosClassOf(pod) !== 'BestEffort' || isTolerated(MEMORY_PRESSURE, pod.spec?.tolerations)) {
    return undefined;
  }
  return { reason: 'Evicted', message: 'The node had condition: [MemoryPressure]. ' };
}

/**
 * Why a pod cannot be given other resources: `Infeasible` when the node will never have them, `Deferred` when it has not now.
 * kubernetes: pkg/kubelet/allocation canResizePod
 */
export function resizeFault(
  pod: Pod,
  { allocatable, pods }: Pick<NodeRoom, 'allocatable' | 'pods'>,
): Rejection | undefined {
  const capacity = resourceAmounts(allocatable);
  const wanted = podAmounts(pod.spec);
  for (const name of ['memory', 'cpu']) {
    const [requested, total] = [wanted.get(name) ?? 0, capacity.get(name) ?? 0];
    if (requested <= total) continue;
    const message = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${total}`;
    return { reason: 'Infeasible', message };
  }
  const fault = resourceFault(pod, allocatable, pods);
  return fault === undefined ? undefined : { reason: 'Deferred', message: fault.message };
}

function resourceFault(
  pod: Pod,
  allocatable: Readonly<Record<string, string | number>>,
  pods: readonly Pod[],
): Rejection | undefined {
  const capacity = resourceAmounts(allocatable);
  const most = capacity.get('pods') ?? 110;
  if (pods.length + 1 > most) return shortage('pods', 1, pods.length, most);
  const taken = pods.map((other) => podAmounts(other.spec));
  for (const [name, amount] of podAmounts(pod.spec)) {
    if (amount === 0) continue;
    const total = capacity.get(name) ?? 0;
    let used = 0;
    for (const amounts of taken) used += amounts.get(name) ?? 0;
    if (used + amount > total) return shortage(name, amount, used, total);
  }
  return undefined;
}

function shortage(name: string, requested: number, used: number, capacity: number): Rejection {
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${name}`, message };
}

function predicateFault(pod: Pod, node: Node | undefined, pods: readonly Pod[]): Rejection | undefined {
  if (node !== undefined && !fitsNodeAffinity(pod.spec, node)) {
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  }
  const taken = new Set(pods.flatMap((other) => hostPorts(other).map(portKey)));
  if (hostPorts(pod).some((port) => taken.has(portKey(port)))) {
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  }
  const tolerations = pod.spec?.tolerations;
  const taints = node?.spec?.taints ?? [];
  if (taints.some((taint) => taint.effect === 'NoExecute' && !isTolerated(taint, tolerations))) {
    return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  }
  return undefined;
}

function failed(reason: string, problem: string): Rejection {
  return { reason, message: `Predicate ${reason} failed: ${problem}` };
}

function hostPorts(pod: Pod): readonly ContainerPort[] {
  return (pod.spec?.containers ?? []).flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0));
}

function portKey({ hostIP = '0.0.0.0', hostPort, protocol = 'TCP' }: ContainerPort): string {
  return `${hostIP}/${protocol}/${hostPort ?? 0}`;
}
