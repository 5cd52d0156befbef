import { compareStrings } from '../../../base/json.ts';
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Pod,
  Service,
} from '../../../kube/api/core-v1.generated.ts';
import { groupBy } from '../../machinery/group-by.ts';
import { isDeleting } from '../../machinery/keys.ts';
import { isPodReady } from '../../machinery/pods.ts';
import { canBeEndpoint, endpointHostname, isHeadless, isIPv6, podAddresses, targetPort } from './service-pods.ts';

/** Most addresses of an Endpoints object. */
const MAX_ADDRESSES = 1000;

interface Entry {
  readonly ready: boolean;
  readonly address: EndpointAddress;
  readonly ports: EndpointPort[];
}

/**
 * The subsets that a Service's pods make: addresses with the same ports stand together, ready ones apart from others.
 * kubernetes: pkg/controller/endpoint/endpoints_controller.go
 *
 * @returns the subsets, sorted, and whether addresses had to be left out
 */
export function endpointSubsets(
  service: Service,
  pods: readonly Pod[],
): { readonly subsets: EndpointSubset[]; readonly truncated: boolean } {
  const publishAll = service.spec?.publishNotReadyAddresses === true;
  const wantsIPv6 = service.spec?.ipFamilies?.[0] === 'IPv6';
  const entries: Entry[] = [];
  for (const pod of pods) {
    if (!canBeEndpoint(pod) || (isDeleting(pod) && !publishAll)) continue;
    const ip = podAddresses(pod).find((address) => isIPv6(address) === wantsIPv6);
    if (ip === undefined) continue;
    const ports = subsetPorts(service, pod);
    if (ports === undefined) continue;
    entries.push({ ready: publishAll || isPodReady(pod), address: toAddress(service, pod, ip), ports });
  }
  const { kept, truncated } = truncate(entries);
  return { subsets: pack(kept), truncated };
}

/** The ports of a pod, or undefined when it has none of those that the Service names. */
function subsetPorts(service: Service, pod: Pod): EndpointPort[] | undefined {
  const wanted = service.spec?.ports ?? [];
  if (wanted.length === 0) return isHeadless(service) ? [] : undefined;
  const ports: EndpointPort[] = [];
  for (const port of wanted) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      ...(port.name === undefined || port.name === '' ? {} : { name: port.name }),
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports.length === 0 ? undefined : ports;
}

function toAddress(service: Service, pod: Pod, ip: string): EndpointAddress {
  const hostname = endpointHostname(pod, service);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec?.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

/** Leaves out what is too much, those that are not ready first. */
function truncate(entries: readonly Entry[]): { kept: readonly Entry[]; truncated: boolean } {
  if (entries.length <= MAX_ADDRESSES) return { kept: entries, truncated: false };
  const kept = [...entries.filter(({ ready }) => ready), ...entries.filter(({ ready }) => !ready)];
  return { kept: kept.slice(0, MAX_ADDRESSES), truncated: true };
}

function pack(entries: readonly Entry[]): EndpointSubset[] {
  const groups = groupBy(entries, ({ ports }) => JSON.stringify(ports));
  return [...groups.keys()].sort(compareStrings).map((key) => {
    const group = groups.get(key) ?? [];
    const ready = addresses(group, true);
    const notReady = addresses(group, false);
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ...(group[0] === undefined || group[0].ports.length === 0 ? {} : { ports: group[0].ports }),
    };
  });
}

function addresses(group: readonly Entry[], ready: boolean): EndpointAddress[] {
  return group
    .filter((entry) => entry.ready === ready)
    .map(({ address }) => address)
    .sort((a, b) => compareAddresses(a.ip, b.ip) || compareStrings(a.targetRef?.uid ?? '', b.targetRef?.uid ?? ''));
}

/** IPv4 addresses by their numbers, others as text. */
function compareAddresses(a: string, b: string): number {
  if (isIPv6(a) || isIPv6(b)) return compareStrings(a, b);
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < 4; i += 1) {
    const difference = Number(left[i]) - Number(right[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}
