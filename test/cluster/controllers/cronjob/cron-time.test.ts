import { describe, expect, test } from 'vitest';
import { jobFor, jobName } from '../../../../src/cluster/controllers/cronjob/cron-job-template.ts';
import {
  delayToNext,
  dueTime,
  InvalidScheduleError,
  isTooMany,
  scheduleOf,
} from '../../../../src/cluster/controllers/cronjob/cron-time.ts';
import type { CronJob, CronJobSpec } from '../../../../src/kube/api/batch-v1.generated.ts';

const MINUTE = 60_000;
const CREATED = '2026-01-05T10:00:30Z';

function cronJob(spec: Partial<CronJobSpec>, lastScheduleTime?: string): CronJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'ns', uid: 'u', creationTimestamp: CREATED },
    spec: { schedule: '*/5 * * * *', jobTemplate: {}, ...spec },
    ...(lastScheduleTime === undefined ? {} : { status: { lastScheduleTime } }),
  };
}

describe('what is due', () => {
  test.each<[string, CronJob, string, string | undefined, boolean]>([
    ['not yet', cronJob({}), '2026-01-05T10:04:59Z', undefined, false],
    ['the first', cronJob({}), '2026-01-05T10:05:00Z', '2026-01-05T10:05:00.000Z', false],
    ['one was missed', cronJob({}), '2026-01-05T10:10:01Z', '2026-01-05T10:10:00.000Z', false],
    ['up to the last run', cronJob({}, '2026-01-05T10:10:00Z'), '2026-01-05T10:12:00Z', undefined, false],
    ['many were missed', cronJob({}), '2026-01-05T20:00:01Z', '2026-01-05T20:00:00.000Z', true],
    ['100 are not too many', cronJob({}), '2026-01-05T18:20:00Z', '2026-01-05T18:20:00.000Z', false],
    ['101 are', cronJob({}), '2026-01-05T18:25:00Z', '2026-01-05T18:25:00.000Z', true],
    [
      'a deadline cuts off what is too old',
      cronJob({ startingDeadlineSeconds: 600 }),
      '2026-01-05T20:00:01Z',
      '2026-01-05T20:00:00.000Z',
      false,
    ],
    ['a deadline that is over', cronJob({ startingDeadlineSeconds: 60 }), '2026-01-05T10:07:00Z', undefined, false],
    [
      'an hour of a zone',
      cronJob({ schedule: '0 9 * * *', timeZone: 'Asia/Tokyo' }),
      '2026-01-06T00:00:00Z',
      '2026-01-06T00:00:00.000Z',
      false,
    ],
  ])('%s', (_, job, now, latest, tooMany) => {
    const due = dueTime(job, scheduleOf(job), Date.parse(now), true);
    expect(due.latest === undefined ? undefined : new Date(due.latest).toISOString()).toBe(latest);
    expect(isTooMany(due)).toBe(tooMany);
  });

  test('a day that never comes', () => {
    const job = cronJob({ schedule: '59 23 31 2 *' });
    expect(() => dueTime(job, scheduleOf(job), Date.parse(CREATED), true)).toThrow(InvalidScheduleError);
  });
});

test.each([
  [cronJob({}), CREATED, 4.5 * MINUTE + 100],
  [cronJob({}, '2026-01-05T10:05:00Z'), '2026-01-05T10:05:00.100Z', 5 * MINUTE],
  [cronJob({}), '2026-01-05T10:06:00Z', 4 * MINUTE + 100],
])('looks again 100 ms after the next', (job, now, delay) => {
  expect(delayToNext(job, scheduleOf(job), Date.parse(now))).toBe(delay);
});

test('a job is named after its minute and says for when it is', () => {
  const scheduled = Date.parse('2026-07-01T10:05:00Z');
  const job = cronJob({
    timeZone: 'Europe/Berlin',
    jobTemplate: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { template: {} } },
  });
  expect(jobName(job, scheduled)).toBe(`tick-${scheduled / MINUTE}`);
  expect(jobFor(job, scheduled)).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(job, scheduled),
      namespace: 'ns',
      labels: { a: 'b' },
      annotations: { c: 'd', 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-07-01T12:05:00+02:00' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: 'u', controller: true, blockOwnerDeletion: true },
      ],
    },
    spec: { template: {} },
  });
});
