import { describe, expect, test } from 'vitest';
import { createCronJobController } from '../../../../src/cluster/controllers/cronjob/cron-job-controller.ts';
import {
  delayToNext,
  dueTime,
  InvalidScheduleError,
  isTooMany,
  scheduleOf,
} from '../../../../src/cluster/controllers/cronjob/cron-time.ts';
import type { CronJob, CronJobSpec, Job } from '../../../../src/kube/api/batch-v1.generated.ts';
import type { Event } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

// Inputs and results of kubernetes: pkg/controller/cronjob utils_test.go and cronjob_controllerv2_test.go

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Thursday. */
const TOP = Date.parse('2016-05-19T10:00:00Z');
/** ms after a due time at which it is looked at. */
const DELTA = 100;

interface When {
  readonly schedule: string;
  /** ms after {@link TOP} */
  readonly created: number;
  readonly last?: number;
  readonly deadline?: number;
}

function cronJob({ schedule, created, last, deadline }: When): CronJob {
  const text = (ms: number): string => new Date(TOP + ms).toISOString();
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'ns', uid: 'u', creationTimestamp: text(created) },
    spec: { schedule, jobTemplate: {}, ...(deadline === undefined ? {} : { startingDeadlineSeconds: deadline }) },
    ...(last === undefined ? {} : { status: { lastScheduleTime: text(last) } }),
  };
}

describe('the last time that was missed', () => {
  const hourly = '0 * * * *';
  const daytime = '30 6-16/4 * * 1-5';
  const noon = '30 10,11,12 * * 1-5';
  interface Due {
    readonly latest?: number;
    readonly earliest: number;
    readonly missed: 'none' | 'few' | 'many';
    readonly useDeadline?: boolean;
  }
  test.each<[string, When, number, Due]>([
    ['before the next one', { schedule: hourly, created: 0 }, 30 * SECOND, { earliest: 0, missed: 'none' }],
    ['just after it', { schedule: hourly, created: 0 }, 61 * MINUTE, { latest: HOUR, earliest: 0, missed: 'none' }],
    [
      'five were missed',
      { schedule: hourly, created: 10 * SECOND },
      301 * MINUTE,
      { latest: 5 * HOUR, earliest: 10 * SECOND, missed: 'few' },
    ],
    [
      'not every hour',
      { schedule: daytime, created: 0, last: 30 * MINUTE },
      DAY + 31 * MINUTE,
      { latest: DAY + 30 * MINUTE, earliest: 30 * MINUTE, missed: 'few' },
    ],
    [
      'three hours in a row, then none: it is not found',
      { schedule: noon, created: 0, last: 30 * MINUTE },
      30 * HOUR + 30 * MINUTE,
      { earliest: 30 * MINUTE, missed: 'few' },
    ],
    [
      'over a weekend',
      { schedule: daytime, created: 0, last: 30 * MINUTE },
      96 * HOUR + 31 * MINUTE,
      { latest: 96 * HOUR + 30 * MINUTE, earliest: 30 * MINUTE, missed: 'few' },
    ],
    [
      'not every hour, never run',
      { schedule: daytime, created: 0 },
      DAY + 31 * MINUTE,
      { latest: DAY + 30 * MINUTE, earliest: 0, missed: 'few' },
    ],
    [
      '@every, for a week',
      { schedule: '@every 1h', created: -59 * MINUTE, last: MINUTE, deadline: 10 },
      7 * DAY,
      { latest: 6 * DAY + 23 * HOUR + MINUTE, earliest: MINUTE, missed: 'many' },
    ],
    [
      'run when it was created',
      { schedule: hourly, created: 0, last: 0 },
      30 * SECOND,
      { earliest: 0, missed: 'none' },
    ],
    [
      'counted from the last run',
      { schedule: '*/5 * * * *', created: 0, last: 30 * MINUTE },
      31 * MINUTE,
      { earliest: 30 * MINUTE, missed: 'none' },
    ],
    [
      'a deadline that does not count',
      { schedule: '*/5 * * * *', created: 0, last: 30 * MINUTE, deadline: 60 },
      31 * MINUTE,
      { earliest: 30 * MINUTE, missed: 'none' },
    ],
    [
      'a deadline that counts',
      { schedule: '*/5 * * * *', created: 0, last: 30 * MINUTE, deadline: 60 },
      32 * MINUTE,
      { earliest: 31 * MINUTE, missed: 'none', useDeadline: true },
    ],
    [
      'a tenth of an hour ago, nothing known',
      { schedule: '0 * * * ?', created: -10 * MINUTE },
      -7 * MINUTE,
      { earliest: -10 * MINUTE, missed: 'none' },
    ],
    [
      'one since the creation',
      { schedule: '0 * * * ?', created: -10 * MINUTE },
      2 * SECOND,
      { latest: 0, earliest: -10 * MINUTE, missed: 'none' },
    ],
    [
      'none since the last run',
      { schedule: '0 * * * ?', created: -10 * MINUTE, last: 0 },
      2 * MINUTE,
      { earliest: 0, missed: 'none' },
    ],
    [
      'one since the last run',
      { schedule: '0 * * * ?', created: -10 * MINUTE, last: 0 },
      HOUR + 5 * MINUTE,
      { latest: HOUR, earliest: 0, missed: 'none' },
    ],
    [
      'two since the last run',
      { schedule: '0 * * * ?', created: -2 * HOUR, last: -HOUR },
      HOUR + 5 * MINUTE,
      { latest: HOUR, earliest: -HOUR, missed: 'few' },
    ],
    [
      'ten days since the last run',
      { schedule: '0 * * * ?', created: -2 * HOUR, last: -HOUR },
      HOUR + 10 * DAY,
      { latest: HOUR + 10 * DAY, earliest: -HOUR, missed: 'many' },
    ],
    [
      'ten days, a deadline of two hours',
      { schedule: '0 * * * ?', created: -2 * HOUR, last: -HOUR, deadline: 7200 },
      HOUR + 10 * DAY,
      { latest: HOUR + 10 * DAY, earliest: 10 * DAY - HOUR, missed: 'few', useDeadline: true },
    ],
  ])('%s', (_, when, now, { latest, earliest, missed, useDeadline = false }) => {
    const job = cronJob(when);
    const due = dueTime(job, scheduleOf(job), TOP + now, useDeadline);
    expect({
      latest: due.latest === undefined ? undefined : due.latest - TOP,
      earliest: due.earliest - TOP,
      missed: due.missed === 0 ? 'none' : isTooMany(due) ? 'many' : 'few',
    }).toEqual({ latest, earliest, missed });
  });

  test('of a day that never comes', () => {
    const job = cronJob({ schedule: '59 23 31 2 *', created: 10 * SECOND });
    expect(() => dueTime(job, scheduleOf(job), TOP + HOUR, false)).toThrow(InvalidScheduleError);
  });
});

test.each<[string, When, number, number]>([
  [
    'over a weekend',
    { schedule: '30 6-16/4 * * 1-5', created: 0, last: 30 * MINUTE },
    DAY + 31 * MINUTE,
    3 * HOUR + 59 * MINUTE,
  ],
  [
    'where none was found',
    { schedule: '30 10,11,12 * * 1-5', created: 0, last: 30 * MINUTE },
    30 * HOUR + 30 * MINUTE,
    66 * HOUR,
  ],
  [
    'once a week, two were missed',
    { schedule: '0 12 * * 4', created: 0, last: 2 * HOUR },
    19 * DAY + HOUR + 30 * MINUTE,
    48 * HOUR + 30 * MINUTE,
  ],
  ['never run', { schedule: '0 12 * * 5', created: 0 }, 6 * HOUR, 20 * HOUR],
])('the next look: %s', (_, when, now, delay) => {
  const job = cronJob(when);
  expect(delayToNext(job, scheduleOf(job), TOP + now)).toBe(delay + DELTA);
});

// The clock of the cluster begins at 10:00; the hour of these cases is 11:00.
interface Look {
  readonly spec: Partial<CronJobSpec>;
  /** It has run at 10:01; the job is done, or still active. */
  readonly before?: 'done' | 'active';
  readonly result: string;
}

const BEFORE_THE_HOUR = 59 * MINUTE;
const policies = ['Allow', 'Forbid', 'Replace'] as const;

/** A case for each policy. */
function each(
  name: string,
  look: Omit<Look, 'result'>,
  results: string | readonly [string, string, string],
): [string, Look][] {
  return policies.map((concurrencyPolicy, i) => [
    `${name}, ${concurrencyPolicy}`,
    {
      ...look,
      spec: { ...look.spec, concurrencyPolicy },
      result: typeof results === 'string' ? results : (results[i] ?? ''),
    },
  ]);
}

const TABLES: readonly (readonly [string, number, readonly [string, Look][]])[] = [
  [
    'before the hour',
    BEFORE_THE_HOUR,
    [
      ...each('never ran', { spec: {} }, 'active=0'),
      ...each('done', { spec: {}, before: 'done' }, 'active=0'),
      ...each('active', { spec: {}, before: 'active' }, 'active=1'),
    ],
  ],
  [
    'after the hour',
    61 * MINUTE,
    [
      ...each('never ran', { spec: {} }, '+1 active=1'),
      ['never ran, suspended', { spec: { suspend: true }, result: 'active=0' }],
      ['never ran, deadline over', { spec: { startingDeadlineSeconds: 10 }, result: 'active=0' }],
      ['never ran, long deadline', { spec: { startingDeadlineSeconds: 1_000_000 }, result: '+1 active=1' }],
      ...each('done', { spec: {}, before: 'done' }, '+1 active=1'),
      ['done, suspended', { spec: { suspend: true }, before: 'done', result: 'active=0' }],
      ['done, deadline over', { spec: { startingDeadlineSeconds: 10 }, before: 'done', result: 'active=0' }],
      ['done, long deadline', { spec: { startingDeadlineSeconds: 1_000_000 }, before: 'done', result: '+1 active=1' }],
      ...each('active', { spec: {}, before: 'active' }, ['+1 active=2', 'active=1 JobAlreadyActive', '+1 -1 active=1']),
      ['active, suspended', { spec: { suspend: true }, before: 'active', result: 'active=1' }],
      ['active, deadline over', { spec: { startingDeadlineSeconds: 10 }, before: 'active', result: 'active=1' }],
      [
        'active, long deadline',
        { spec: { startingDeadlineSeconds: 1_000_000 }, before: 'active', result: '+1 active=2' },
      ],
    ],
  ],
  [
    'a week after the hour',
    HOUR + 7 * DAY,
    [
      ...each('done, no deadline', { spec: {}, before: 'done' }, '+1 active=1 TooManyMissedTimes'),
      ...each(
        'done, long deadline',
        { spec: { startingDeadlineSeconds: 1_000_000 }, before: 'done' },
        '+1 active=1 TooManyMissedTimes',
      ),
      ...each(
        'done, two hours of deadline',
        { spec: { startingDeadlineSeconds: 7200 }, before: 'done' },
        '+1 active=1',
      ),
      ...each('done, short deadline', { spec: { startingDeadlineSeconds: 10 }, before: 'done' }, '+1 active=1'),
    ],
  ],
];

async function seed(cluster: WorkloadCluster, name: string, { spec, before }: Look): Promise<void> {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } };
  const made = await cluster.create<CronJob>(RESOURCES.cronJobs, {
    metadata: { name, namespace: NAMESPACE },
    spec: { schedule: '0 * * * ?', jobTemplate: { spec: { template } }, ...spec },
  });
  if (before === undefined) return;
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name, uid: made.metadata.uid, controller: true };
  const job = await cluster.create<Job>(RESOURCES.jobs, {
    metadata: { name: `${name}-before`, namespace: NAMESPACE, ownerReferences: [owner] },
    spec: { template },
  });
  const time = '2026-01-05T10:01:00Z';
  if (before === 'done') {
    const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: time,
    }));
    const status = { startTime: time, completionTime: time, conditions };
    await cluster.client.update(RESOURCES.jobs, { ...job, status }, { subresource: 'status' });
  }
  const reference = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    namespace: NAMESPACE,
    name: `${name}-before`,
    uid: job.metadata.uid,
  };
  const status = { lastScheduleTime: time, ...(before === 'active' ? { active: [reference] } : {}) };
  await cluster.client.update(RESOURCES.cronJobs, { ...made, status }, { subresource: 'status' });
}

describe('one look', () => {
  test.each(TABLES)('%s', async (_, now, cases) => {
    const cluster = await workloadCluster({ controllers: [], runPods: false });
    for (const [i, [, look]] of cases.entries()) if (look.before !== undefined) await seed(cluster, `c${i}`, look);
    await cluster.pass(BEFORE_THE_HOUR / SECOND);
    for (const [i, [, look]] of cases.entries()) if (look.before === undefined) await seed(cluster, `c${i}`, look);
    await cluster.pass((now - BEFORE_THE_HOUR) / SECOND);
    const controller = createCronJobController(cluster.context, cluster.informers);
    await cluster.clock.blockOn(controller.start());
    await cluster.clock.settle();
    const jobs = await cluster.list<Job>(RESOURCES.jobs);
    const events = await cluster.list<Event>(RESOURCES.events);
    const results: [string, string][] = [];
    for (const [i, [name, look]] of cases.entries()) {
      const own = jobs.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === `c${i}`);
      const created = own.filter(({ metadata }) => metadata.name !== `c${i}-before`).length;
      const isGone = look.before !== undefined && own.length === created;
      const { status } = await cluster.get<CronJob>(RESOURCES.cronJobs, `c${i}`);
      const told = events
        .filter(
          ({ involvedObject, reason = '' }) =>
            involvedObject.name === `c${i}` && /TooMany|AlreadyActive|Miss|Invalid/.test(reason),
        )
        .map(({ reason = '' }) => reason);
      const parts = [
        created === 0 ? '' : `+${created}`,
        isGone ? '-1' : '',
        `active=${status?.active?.length ?? 0}`,
        ...told,
      ];
      results.push([name, parts.filter((part) => part !== '').join(' ')]);
      if (look.before === 'done') expect(status?.lastSuccessfulTime).toBe('2026-01-05T10:01:00Z');
    }
    controller.stop();
    cluster.stop();
    expect(results).toEqual(cases.map(([name, { result }]) => [name, result]));
  });
});
