import { createHash } from 'node:crypto';
import type { PersistentVolume } from '../../kube/api/core-v1.generated.ts';
import type { CSIDriver } from '../../kube/api/storage-v1.generated.ts';

/** On a CSIDriver, `true`: the cluster plays this driver. It makes its volumes, attaches them and registers it on all nodes. */
const SIMULATED = 'pintle.dev/simulated';
/** On a CSIDriver: how many of its volumes a node can have. */
const LIMIT = 'pintle.dev/attach-limit';
/** What machines of public clouds usually take. */
const DEFAULT_LIMIT = 25;

/** True for drivers that the cluster plays; others are somebody else's, and their volumes are taken to be there. */
export function isSimulatedDriver(driver: CSIDriver | undefined): driver is CSIDriver {
  return driver?.metadata.annotations?.[SIMULATED] === 'true';
}

/** True when volumes of the driver have to be attached to a node before they are mounted. */
export function attaches(driver: CSIDriver | undefined): driver is CSIDriver {
  return isSimulatedDriver(driver) && driver.spec.attachRequired !== false;
}

/** How many volumes of the driver a node takes. */
export function attachLimit(driver: CSIDriver): number {
  const text = driver.metadata.annotations?.[LIMIT];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : DEFAULT_LIMIT;
}

/** The name of the VolumeAttachment of a volume to a node. kubernetes: pkg/volume/csi/csi_attacher.go getAttachmentName */
export function attachmentName(volume: PersistentVolume, nodeName: string): string {
  const { driver = '', volumeHandle = '' } = volume.spec?.csi ?? {};
  return `csi-${createHash('sha256').update(`${volumeHandle}${driver}${nodeName}`).digest('hex')}`;
}

/** True when several nodes may have the volume at a time. kubernetes: pkg/volume/util IsMultiAttachAllowed */
export function isSharedVolume(volume: PersistentVolume): boolean {
  const modes = volume.spec?.accessModes ?? [];
  return modes.includes('ReadWriteMany') || modes.includes('ReadOnlyMany');
}
