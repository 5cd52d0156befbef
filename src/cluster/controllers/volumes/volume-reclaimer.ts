import type { Clock } from '../../../base/clock.ts';
import type { KubeClient } from '../../../client/kube-client.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import type { VolumeAttachment } from '../../../kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER, AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import type { EventRecorder, Informer } from '../../machinery/interfaces.ts';
import { isDeleting, nameOf, objectKey, uidOf } from '../../machinery/keys.ts';
import { BOUND_BY_CONTROLLER, PROVISIONED_BY } from './annotations.ts';
import { ATTACHED_INDEX } from './attach-detach-controller.ts';
import type { Provisioners } from './provisioners.ts';

/** What {@link VolumeReclaimer} works with. */
export interface VolumeReclaimerTools {
  readonly client: KubeClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly recorder: EventRecorder;
  readonly provisioners: Provisioners;
  /** With {@link ATTACHED_INDEX}. */
  readonly attachments: Informer<VolumeAttachment>;
  readonly clock: Clock;
  /** Looks at a volume again after so many ms. */
  readonly again: (volume: PersistentVolume, delay: number) => void;
}

/** ms that it takes to scrub a volume. */
const SCRUB_MILLIS = 5000;

/**
 * Keeps the phase of volumes, and takes back those whose claim is gone; kubernetes:
 * pkg/controller/volume/persistentvolume/pv_controller.go syncVolume.
 */
export class VolumeReclaimer {
  readonly #client: KubeClient;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #recorder: EventRecorder;
  readonly #provisioners: Provisioners;
  readonly #attachments: Informer<VolumeAttachment>;

  readonly #clock: Clock;
  readonly #again: VolumeReclaimerTools['again'];
  /** By the volume's uid: when it will be scrubbed, ms since the epoch. */
  readonly #scrubbed = new Map<string, number>();

  constructor({ client, claims, recorder, provisioners, attachments, clock, again }: VolumeReclaimerTools) {
    this.#clock = clock;
    this.#again = again;
    this.#client = client;
    this.#claims = claims;
    this.#recorder = recorder;
    this.#provisioners = provisioners;
    this.#attachments = attachments;
  }

  /** A volume is gone. */
  forget(volume: PersistentVolume): void {
    this.#scrubbed.delete(uidOf(volume));
  }

  async sync(volume: PersistentVolume): Promise<void> {
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Recycle') this.forget(volume);
    const reference = volume.spec?.claimRef;
    if (reference?.uid === undefined || reference.uid === '') {
      await this.#setPhase(volume, 'Available');
      return;
    }
    const claim = await this.#claim(volume);
    if (claim === undefined) {
      await this.#release(volume);
    } else if (claim.spec?.volumeName === volume.metadata.name) {
      await this.#setPhase(volume, 'Bound');
    } else if (claim.spec?.volumeName !== undefined && claim.spec.volumeName !== '') {
      // Its claim went elsewhere.
      const made = volume.metadata.annotations?.[PROVISIONED_BY] !== undefined;
      if (made && volume.spec?.persistentVolumeReclaimPolicy === 'Delete') await this.#release(volume);
      else await this.#unbind(volume);
    }
  }

  /** The claim that the volume is bound to; the cache may lag behind. */
  async #claim(volume: PersistentVolume): Promise<PersistentVolumeClaim | undefined> {
    const { namespace, name = '', uid } = volume.spec?.claimRef ?? {};
    const cached = this.#claims.get({ namespace, name });
    if (cached?.metadata.uid === uid) return cached;
    try {
      const type = RESOURCES.persistentVolumeClaims;
      const claim = await this.#client.get<PersistentVolumeClaim>(type, { namespace, name });
      return claim.metadata.uid === uid ? claim : undefined;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #release(volume: PersistentVolume): Promise<void> {
    let released = volume;
    if (volume.status?.phase !== 'Released' && volume.status?.phase !== 'Failed') {
      released = await this.#setPhase(volume, 'Released');
    }
    switch (volume.spec?.persistentVolumeReclaimPolicy) {
      case 'Delete':
        await this.#delete(released);
        return;
      case 'Recycle':
        await this.#recycle(released);
        return;
      default:
    }
  }

  /** Scrubs a volume, which takes a while, for the next claim. */
  async #recycle(volume: PersistentVolume): Promise<void> {
    if (volume.status?.phase === 'Failed') return;
    if (volume.spec?.hostPath === undefined && volume.spec?.nfs === undefined) {
      await this.#fail(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!');
      return;
    }
    const uid = uidOf(volume);
    const now = this.#clock.now();
    const due = this.#scrubbed.get(uid);
    if (due === undefined || due > now) {
      this.#scrubbed.set(uid, due ?? now + SCRUB_MILLIS);
      this.#again(volume, (due ?? now + SCRUB_MILLIS) - now);
      return;
    }
    this.#scrubbed.delete(uid);
    this.#recorder.event(volume, 'Normal', 'VolumeRecycled', 'Volume recycled');
    await this.#unbind(volume);
  }

  async #delete(volume: PersistentVolume): Promise<void> {
    if (isDeleting(volume) || volume.status?.phase === 'Failed') return;
    const provisioner = volume.metadata.annotations?.[PROVISIONED_BY];
    // Volumes of other provisioners are theirs to delete.
    if (provisioner !== undefined && !this.#provisioners.made(volume)) return;
    const [attachment] = this.#attachments.byIndex(ATTACHED_INDEX, nameOf(volume));
    if (attachment !== undefined) {
      const message = `persistentvolume ${nameOf(volume)} is still attached to node ${attachment.spec.nodeName}`;
      this.#provisioners.recorder(attachment.spec.attacher).event(volume, 'Warning', 'VolumeFailedDelete', message);
      return;
    }
    const path = volume.spec?.hostPath?.path;
    if (provisioner === undefined && path?.startsWith('/tmp/') !== true) {
      const message =
        path === undefined
          ? `error getting deleter volume plugin for volume "${volume.metadata.name}": no volume plugin matched`
          : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
      await this.#fail(volume, 'VolumeFailedDelete', message);
      return;
    }
    try {
      await this.#client.delete(RESOURCES.persistentVolumes, objectKey(volume), {
        preconditions: { uid: volume.metadata.uid },
      });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #fail(volume: PersistentVolume, reason: string, message: string): Promise<void> {
    if (volume.status?.phase === 'Failed') return;
    await this.#setPhase(volume, 'Failed', message);
    this.#recorder.event(volume, 'Warning', reason, message);
  }

  /** Takes back what the controller has written; a volume that a user gave to a claim by its name still waits for that name. */
  async #unbind(volume: PersistentVolume): Promise<void> {
    const { [BOUND_BY_CONTROLLER]: ours, ...annotations } = volume.metadata.annotations ?? {};
    const { claimRef, ...rest } = volume.spec ?? {};
    const { uid: _, ...byName } = claimRef ?? {};
    const spec = ours === undefined ? { ...rest, claimRef: byName } : rest;
    const body = { ...volume, metadata: { ...volume.metadata, annotations }, spec };
    const unbound = await this.#client.update<PersistentVolume>(RESOURCES.persistentVolumes, body, AS_CONTROLLER);
    await this.#setPhase(unbound, 'Available');
  }

  async #setPhase(volume: PersistentVolume, phase: string, message?: string): Promise<PersistentVolume> {
    if (volume.status?.phase === phase) return volume;
    const body = { ...volume, status: { phase, ...(message === undefined ? {} : { message }) } };
    return await this.#client.update<PersistentVolume>(RESOURCES.persistentVolumes, body, AS_CONTROLLER_STATUS);
  }
}
