import { expect, test } from 'vitest';
import { createCronJobController } from '../../../../src/cluster/controllers/cronjob/cron-job-controller.ts';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import type { CronJob, Job } from '../../../../src/kube/api/batch-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, workloadCluster } from '../support/workload-cluster.ts';

/** Writes for each job, from its creation to its removal: its own, its pod's and their events. */
const WRITES = 22;

test('a day of a job every five minutes costs few writes', async () => {
  const cluster = await workloadCluster({
    controllers: [createJobController, createCronJobController],
    course: () => ({ exitCode: 0, after: 10_000 }),
    collectGarbage: true,
  });
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } };
  await cluster.create(RESOURCES.cronJobs, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: NAMESPACE },
    spec: { schedule: '*/5 * * * *', concurrencyPolicy: 'Forbid', jobTemplate: { spec: { template } } },
  });
  await cluster.pass(86_400 + 60);
  cluster.stop();
  const { metadata, status } = await cluster.get<CronJob>(RESOURCES.cronJobs, 'tick');
  expect(status?.lastSuccessfulTime).toMatch(/^2026-01-06T10:00:1\dZ$/);
  expect(await cluster.list<Job>(RESOURCES.jobs)).toHaveLength(3);
  expect(await cluster.pods()).toHaveLength(3);
  expect(Number(metadata.resourceVersion) / 288).toBeLessThan(WRITES);
});
