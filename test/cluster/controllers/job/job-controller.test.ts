import { afterEach, describe, expect, test } from 'vitest';
import { compareStrings } from '../../../../src/base/json.ts';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import type { Job, JobSpec } from '../../../../src/kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import type { PodCourse } from '../support/pod-runner.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
});

async function start(course: (pod: Pod) => PodCourse): Promise<WorkloadCluster> {
  cluster = await workloadCluster({ controllers: [createJobController], course, collectGarbage: true });
  return cluster;
}

function job(spec: Partial<JobSpec> = {}): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'run', namespace: NAMESPACE },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } }, ...spec },
  };
}

const succeed = (after = 3000): PodCourse => ({ exitCode: 0, after });
const fail = (exitCode = 1, after = 1000): PodCourse => ({ exitCode, after });

async function status(running: WorkloadCluster): Promise<NonNullable<Job['status']>> {
  return (await running.get<Job>(RESOURCES.jobs, 'run')).status ?? {};
}

function sorted(pods: readonly Pod[], text: (pod: Pod) => string | undefined): string[] {
  return pods.map((pod) => text(pod) ?? '').toSorted(compareStrings);
}

function conditions({ conditions: list = [] }: NonNullable<Job['status']>): string[] {
  return list.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
}

describe('completion', () => {
  test('one pod', async () => {
    const running = await start(() => succeed());
    await running.create(RESOURCES.jobs, job());
    await running.pass(2);
    expect(await status(running)).toMatchObject({
      active: 1,
      ready: 1,
      terminating: 0,
      startTime: '2026-01-05T10:00:00Z',
    });
    const [pod] = await running.list<Pod>(RESOURCES.pods);
    expect(pod?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    expect(pod?.metadata.labels).toMatchObject({ 'job-name': 'run', 'batch.kubernetes.io/job-name': 'run' });
    await running.pass(10);
    const done = await status(running);
    expect(done).toMatchObject({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(done.active).toBeUndefined();
    expect(done.completionTime).toBe('2026-01-05T10:00:04Z');
    expect(conditions(done)).toEqual([
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ]);
    expect((await running.list<Pod>(RESOURCES.pods))[0]?.metadata.finalizers).toBeUndefined();
    expect(await running.events('run')).toEqual([
      `SuccessfulCreate: Created pod: ${pod?.metadata.name}`,
      'Completed: Job completed',
    ]);
  });

  test('so many at a time', async () => {
    const running = await start(() => succeed(10_000));
    await running.create(RESOURCES.jobs, job({ completions: 5, parallelism: 2 }));
    await running.pass(5);
    expect(await status(running)).toMatchObject({ active: 2 });
    await running.pass(10);
    expect(await status(running)).toMatchObject({ active: 2, succeeded: 2 });
    await running.pass(60);
    expect(await status(running)).toMatchObject({ succeeded: 5 });
    expect(await running.pods()).toHaveLength(5);
  });

  test('a work queue ends with its pods after the first success', async () => {
    let first = true;
    const running = await start(() => {
      const course = succeed(first ? 2000 : 20_000);
      first = false;
      return course;
    });
    await running.create(RESOURCES.jobs, job({ parallelism: 3 }));
    await running.pass(10);
    expect(await status(running)).toMatchObject({ active: 2, succeeded: 1 });
    await running.pass(30);
    expect(await status(running)).toMatchObject({ succeeded: 3 });
    expect(conditions(await status(running))).toContain('Complete=True CompletionsReached');
  });

  test('nothing to do', async () => {
    const running = await start(() => succeed());
    await running.create(RESOURCES.jobs, job({ completions: 0, parallelism: 0 }));
    await running.pass(2);
    expect(conditions(await status(running))).toContain('Complete=True CompletionsReached');
  });
});

describe('failure', () => {
  test('pods are replaced with a back-off until the limit', async () => {
    const running = await start(() => fail());
    await running.create(RESOURCES.jobs, job({ backoffLimit: 2 }));
    await running.pass(3);
    expect(await running.pods()).toHaveLength(1);
    await running.pass(10);
    expect(await running.pods()).toHaveLength(2);
    await running.pass(60);
    const done = await status(running);
    expect(done).toMatchObject({ failed: 3 });
    expect(conditions(done)).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
    const started = sorted(await running.list<Pod>(RESOURCES.pods), ({ metadata }) => metadata.creationTimestamp);
    expect(started).toEqual(['2026-01-05T10:00:00Z', '2026-01-05T10:00:11Z', '2026-01-05T10:00:32Z']);
    expect((await running.events('run')).at(-1)).toBe(
      'BackoffLimitExceeded: Job has reached the specified backoff limit',
    );
  });

  test('the deadline ends what runs', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.jobs, job({ activeDeadlineSeconds: 30 }));
    await running.pass(29);
    expect(await status(running)).toMatchObject({ active: 1 });
    await running.pass(30);
    const done = await status(running);
    expect(done).toMatchObject({ failed: 1, terminating: 0 });
    expect(conditions(done)).toEqual(['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded']);
    expect(done.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      '2026-01-05T10:00:30Z',
      '2026-01-05T10:00:31Z',
    ]);
  });

  test('an exit code may fail the job at once, or not count', async () => {
    let count = 0;
    const running = await start(() => fail((count += 1) < 3 ? 7 : 42));
    const rules = [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } },
      { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
    ];
    await running.create(RESOURCES.jobs, job({ backoffLimit: 0, podFailurePolicy: { rules } }));
    await running.pass(120);
    const done = await status(running);
    expect(done).toMatchObject({ failed: 1 });
    expect(conditions(done)).toEqual(['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy']);
    expect(done.conditions?.[1]?.message).toMatch(
      /^Container c for pod default\/run-\w{5} failed with exit code 42 matching FailJob rule at index 1$/,
    );
  });
});

describe('indexes', () => {
  const indexed = (spec: Partial<JobSpec>): object => job({ completionMode: 'Indexed', ...spec });

  test('each runs once, and knows its number', async () => {
    const running = await start(() => succeed());
    await running.create(RESOURCES.jobs, indexed({ completions: 4, parallelism: 4 }));
    await running.pass(1);
    const pods = await running.list<Pod>(RESOURCES.pods);
    expect(sorted(pods, ({ spec }) => spec?.hostname)).toEqual(['run-0', 'run-1', 'run-2', 'run-3']);
    expect(pods[0]?.metadata.generateName).toBe('run-0-');
    expect(pods[0]?.metadata.annotations).toEqual({ 'batch.kubernetes.io/job-completion-index': '0' });
    expect(pods[0]?.metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-completion-index': '0' });
    expect(pods[0]?.spec?.containers[0]?.env).toMatchObject([{ name: 'JOB_COMPLETION_INDEX' }]);
    await running.pass(20);
    expect(await status(running)).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    expect(conditions(await status(running))).toContain('Complete=True CompletionsReached');
  });

  test('each has its own limit', async () => {
    const running = await start(({ metadata }) =>
      metadata.annotations?.['batch.kubernetes.io/job-completion-index'] === '1' ? fail() : succeed(),
    );
    await running.create(RESOURCES.jobs, indexed({ completions: 3, parallelism: 3, backoffLimitPerIndex: 1 }));
    await running.pass(8);
    expect(await status(running)).toMatchObject({ completedIndexes: '0,2', failedIndexes: '' });
    await running.pass(60);
    const done = await status(running);
    expect(done).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1', failed: 2, succeeded: 2 });
    expect(conditions(done)).toEqual(['FailureTarget=True FailedIndexes', 'Failed=True FailedIndexes']);
    const counts = sorted(
      await running.list<Pod>(RESOURCES.pods),
      ({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'],
    );
    expect(counts).toEqual(['0', '0', '0', '1']);
  });

  test('success may be reached before all have run', async () => {
    const running = await start(({ metadata }) =>
      metadata.annotations?.['batch.kubernetes.io/job-completion-index'] === '0' ? succeed() : {},
    );
    const successPolicy = { rules: [{ succeededIndexes: '0' }] };
    await running.create(RESOURCES.jobs, indexed({ completions: 3, parallelism: 3, successPolicy }));
    await running.pass(30);
    const done = await status(running);
    expect(conditions(done)).toEqual(['SuccessCriteriaMet=True SuccessPolicy', 'Complete=True SuccessPolicy']);
    expect(done.conditions?.[1]?.message).toBe('Matched rules at index 0');
    expect(await running.pods()).toHaveLength(1);
  });

  test('too many failed indexes end the job', async () => {
    const running = await start(() => fail());
    const spec = { completions: 6, parallelism: 2, backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
    await running.create(RESOURCES.jobs, indexed(spec));
    await running.pass(30);
    expect(conditions(await status(running))).toContain('Failed=True MaxFailedIndexesExceeded');
  });
});

describe('changes', () => {
  test('suspended jobs lose their pods, and begin anew', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.jobs, job({ parallelism: 2, completions: 4 }));
    await running.pass(5);
    await running.patch(RESOURCES.jobs, 'run', { spec: { suspend: true } });
    await running.pass(5);
    expect(await running.pods()).toEqual([]);
    expect(conditions(await status(running))).toEqual(['Suspended=True JobSuspended']);
    expect((await status(running)).failed).toBeUndefined();
    await running.patch(RESOURCES.jobs, 'run', { spec: { suspend: false } });
    await running.pass(5);
    expect(await status(running)).toMatchObject({ active: 2, startTime: '2026-01-05T10:00:10Z' });
    expect(conditions(await status(running))).toEqual(['Suspended=False JobResumed']);
  });

  test('less parallelism ends pods', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.jobs, job({ parallelism: 3, completions: 10 }));
    await running.pass(3);
    await running.patch(RESOURCES.jobs, 'run', { spec: { parallelism: 1 } });
    await running.pass(5);
    expect(await running.pods()).toHaveLength(1);
    expect((await status(running)).failed).toBeUndefined();
  });

  test('a pod that somebody deletes counts as failed and is replaced', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.jobs, job());
    await running.pass(3);
    const [pod] = await running.list<Pod>(RESOURCES.pods);
    await running.delete(RESOURCES.pods, pod?.metadata.name ?? '');
    await running.pass(30);
    expect(await status(running)).toMatchObject({ active: 1, failed: 1 });
    expect(await running.pods()).toHaveLength(1);
  });

  test('pods go with their job', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.jobs, job());
    await running.pass(3);
    await running.client.delete(
      RESOURCES.jobs,
      { namespace: NAMESPACE, name: 'run' },
      { propagationPolicy: 'Background' },
    );
    await running.pass(5);
    expect(await running.pods()).toEqual([]);
  });

  test('jobs of other managers are left alone', async () => {
    const running = await start(() => ({}));
    await running.create(RESOURCES.jobs, job({ managedBy: 'example.com/other' }));
    await running.pass(5);
    expect(await running.pods()).toEqual([]);
  });
});
