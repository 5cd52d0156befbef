import type { Job } from '../../../kube/api/batch-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, splitKey } from '../../machinery/keys.ts';
import { parseTime } from '../../machinery/time.ts';

/**
 * ms between the news that a job has finished and its deletion. A real controller's look, its second read and its request take
 * a while too; in it those who wait for the job hear of its end, also with a time to live of 0.
 */
const NOTICE = 1000;

/** When a finished job's time to live ends, ms since the epoch; undefined when it has none or is not finished. */
export function expiryOf(job: Job): number | undefined {
  const ttl = job.spec?.ttlSecondsAfterFinished;
  if (ttl === undefined) return undefined;
  const condition = job.status?.conditions?.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  const finished = parseTime(condition?.lastTransitionTime);
  return finished === undefined ? undefined : finished + ttl * 1000;
}

/**
 * Deletes finished jobs, pods first, when `ttlSecondsAfterFinished` have passed since they finished;
 * kubernetes: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go.
 */
export function createTtlAfterFinishedController(context: ComponentContext, informers: InformerFactory): Component {
  const { client, clock } = context;
  const jobs = informers.informer<Job>(RESOURCES.jobs);
  const controller = new Controller({
    name: 'ttl-after-finished-controller',
    context,
    informers: [jobs],
    timers: { mayBeLate: true },
    reconcile: async (key) => {
      const job = jobs.get(splitKey(key));
      const expiry = job === undefined || isDeleting(job) ? undefined : expiryOf(job);
      if (job === undefined || expiry === undefined) return;
      if (expiry > clock.now()) {
        controller.queue.addAfter(key, expiry - clock.now());
        return;
      }
      try {
        await client.delete(RESOURCES.jobs, splitKey(key), {
          propagationPolicy: 'Foreground',
          preconditions: { uid: job.metadata.uid, resourceVersion: job.metadata.resourceVersion },
        });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  jobs.onEvent(({ type, object }) => {
    if (type !== 'deleted' && !isDeleting(object) && expiryOf(object) !== undefined) {
      controller.queue.addAfter(keyOf(object), NOTICE);
    }
  });
  return controller;
}
