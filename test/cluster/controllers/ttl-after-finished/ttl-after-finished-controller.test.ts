import { afterEach, expect, test } from 'vitest';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import { createTtlAfterFinishedController } from '../../../../src/cluster/controllers/ttl-after-finished/ttl-after-finished-controller.ts';
import type { Job } from '../../../../src/kube/api/batch-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, START, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => cluster?.stop());

async function start(): Promise<WorkloadCluster> {
  cluster = await workloadCluster({
    controllers: [createJobController, createTtlAfterFinishedController],
    course: () => ({ exitCode: 0, after: 2000 }),
    collectGarbage: true,
  });
  return cluster;
}

function job(ttlSecondsAfterFinished?: number, name = 'run'): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      ttlSecondsAfterFinished,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } },
    },
  };
}

test('a job goes with its pods when its time is up', async () => {
  const running = await start();
  await running.create(RESOURCES.jobs, job(60));
  await running.pass(61);
  expect(await running.find(RESOURCES.jobs, 'run')).toBeDefined();
  await running.pass(5);
  expect(await running.find(RESOURCES.jobs, 'run')).toBeUndefined();
  expect(await running.pods()).toEqual([]);
});

test('a time to live may be given later', async () => {
  const running = await start();
  await running.create(RESOURCES.jobs, job());
  await running.pass(3600);
  expect(await running.find(RESOURCES.jobs, 'run')).toBeDefined();
  await running.patch(RESOURCES.jobs, 'run', { spec: { ttlSecondsAfterFinished: 10 } });
  await running.pass(5);
  expect(await running.find(RESOURCES.jobs, 'run')).toBeUndefined();
});

test('who waits for a job hears of its end before a time to live of 0 ends it', async () => {
  const running = await start();
  const heard: string[] = [];
  const watch = running.client.watch<Job>(
    RESOURCES.jobs,
    { namespace: NAMESPACE },
    {
      event: (event) => {
        if (event.type === 'BOOKMARK') return;
        const { type, object } = event;
        const complete = object.status?.conditions?.some(({ type: each }) => each === 'Complete') === true;
        const deleting = object.metadata.deletionTimestamp !== undefined;
        const what = type === 'DELETED' ? 'gone' : deleting ? 'deleting' : complete ? 'complete' : 'running';
        const text = `${what} ${(running.clock.now() - START) / 1000}`;
        if (heard.at(-1) !== text) heard.push(text);
      },
      closed: () => {},
    },
  );
  await running.create(RESOURCES.jobs, job(0));
  await running.pass(10);
  watch.stop();
  expect(heard.slice(-3)).toEqual(['complete 2', 'deleting 3', 'gone 3']);
});

// The inputs of kubernetes: pkg/controller/ttlafterfinished/ttlafterfinished_controller_test.go TestTimeLeft
test('how long a finished job is kept', async () => {
  const running = await start();
  const finished = (ago: number): string => new Date(START - ago * 1000).toISOString().replace('.000', '');
  const cases = [
    { name: 'unfinished', ttl: 10, condition: undefined, ago: 10, left: undefined },
    { name: 'complete-now', ttl: 20, condition: 'Complete', ago: 0, left: 20 },
    { name: 'complete-without-limit', ttl: undefined, condition: 'Complete', ago: 0, left: undefined },
    { name: 'failed-a-while-ago', ttl: 15, condition: 'Failed', ago: 10, left: 5 },
    { name: 'failed-long-ago', ttl: 5, condition: 'Failed', ago: 60, left: 0 },
    { name: 'complete-in-the-future', ttl: 5, condition: 'Complete', ago: -30, left: 35 },
  ];
  for (const { name, ttl, condition, ago } of cases) {
    // Nobody runs it: its status is what the test says.
    const made = job(ttl, name) as { readonly spec: object };
    await running.create(RESOURCES.jobs, { ...made, spec: { ...made.spec, managedBy: 'example.com/test' } });
    if (condition === undefined) continue;
    const time = finished(ago);
    const interim = condition === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const conditions = [interim, condition].map((type) => ({ type, status: 'True', lastTransitionTime: time }));
    const completion = condition === 'Complete' ? { completionTime: time } : {};
    const status = { conditions, startTime: finished(100), ...completion };
    await running.patch(RESOURCES.jobs, name, { status }, 'status');
  }
  const gone: Record<string, number> = {};
  for (let second = 1; second <= 60; second += 1) {
    await running.pass(1);
    for (const { name } of cases) {
      if (gone[name] === undefined && (await running.find(RESOURCES.jobs, name)) === undefined) gone[name] = second;
    }
  }
  for (const { name, left } of cases) {
    // One that is over already goes when the controller has looked.
    expect([name, gone[name]]).toEqual([name, left === undefined ? undefined : Math.max(1, left)]);
  }
});
