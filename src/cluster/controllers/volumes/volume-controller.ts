import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { StorageClass, VolumeAttachment } from '../../../kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { joinKey, keyOf, nameOf, splitKey } from '../../machinery/keys.ts';
import { BIND_COMPLETED } from './annotations.ts';
import { addAttachedIndex } from './attach-detach-controller.ts';
import { ClaimBinder } from './claim-binder.ts';
import { addClaimIndex } from './claim-index.ts';
import { Provisioners } from './provisioners.ts';
import { VolumeReclaimer } from './volume-reclaimer.ts';

const UNBOUND_INDEX = 'unbound';
/** Queue keys of volumes; those of claims are `namespace/name`. */
const VOLUME_PREFIX = 'volume:';

/**
 * Binds claims and volumes to one another, makes volumes for claims and takes volumes back; the PersistentVolume controller
 * of Kubernetes with the provisioner of the default class.
 */
export function createVolumeController(context: ComponentContext, informers: InformerFactory): Component {
  const { client } = context;
  const claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
  const volumes = informers.informer<PersistentVolume>(RESOURCES.persistentVolumes);
  const classes = informers.informer<StorageClass>(RESOURCES.storageClasses);
  const pods = informers.informer<Pod>(RESOURCES.pods);
  addClaimIndex(pods);
  claims.addIndex(UNBOUND_INDEX, ({ metadata }) => (metadata.annotations?.[BIND_COMPLETED] === undefined ? [''] : []));
  const recorder = createEventRecorder(context, { component: 'persistentvolume-controller' });
  const provisioners = new Provisioners(context, informers);
  const binder = new ClaimBinder({ client, volumes, classes, pods, recorder, provisioners });
  const attachments = informers.informer<VolumeAttachment>(RESOURCES.volumeAttachments);
  addAttachedIndex(attachments);
  const reclaimer = new VolumeReclaimer({
    client,
    claims,
    recorder,
    provisioners,
    attachments,
    clock: context.clock,
    again: (volume, delay) => controller.queue.addAfter(VOLUME_PREFIX + nameOf(volume), delay),
  });
  const controller: Controller = new Controller({
    name: 'persistentvolume-controller',
    context,
    informers: [claims, volumes, classes, pods, provisioners.drivers, provisioners.nodes, attachments],
    reconcile: async (key) => {
      if (key.startsWith(VOLUME_PREFIX)) {
        const volume = volumes.get({ name: key.slice(VOLUME_PREFIX.length) });
        if (volume !== undefined) await reclaimer.sync(volume);
      } else {
        const claim = claims.get(splitKey(key));
        if (claim !== undefined) await binder.sync(claim);
      }
    },
  });
  const { queue } = controller;
  const wakeUnbound = (): void => {
    for (const claim of claims.byIndex(UNBOUND_INDEX, '')) queue.add(keyOf(claim));
  };
  claims.onEvent(({ type, object, old }) => {
    if (type !== 'deleted') queue.add(keyOf(object));
    else binder.forget(object);
    const volumeName = object.spec?.volumeName;
    if (volumeName !== undefined && (type === 'deleted' || old?.spec?.volumeName !== volumeName)) {
      queue.add(VOLUME_PREFIX + volumeName);
    }
  });
  volumes.onEvent(({ type, object, old }) => {
    if (type === 'deleted') reclaimer.forget(object);
    else queue.add(VOLUME_PREFIX + nameOf(object));
    const { claimRef } = object.spec ?? {};
    if (claimRef?.name !== undefined) queue.add(joinKey(claimRef.namespace, claimRef.name));
    const isFree = object.status?.phase === 'Available' && claimRef === undefined;
    if (type !== 'deleted' && isFree && old?.status?.phase !== 'Available') wakeUnbound();
  });
  attachments.onEvent(({ type, object }) => {
    const name = object.spec.source.persistentVolumeName;
    // A volume that was to be deleted waited for this.
    if (type === 'deleted' && name !== undefined) queue.add(VOLUME_PREFIX + name);
  });
  for (const informer of [classes, provisioners.drivers]) {
    informer.onEvent(({ type }) => {
      if (type !== 'deleted') wakeUnbound();
    });
  }
  return controller;
}
