import type { Service } from '../../../kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import type { Ingress } from '../../../kube/api/networking-v1.generated.ts';
import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { ageColumn, at, column, type Column, field, labelsText, nameColumn, NONE, UNSET, wide } from './columns.ts';
import { selectorText } from './selectors.ts';

/** Each address once, in order. */
function balancerAddresses(object: KubeObject): string[] {
  const ingress = at(object, ['status', 'loadBalancer', 'ingress']);
  if (!Array.isArray(ingress)) return [];
  const all = (ingress as readonly { ip?: string; hostname?: string }[]).map(
    ({ ip, hostname }) => ip ?? hostname ?? '',
  );
  return [...new Set(all)].filter((address) => address !== '').sort();
}

function externalAddress(object: KubeObject): string {
  const { spec } = object as unknown as Service;
  const given = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'LoadBalancer': {
      const all = [...balancerAddresses(object), ...given];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return spec.externalName ?? NONE;
    default:
      return given.length === 0 ? NONE : given.join(',');
  }
}

function servicePorts(object: KubeObject): string {
  const ports = (object as unknown as Service).spec?.ports ?? [];
  if (ports.length === 0) return NONE;
  return ports
    .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol ?? 'TCP'}`)
    .join(',');
}

export const serviceColumns: readonly Column[] = [
  nameColumn,
  column('Type', field('spec.type')),
  column('Cluster-IP', (object) => {
    const { spec } = object as unknown as Service;
    return spec?.clusterIP === undefined || spec.clusterIP === '' ? NONE : spec.clusterIP;
  }),
  column('External-IP', externalAddress),
  column('Port(s)', servicePorts),
  ageColumn,
  wide('Selector', (object) => labelsText(at(object, ['spec', 'selector']))),
];

/** Up to three hosts; what is left over counts rules, also those without a host. */
function ingressHosts(object: KubeObject): string {
  const shown: string[] = [];
  let isCut = false;
  const rules = (object as unknown as Ingress).spec?.rules ?? [];
  for (const { host = '' } of rules) {
    if (shown.length === 3) isCut = true;
    else if (host !== '') shown.push(host);
  }
  if (shown.length === 0) return '*';
  return isCut ? `${shown.join(',')} + ${rules.length - 3} more...` : shown.join(',');
}

export const ingressColumns: readonly Column[] = [
  nameColumn,
  column('Class', field('spec.ingressClassName', NONE)),
  column('Hosts', ingressHosts),
  column('Address', (object) => balancerAddresses(object).join(',')),
  column('Ports', (object) => (((object as unknown as Ingress).spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
  ageColumn,
];

export const ingressClassColumns: readonly Column[] = [
  nameColumn,
  column('Controller', field('spec.controller')),
  column('Parameters', (object) => {
    const parameters = at(object, ['spec', 'parameters']) as
      | { apiGroup?: string; kind: string; name: string }
      | undefined;
    if (parameters === undefined) return NONE;
    return `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`;
  }),
  ageColumn,
];

export const networkPolicyColumns: readonly Column[] = [
  nameColumn,
  column('Pod-Selector', (object) => selectorText(at(object, ['spec', 'podSelector']) as LabelSelector | undefined)),
  ageColumn,
];

function limited(all: readonly string[], limit: number): string {
  return all.length > limit ? `${all.slice(0, limit).join(',')} + ${all.length - limit} more...` : all.join(',');
}

export const endpointSliceColumns: readonly Column[] = [
  nameColumn,
  column('AddressType', field('addressType')),
  column('Ports', (object) => {
    const ports = (object as unknown as EndpointSlice).ports ?? [];
    return ports.length === 0
      ? UNSET
      : limited(
          ports.map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port))),
          3,
        );
  }),
  column('Endpoints', (object) => {
    const addresses = ((object as unknown as EndpointSlice).endpoints ?? []).flatMap((each) => each.addresses);
    return addresses.length === 0 ? UNSET : limited(addresses, 3);
  }),
  ageColumn,
];

export const endpointsColumns: readonly Column[] = [
  nameColumn,
  column('Endpoints', (object) => {
    const subsets = (at(object, ['subsets']) ?? []) as readonly {
      addresses?: readonly { ip: string }[];
      ports?: readonly { port: number }[];
    }[];
    if (subsets.length === 0) return NONE;
    return limited(
      subsets.flatMap(({ addresses = [], ports = [] }) =>
        ports.length === 0
          ? addresses.map(({ ip }) => ip)
          : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
      ),
      3,
    );
  }),
  ageColumn,
];
