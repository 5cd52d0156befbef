import type { KubeClient } from '../../../client/kube-client.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import type { WriteOptions } from '../../../client/kube-client.ts';
import type { EventRecorder } from '../../machinery/interfaces.ts';
import { nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';
import { HOST_PATH_PROVISIONER, PROVISIONED_BY, VOLUME_PROTECTION } from './annotations.ts';
import { requestedStorage } from './volume-matching.ts';

const AS_PROVISIONER: WriteOptions = { fieldManager: HOST_PATH_PROVISIONER };

/** The volume that is made for a claim. Every node can reach it. */
export function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass): PersistentVolume {
  const namespace = namespaceOf(claim);
  const name = `pvc-${uidOf(claim)}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { [PROVISIONED_BY]: HOST_PATH_PROVISIONER },
      finalizers: [VOLUME_PROTECTION],
    },
    spec: {
      capacity: { storage: requestedStorage(claim) },
      accessModes: claim.spec?.accessModes,
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: nameOf(storageClass),
      ...(storageClass.mountOptions === undefined ? {} : { mountOptions: storageClass.mountOptions }),
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name: nameOf(claim),
        uid: uidOf(claim),
        resourceVersion: claim.metadata.resourceVersion,
      },
      hostPath: { path: `/var/lib/pintle/volumes/${name}_${namespace}_${nameOf(claim)}`, type: 'DirectoryOrCreate' },
    },
  };
}

/** Makes a claim's volume, with the events that external provisioners write. */
export async function provision(
  client: KubeClient,
  recorder: EventRecorder,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
): Promise<void> {
  const where = `${namespaceOf(claim)}/${nameOf(claim)}`;
  recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${where}"`);
  const volume = volumeFor(claim, storageClass);
  try {
    await client.create(RESOURCES.persistentVolumes, volume, AS_PROVISIONER);
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) return;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `failed to provision volume with StorageClass "${nameOf(storageClass)}": ${reason}`;
    recorder.event(claim, 'Warning', 'ProvisioningFailed', message);
    throw error;
  }
  recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${nameOf(volume)}`);
}

/** True when the volume was made by {@link provision}. */
export function isProvisionedHere(volume: PersistentVolume): boolean {
  return volume.metadata.annotations?.[PROVISIONED_BY] === HOST_PATH_PROVISIONER;
}
