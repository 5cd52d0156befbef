import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
} from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';
import { HOST_PATH_PROVISIONER, PROVISIONED_BY, VOLUME_PROTECTION } from './annotations.ts';
import { requestedStorage } from './volume-matching.ts';

/** A volume made for a claim, without its source: the name, and what follows from claim and class. */
export function volumeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  provisioner: string,
): PersistentVolume & { readonly spec: PersistentVolumeSpec } {
  const namespace = namespaceOf(claim);
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uidOf(claim)}`,
      annotations: { [PROVISIONED_BY]: provisioner },
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
    },
  };
}

/** The volume of a class of the cluster's own provisioner. Every node can reach it. */
export function hostPathVolume(claim: PersistentVolumeClaim, storageClass: StorageClass): PersistentVolume {
  const volume = volumeFor(claim, storageClass, HOST_PATH_PROVISIONER);
  const path = `/var/lib/pintle/volumes/${nameOf(volume)}_${namespaceOf(claim)}_${nameOf(claim)}`;
  return { ...volume, spec: { ...volume.spec, hostPath: { path, type: 'DirectoryOrCreate' } } };
}
