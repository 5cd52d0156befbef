import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, isDeleting, keyOf, splitKey } from '../../machinery/keys.ts';
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from './annotations.ts';
import { addClaimIndex, CLAIM_INDEX } from './claim-index.ts';

/** Keeps claims that are being deleted until no scheduled pod uses them; kubernetes: pkg/controller/volume/pvcprotection. */
export function createClaimProtectionController(context: ComponentContext, informers: InformerFactory): Component {
  const claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
  const pods = informers.informer<Pod>(RESOURCES.pods);
  addClaimIndex(pods);
  const controller = new Controller({
    name: 'pvc-protection-controller',
    context,
    informers: [claims, pods],
    reconcile: async (key) => {
      const claim = claims.get(splitKey(key));
      if (claim === undefined) return;
      const used = pods.byIndex(CLAIM_INDEX, key).some((pod) => (pod.spec?.nodeName ?? '') !== '');
      const changed = withProtection(claim, CLAIM_PROTECTION, used);
      if (changed !== undefined) await context.client.update(RESOURCES.persistentVolumeClaims, changed, AS_CONTROLLER);
    },
  });
  claims.onEvent(({ type, object }) => {
    if (type !== 'deleted' && needsProtectionCheck(object, CLAIM_PROTECTION)) controller.queue.add(keyOf(object));
  });
  pods.onEvent(({ type, object }) => {
    if (type !== 'deleted') return;
    for (const volume of object.spec?.volumes ?? []) {
      const name = volume.persistentVolumeClaim?.claimName;
      if (name === undefined) continue;
      const claim = claims.get({ namespace: object.metadata.namespace, name });
      if (claim !== undefined && isDeleting(claim)) controller.queue.add(keyOf(claim));
    }
  });
  return controller;
}

/** Keeps volumes that are being deleted while a claim is bound to them; kubernetes: pkg/controller/volume/pvprotection. */
export function createVolumeProtectionController(context: ComponentContext, informers: InformerFactory): Component {
  const volumes = informers.informer<PersistentVolume>(RESOURCES.persistentVolumes);
  const controller = new Controller({
    name: 'pv-protection-controller',
    context,
    informers: [volumes],
    reconcile: async (key) => {
      const volume = volumes.get(splitKey(key));
      if (volume === undefined) return;
      const changed = withProtection(volume, VOLUME_PROTECTION, volume.status?.phase === 'Bound');
      if (changed !== undefined) await context.client.update(RESOURCES.persistentVolumes, changed, AS_CONTROLLER);
    },
  });
  volumes.onEvent(({ type, object }) => {
    if (type !== 'deleted' && needsProtectionCheck(object, VOLUME_PROTECTION)) controller.queue.add(keyOf(object));
  });
  return controller;
}

function needsProtectionCheck(object: ApiObject, finalizer: string): boolean {
  return isDeleting(object) === (object.metadata.finalizers?.includes(finalizer) ?? false);
}

/** The object with or without its finalizer, undefined when it is right as it is. */
function withProtection<T extends ApiObject>(object: T, finalizer: string, used: boolean): T | undefined {
  const finalizers = object.metadata.finalizers ?? [];
  const present = finalizers.includes(finalizer);
  if (!isDeleting(object)) {
    return present
      ? undefined
      : { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
  }
  if (!present || used) return undefined;
  return { ...object, metadata: { ...object.metadata, finalizers: finalizers.filter((other) => other !== finalizer) } };
}
