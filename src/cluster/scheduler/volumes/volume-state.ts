import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { CSINode, StorageClass, VolumeAttachment } from '../../../kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { joinKey } from '../../machinery/keys.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { claimNames } from './claims.ts';
import type { VolumeLookup } from './volume-lookup.ts';

/** Storage as the informers show it, and what the scheduler has decided on since. */
export class VolumeState implements VolumeLookup {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly csiNodes: Informer<CSINode>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly #pods: Informer<Pod>;
  readonly #state: ClusterState;
  /** Volumes by the uid of the claim that they were given to. */
  readonly #given = new Map<string, string>();

  constructor(informers: InformerFactory, state: ClusterState) {
    this.claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
    this.volumes = informers.informer<PersistentVolume>(RESOURCES.persistentVolumes);
    this.classes = informers.informer<StorageClass>(RESOURCES.storageClasses);
    this.csiNodes = informers.informer<CSINode>(RESOURCES.csiNodes);
    this.attachments = informers.informer<VolumeAttachment>(RESOURCES.volumeAttachments);
    this.attachments.addIndex('node', ({ spec }) => [spec.nodeName]);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#state = state;
    this.#pods.addIndex('claim', (pod) => claimNames(pod).map((name) => joinKey(pod.metadata.namespace, name)));
    this.volumes.addIndex('free-by-class', (volume) =>
      volume.spec?.claimRef === undefined && volume.status?.phase !== 'Released' && volume.status?.phase !== 'Failed'
        ? [volume.spec?.storageClassName ?? '']
        : [],
    );
  }

  get synced(): Promise<unknown> {
    const { claims, volumes, classes, csiNodes, attachments } = this;
    return Promise.all([claims, volumes, classes, csiNodes, attachments].map((informer) => informer.synced));
  }

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.claims.get({ namespace, name });
  }

  volume(name: string): PersistentVolume | undefined {
    return name === '' ? undefined : this.volumes.get({ name });
  }

  storageClass(name: string): StorageClass | undefined {
    return this.classes.get({ name });
  }

  availableVolumes(storageClass: string): readonly PersistentVolume[] {
    return this.volumes.byIndex('free-by-class', storageClass);
  }

  isTaken(volume: string, claim: string): boolean {
    const owner = this.#given.get(volume);
    return owner !== undefined && owner !== claim;
  }

  usersOf(namespace: string, claim: string): readonly PodInfo[] {
    const users: PodInfo[] = [];
    for (const pod of this.#pods.byIndex('claim', joinKey(namespace, claim))) {
      const info = this.#state.get(pod.spec?.nodeName ?? '')?.pods.get(pod.metadata.uid ?? '');
      if (info !== undefined) users.push(info);
    }
    return users;
  }

  attachLimits(node: string): ReadonlyMap<string, number> {
    const limits = new Map<string, number>();
    for (const { name, allocatable } of this.csiNodes.get({ name: node })?.spec.drivers ?? []) {
      if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
    }
    return limits;
  }

  strayVolumes(node: string): ReadonlyMap<string, string> {
    const strays = new Map<string, string>();
    for (const { spec } of this.attachments.byIndex('node', node)) {
      const name = spec.source.persistentVolumeName;
      if (name === undefined) continue;
      const { namespace, name: claim = '' } = this.volume(name)?.spec?.claimRef ?? {};
      if (this.#pods.byIndex('claim', joinKey(namespace, claim)).length === 0) strays.set(name, spec.attacher);
    }
    return strays;
  }

  /** The volume belongs to the claim from now on. */
  give(volume: string, claim: string): void {
    this.#given.set(volume, claim);
  }

  /** The informer knows, or it came to nothing. */
  release(volume: string): void {
    this.#given.delete(volume);
  }
}
