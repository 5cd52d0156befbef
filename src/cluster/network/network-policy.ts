import type { Pod } from '../../kube/api/core-v1.generated.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../kube/api/networking-v1.generated.ts';
import { parseCidr, parseIp } from '../../kube/ip-address.ts';
import { labelSelectorMatcher } from '../../kube/labels.ts';
import { nameOf, namespaceOf } from '../machinery/keys.ts';
import { addressesOf, type NetworkState } from './network-state.ts';

/** One end of a connection: a pod of the pod network, or an address of anything else. */
export interface PolicyPeer {
  readonly address: string;
  /** Absent for nodes, pods on a node's network and the world outside. */
  readonly pod?: PolicyPod | undefined;
}

/** A pod as policies see it. */
export interface PolicyPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports that policies may name. */
  readonly ports: readonly { readonly name?: string | undefined; readonly port: number; readonly protocol: string }[];
}

/** A connection that somebody wants to make. */
export interface Connection {
  readonly from: PolicyPeer;
  readonly to: PolicyPeer;
  readonly port: number;
  readonly protocol: string;
}

/** Why a connection may not be: the policies that isolate one of its ends and have no rule for it. */
export interface PolicyDenial {
  readonly direction: 'ingress' | 'egress';
  /** `namespace/name` */
  readonly policies: readonly string[];
}

/** The peer that a pod is. */
export function peerOfPod(pod: Pod, address = addressesOf(pod)[0] ?? ''): PolicyPeer {
  if (pod.spec?.hostNetwork === true) return { address };
  const ports = (pod.spec?.containers ?? []).flatMap((container) =>
    (container.ports ?? []).map(({ name, containerPort, protocol = 'TCP' }) => ({
      name,
      port: containerPort,
      protocol,
    })),
  );
  return { address, pod: { namespace: namespaceOf(pod), labels: pod.metadata.labels ?? {}, ports } };
}

/**
 * Why NetworkPolicies forbid a connection; undefined when they do not. Rules add up: a pod that any policy isolates may do what
 * any of its policies allows. kubernetes: staging/src/k8s.io/api/networking/v1/types.go
 */
export function policyDenial(state: NetworkState, connection: Connection): PolicyDenial | undefined {
  const { from, to } = connection;
  return (
    denialOf(state, connection, { own: from.pod, other: to, direction: 'egress' }) ??
    denialOf(state, connection, { own: to.pod, other: from, direction: 'ingress' })
  );
}

interface Side {
  readonly own: PolicyPod | undefined;
  readonly other: PolicyPeer;
  readonly direction: 'ingress' | 'egress';
}

function denialOf(state: NetworkState, connection: Connection, side: Side): PolicyDenial | undefined {
  const { own, direction } = side;
  if (own === undefined) return undefined;
  const isolating = state.policies(own.namespace).filter((policy) => isolates(policy, own, direction));
  if (isolating.length === 0) return undefined;
  if (isolating.some((policy) => permits(state, policy, connection, side))) return undefined;
  return { direction, policies: isolating.map((policy) => `${namespaceOf(policy)}/${nameOf(policy)}`) };
}

function isolates({ spec }: NetworkPolicy, pod: PolicyPod, direction: Side['direction']): boolean {
  const types = spec?.policyTypes ?? (spec?.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
  if (!types.includes(direction === 'ingress' ? 'Ingress' : 'Egress')) return false;
  return labelSelectorMatcher(spec?.podSelector ?? {}).matches(pod.labels);
}

function permits(state: NetworkState, policy: NetworkPolicy, connection: Connection, side: Side): boolean {
  const rules =
    side.direction === 'ingress'
      ? (policy.spec?.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
      : (policy.spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
  const namespace = namespaceOf(policy);
  return rules.some(({ peers, ports }) => {
    const peerFits =
      peers === undefined ||
      peers.length === 0 ||
      peers.some((peer) => matchesPeer(state, peer, side.other, namespace));
    return (
      peerFits && (ports === undefined || ports.length === 0 || ports.some((port) => matchesPort(port, connection)))
    );
  });
}

function matchesPeer(state: NetworkState, peer: NetworkPolicyPeer, other: PolicyPeer, namespace: string): boolean {
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return inNetwork(other.address, cidr) && !except.some((each) => inNetwork(other.address, each));
  }
  const { pod } = other;
  if (pod === undefined) return false;
  if (peer.namespaceSelector === undefined) {
    if (pod.namespace !== namespace) return false;
  } else if (!labelSelectorMatcher(peer.namespaceSelector).matches(labelsOfNamespace(state, pod.namespace))) {
    return false;
  }
  return labelSelectorMatcher(peer.podSelector ?? {}).matches(pod.labels);
}

function labelsOfNamespace(state: NetworkState, name: string): Readonly<Record<string, string>> {
  return state.namespace(name)?.metadata.labels ?? { 'kubernetes.io/metadata.name': name };
}

function matchesPort(wanted: NetworkPolicyPort, { to, port, protocol }: Connection): boolean {
  if ((wanted.protocol ?? 'TCP') !== protocol) return false;
  const { port: first, endPort } = wanted;
  if (first === undefined) return true;
  if (typeof first === 'number') return endPort === undefined ? port === first : port >= first && port <= endPort;
  return to.pod?.ports.some((each) => each.name === first && each.protocol === protocol && each.port === port) === true;
}

/** True when an address lies in a network such as `10.0.0.0/8`. */
export function inNetwork(address: string, network: string): boolean {
  const cidr = parseCidr(network);
  const ip = parseIp(address);
  if (cidr === undefined || ip === undefined || ip.family !== cidr.address.family) return false;
  const width = ip.family === 4 ? 8 : 16;
  let bits = cidr.prefixLength;
  for (let i = 0; i < ip.groups.length && bits > 0; i += 1) {
    const used = Math.min(width, bits);
    const shift = width - used;
    if ((ip.groups[i] ?? 0) >> shift !== (cidr.address.groups[i] ?? 0) >> shift) return false;
    bits -= used;
  }
  return true;
}
