import type { PersistentVolumeClaim, Pod, Volume } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, nameOf, namespaceOf, splitKey } from '../../machinery/keys.ts';
import { controllerReference, isControlledBy } from '../../machinery/owners.ts';
import { messageOf } from '../../machinery/pod-control.ts';

/** The name of the claim behind an ephemeral volume. */
export function ephemeralClaimName(pod: Pod, volume: Volume): string {
  return `${nameOf(pod)}-${volume.name}`;
}

/** Creates the claims of pods with ephemeral volumes; they go with the pod. kubernetes: pkg/controller/volume/ephemeral/controller.go */
export function createEphemeralVolumeController(context: ComponentContext, informers: InformerFactory): Component {
  const { client } = context;
  const pods = informers.informer<Pod>(RESOURCES.pods);
  const claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
  const recorder = createEventRecorder(context, { component: 'ephemeral_volume' });
  const controller = new Controller({
    name: 'ephemeral-volume-controller',
    context,
    informers: [pods, claims],
    reconcile: async (key) => {
      const pod = pods.get(splitKey(key));
      if (pod === undefined || isDeleting(pod)) return;
      for (const volume of pod.spec?.volumes ?? []) {
        const template = volume.ephemeral?.volumeClaimTemplate;
        if (template === undefined) continue;
        const name = ephemeralClaimName(pod, volume);
        const present = claims.get({ namespace: namespaceOf(pod), name });
        if (present !== undefined) {
          if (isControlledBy(present, pod)) continue;
          throw new Error(
            `PVC ${namespaceOf(pod)}/${name} was not created for pod ${namespaceOf(pod)}/${nameOf(pod)} (pod is not owner)`,
          );
        }
        const claim = {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            ...template.metadata,
            name,
            namespace: namespaceOf(pod),
            ownerReferences: [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
          },
          spec: template.spec,
        };
        try {
          await client.create(RESOURCES.persistentVolumeClaims, claim, AS_CONTROLLER);
        } catch (error) {
          const message = `ephemeral volume ${volume.name}: create PVC ${name}: ${messageOf(error)}`;
          recorder.event(pod, 'Warning', 'FailedBinding', message);
          throw error;
        }
      }
    },
  });
  pods.onEvent(({ type, object }) => {
    if (type !== 'added' || isDeleting(object)) return;
    if (object.spec?.volumes?.some(({ ephemeral }) => ephemeral !== undefined) === true) {
      controller.queue.add(keyOf(object));
    }
  });
  return controller;
}
