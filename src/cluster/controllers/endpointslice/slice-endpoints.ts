import type { Node, Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointHints, EndpointPort } from '../../../kube/api/discovery-v1.generated.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import type { Informer } from '../../machinery/interfaces.ts';
import { isDeleting } from '../../machinery/keys.ts';
import { isPodReady } from '../../machinery/pods.ts';
import {
  canBeEndpoint,
  endpointHostname,
  isHeadless,
  isIPv6,
  podAddresses,
  targetPort,
  wantsTopologyHints,
} from './service-pods.ts';

/** Endpoints of one set of ports, by {@link endpointKey}. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** What two endpoints with the same place in a slice have in common. */
export function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return `${addresses.join(',')}\n${hostname ?? ''}\n${targetRef?.namespace ?? ''}\n${targetRef?.name ?? ''}`;
}

/** The same for slices with the same ports, in whatever order. */
export function portsKey(ports: readonly EndpointPort[] | undefined): string {
  const texts = (ports ?? []).map(
    ({ name, port, protocol, appProtocol }) =>
      `${name ?? ''}\n${port ?? ''}\n${protocol ?? 'TCP'}\n${appProtocol ?? ''}`,
  );
  return texts.sort().join('\n\n');
}

/**
 * The endpoints that a Service's pods make for one address family, by the ports that they stand for: named target ports may
 * differ from pod to pod. kubernetes: staging/src/k8s.io/endpointslice/reconciler.go
 */
export function desiredEndpoints(
  service: Service,
  pods: readonly Pod[],
  { family, nodes }: { readonly family: string; readonly nodes: Informer<Node> },
): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    if (!canBeEndpoint(pod)) continue;
    const { nodeName } = pod.spec ?? {};
    const node = nodeName === undefined ? undefined : nodes.get({ name: nodeName });
    if (node === undefined && service.spec?.publishNotReadyAddresses !== true) continue;
    const endpoint = toEndpoint(service, pod, { family, node });
    if (endpoint.addresses.length === 0) continue;
    const ports = endpointPorts(service, pod);
    const key = portsKey(ports);
    let group = groups.get(key);
    if (group === undefined) {
      group = { ports, endpoints: new Map() };
      groups.set(key, group);
    }
    group.endpoints.set(endpointKey(endpoint), endpoint);
  }
  return groups;
}

function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0 && isHeadless(service)) return [];
  const out: EndpointPort[] = [];
  for (const port of ports) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    out.push({
      name: port.name ?? '',
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return out;
}

function toEndpoint(
  service: Service,
  pod: Pod,
  { family, node }: { readonly family: string; readonly node: Node | undefined },
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = isDeleting(pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = endpointHostname(pod, service);
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const nodeName = pod.spec?.nodeName;
  const hints = ready && !wantsTopologyHints(service) ? trafficHints(service, nodeName, zone) : undefined;
  return {
    addresses: podAddresses(pod).filter((address) => isIPv6(address) === (family === 'IPv6')),
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: {
      kind: 'Pod',
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined || zone === '' ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/** For which clients an endpoint is meant, when the Service wants traffic kept near. */
function trafficHints(service: Service, node: string | undefined, zone: string | undefined): EndpointHints | undefined {
  const wish = service.spec?.trafficDistribution;
  const forZones = zone === undefined || zone === '' ? {} : { forZones: [{ name: zone }] };
  if (wish === 'PreferSameNode') {
    const forNodes = node === undefined ? {} : { forNodes: [{ name: node }] };
    return node === undefined && zone === undefined ? undefined : { ...forZones, ...forNodes };
  }
  if (wish !== 'PreferClose' && wish !== 'PreferSameZone') return undefined;
  return zone === undefined || zone === '' ? undefined : forZones;
}
