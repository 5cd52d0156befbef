import type {
  ConfigMap,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
} from '../../kube/api/core-v1.generated.ts';
import type { CSIDriver, VolumeAttachment } from '../../kube/api/storage-v1.generated.ts';
import type { EndpointSlice } from '../../kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { Informer, InformerEvent, InformerFactory } from '../machinery/interfaces.ts';
import { type ApiObject, joinKey, keyOf } from '../machinery/keys.ts';

/** Kinds that pods wait for. */
export type DependencyKind = 'configmaps' | 'secrets' | 'persistentvolumeclaims' | 'volumeattachments';

/** `configmaps/ns/name`; without the namespace where there is none */
export function dependencyKey(kind: DependencyKind, namespace: string, name: string): string {
  return `${kind}/${joinKey(namespace, name)}`;
}

/** A kubelet as the view calls it. */
export interface NodeListener {
  podChanged(event: InformerEvent<Pod>): void;
  nodeChanged(event: InformerEvent<Node>): void;
  /** Services or their endpoints changed. */
  networkChanged(): void;
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

/**
 * What the kubelets of one process see of the cluster. They share it, so that a change costs one look-up however many nodes
 * there are.
 */
export class ClusterView {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly configMaps: Informer<ConfigMap>;
  readonly secrets: Informer<Secret>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly drivers: Informer<CSIDriver>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly #listeners = new Map<string, NodeListener>();
  /** By what is waited for: who is to be woken. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(informers: InformerFactory) {
    this.pods = informers.informer<Pod>(RESOURCES.pods);
    this.nodes = informers.informer<Node>(RESOURCES.nodes);
    this.configMaps = informers.informer<ConfigMap>(RESOURCES.configMaps);
    this.secrets = informers.informer<Secret>(RESOURCES.secrets);
    this.claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
    this.volumes = informers.informer<PersistentVolume>(RESOURCES.persistentVolumes);
    this.drivers = informers.informer<CSIDriver>(RESOURCES.csiDrivers);
    this.attachments = informers.informer<VolumeAttachment>(RESOURCES.volumeAttachments);
    this.services = informers.informer<Service>(RESOURCES.services);
    this.slices = informers.informer<EndpointSlice>(RESOURCES.endpointSlices);
    this.pods.addIndex('node', (pod) => (pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName]));
    this.slices.addIndex('service', (slice) => {
      const service = slice.metadata.labels?.[SERVICE_LABEL];
      return service === undefined ? [] : [joinKey(slice.metadata.namespace, service)];
    });
    this.pods.onEvent((event) => this.#listeners.get(event.object.spec?.nodeName ?? '')?.podChanged(event));
    this.nodes.onEvent((event) => this.#listeners.get(event.object.metadata.name ?? '')?.nodeChanged(event));
    this.configMaps.onEvent((event) => this.#wake('configmaps', event));
    this.secrets.onEvent((event) => this.#wake('secrets', event));
    this.claims.onEvent((event) => this.#wake('persistentvolumeclaims', event));
    this.attachments.onEvent((event) => this.#wake('volumeattachments', event));
    const network = (): void => {
      for (const listener of this.#listeners.values()) listener.networkChanged();
    };
    this.services.onEvent(network);
    this.slices.onEvent(network);
  }

  /** Resolves when everything that kubelets look at is there. */
  async synced(): Promise<void> {
    const { pods, nodes, configMaps, secrets, claims, volumes, drivers, attachments, services, slices } = this;
    const all = [pods, nodes, configMaps, secrets, claims, volumes, drivers, attachments, services, slices];
    await Promise.all(all.map((informer) => informer.synced));
  }

  listen(nodeName: string, listener: NodeListener): void {
    this.#listeners.set(nodeName, listener);
  }

  unlisten(nodeName: string, listener: NodeListener): void {
    if (this.#listeners.get(nodeName) === listener) this.#listeners.delete(nodeName);
  }

  /** Calls back whenever one of the objects is made or changed, until the returned function is called. */
  waitFor(keys: readonly string[], wake: () => void): () => void {
    for (const key of keys) {
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) this.#waiting.set(key, new Set([wake]));
      else waiting.add(wake);
    }
    return () => {
      for (const key of keys) {
        const waiting = this.#waiting.get(key);
        waiting?.delete(wake);
        if (waiting?.size === 0) this.#waiting.delete(key);
      }
    };
  }

  #wake(kind: DependencyKind, event: InformerEvent<ApiObject>): void {
    if (this.#waiting.size === 0 || event.type === 'deleted') return;
    const waiting = this.#waiting.get(`${kind}/${keyOf(event.object)}`);
    if (waiting !== undefined) for (const wake of waiting) wake();
  }
}

const views = new WeakMap<InformerFactory, ClusterView>();

/** The view that belongs to a factory; made when it is first asked for. */
export function clusterViewOf(informers: InformerFactory): ClusterView {
  let view = views.get(informers);
  if (view === undefined) {
    view = new ClusterView(informers);
    views.set(informers, view);
  }
  return view;
}
