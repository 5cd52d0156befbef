import { afterEach, expect, test } from 'vitest';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import { createTtlAfterFinishedController } from '../../../../src/cluster/controllers/ttl-after-finished/ttl-after-finished-controller.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

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

function job(ttlSecondsAfterFinished?: number): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'run', namespace: NAMESPACE },
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
