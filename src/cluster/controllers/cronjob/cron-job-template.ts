import { timeZone, UTC } from '../../../base/time-zone.ts';
import type { CronJob, Job } from '../../../kube/api/batch-v1.generated.ts';
import { nameOf } from '../../machinery/keys.ts';
import { controllerReference } from '../../machinery/owners.ts';

/** Says for which time a job was made. */
const SCHEDULED_TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** The name of the job for a due time: the minutes since the epoch make it the same every time. */
export function jobName(cronJob: CronJob, scheduled: number): string {
  return `${nameOf(cronJob)}-${Math.floor(scheduled / 60_000)}`;
}

/** The job that runs for a due time, ms since the epoch. */
export function jobFor(cronJob: CronJob, scheduled: number): Job {
  const template = cronJob.spec?.jobTemplate;
  const { labels, annotations } = template?.metadata ?? {};
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, scheduled),
      namespace: cronJob.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [SCHEDULED_TIMESTAMP]: localTime(scheduled, cronJob.spec?.timeZone ?? '') },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec: template?.spec,
  };
}

/** RFC 3339 with the zone's offset, `Z` for none. */
function localTime(instant: number, zone: string): string {
  const offset = (timeZone(zone) ?? UTC).offsetAt(Math.floor(instant / 1000));
  const local = new Date(instant + offset * 1000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.floor(Math.abs(offset) / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
