import type { PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import type { PodInfo } from '../pod-info.ts';

/** What the scheduler asks about storage. */
export interface VolumeLookup {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  /** Volumes that no claim has. */
  availableVolumes(storageClass: string): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
  /** True when the volume is about to be bound to another claim. */
  isTaken(volume: string, claim: string): boolean;
  /** How many volumes of each CSI driver a node takes; a driver without a limit is not in it. */
  attachLimits(node: string): ReadonlyMap<string, number>;
  /** Volumes that are attached to a node and that no pod uses: their names, with their driver. */
  strayVolumes(node: string): ReadonlyMap<string, string>;
  /** Pods that use a claim already. */
  usersOf(namespace: string, claim: string): readonly PodInfo[];
}
