import { expect, test } from 'vitest';
import { createCronJobController } from '../../../../src/cluster/controllers/cronjob/cron-job-controller.ts';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import type { CronJob, Job } from '../../../../src/kube/api/batch-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, workloadCluster } from '../support/workload-cluster.ts';

/** ms of CPU for 288 jobs; they need about a quarter of it on a usual machine. */
const LIMIT = 6000;

test('a day of a job every five minutes is cheap', { timeout: 30_000 }, async () => {
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
  const begun = process.cpuUsage();
  await cluster.pass(86_400 + 60);
  const { user, system } = process.cpuUsage(begun);
  cluster.stop();
  const { status } = await cluster.get<CronJob>(RESOURCES.cronJobs, 'tick');
  expect(status?.lastSuccessfulTime).toMatch(/^2026-01-06T10:00:1\dZ$/);
  expect(await cluster.list<Job>(RESOURCES.jobs)).toHaveLength(3);
  expect(await cluster.pods()).toHaveLength(3);
  expect((user + system) / 1000).toBeLessThan(LIMIT);
});
