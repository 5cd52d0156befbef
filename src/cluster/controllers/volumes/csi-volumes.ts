import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass } from '../../../kube/api/storage-v1.generated.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import { fnv32a } from '../../machinery/hash.ts';
import { nameOf, uidOf } from '../../machinery/keys.ts';
import { SELECTED_NODE } from './annotations.ts';
import { volumeFor } from './host-path-provisioner.ts';

/** A disk of a simulated driver. It is in one zone, if nodes have zones, and only nodes of that zone can have it. */
export function csiVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  nodes: readonly Node[],
): PersistentVolume {
  const { provisioner, parameters = {} } = storageClass;
  const volume = volumeFor(claim, storageClass, provisioner);
  const zone = zoneFor(claim, storageClass, nodes);
  const fsType = parameters['csi.storage.k8s.io/fstype'] ?? 'ext4';
  const nodeSelectorTerms = [{ matchExpressions: [{ key: ZONE_LABEL, operator: 'In', values: [zone ?? ''] }] }];
  return {
    ...volume,
    spec: {
      ...volume.spec,
      csi: {
        driver: provisioner,
        volumeHandle: `vol-${uidOf(claim).replaceAll('-', '').slice(0, 17)}`,
        ...(volume.spec.volumeMode === 'Block' ? {} : { fsType }),
        volumeAttributes: { 'storage.kubernetes.io/csiProvisionerIdentity': `${provisioner}-0` },
      },
      ...(zone === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms } } }),
    },
  };
}

/**
 * The zone of a new disk: that of the node that was chosen for the claim's first pod; else one of those that the class allows,
 * or of all, by a hash of the claim's name. kubernetes: staging/src/k8s.io/component-helpers/storage/volume ChooseZoneForVolume
 */
function zoneFor(
  claim: PersistentVolumeClaim,
  { allowedTopologies = [] }: StorageClass,
  nodes: readonly Node[],
): string | undefined {
  const zoneOf = ({ metadata }: Node): string | undefined => metadata.labels?.[ZONE_LABEL];
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (selected !== undefined) {
    const node = nodes.find((each) => nameOf(each) === selected);
    return node === undefined ? undefined : zoneOf(node);
  }
  const allowed = allowedTopologies.flatMap(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.flatMap(({ key, values }) => (key === ZONE_LABEL ? values : [])),
  );
  const zones = [...new Set(nodes.flatMap((node) => zoneOf(node) ?? []))]
    .filter((zone) => allowed.length === 0 || allowed.includes(zone))
    .sort();
  return zones.length === 0 ? undefined : zones[fnv32a(nameOf(claim)) % zones.length];
}
