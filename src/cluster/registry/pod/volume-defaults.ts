import type { PersistentVolumeClaimSpec, ProjectedVolumeSource, Volume } from '../../../kube/api/core-v1.generated.ts';
import { roundResources } from '../checks/resources.ts';
import type { Edit } from '../wire.ts';
import { defaultPullPolicy } from './image-name.ts';

/** 0644 */
const FILE_MODE = 420;

const HOUR = 3600;

/** Defaults of a pod's volume. kubernetes: pkg/apis/core/v1/defaults.go */
export function applyVolumeDefaults(volume: Edit<Volume>): void {
  if (!hasSource(volume)) volume.emptyDir = {};
  if (volume.secret !== undefined) volume.secret.defaultMode ??= FILE_MODE;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.hostPath !== undefined) volume.hostPath.type ??= '';
  if (volume.projected !== undefined) applyProjectedDefaults(volume.projected);
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= FILE_MODE;
    for (const { fieldRef } of volume.downwardAPI.items ?? []) if (fieldRef !== undefined) fieldRef.apiVersion ||= 'v1';
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim !== undefined) applyClaimSpecDefaults(claim);
  if (volume.image !== undefined) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference);
  applyNetworkVolumeDefaults(volume);
}

/** Defaults of what a claim asks for. */
export function applyClaimSpecDefaults(spec: Edit<PersistentVolumeClaimSpec>): void {
  spec.volumeMode ??= 'Filesystem';
  roundResources(spec.resources?.limits);
  roundResources(spec.resources?.requests);
}

/** Defaults of the volume types that pods and PersistentVolumes share. */
export function applyNetworkVolumeDefaults(
  volume: Edit<Pick<Volume, 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>>,
): void {
  if (volume.iscsi !== undefined) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.rbd !== undefined) {
    volume.rbd.pool ||= 'rbd';
    volume.rbd.user ||= 'admin';
    volume.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (volume.azureDisk !== undefined) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO !== undefined) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned';
    volume.scaleIO.fsType ||= 'xfs';
  }
}

function hasSource(volume: Edit<Volume>): boolean {
  for (const field in volume) {
    if (field !== 'name' && volume[field as keyof Volume] !== undefined) return true;
  }
  return false;
}

function applyProjectedDefaults(projected: Edit<ProjectedVolumeSource>): void {
  projected.defaultMode ??= FILE_MODE;
  for (const source of projected.sources ?? []) {
    if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= HOUR;
    for (const { fieldRef } of source.downwardAPI?.items ?? []) {
      if (fieldRef !== undefined) fieldRef.apiVersion ||= 'v1';
    }
  }
}
