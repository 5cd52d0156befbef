import type { KubeClient } from '../../client/kube-client.ts';
import type { Namespace, Node, Pod, Secret, Service } from '../../kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../kube/api/discovery-v1.generated.ts';
import type { Ingress, IngressClass, NetworkPolicy } from '../../kube/api/networking-v1.generated.ts';
import type { ResourceType } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { joinKey, keyOf, namespaceOf } from '../machinery/keys.ts';
import { isPodFinished } from '../machinery/pods.ts';

/** The objects of which the network is made, as they stand at one instant. */
export interface NetworkObjects {
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly secrets: readonly Secret[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly ingresses: readonly Ingress[];
  readonly ingressClasses: readonly IngressClass[];
  readonly policies: readonly NetworkPolicy[];
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

/** The state of the network, found by name and by address. */
export class NetworkState {
  readonly objects: NetworkObjects;
  readonly #namespaces = new Map<string, Namespace>();
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  readonly #secrets = new Map<string, Secret>();
  readonly #services = new Map<string, Service>();
  readonly #slices = new Map<string, EndpointSlice[]>();
  readonly #podByAddress = new Map<string, Pod>();

  constructor(objects: NetworkObjects) {
    this.objects = objects;
    for (const each of objects.namespaces) this.#namespaces.set(keyOf(each), each);
    for (const each of objects.nodes) this.#nodes.set(keyOf(each), each);
    for (const each of objects.secrets) this.#secrets.set(keyOf(each), each);
    for (const each of objects.services) this.#services.set(keyOf(each), each);
    for (const each of objects.pods) this.#addPod(each);
    for (const each of objects.slices) this.#addSlice(each);
  }

  #addPod(pod: Pod): void {
    this.#pods.set(keyOf(pod), pod);
    // Pods on the network of their node share its address.
    if (isPodFinished(pod) || pod.spec?.hostNetwork === true) return;
    for (const address of addressesOf(pod)) this.#podByAddress.set(address, pod);
  }

  #addSlice(slice: EndpointSlice): void {
    const service = slice.metadata.labels?.[SERVICE_LABEL];
    if (service === undefined) return;
    const key = joinKey(slice.metadata.namespace, service);
    const known = this.#slices.get(key);
    if (known === undefined) this.#slices.set(key, [slice]);
    else known.push(slice);
  }

  namespace(name: string): Namespace | undefined {
    return this.#namespaces.get(name);
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  pod(namespace: string, name: string): Pod | undefined {
    return this.#pods.get(joinKey(namespace, name));
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#secrets.get(joinKey(namespace, name));
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get(joinKey(namespace, name));
  }

  /** The slices that belong to a Service. */
  slicesOf(service: Service): readonly EndpointSlice[] {
    return this.#slices.get(keyOf(service)) ?? [];
  }

  /** The pod that has an address of the pod network. */
  podOfAddress(address: string): Pod | undefined {
    return this.#podByAddress.get(address);
  }

  /** The node that has an address. */
  nodeOfAddress(address: string): Node | undefined {
    return this.objects.nodes.find((node) => nodeAddresses(node).includes(address));
  }

  /** Policies of a namespace. */
  policies(namespace: string): readonly NetworkPolicy[] {
    return this.objects.policies.filter((policy) => namespaceOf(policy) === namespace);
  }
}

/** The addresses of a pod, of both families. */
export function addressesOf(pod: Pod): readonly string[] {
  const { podIP, podIPs } = pod.status ?? {};
  if (podIPs !== undefined && podIPs.length > 0) return podIPs.map(({ ip }) => ip);
  return podIP === undefined || podIP === '' ? [] : [podIP];
}

/** The addresses at which a node is reached. */
export function nodeAddresses(node: Node): readonly string[] {
  return (node.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
    .map(({ address }) => address);
}

/** True while a node forwards what comes to it. */
export function isNodeReady(node: Node): boolean {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** Reads everything that the network is made of. */
export async function readNetworkState(client: KubeClient): Promise<NetworkState> {
  const all = async <T extends object>(type: ResourceType): Promise<readonly T[]> => (await client.list<T>(type)).items;
  return new NetworkState({
    namespaces: await all<Namespace>(RESOURCES.namespaces),
    nodes: await all<Node>(RESOURCES.nodes),
    pods: await all<Pod>(RESOURCES.pods),
    secrets: await all<Secret>(RESOURCES.secrets),
    services: await all<Service>(RESOURCES.services),
    slices: await all<EndpointSlice>(RESOURCES.endpointSlices),
    ingresses: await all<Ingress>(RESOURCES.ingresses),
    ingressClasses: await all<IngressClass>(RESOURCES.ingressClasses),
    policies: await all<NetworkPolicy>(RESOURCES.networkPolicies),
  });
}
