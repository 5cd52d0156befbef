import type { Container, Pod, Service, ServicePort } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { Informer, InformerEvent } from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, namespaceOf } from '../../machinery/keys.ts';
import { isPodFinished, isPodReady, isSidecar } from '../../machinery/pods.ts';
import { serviceMatcher } from '../../machinery/service-selector.ts';

/** True for a Service without an address of its own. */
export function isHeadless(service: Service): boolean {
  return service.spec?.clusterIP === 'None';
}

const MODE_ANNOTATION = 'service.kubernetes.io/topology-mode';
const OLD_MODE_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';

/** True when a Service's annotations ask for clients to be sent to endpoints of their zone, as far as the zones' shares allow. */
export function wantsTopologyHints({ metadata: { annotations = {} } }: Service): boolean {
  const mode = annotations[OLD_MODE_ANNOTATION] ?? annotations[MODE_ANNOTATION];
  return mode === 'Auto' || mode === 'auto';
}

/** True when a pod has an address to be an endpoint with; finished pods have not. */
export function canBeEndpoint(pod: Pod): boolean {
  return !isPodFinished(pod) && podAddresses(pod).length > 0;
}

/** The pod's addresses of both families. */
export function podAddresses(pod: Pod): readonly string[] {
  const { podIP, podIPs } = pod.status ?? {};
  if (podIPs !== undefined && podIPs.length > 0) return podIPs.map(({ ip }) => ip).filter((ip) => ip !== '');
  return podIP === undefined || podIP === '' ? [] : [podIP];
}

/** True for an IPv6 address. */
export function isIPv6(address: string): boolean {
  return address.includes(':');
}

/** The hostname under which the Service's DNS knows the pod, if any. */
export function endpointHostname(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? hostname : undefined;
}

/** The pod's port that a Service's port means, or undefined when the pod has none of that name. */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort;
  if (typeof target !== 'string') return target === undefined || target === 0 ? port.port : target;
  if (target === '') return port.port;
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar);
  return namedPort(pod.spec?.containers ?? [], target, port) ?? namedPort(sidecars, target, port);
}

function namedPort(containers: readonly Container[], name: string, port: ServicePort): number | undefined {
  for (const container of containers) {
    for (const candidate of container.ports ?? []) {
      const sameProtocol = (candidate.protocol ?? 'TCP') === (port.protocol ?? 'TCP');
      if (candidate.name === name && sameProtocol) return candidate.containerPort;
    }
  }
  return undefined;
}

/** The keys of the Services whose endpoints a pod event may change. */
export function servicesOfPodEvent(event: InformerEvent<Pod>, services: Informer<Service>): string[] {
  const { type, object, old } = event;
  const moved = old !== undefined && type === 'modified' && !deepEqual(old.metadata.labels, object.metadata.labels);
  if (type === 'modified' && !moved && old !== undefined && !endpointChanged(old, object)) return [];
  const keys: string[] = [];
  for (const service of services.list(namespaceOf(object))) {
    const matcher = serviceMatcher(service);
    if (matcher.matches(object.metadata.labels) || (moved && matcher.matches(old.metadata.labels))) {
      keys.push(keyOf(service));
    }
  }
  return keys;
}

function endpointChanged(old: Pod, pod: Pod): boolean {
  return (
    isDeleting(old) !== isDeleting(pod) ||
    isPodReady(old) !== isPodReady(pod) ||
    isPodFinished(old) !== isPodFinished(pod) ||
    old.spec?.nodeName !== pod.spec?.nodeName ||
    old.spec?.hostname !== pod.spec?.hostname ||
    !deepEqual(old.status?.podIPs, pod.status?.podIPs) ||
    old.status?.podIP !== pod.status?.podIP
  );
}
