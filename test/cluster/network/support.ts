import { NetworkState, type NetworkObjects } from '../../../src/cluster/network/network-state.ts';
import type { Namespace, Node, Pod, PodSpec, Service, ServiceSpec } from '../../../src/kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../src/kube/api/discovery-v1.generated.ts';
import type {
  Ingress,
  IngressClass,
  IngressSpec,
  NetworkPolicy,
  NetworkPolicySpec,
} from '../../../src/kube/api/networking-v1.generated.ts';

const NOTHING: NetworkObjects = {
  namespaces: [],
  nodes: [],
  pods: [],
  secrets: [],
  services: [],
  slices: [],
  ingresses: [],
  ingressClasses: [],
  policies: [],
};

/** A network of some objects. */
export function network(objects: Partial<NetworkObjects>): NetworkState {
  return new NetworkState({ ...NOTHING, ...objects });
}

export function namespace(name: string, labels: Record<string, string> = {}): Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
  };
}

export function node(name: string, address: string, zone?: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone } },
    status: { addresses: [{ type: 'InternalIP', address }], conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

/** `key` is `namespace/name`. */
export function pod(
  key: string,
  address: string,
  labels: Record<string, string> = {},
  spec: Partial<PodSpec> = {},
): Pod {
  const [space = '', name = ''] = key.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: space, name, labels },
    spec: { containers: [{ name: 'c' }], nodeName: 'node-1', ...spec },
    status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
  };
}

export function service(key: string, spec: ServiceSpec, status: Service['status'] = {}): Service {
  const [space = '', name = ''] = key.split('/');
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace: space, name }, spec, status };
}

/** A slice of a Service of that key. */
export function slice(
  key: string,
  endpoints: readonly Endpoint[],
  ports: readonly EndpointPort[] = [{ name: '', port: 8080, protocol: 'TCP' }],
): EndpointSlice {
  const [space = '', name = ''] = key.split('/');
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { namespace: space, name: `${name}-abcde`, labels: { 'kubernetes.io/service-name': name } },
    endpoints,
    ports,
  };
}

export function endpoint(address: string, more: Partial<Endpoint> = {}): Endpoint {
  return { addresses: [address], conditions: { ready: true, serving: true, terminating: false }, ...more };
}

export function ingress(key: string, spec: IngressSpec, annotations: Record<string, string> = {}): Ingress {
  const [space = '', name = ''] = key.split('/');
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: space, name, annotations },
    spec: { ingressClassName: 'nginx', ...spec },
  };
}

export function ingressClass(name: string, controller: string, standard = false): IngressClass {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: {
      name,
      annotations: standard ? { 'ingressclass.kubernetes.io/is-default-class': 'true' } : {},
    },
    spec: { controller },
  };
}

export function policy(key: string, spec: NetworkPolicySpec): NetworkPolicy {
  const [space = '', name = ''] = key.split('/');
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { namespace: space, name }, spec };
}
