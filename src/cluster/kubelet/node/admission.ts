import type { ContainerPort, Node, Pod, PodSpec } from '../../../kube/api/core-v1.generated.ts';
import { fitsNodeAffinity } from '../../machinery/node-affinity.ts';
import { podAmounts, qosClassOf, type ResourceAmounts } from '../../machinery/pod-amounts.ts';
import { isTolerated } from '../../machinery/tolerations.ts';
import type { Rejection } from '../pods/node-context.ts';

/** What a pod takes of its node; worked out once, since every pod that comes later is measured against it. */
export class Tenant {
  readonly spec: PodSpec | undefined;
  readonly requests: ResourceAmounts;
  /** The ports of the node that it takes. */
  readonly ports: readonly string[];

  constructor(spec: PodSpec | undefined) {
    this.spec = spec;
    this.requests = podAmounts(spec);
    this.ports = hostPorts(spec);
  }
}

/** What a node can give. */
export interface NodeRoom {
  readonly node: Node | undefined;
  readonly capacity: ResourceAmounts;
  /** The pods that it runs already. */
  readonly others: readonly Tenant[];
  readonly isUnderMemoryPressure: boolean;
}

const MEMORY_PRESSURE = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };
/** kubernetes: pkg/apis/scheduling SystemCriticalPriority */
const CRITICAL_PRIORITY = 2_000_000_000;

/** Why a node does not take a pod, undefined when it does. kubernetes: pkg/kubelet/lifecycle/predicate.go */
export function admitPod(
  pod: Pod,
  tenant: Tenant,
  { node, capacity, others, isUnderMemoryPressure }: NodeRoom,
): Rejection | undefined {
  const pressed = isUnderMemoryPressure ? pressureFault(pod) : undefined;
  const fault =
    pressed ?? sysctlFault(pod) ?? resourceFault(tenant, capacity, others) ?? predicateFault(tenant, node, others);
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

/** Settings of the kernel that concern one pod alone. kubernetes: pkg/kubelet/sysctl/safe_sysctls.go */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

/** kubernetes: pkg/kubelet/sysctl/allowlist.go Admit */
function sysctlFault({ spec }: Pod): Rejection | undefined {
  const { hostNetwork, hostIPC } = spec ?? {};
  for (const { name } of spec?.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll('/', '.');
    const forbidden = (why: string): Rejection => ({
      reason: 'SysctlForbidden',
      message: `forbidden sysctl: ${JSON.stringify(name)} ${why}`,
    });
    if (!SAFE_SYSCTLS.has(dotted)) return forbidden('not allowlisted');
    if (hostNetwork === true && dotted.startsWith('net.')) return forbidden('not allowed with host net enabled');
    if (hostIPC === true && !dotted.startsWith('net.')) return forbidden('not allowed with host ipc enabled');
  }
  return undefined;
}

/**
 * Why a pod cannot be given other resources: `Infeasible` when the node will never have them, `Deferred` when it has not now.
 * kubernetes: pkg/kubelet/allocation canResizePod
 */
export function resizeFault(
  tenant: Tenant,
  { capacity, others }: Pick<NodeRoom, 'capacity' | 'others'>,
): Rejection | undefined {
  for (const name of ['memory', 'cpu']) {
    const [requested, total] = [tenant.requests.get(name) ?? 0, capacity.get(name) ?? 0];
    if (requested <= total) continue;
    const message = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${total}`;
    return { reason: 'Infeasible', message };
  }
  const fault = resourceFault(tenant, capacity, others);
  return fault === undefined ? undefined : { reason: 'Deferred', message: fault.message };
}

function resourceFault(
  { requests }: Tenant,
  capacity: ResourceAmounts,
  others: readonly Tenant[],
): Rejection | undefined {
  const most = capacity.get('pods') ?? 110;
  if (others.length + 1 > most) return shortage('pods', 1, others.length, most);
  for (const [name, amount] of requests) {
    if (amount === 0) continue;
    const total = capacity.get(name) ?? 0;
    let used = 0;
    for (const other of others) used += other.requests.get(name) ?? 0;
    if (used + amount > total) return shortage(name, amount, used, total);
  }
  return undefined;
}

function shortage(name: string, requested: number, used: number, capacity: number): Rejection {
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${name}`, message };
}

function predicateFault(
  { spec, ports }: Tenant,
  node: Node | undefined,
  others: readonly Tenant[],
): Rejection | undefined {
  if (node !== undefined && !fitsNodeAffinity(spec, node)) {
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  }
  if (ports.length > 0 && others.some((other) => other.ports.some((port) => ports.includes(port)))) {
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  }
  const tolerations = spec?.tolerations;
  const taints = node?.spec?.taints ?? [];
  if (taints.some((taint) => taint.effect === 'NoExecute' && !isTolerated(taint, tolerations))) {
    return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  }
  return undefined;
}

function failed(reason: string, problem: string): Rejection {
  return { reason, message: `Predicate ${reason} failed: ${problem}` };
}

const NO_PORTS: readonly string[] = [];

function hostPorts(spec: PodSpec | undefined): readonly string[] {
  let keys = NO_PORTS;
  for (const { ports } of spec?.containers ?? []) {
    for (const port of ports ?? []) if ((port.hostPort ?? 0) > 0) keys = [...keys, portKey(port)];
  }
  return keys;
}

function portKey({ hostIP = '0.0.0.0', hostPort, protocol = 'TCP' }: ContainerPort): string {
  return `${hostIP}/${protocol}/${hostPort ?? 0}`;
}
