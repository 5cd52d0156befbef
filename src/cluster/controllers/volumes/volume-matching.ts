import type { PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { isDeleting, nameOf } from '../../machinery/keys.ts';

/** The class of a claim or a volume; '' for none. The annotation is older than the field and still wins. */
export function storageClassOf(object: PersistentVolumeClaim | PersistentVolume): string {
  return (
    object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? ''
  );
}

/** What the claim asks for. */
export function requestedStorage(claim: PersistentVolumeClaim): string | number {
  return claim.spec?.resources?.requests?.['storage'] ?? 0;
}

function capacityOf(volume: PersistentVolume): string | number {
  return volume.spec?.capacity?.['storage'] ?? 0;
}

/** True when the volume's claimRef means this claim; one without a uid means any claim of that name. */
export function isMeantFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec?.claimRef;
  if (reference === undefined) return false;
  if (reference.name !== claim.metadata.name || reference.namespace !== claim.metadata.namespace) return false;
  return reference.uid === undefined || reference.uid === '' || reference.uid === claim.metadata.uid;
}

function hasModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const modes = volume.spec?.accessModes ?? [];
  return (claim.spec?.accessModes ?? []).every((mode) => modes.includes(mode));
}

function volumeModeOf(object: PersistentVolumeClaim | PersistentVolume): string {
  return object.spec?.volumeMode ?? 'Filesystem';
}

/** Why a volume that the claim names cannot be its; undefined: it can. kubernetes: pkg/controller/volume/persistentvolume/pv_controller.go checkVolumeSatisfyClaim */
export function whyNotSatisfied(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (compareQuantities(capacityOf(volume), requestedStorage(claim)) < 0) return 'requested PV is too small';
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (volumeModeOf(volume) !== volumeModeOf(claim)) return 'incompatible volumeMode';
  if (!hasModes(volume, claim)) return 'incompatible accessMode';
  return undefined;
}

/**
 * The volume to bind a claim to: one that is meant for it; else (unless `onlyMeant`) of the available ones of its class, with
 * the fewest access modes that do, the smallest. component-helpers: storage/volume/pv_helpers.go FindMatchingVolume
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  onlyMeant: boolean,
): PersistentVolume | undefined {
  const selector = claim.spec?.selector === undefined ? undefined : labelSelectorMatcher(claim.spec.selector);
  const requested = requestedStorage(claim);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    const meant = isMeantFor(volume, claim);
    if (volume.spec?.claimRef !== undefined && !meant) continue;
    if (isDeleting(volume) || !hasModes(volume, claim) || volumeModeOf(volume) !== volumeModeOf(claim)) continue;
    if (compareQuantities(capacityOf(volume), requested) < 0) continue;
    if (meant) return volume;
    if (onlyMeant || volume.status?.phase !== 'Available') continue;
    if (storageClassOf(volume) !== storageClassOf(claim)) continue;
    if (selector !== undefined && !selector.matches(volume.metadata.labels)) continue;
    if (best === undefined || compareFit(volume, best) < 0) best = volume;
  }
  return best;
}

function compareFit(a: PersistentVolume, b: PersistentVolume): number {
  const modes = (volume: PersistentVolume): number => volume.spec?.accessModes?.length ?? 0;
  return modes(a) - modes(b) || compareQuantities(capacityOf(a), capacityOf(b)) || (nameOf(a) < nameOf(b) ? -1 : 1);
}
