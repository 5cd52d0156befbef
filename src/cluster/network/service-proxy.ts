import type { Random } from '../../base/random.ts';
import type { Service, ServicePort } from '../../kube/api/core-v1.generated.ts';
import type { Endpoint } from '../../kube/api/discovery-v1.generated.ts';
import { ZONE_LABEL } from '../machinery/constants.ts';
import { keyOf } from '../machinery/keys.ts';
import { inNetwork } from './network-policy.ts';
import { isNodeReady, type NetworkState, nodeAddresses } from './network-state.ts';

/** A port of a Service, by the way in which a connection found it. */
export interface ServiceEntry {
  readonly service: Service;
  readonly port: ServicePort;
  readonly by: 'ClusterIP' | 'ExternalIP' | 'LoadBalancer' | 'NodePort';
  /** Of a node port: the node whose address was used. */
  readonly node: string | undefined;
}

/** Who connects to a Service. */
export interface ServiceClient {
  readonly address: string;
  /** The node that it runs on; undefined outside the cluster. */
  readonly node: string | undefined;
}

/** One address and port behind a Service. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  readonly endpoint: Endpoint;
}

/** What a proxy's rules do with a connection. */
export type Routing =
  | {
      readonly kind: 'backends';
      readonly backends: readonly Backend[];
      readonly policy: string;
      readonly node: string | undefined;
    }
  /** Answered with a refusal at once. */
  | { readonly kind: 'reject'; readonly reason: string }
  /** Not answered: the client waits until it gives up. */
  | { readonly kind: 'drop'; readonly reason: string };

/** The Service that an address and a port belong to. */
export function findEntry(
  state: NetworkState,
  { address, port, protocol = 'TCP' }: { readonly address: string; readonly port: number; readonly protocol?: string },
): ServiceEntry | 'no-port' | undefined {
  let known = false;
  for (const service of state.objects.services) {
    const by = addressKind(service, address);
    if (by === undefined) continue;
    known = true;
    const found = service.spec?.ports?.find((each) => each.port === port && (each.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return { service, port: found, by, node: undefined };
  }
  const node = state.nodeOfAddress(address)?.metadata.name;
  if (node === undefined) return known ? 'no-port' : undefined;
  for (const service of state.objects.services) {
    const found = service.spec?.ports?.find((each) => each.nodePort === port && (each.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return { service, port: found, by: 'NodePort', node };
  }
  return undefined;
}

function addressKind(service: Service, address: string): ServiceEntry['by'] | undefined {
  const { clusterIP, clusterIPs, externalIPs } = service.spec ?? {};
  if (clusterIP === address || clusterIPs?.includes(address) === true) return 'ClusterIP';
  if (externalIPs?.includes(address) === true) return 'ExternalIP';
  const balanced = service.status?.loadBalancer?.ingress?.some(({ ip }) => ip === address) === true;
  return balanced ? 'LoadBalancer' : undefined;
}

/**
 * What the rules of kube-proxy do with a connection to a Service: all ready endpoints, those of the node alone when the
 * traffic policy is Local, those near the client when hints say so, and terminating ones that still serve when there are no
 * others. kubernetes: pkg/proxy/topology.go, pkg/proxy/iptables/proxier.go
 */
export function routeToService(state: NetworkState, entry: ServiceEntry, client: ServiceClient): Routing {
  const { service } = entry;
  const refused = refusedSource(entry, client);
  if (refused !== undefined) return refused;
  const inside = client.node !== undefined;
  const external = entry.by !== 'ClusterIP';
  const all = backendsOf(state, entry);
  // What comes from pods and nodes to an external address is short-cut as if it came from anywhere.
  const policy =
    (external ? (inside ? 'Cluster' : service.spec?.externalTrafficPolicy) : service.spec?.internalTrafficPolicy) ??
    'Cluster';
  if (usable(all).length === 0) return { kind: 'reject', reason: `${keyOf(service)} has no endpoints` };
  if (policy === 'Local') return localRouting(state, entry, { all, client });
  const backends = nearest(state, usable(all), client.node ?? entry.node);
  return { kind: 'backends', backends, policy, node: entry.node };
}

function refusedSource({ service, by }: ServiceEntry, { address }: ServiceClient): Routing | undefined {
  const ranges = service.spec?.loadBalancerSourceRanges ?? [];
  if (by !== 'LoadBalancer' || ranges.length === 0 || ranges.some((range) => inNetwork(address, range.trim()))) {
    return undefined;
  }
  return { kind: 'drop', reason: `${address} is in none of the loadBalancerSourceRanges of ${keyOf(service)}` };
}

function localRouting(
  state: NetworkState,
  entry: ServiceEntry,
  { all, client }: { readonly all: readonly Backend[]; readonly client: ServiceClient },
): Routing {
  const node = entry.by === 'LoadBalancer' ? balancedNode(state, all) : (entry.node ?? client.node);
  const backends = usable(all.filter(({ endpoint }) => endpoint.nodeName === node && node !== undefined));
  if (backends.length > 0) return { kind: 'backends', backends, policy: 'Local', node };
  const field = entry.by === 'ClusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const where = node === undefined ? 'any ready node' : `node ${node}`;
  return { kind: 'drop', reason: `${field} of ${keyOf(entry.service)} is Local and no endpoint is on ${where}` };
}

/** Load balancers send only to nodes that answer the health check, which are those with an endpoint that is ready. */
function balancedNode(state: NetworkState, all: readonly Backend[]): string | undefined {
  const nodes = all.filter(({ endpoint }) => isReady(endpoint)).map(({ endpoint }) => endpoint.nodeName ?? '');
  return nodes.sort().find((name) => {
    const node = state.node(name);
    return node !== undefined && isNodeReady(node) && nodeAddresses(node).length > 0;
  });
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

/** Ready endpoints, or the terminating ones that still serve. */
function usable(all: readonly Backend[]): readonly Backend[] {
  const ready = all.filter(({ endpoint }) => isReady(endpoint));
  if (ready.length > 0) return ready;
  return all.filter(({ endpoint: { conditions } }) => conditions?.serving === true && conditions.terminating === true);
}

/** Endpoints with hints for the client's node or zone, when all have hints and some fit. */
function nearest(state: NetworkState, backends: readonly Backend[], node: string | undefined): readonly Backend[] {
  if (node === undefined) return backends;
  const forNode = backends.filter(({ endpoint }) => endpoint.hints?.forNodes?.some(({ name }) => name === node));
  const allNodes = backends.every(({ endpoint }) => (endpoint.hints?.forNodes ?? []).length > 0);
  if (allNodes && forNode.length > 0) return forNode;
  const zone = state.node(node)?.metadata.labels?.[ZONE_LABEL];
  const allZones = backends.every(({ endpoint }) => (endpoint.hints?.forZones ?? []).length > 0);
  if (zone === undefined || !allZones) return backends;
  const forZone = backends.filter(({ endpoint }) => endpoint.hints?.forZones?.some(({ name }) => name === zone));
  return forZone.length > 0 ? forZone : backends;
}

/** The endpoints that the proxy of one node sends to. */
export interface NodeBackends {
  /** For traffic policy Cluster. */
  readonly cluster: readonly Backend[];
  /** For traffic policy Local. */
  readonly local: readonly Backend[];
}

/** The endpoints of a Service's port as the proxy of a node sees them; undefined when there is none anywhere. */
export function nodeBackends(
  state: NetworkState,
  entry: Pick<ServiceEntry, 'service' | 'port'>,
  node: string,
): NodeBackends | undefined {
  const all = backendsOf(state, entry);
  const cluster = usable(all);
  if (cluster.length === 0) return undefined;
  return {
    cluster: nearest(state, cluster, node),
    local: usable(all.filter(({ endpoint }) => endpoint.nodeName === node)),
  };
}

/** Every endpoint of a Service's port, ready or not, once. */
export function backendsOf(
  state: NetworkState,
  { service, port }: Pick<ServiceEntry, 'service' | 'port'>,
): readonly Backend[] {
  const out = new Map<string, Backend>();
  for (const slice of state.slicesOf(service)) {
    const own = slice.ports?.find(
      (each) => (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (own?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const [address] = endpoint.addresses;
      if (address !== undefined) out.set(`${address}:${own.port}`, { address, port: own.port, endpoint });
    }
  }
  return [...out.values()].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/** Seconds for which a client stays with its endpoint. kubernetes: pkg/apis/core/types.go DefaultClientIPServiceAffinitySeconds */
export const DEFAULT_AFFINITY_SECONDS = 10_800;

/** Chooses among backends at random, and keeps clients of Services with session affinity where they were. */
export class BackendChooser {
  readonly #random: Random;
  readonly #affinity = new Map<string, { readonly backend: string; readonly until: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  choose(
    { service, port }: Pick<ServiceEntry, 'service' | 'port'>,
    backends: readonly Backend[],
    { client, now }: { readonly client: string; readonly now: number },
  ): Backend | undefined {
    if (service.spec?.sessionAffinity !== 'ClientIP') return backends[this.#random.below(backends.length)];
    const key = `${keyOf(service)}:${port.port}/${port.protocol ?? 'TCP'} ${client}`;
    const seconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
    const kept = this.#affinity.get(key);
    const known =
      kept !== undefined && kept.until > now ? backends.find((each) => textOf(each) === kept.backend) : undefined;
    const chosen = known ?? backends[this.#random.below(backends.length)];
    if (chosen !== undefined) this.#affinity.set(key, { backend: textOf(chosen), until: now + seconds * 1000 });
    return chosen;
  }
}

function textOf({ address, port }: Backend): string {
  return `${address}:${port}`;
}
