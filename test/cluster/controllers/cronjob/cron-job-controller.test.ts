import { afterEach, describe, expect, test } from 'vitest';
import { createCronJobController } from '../../../../src/cluster/controllers/cronjob/cron-job-controller.ts';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import type { CronJob, CronJobSpec, Job } from '../../../../src/kube/api/batch-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import type { PodCourse } from '../support/pod-runner.ts';
import { NAMESPACE, START, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

async function start(course: PodCourse = { exitCode: 0, after: 2000 }): Promise<WorkloadCluster> {
  cluster = await workloadCluster({
    controllers: [createJobController, createCronJobController],
    course: () => course,
    collectGarbage: true,
  });
  return cluster;
}

function cronJob(spec: Partial<CronJobSpec> = {}): object {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: NAMESPACE },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { backoffLimit: 0, template } }, ...spec },
  };
}

async function jobs(running: WorkloadCluster): Promise<string[]> {
  return (await running.list<Job>(RESOURCES.jobs)).map(({ metadata }) => metadata.name ?? '');
}

async function status(running: WorkloadCluster): Promise<NonNullable<CronJob['status']>> {
  return (await running.get<CronJob>(RESOURCES.cronJobs, 'tick')).status ?? {};
}

/** The name of the job so many minutes after the start. */
function jobAt(minutes: number): string {
  return `tick-${START / 60_000 + minutes}`;
}

test('runs by the clock, and remembers the last ones', async () => {
  const running = await start();
  await running.create(RESOURCES.cronJobs, cronJob());
  await running.pass(300);
  expect(await jobs(running)).toEqual([]);
  await running.pass(1);
  expect(await jobs(running)).toEqual([jobAt(5)]);
  const [job] = await running.list<Job>(RESOURCES.jobs);
  expect(job?.metadata.creationTimestamp).toBe('2026-01-05T10:05:00Z');
  expect(job?.metadata.annotations).toEqual({
    'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-05T10:05:00Z',
  });
  expect(await status(running)).toMatchObject({
    lastScheduleTime: '2026-01-05T10:05:00Z',
    active: [{ kind: 'Job', name: jobAt(5), namespace: NAMESPACE, uid: job?.metadata.uid }],
  });
  await running.pass(10);
  expect(await status(running)).toEqual({
    lastScheduleTime: '2026-01-05T10:05:00Z',
    lastSuccessfulTime: '2026-01-05T10:05:02Z',
  });
  expect(await running.events('tick')).toEqual([
    `SuccessfulCreate: Created job ${jobAt(5)}`,
    `SawCompletedJob: Saw completed job: ${jobAt(5)}, condition: Complete`,
  ]);
  await running.pass(1800);
  expect(await jobs(running)).toEqual([25, 30, 35].map(jobAt));
  expect(await running.pods()).toHaveLength(3);
});

test('keeps fewer of those that failed', async () => {
  const running = await start({ exitCode: 1, after: 1000 });
  await running.create(RESOURCES.cronJobs, cronJob());
  await running.pass(1230);
  expect(await jobs(running)).toEqual([jobAt(20)]);
  expect((await status(running)).lastSuccessfulTime).toBeUndefined();
});

describe('while the last one still runs', () => {
  test('Allow starts another', async () => {
    const running = await start({});
    await running.create(RESOURCES.cronJobs, cronJob());
    await running.pass(610);
    expect(await jobs(running)).toEqual([jobAt(5), jobAt(10)].sort());
    expect((await status(running)).active).toHaveLength(2);
  });

  test('Forbid waits for its end', async () => {
    const running = await start({ exitCode: 0, after: 400_000 });
    await running.create(RESOURCES.cronJobs, cronJob({ concurrencyPolicy: 'Forbid' }));
    await running.pass(610);
    expect(await jobs(running)).toEqual([jobAt(5)]);
    expect(await running.events('tick')).toContain(
      'JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    await running.pass(200);
    // The one that was held back runs when the first has ended.
    expect(await jobs(running)).toEqual([jobAt(10), jobAt(5)].sort());
    expect((await status(running)).lastScheduleTime).toBe('2026-01-05T10:10:00Z');
  });

  test('Replace ends it', async () => {
    const running = await start({});
    await running.create(RESOURCES.cronJobs, cronJob({ concurrencyPolicy: 'Replace' }));
    await running.pass(610);
    expect(await jobs(running)).toEqual([jobAt(10)]);
    expect((await status(running)).active).toHaveLength(1);
    expect(await running.events('tick')).toContain(`SuccessfulDelete: Deleted job ${jobAt(5)}`);
  });
});

describe('what is late', () => {
  test('a suspended one starts with the last time when it is resumed', async () => {
    const running = await start();
    await running.create(RESOURCES.cronJobs, cronJob({ suspend: true }));
    await running.pass(1000);
    expect(await jobs(running)).toEqual([]);
    await running.patch(RESOURCES.cronJobs, 'tick', { spec: { suspend: false } });
    await running.pass(1);
    expect(await jobs(running)).toEqual([jobAt(15)]);
  });

  test('but not after its deadline', async () => {
    const running = await start();
    await running.create(RESOURCES.cronJobs, cronJob({ suspend: true, startingDeadlineSeconds: 60 }));
    await running.pass(1000);
    await running.patch(RESOURCES.cronJobs, 'tick', { spec: { suspend: false } });
    await running.pass(1);
    expect(await jobs(running)).toEqual([]);
    await running.pass(200);
    expect(await jobs(running)).toEqual([jobAt(20)]);
  });

  test('of too many one still starts', async () => {
    const running = await start();
    await running.create(RESOURCES.cronJobs, cronJob({ suspend: true, schedule: '* * * * *' }));
    await running.pass(103 * 60);
    await running.patch(RESOURCES.cronJobs, 'tick', { spec: { suspend: false } });
    await running.pass(1);
    expect(await jobs(running)).toEqual([jobAt(103)]);
    expect(await running.events('tick')).toContain(
      'TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    );
  });

  test('a new schedule counts from now on', async () => {
    const running = await start();
    await running.create(RESOURCES.cronJobs, cronJob({ schedule: '0 0 * * *' }));
    await running.pass(250);
    await running.patch(RESOURCES.cronJobs, 'tick', { spec: { schedule: '*/2 * * * *' } });
    await running.pass(1);
    // 10:04 was due by the new schedule.
    await running.pass(200);
    expect(await jobs(running)).toContain(jobAt(6));
  });
});

test('a schedule that never comes says so', async () => {
  const running = await start();
  await running.create(RESOURCES.cronJobs, cronJob({ schedule: '59 23 31 2 *' }));
  await running.pass(5);
  expect(await running.events('tick')).toEqual([
    'InvalidSchedule: invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
  ]);
});

test('a job that vanishes is missed', async () => {
  const running = await start({});
  await running.create(RESOURCES.cronJobs, cronJob());
  await running.pass(310);
  await running.client.delete(
    RESOURCES.jobs,
    { namespace: NAMESPACE, name: jobAt(5) },
    { propagationPolicy: 'Background' },
  );
  await running.pass(5);
  expect(await status(running)).toEqual({ lastScheduleTime: '2026-01-05T10:05:00Z' });
  expect(await running.events('tick')).toContain(`MissingJob: Active job went missing: ${jobAt(5)}`);
});
