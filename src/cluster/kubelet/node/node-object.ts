import type { Node, NodeCondition, NodeStatus, Taint } from '../../../kube/api/core-v1.generated.ts';
import { formatTime } from '../../machinery/time.ts';
import { nodeAddress, podCidr } from './addresses.ts';

/** One machine of a simulated cluster. */
export interface NodeOptions {
  readonly nodeName: string;
  /** Its number; decides on addresses. */
  readonly index: number;
  /** cpu, memory, ephemeral-storage, pods, and extended resources. */
  readonly capacity: Readonly<Record<string, string | number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** What is left for pods; default: the whole capacity. */
  readonly allocatable?: Readonly<Record<string, string | number>>;
  /** Of its kubelet; default: v1.35.2. */
  readonly version?: string;
  /** Images that it has from the beginning. */
  readonly images?: readonly string[];
}

const VERSION = 'v1.35.2';
const RUNTIME = 'containerd://2.0.7';

const DEFAULTS: Readonly<Record<string, string>> = {
  cpu: '8',
  memory: '32Gi',
  'ephemeral-storage': '200Gi',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  pods: '110',
};

/** The capacity with what every node has. */
function capacityOf({ capacity }: NodeOptions): Readonly<Record<string, string | number>> {
  return { ...DEFAULTS, ...capacity };
}

/** What is left for pods. */
export function allocatableOf(options: NodeOptions): Readonly<Record<string, string | number>> {
  return { ...capacityOf(options), ...options.allocatable };
}

/** The Node that a kubelet registers. kubernetes: pkg/kubelet/kubelet_node_status.go */
export function newNode(options: NodeOptions): Node {
  const { nodeName, index, labels = {}, annotations = {}, taints } = options;
  const cidr = podCidr(index);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        ...labels,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...annotations },
    },
    spec: {
      podCIDR: cidr,
      podCIDRs: [cidr],
      providerID: `pintle://${nodeName}`,
      ...(taints === undefined || taints.length === 0 ? {} : { taints }),
    },
  };
}

/** What a kubelet tells of its node, laid over what others have said. */
export function nodeStatus(
  options: NodeOptions,
  old: NodeStatus | undefined,
  now: number,
  images: readonly { readonly name: string; readonly size: number }[],
  memoryPressure = false,
): NodeStatus {
  const own = [
    memoryPressure
      ? condition('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
  const types = new Set(own.map(({ type }) => type));
  const advertised = advertisedResources(options, old);
  return {
    ...old,
    capacity: { ...advertised, ...capacityOf(options) },
    allocatable: { ...advertised, ...allocatableOf(options) },
    conditions: [
      ...(old?.conditions ?? []).filter(({ type }) => !types.has(type)),
      ...own.map((each) => timed(each, old?.conditions, now)),
    ],
    addresses: [
      { type: 'InternalIP', address: nodeAddress(options.index) },
      { type: 'Hostname', address: options.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: {
      machineID: idOf(options, 1),
      systemUUID: idOf(options, 2),
      bootID: idOf(options, 3),
      kernelVersion: '6.8.0-pintle',
      osImage: 'Pintle (simulated)',
      containerRuntimeVersion: RUNTIME,
      kubeletVersion: options.version ?? VERSION,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    ...(images.length === 0
      ? {}
      : { images: images.slice(0, MOST_IMAGES).map(({ name, size }) => ({ names: [name], sizeBytes: size })) }),
  };
}

/** Extended resources that somebody has written into the node's capacity: all of them may be used. */
export function advertisedResources(
  options: NodeOptions,
  status: NodeStatus | undefined,
): Readonly<Record<string, string | number>> {
  const own = capacityOf(options);
  const extended = Object.entries(status?.capacity ?? {}).filter(
    ([name]) => !Object.hasOwn(own, name) && /^(?!.*kubernetes\.io\/)[^/]+\/[^/]+$/.test(name),
  );
  return Object.fromEntries(extended);
}

/** kubernetes: pkg/kubelet/apis/config nodeStatusMaxImages */
const MOST_IMAGES = 50;

function condition(type: string, status: string, reason: string, message: string): NodeCondition {
  return { type, status, reason, message };
}

function timed(own: NodeCondition, old: readonly NodeCondition[] | undefined, now: number): NodeCondition {
  const known = old?.find(({ type }) => type === own.type);
  const same = known !== undefined && known.status === own.status && known.reason === own.reason;
  // Heartbeats alone are not written down.
  if (same) return { ...own, lastHeartbeatTime: known.lastHeartbeatTime, lastTransitionTime: known.lastTransitionTime };
  const time = formatTime(now);
  return { ...own, lastHeartbeatTime: time, lastTransitionTime: time };
}

function idOf({ index, nodeName }: NodeOptions, kind: number): string {
  let hash = 0;
  for (const character of nodeName) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  const text = `${hash.toString(16).padStart(8, '0')}${index.toString(16).padStart(4, '0')}4${kind}00a000`;
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${hash.toString(16).padStart(12, '0')}`;
}
