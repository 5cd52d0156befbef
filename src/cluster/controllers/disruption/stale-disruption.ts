import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, splitKey } from '../../machinery/keys.ts';
import { isPodFinished, podCondition, withPodCondition } from '../../machinery/pods.ts';
import { formatTime, parseTime } from '../../machinery/time.ts';

const CONDITION = 'DisruptionTarget';
/** Kubelets may take as long as they like. */
const BY_KUBELET = 'TerminationByKubelet';
/** ms after which a pod that was to go, and was not deleted, stays. */
const TIMEOUT = 120_000;

/** When the announcement that a pod goes is void, ms since the epoch; undefined for pods without one. */
function voidAt(pod: Pod): number | undefined {
  const condition = podCondition(pod, CONDITION);
  if (condition?.status !== 'True' || condition.reason === BY_KUBELET) return undefined;
  if (isDeleting(pod) || isPodFinished(pod)) return undefined;
  return (parseTime(condition.lastTransitionTime) ?? 0) + TIMEOUT;
}

/**
 * Takes back the condition DisruptionTarget of pods that were announced to go and have not been deleted for two minutes.
 * kubernetes: pkg/controller/disruption/disruption.go syncStalePodDisruption
 */
export function createStaleDisruptionController(context: ComponentContext, informers: InformerFactory): Component {
  const pods = informers.informer<Pod>(RESOURCES.pods);
  const controller = new Controller({
    name: 'stale-pod-disruption',
    context,
    informers: [pods],
    reconcile: async (key) => {
      const pod = pods.get(splitKey(key));
      const end = pod === undefined ? undefined : voidAt(pod);
      if (pod === undefined || end === undefined) return;
      const now = context.clock.now();
      if (end > now) {
        controller.queue.addAfter(key, end - now);
        return;
      }
      const condition = { type: CONDITION, status: 'False', lastTransitionTime: formatTime(now) };
      const status = { ...pod.status, conditions: withPodCondition(pod.status?.conditions, condition) };
      try {
        await context.client.update(RESOURCES.pods, { ...pod, status }, AS_CONTROLLER_STATUS);
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  pods.onEvent(({ type, object }) => {
    if (type !== 'deleted' && voidAt(object) !== undefined) controller.queue.add(keyOf(object));
  });
  return controller;
}
