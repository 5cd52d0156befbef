import type { Service, ServicePort } from '../../../kube/api/core-v1.generated.ts';
import { keyOf } from '../../machinery/keys.ts';
import type { NetworkState } from '../network-state.ts';
import { type Backend, DEFAULT_AFFINITY_SECONDS, nodeBackends } from '../service-proxy.ts';

/** A port of a Service as the proxy of one node sees it. */
export interface ProxiedPort {
  /** `namespace/name:port`, as in comments of rules. */
  readonly name: string;
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string;
  readonly port: number;
  readonly nodePort: number | undefined;
  readonly healthCheckNodePort: number | undefined;
  readonly clusterIP: string;
  readonly externalIPs: readonly string[];
  readonly balancers: readonly string[];
  readonly sourceRanges: readonly string[];
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Seconds for which a client stays with its endpoint; undefined without session affinity. */
  readonly affinity: number | undefined;
  /** Some node has an endpoint. */
  readonly hasEndpoints: boolean;
  readonly cluster: readonly Backend[];
  readonly local: readonly Backend[];
}

/** Every port of every Service that a proxy writes rules for, sorted by name. */
export function proxiedPorts(state: NetworkState, node: string): readonly ProxiedPort[] {
  const out = state.objects.services
    .filter(isProxied)
    .flatMap((service) => (service.spec?.ports ?? []).map((port) => proxiedPort(state, node, { service, port })));
  return out.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.port - b.port));
}

/** Headless Services and those of type ExternalName are names only. */
function isProxied({ spec }: Service): boolean {
  const { type, clusterIP } = spec ?? {};
  return type !== 'ExternalName' && clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None';
}

function proxiedPort(
  state: NetworkState,
  node: string,
  entry: { readonly service: Service; readonly port: ServicePort },
): ProxiedPort {
  const { service, port } = entry;
  const spec = service.spec ?? {};
  const backends = nodeBackends(state, entry, node);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return {
    name: port.name === undefined || port.name === '' ? keyOf(service) : `${keyOf(service)}:${port.name}`,
    protocol: (port.protocol ?? 'TCP').toLowerCase(),
    port: port.port,
    nodePort: present(port.nodePort),
    healthCheckNodePort: present(spec.healthCheckNodePort),
    clusterIP: spec.clusterIP ?? '',
    externalIPs: spec.externalIPs ?? [],
    balancers: (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
      ip === undefined || ip === '' || ipMode === 'Proxy' ? [] : [ip],
    ),
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()),
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    affinity: spec.sessionAffinity === 'ClientIP' ? seconds : undefined,
    hasEndpoints: backends !== undefined,
    cluster: backends?.cluster ?? [],
    local: backends?.local ?? [],
  };
}

function present(port: number | undefined): number | undefined {
  return port === 0 ? undefined : port;
}

/** True when it is reached from outside of the cluster. */
export function isExternal({ nodePort, externalIPs, balancers }: ProxiedPort): boolean {
  return nodePort !== undefined || externalIPs.length > 0 || balancers.length > 0;
}
