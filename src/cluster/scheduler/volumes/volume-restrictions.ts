import type { Volume } from '../../../kube/api/core-v1.generated.ts';
import type { Failure, FilterFactory } from '../cycle.ts';
import { claimNames } from './claims.ts';

const ONE_POD: Failure = {
  plugin: 'VolumeRestrictions',
  reasons: ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'],
  unresolvable: false,
};
const NO_DISK: Failure = {
  plugin: 'VolumeRestrictions',
  reasons: ['node(s) had no available disk'],
  unresolvable: false,
};

/** Claims that only one pod may use, and disks that two pods cannot share. kubernetes: plugins/volumerestrictions */
export const volumeRestrictions: FilterFactory = ({ pod, volumes }) => {
  const isTaken = claimNames(pod.pod).some((name) => {
    const claim = volumes.claim(pod.namespace, name);
    return (
      claim?.spec?.accessModes?.includes('ReadWriteOncePod') === true &&
      volumes.usersOf(pod.namespace, name).some(({ uid }) => uid !== pod.uid)
    );
  });
  const disks = (pod.pod.spec?.volumes ?? []).filter(isDisk);
  if (!isTaken && disks.length === 0) return undefined;
  return {
    plugin: 'VolumeRestrictions',
    check: (node) => {
      for (const { pod: other } of disks.length === 0 ? [] : node.pods.values()) {
        if (other.spec?.volumes?.some((there) => disks.some((disk) => conflict(disk, there))) === true) return NO_DISK;
      }
      return isTaken ? ONE_POD : undefined;
    },
  };
};

function isDisk({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean {
  return [gcePersistentDisk, awsElasticBlockStore, rbd, iscsi].some((source) => source !== undefined);
}

/** True when a node cannot have both: the same disk, unless both only read. */
function conflict(a: Volume, b: Volume): boolean {
  const [disk, otherDisk] = [a.gcePersistentDisk, b.gcePersistentDisk];
  if (disk !== undefined && disk.pdName === otherDisk?.pdName) return !(isReadOnly(disk) && isReadOnly(otherDisk));
  const block = a.awsElasticBlockStore;
  if (block !== undefined && block.volumeID === b.awsElasticBlockStore?.volumeID) return true;
  const [target, otherTarget] = [a.iscsi, b.iscsi];
  if (target !== undefined && target.iqn === otherTarget?.iqn) return !(isReadOnly(target) && isReadOnly(otherTarget));
  const [image, otherImage] = [a.rbd, b.rbd];
  if (image === undefined || otherImage === undefined) return false;
  const isSame =
    (image.pool ?? '') === (otherImage.pool ?? '') &&
    image.image === otherImage.image &&
    image.monitors.some((monitor) => otherImage.monitors.includes(monitor));
  return isSame && !(isReadOnly(image) && isReadOnly(otherImage));
}

function isReadOnly({ readOnly }: { readonly readOnly?: boolean | undefined }): boolean {
  return readOnly === true;
}
