import type { PersistentVolumeClaim, Pod, Volume } from '../../../kube/api/core-v1.generated.ts';
import type { VolumeLookup } from './volume-lookup.ts';

/** Where the node that was chosen for a claim is told. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** The claims of a pod, as far as they are there. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** To be bound once a node is chosen. */
  readonly delayed: readonly PersistentVolumeClaim[];
  /** To be bound before. */
  readonly immediate: readonly PersistentVolumeClaim[];
  /** Why a claim cannot be used. */
  readonly fault: string | undefined;
}

/** The names of the claims that a pod uses. */
export function claimNames(pod: Pod): readonly string[] {
  const names: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const name = claimName(pod, volume);
    if (name !== undefined) names.push(name);
  }
  return names;
}

function claimName(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim !== undefined) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral === undefined ? undefined : `${pod.metadata.name ?? ''}-${volume.name}`;
}

/** kubernetes: plugins/volumebinding/volume_binding.go PreFilter */
export function podClaims(pod: Pod, lookup: VolumeLookup): PodClaims {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  const immediate: PersistentVolumeClaim[] = [];
  const namespace = pod.metadata.namespace ?? '';
  for (const volume of pod.spec?.volumes ?? []) {
    const name = claimName(pod, volume);
    if (name === undefined) continue;
    const claim = lookup.claim(namespace, name);
    const fault = claimFault(claim, name, volume.ephemeral !== undefined);
    if (fault !== undefined || claim === undefined) return { bound, delayed, immediate, fault };
    if (isBound(claim)) bound.push(claim);
    else if (bindsLate(claim, lookup) && (claim.spec?.volumeName ?? '') === '') delayed.push(claim);
    else immediate.push(claim);
  }
  return { bound, delayed, immediate, fault: undefined };
}

function claimFault(claim: PersistentVolumeClaim | undefined, name: string, ephemeral: boolean): string | undefined {
  if (claim === undefined) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${JSON.stringify(name)}`
      : `persistentvolumeclaim ${JSON.stringify(name)} not found`;
  }
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim ${JSON.stringify(name)} bound to non-existent persistentvolume ${JSON.stringify(claim.spec?.volumeName ?? '')}`;
  }
  if (claim.metadata.deletionTimestamp !== undefined)
    return `persistentvolumeclaim ${JSON.stringify(name)} is being deleted`;
  return undefined;
}

/** True when claim and volume have found each other. */
export function isBound(claim: PersistentVolumeClaim): boolean {
  return claim.status?.phase === 'Bound' && (claim.spec?.volumeName ?? '') !== '';
}

/** The name of the claim's class, '' for none. */
export function classOf(claim: PersistentVolumeClaim): string {
  return claim.metadata.annotations?.[BETA_CLASS] ?? claim.spec?.storageClassName ?? '';
}

function bindsLate(claim: PersistentVolumeClaim, lookup: VolumeLookup): boolean {
  const name = classOf(claim);
  return name !== '' && lookup.storageClass(name)?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** True when volumes of the claim's class are made on demand. */
export function isProvisioned(claim: PersistentVolumeClaim, lookup: VolumeLookup): boolean {
  const provisioner = lookup.storageClass(classOf(claim))?.provisioner;
  return provisioner !== undefined && provisioner !== '' && provisioner !== NO_PROVISIONER;
}
