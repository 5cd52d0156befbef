import type { KubeClient } from '../../../client/kube-client.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER, AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import type { EventRecorder, Informer } from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';
import { isPodFinished } from '../../machinery/pods.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { parseTime } from '../../machinery/time.ts';
import {
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  DEFAULT_CLASS,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from './annotations.ts';
import { CLAIM_INDEX } from './claim-index.ts';
import type { Provisioners } from './provisioners.ts';
import { findVolume, isMeantFor, requestedStorage, storageClassOf, whyNotSatisfied } from './volume-matching.ts';

/** What {@link ClaimBinder} works with. */
export interface ClaimBinderTools {
  readonly client: KubeClient;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  /** With {@link CLAIM_INDEX}. */
  readonly pods: Informer<Pod>;
  readonly recorder: EventRecorder;
  readonly provisioners: Provisioners;
}

/** Finds, makes and keeps the volumes of claims; kubernetes: pkg/controller/volume/persistentvolume/pv_controller.go syncClaim. */
export class ClaimBinder {
  readonly #tools: ClaimBinderTools;
  /** By uid: the last event about a claim that waits; it is not told twice. */
  readonly #told = new Map<string, string>();

  constructor(tools: ClaimBinderTools) {
    this.#tools = tools;
  }

  forget(claim: PersistentVolumeClaim): void {
    this.#told.delete(uidOf(claim));
  }

  async sync(claim: PersistentVolumeClaim): Promise<void> {
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) await this.#syncBound(claim);
    else if (claim.spec?.volumeName === undefined || claim.spec.volumeName === '') await this.#syncFree(claim);
    else await this.#syncChosen(claim, claim.spec.volumeName);
  }

  /** The claim has no volume, and takes any that fits. */
  async #syncFree(claim: PersistentVolumeClaim): Promise<void> {
    const { volumes } = this.#tools;
    const storageClass = this.#classOf(claim);
    const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const volume = findVolume(claim, volumes.list(), delayed);
    if (volume !== undefined) {
      await this.#bind(claim, volume);
      return;
    }
    if (await this.#assignDefaultClass(claim)) return;
    await this.#setPhase(claim, 'Pending');
    if (isDeleting(claim)) return;
    if (delayed && claim.metadata.annotations?.[SELECTED_NODE] === undefined) {
      this.#tellWaiting(claim);
    } else if (storageClassOf(claim) === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      this.#tell(claim, 'Normal', 'FailedBinding', message);
    } else {
      await this.#provision(claim, storageClass);
    }
  }

  #classOf(claim: PersistentVolumeClaim): StorageClass | undefined {
    const name = storageClassOf(claim);
    return name === '' ? undefined : this.#tools.classes.get({ name });
  }

  /** A claim that was made before there was a default class gets it later; the newest counts. */
  async #assignDefaultClass(claim: PersistentVolumeClaim): Promise<boolean> {
    if (claim.spec?.storageClassName !== undefined || storageClassOf(claim) !== '') return false;
    const created = (storageClass: StorageClass): number => parseTime(storageClass.metadata.creationTimestamp) ?? 0;
    const [newest] = this.#tools.classes
      .list()
      .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
      .toSorted((a, b) => created(b) - created(a));
    if (newest === undefined) return false;
    const body = { ...claim, spec: { ...claim.spec, storageClassName: nameOf(newest) } };
    await this.#tools.client.update(RESOURCES.persistentVolumeClaims, body, AS_CONTROLLER);
    return true;
  }

  #tellWaiting(claim: PersistentVolumeClaim): void {
    const waiting = this.#tools.pods
      .byIndex(CLAIM_INDEX, keyOf(claim))
      .filter((pod) => (pod.spec?.nodeName ?? '') === '' && !isPodFinished(pod))
      .map(nameOf);
    if (waiting.length === 0) {
      const message = 'waiting for first consumer to be created before binding';
      this.#tell(claim, 'Normal', 'WaitForFirstConsumer', message);
    } else {
      const what = waiting.length === 1 ? 'pod' : 'pods';
      const message = `waiting for ${what} ${waiting.join(',')} to be scheduled`;
      this.#tell(claim, 'Normal', 'WaitForPodScheduled', message);
    }
  }

  async #provision(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): Promise<void> {
    if (storageClass === undefined) {
      const message = `storageclass.storage.k8s.io "${storageClassOf(claim)}" not found`;
      this.#tell(claim, 'Warning', 'ProvisioningFailed', message);
      return;
    }
    const { provisioner } = storageClass;
    if (provisioner === 'kubernetes.io/no-provisioner') {
      this.#tell(claim, 'Warning', 'ProvisioningFailed', 'no volume plugin matched');
      return;
    }
    const { client, recorder, provisioners } = this.#tools;
    let current = claim;
    if (claim.metadata.annotations?.[STORAGE_PROVISIONER] !== provisioner) {
      const annotations = {
        ...claim.metadata.annotations,
        [BETA_STORAGE_PROVISIONER]: provisioner,
        [STORAGE_PROVISIONER]: provisioner,
      };
      const body = { ...claim, metadata: { ...claim.metadata, annotations } };
      current = await client.update<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims, body, AS_CONTROLLER);
      const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
      recorder.event(claim, 'Normal', 'ExternalProvisioning', message);
    }
    if (provisioners.has(provisioner)) await provisioners.provision(current, storageClass);
  }

  /** The claim names its volume. */
  async #syncChosen(claim: PersistentVolumeClaim, volumeName: string): Promise<void> {
    const volume = this.#tools.volumes.get({ name: volumeName });
    if (volume === undefined) {
      await this.#setPhase(claim, 'Pending');
    } else if (volume.spec?.claimRef === undefined) {
      const reason = whyNotSatisfied(volume, claim);
      if (reason === undefined) {
        await this.#bind(claim, volume);
        return;
      }
      this.#tell(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${volumeName}": ${reason}`);
      await this.#setPhase(claim, 'Pending');
    } else if (isMeantFor(volume, claim)) {
      await this.#bind(claim, volume);
    } else if (claim.metadata.annotations?.[BOUND_BY_CONTROLLER] !== undefined) {
      const { namespace = '', name = '' } = volume.spec.claimRef;
      const owner = `claim "${namespace}/${name}" by controller, THIS SHOULD NEVER HAPPEN`;
      this.#tell(claim, 'Warning', 'FailedBinding', `volume "${volumeName}" already bound to a different ${owner}`);
    } else {
      this.#tell(claim, 'Warning', 'FailedBinding', `volume "${volumeName}" already bound to a different claim.`);
      await this.#setPhase(claim, 'Pending');
    }
  }

  /** The claim was bound; is it still? */
  async #syncBound(claim: PersistentVolumeClaim): Promise<void> {
    const volumeName = claim.spec?.volumeName ?? '';
    if (volumeName === '') {
      const message = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
      await this.#lose(claim, 'ClaimLost', message);
      return;
    }
    const volume = this.#tools.volumes.get({ name: volumeName });
    if (volume === undefined) {
      const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
      await this.#lose(claim, 'ClaimLost', message);
    } else if (volume.spec?.claimRef === undefined || volume.spec.claimRef.uid === claim.metadata.uid) {
      await this.#bind(claim, volume);
    } else {
      const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
      await this.#lose(claim, 'ClaimMisbound', message);
    }
  }

  async #lose(claim: PersistentVolumeClaim, reason: string, message: string): Promise<void> {
    if (claim.status?.phase !== 'Lost') this.#tools.recorder.event(claim, 'Warning', reason, message);
    await this.#setPhase(claim, 'Lost');
  }

  async #setPhase(claim: PersistentVolumeClaim, phase: 'Pending' | 'Lost'): Promise<void> {
    if (claim.status?.phase === phase) return;
    const body = { ...claim, status: { phase } };
    await this.#tools.client.update(RESOURCES.persistentVolumeClaims, body, AS_CONTROLLER_STATUS);
  }

  /** Writes both sides of a binding, as far as they are not written yet: volume, its phase, claim, its status. */
  async #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { client } = this.#tools;
    let bound = await this.#bindVolume(claim, volume);
    if (bound.status?.phase !== 'Bound') {
      const body = { ...bound, status: { ...bound.status, phase: 'Bound', message: undefined, reason: undefined } };
      bound = await client.update<PersistentVolume>(RESOURCES.persistentVolumes, body, AS_CONTROLLER_STATUS);
    }
    bound = await this.#expand(claim, bound);
    const done = await this.#bindClaim(claim, nameOf(volume));
    await writeStatus(client, RESOURCES.persistentVolumeClaims, done, {
      ...done.status,
      phase: 'Bound',
      accessModes: bound.spec?.accessModes,
      capacity: bound.spec?.capacity,
    });
    this.forget(claim);
  }

  async #bindVolume(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolume> {
    const reference = volume.spec?.claimRef;
    if (reference?.uid === claim.metadata.uid) return volume;
    const annotations =
      reference === undefined
        ? { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' }
        : volume.metadata.annotations;
    const claimRef = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: namespaceOf(claim),
      name: nameOf(claim),
      uid: uidOf(claim),
      resourceVersion: claim.metadata.resourceVersion,
    };
    const body = {
      ...volume,
      metadata: { ...volume.metadata, ...(annotations === undefined ? {} : { annotations }) },
      spec: { ...volume.spec, claimRef },
    };
    return await this.#tools.client.update<PersistentVolume>(RESOURCES.persistentVolumes, body, AS_CONTROLLER);
  }

  async #bindClaim(claim: PersistentVolumeClaim, volumeName: string): Promise<PersistentVolumeClaim> {
    const chosen = claim.spec?.volumeName === volumeName;
    if (chosen && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return claim;
    const annotations = {
      ...claim.metadata.annotations,
      [BIND_COMPLETED]: 'yes',
      ...(chosen ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }),
    };
    const body = { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName } };
    const { client } = this.#tools;
    return await client.update<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims, body, AS_CONTROLLER);
  }

  /** Makes a volume of this cluster's provisioner as large as its claim has come to ask for. */
  async #expand(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolume> {
    const { client, provisioners } = this.#tools;
    const storage = requestedStorage(claim);
    const isLargeEnough = compareQuantities(volume.spec?.capacity?.['storage'] ?? 0, storage) >= 0;
    if (isLargeEnough || !provisioners.made(volume)) return volume;
    if (this.#classOf(claim)?.allowVolumeExpansion !== true) return volume;
    const message = `External resizer is resizing volume ${nameOf(volume)}`;
    const recorder = provisioners.recorder(volume.metadata.annotations?.[PROVISIONED_BY] ?? '');
    recorder.event(claim, 'Normal', 'Resizing', message);
    const body = { ...volume, spec: { ...volume.spec, capacity: { ...volume.spec?.capacity, storage } } };
    const resized = await client.update<PersistentVolume>(RESOURCES.persistentVolumes, body, AS_CONTROLLER);
    recorder.event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
    return resized;
  }

  #tell(claim: PersistentVolumeClaim, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const text = `${reason}\n${message}`;
    if (this.#told.get(uidOf(claim)) === text) return;
    this.#told.set(uidOf(claim), text);
    this.#tools.recorder.event(claim, type, reason, message);
  }
}
