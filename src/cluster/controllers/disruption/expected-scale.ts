import type { KubeClient } from '../../../client/kube-client.ts';
import type { ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { OwnerReference } from '../../../kube/api/meta-v1.generated.ts';
import { controllerOf, groupResource, groupVersionKind, type ObjectKey } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import type { Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, namespaceOf } from '../../machinery/keys.ts';
import { readScale } from '../../machinery/scale.ts';

interface Scaled extends ApiObject {
  readonly spec?: { readonly replicas?: number | undefined } | undefined;
}

interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

/**
 * Finds how many pods the controllers of given pods want together. Other kinds than the built-in ones are asked through
 * their `scale` subresource. kubernetes: pkg/controller/disruption/disruption.go
 */
export class ScaleFinder {
  readonly #client: KubeClient;
  readonly #sets: Informer<ReplicaSet>;
  readonly #builtins: ReadonlyMap<string, Informer<Scaled>>;

  constructor(client: KubeClient, informers: InformerFactory) {
    this.#client = client;
    this.#sets = informers.informer<ReplicaSet>(RESOURCES.replicaSets);
    this.#builtins = new Map<string, Informer<Scaled>>([
      ['apps/Deployment', informers.informer<Scaled>(RESOURCES.deployments)],
      ['apps/ReplicaSet', informers.informer<Scaled>(RESOURCES.replicaSets)],
      ['apps/StatefulSet', informers.informer<Scaled>(RESOURCES.statefulSets)],
      ['/ReplicationController', informers.informer<Scaled>(RESOURCES.replicationControllers)],
    ]);
  }

  get informers(): readonly Informer<Scaled>[] {
    return [...this.#builtins.values()];
  }

  /**
   * The sum over the pods' controllers, each counted once, and whether there are pods without one, which do not count. Throws
   * when one has no scale.
   */
  async expectedPods(pods: readonly Pod[]): Promise<{ readonly count: number; readonly unmanaged: boolean }> {
    let unmanaged = false;
    const seen = new Set<string>();
    const scales = new Map<string, number>();
    for (const pod of pods) {
      const reference = controllerOf(pod);
      if (reference === undefined) unmanaged = true;
      if (reference === undefined || seen.has(reference.uid)) continue;
      seen.add(reference.uid);
      const scale = await this.#scaleOf(namespaceOf(pod), reference);
      if (scale !== undefined) scales.set(scale.uid, scale.replicas);
    }
    let count = 0;
    for (const replicas of scales.values()) count += replicas;
    return { count, unmanaged };
  }

  async #scaleOf(namespace: string, reference: OwnerReference): Promise<Scale | undefined> {
    const owner = this.#above(namespace, reference);
    const { group, kind } = groupVersionKind(owner);
    const informer = this.#builtins.get(`${group}/${kind}`);
    if (informer === undefined) return await this.#askScale(owner, { namespace, name: owner.name });
    const object = informer.get({ namespace, name: owner.name });
    if (object === undefined || object.metadata.uid !== owner.uid) return undefined;
    return { uid: owner.uid, replicas: object.spec?.replicas ?? 1 };
  }

  /** A ReplicaSet's Deployment, or the owner itself. */
  #above(namespace: string, reference: OwnerReference): OwnerReference {
    if (reference.kind !== 'ReplicaSet') return reference;
    const set = this.#sets.get({ namespace, name: reference.name });
    const above = set?.metadata.uid === reference.uid ? controllerOf(set) : undefined;
    return above?.kind === 'Deployment' ? above : reference;
  }

  async #askScale(owner: OwnerReference, key: ObjectKey): Promise<Scale | undefined> {
    const type = await this.#client.resourceFor(groupVersionKind(owner));
    if (type === undefined) throw new Error(`no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`);
    if (!type.subresources.includes('scale')) {
      throw new Error(`${groupResource(type)} does not implement the scale subresource`);
    }
    try {
      const scale = await readScale(this.#client, type, key);
      return scale.metadata.uid === owner.uid ? { uid: owner.uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
