import { expect, test } from 'vitest';
import { createJobController } from '../../../../src/cluster/controllers/job/job-controller.ts';
import type { Job, JobSpec } from '../../../../src/kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

// Inputs and results of kubernetes: pkg/controller/job/job_controller_test.go TestControllerSyncJob

const FINALIZER = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';
const TEMPLATE = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] } };

type Kind = 'pending' | 'active' | 'ready' | 'succeeded' | 'failed' | 'terminating';

interface Case {
  readonly spec: Partial<JobSpec>;
  readonly pods?: Partial<Record<Kind, number>>;
  /** Pods of an indexed job: `index kind`. */
  readonly indexed?: readonly string[];
  readonly status?: object;
  readonly deleting?: boolean;
  /** What one look does: `+created -deleted`, then what the status says. */
  readonly result: string;
}

const indexed = (parallelism: number, completions: number, more: Partial<JobSpec> = {}): Partial<JobSpec> => ({
  parallelism,
  completions,
  completionMode: 'Indexed',
  ...more,
});
const suspended = { conditions: [{ type: 'Suspended', status: 'True', reason: 'JobSuspended' }] };

const CASES: Readonly<Record<string, Case>> = {
  start: { spec: { parallelism: 2, completions: 5 }, result: '+2 active=2' },
  'start of a work queue': { spec: { parallelism: 2 }, result: '+2 active=2' },
  'pending pods': { spec: { parallelism: 2, completions: 5 }, pods: { pending: 2 }, result: 'active=2' },
  'enough pods': {
    spec: { parallelism: 3, completions: 5 },
    pods: { active: 1, ready: 2 },
    result: 'active=3 ready=2',
  },
  'enough pods of a work queue': { spec: { parallelism: 2 }, pods: { active: 2 }, result: 'active=2' },
  'too few': {
    spec: { parallelism: 2, completions: 5 },
    pods: { active: 1, succeeded: 1 },
    result: '+1 active=2 succeeded=1',
  },
  'a pod is replaced when it has failed': {
    spec: { parallelism: 1, podReplacementPolicy: 'Failed' },
    pods: { active: 1, failed: 1, terminating: 1 },
    result: 'active=1 failed=1 terminating=1',
  },
  'a pod is replaced when it terminates': {
    spec: { parallelism: 1, podReplacementPolicy: 'TerminatingOrFailed' },
    pods: { active: 1, failed: 1, terminating: 1 },
    result: 'active=1 failed=2 terminating=1',
  },
  'more terminate than run': {
    spec: { parallelism: 1, completions: 1, podReplacementPolicy: 'Failed' },
    pods: { active: 2, terminating: 4 },
    result: '-1 active=1 terminating=5',
  },
  'too few of a work queue': { spec: { parallelism: 2 }, pods: { active: 1 }, result: '+1 active=2' },
  'too many': { spec: { parallelism: 2, completions: 5 }, pods: { active: 3 }, result: '-1 active=2 terminating=1' },
  'too many that are ready': {
    spec: { parallelism: 2, completions: 5 },
    pods: { ready: 3 },
    result: '-1 active=2 ready=2 terminating=1',
  },
  'a success after a failure': {
    spec: { parallelism: 2, completions: 5 },
    pods: { active: 1, succeeded: 1, failed: 1 },
    result: '+1 active=2 succeeded=1 failed=1',
  },
  'a failure long ago': {
    spec: { parallelism: 2, completions: 5 },
    pods: { active: 1, failed: 1 },
    result: '+1 active=2 failed=1',
  },
  'failures that were counted': {
    spec: { parallelism: 1, completions: 1 },
    pods: { active: 1 },
    status: { active: 1, failed: 1, startTime: '2026-01-05T10:00:00Z' },
    result: 'active=1 failed=1',
  },
  finish: {
    spec: { parallelism: 2, completions: 5 },
    pods: { succeeded: 5 },
    result: 'succeeded=5 SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached',
  },
  'a work queue that comes to its end': {
    spec: { parallelism: 2 },
    pods: { active: 1, succeeded: 1 },
    result: 'active=1 succeeded=1',
  },
  'a work queue at its end': {
    spec: { parallelism: 2 },
    pods: { succeeded: 2 },
    result: 'succeeded=2 SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached',
  },
  'a work queue at its end, one has failed': {
    spec: { parallelism: 2 },
    pods: { succeeded: 1, failed: 1 },
    result: 'succeeded=1 failed=1 SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached',
  },
  'many too many': {
    spec: { parallelism: 2, completions: 5 },
    pods: { active: 10 },
    result: '-8 active=2 terminating=8',
  },
  'more than are left to do': {
    spec: { parallelism: 3, completions: 4 },
    pods: { active: 3, succeeded: 2 },
    result: '-1 active=2 succeeded=2 terminating=1',
  },
  'nothing but counts': {
    spec: { parallelism: 2, completions: 5 },
    pods: { active: 2, succeeded: 2 },
    result: 'active=2 succeeded=2',
  },
  'a job that is being deleted': {
    spec: { parallelism: 2, completions: 5 },
    pods: { pending: 1, active: 1, succeeded: 1 },
    deleting: true,
    result: 'active=2 succeeded=1',
  },
  'too many failures': {
    spec: { parallelism: 2, completions: 5, backoffLimit: 0 },
    pods: { failed: 1 },
    result: 'failed=1 FailureTarget/BackoffLimitExceeded Failed/BackoffLimitExceeded',
  },
  'ready pods of a job that fails': {
    spec: { parallelism: 2, completions: 3, backoffLimit: 0 },
    pods: { ready: 2, failed: 1 },
    result: '-2 failed=3 terminating=2 FailureTarget/BackoffLimitExceeded',
  },
  'indexes start': { spec: indexed(2, 5), result: '+2 [0 1] active=2' },
  'indexes with a pod that terminates, replaced when failed': {
    spec: indexed(2, 5, { podReplacementPolicy: 'Failed' }),
    indexed: ['1 terminating'],
    result: '+1 [0] active=1 terminating=1',
  },
  'indexes with a pod that terminates': {
    spec: indexed(2, 5),
    indexed: ['1 terminating'],
    result: '+2 [0 1] active=2 failed=1 terminating=1',
  },
  'all indexes have succeeded': {
    spec: indexed(2, 3),
    indexed: ['0 succeeded', '1 failed', '1 succeeded', '2 succeeded'],
    result: 'succeeded=3 failed=1 0-2 SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached',
  },
  'an index fails the job': {
    spec: indexed(2, 3, { backoffLimit: 0 }),
    indexed: ['0 succeeded', '1 failed', '2 active'],
    result: '-1 succeeded=1 failed=2 terminating=1 0 FailureTarget/BackoffLimitExceeded',
  },
  'an index that succeeded twice': {
    spec: indexed(2, 3),
    indexed: ['0 succeeded', '1 succeeded', '1 succeeded'],
    result: '+1 [2] active=1 succeeded=2 0,1',
  },
  'some indexes run, some are done': {
    spec: indexed(8, 20),
    indexed: ['0 active', '2 succeeded', '3 pending', ...[4, 5, 7, 8, 9].map((i) => `${i} succeeded`)],
    result: '+6 [1 6 10 11 12 13] active=8 succeeded=6 2,4,5,7-9',
  },
  'some indexes have failed': {
    spec: indexed(3, 4),
    indexed: ['0 failed', '1 pending', '2 failed'],
    result: '+2 [0 2] active=3 failed=2',
  },
  'pods without a valid index': {
    spec: indexed(2, 5),
    pods: { active: 1, succeeded: 1, failed: 1 },
    indexed: [
      ...['active', 'succeeded', 'failed', 'pending'].map((kind) => `invalid ${kind}`),
      '0 succeeded',
      '1 active',
      '2 active',
    ],
    result: '-3 active=2 succeeded=1 terminating=3 0',
  },
  'an index twice': {
    spec: indexed(5, 5),
    pods: { succeeded: 1, failed: 1 },
    indexed: ['invalid active', '0 succeeded', '1 active', '2 active', '2 pending'],
    result: '-2 active=2 succeeded=1 terminating=2 0',
  },
  'indexes out of range': {
    spec: indexed(2, 5),
    indexed: ['0 succeeded', '5 active', '6 succeeded', '7 pending', '8 failed'],
    result: '-2 succeeded=1 terminating=2 0',
  },
  'a suspended job does not start': {
    spec: { parallelism: 2, completions: 4, suspend: true },
    result: 'Suspended/JobSuspended',
  },
  'a job is suspended': {
    spec: { parallelism: 2, completions: 4, suspend: true },
    pods: { ready: 2 },
    result: '-2 terminating=2 Suspended/JobSuspended',
  },
  'a job is resumed': {
    spec: { parallelism: 2, completions: 4 },
    status: suspended,
    result: '+2 active=2 Suspended=False/JobResumed',
  },
  'a job that is being deleted is not suspended': {
    spec: { parallelism: 2, completions: 4, suspend: true },
    pods: { active: 2 },
    deleting: true,
    result: 'active=2',
  },
  'a FailureTarget that is false': {
    spec: { parallelism: 1, completions: 1 },
    pods: { ready: 1 },
    status: { conditions: [{ type: 'FailureTarget', status: 'False', reason: 'ByHand' }] },
    result: 'active=1 ready=1 FailureTarget=False/ByHand',
  },
};

const PHASES: Readonly<Record<string, string>> = {
  pending: 'Pending',
  succeeded: 'Succeeded',
  failed: 'Failed',
};

async function seedPod(cluster: WorkloadCluster, job: Job, kind: string, name: string, index?: string): Promise<void> {
  const { name: jobName = '', uid = '' } = job.metadata;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: jobName, uid, controller: true, blockOwnerDeletion: true };
  const made = await cluster.create<Pod>(RESOURCES.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { ...job.spec?.selector?.matchLabels, seeded: 'true', kind },
      finalizers: [FINALIZER],
      ownerReferences: [owner],
      ...(index === undefined ? {} : { annotations: { [INDEX]: index } }),
    },
    spec: { ...TEMPLATE.spec, nodeName: 'n1' },
  });
  const long = '2026-01-05T08:00:00Z';
  const isEnded = kind === 'succeeded' || kind === 'failed';
  const terminated = { exitCode: kind === 'failed' ? 1 : 0, finishedAt: long };
  const status = {
    phase: PHASES[kind] ?? 'Running',
    conditions: [{ type: 'Ready', status: kind === 'ready' ? 'True' : 'False', lastTransitionTime: long }],
    ...(isEnded
      ? {
          containerStatuses: [
            { name: 'c', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } },
          ],
        }
      : {}),
  };
  await cluster.client.update(RESOURCES.pods, { ...made, status }, { subresource: 'status' });
  if (kind === 'terminating') await cluster.delete(RESOURCES.pods, name);
}

async function seed(cluster: WorkloadCluster, position: number, each: Case): Promise<void> {
  const name = `job-${position}`;
  const made = await cluster.create<Job>(RESOURCES.jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: NAMESPACE, ...(each.deleting === true ? { finalizers: ['example.com/hold'] } : {}) },
    spec: { template: TEMPLATE, ...each.spec },
  });
  if (each.status !== undefined) {
    await cluster.client.update(RESOURCES.jobs, { ...made, status: each.status }, { subresource: 'status' });
  }
  let count = 0;
  for (const [kind, number] of Object.entries(each.pods ?? {})) {
    for (let i = 0; i < number; i += 1) await seedPod(cluster, made, kind, `${name}-p${(count += 1)}`);
  }
  for (const text of each.indexed ?? []) {
    const [index = '', kind = ''] = text.split(' ');
    await seedPod(cluster, made, kind, `${name}-p${(count += 1)}`, index);
  }
  if (each.deleting === true)
    await cluster.client.delete(RESOURCES.jobs, { namespace: NAMESPACE, name }, { propagationPolicy: 'Background' });
}

async function resultOf(cluster: WorkloadCluster, name: string, pods: readonly Pod[]): Promise<string> {
  const job = await cluster.get<Job>(RESOURCES.jobs, name);
  const own = pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === name);
  const created = own.filter(({ metadata }) => metadata.labels?.['seeded'] === undefined);
  const deleted = own.filter(
    ({ metadata }) => metadata.deletionTimestamp !== undefined && metadata.labels?.['kind'] !== 'terminating',
  );
  const { active = 0, ready = 0, succeeded = 0, failed = 0, terminating = 0, ...status } = job.status ?? {};
  const counts = Object.entries({ active, ready, succeeded, failed, terminating });
  const indexes = created
    .flatMap(({ metadata }) => metadata.annotations?.[INDEX] ?? [])
    .sort((a, b) => Number(a) - Number(b));
  return [
    created.length === 0 ? '' : `+${created.length}`,
    deleted.length === 0 ? '' : `-${deleted.length}`,
    indexes.length === 0 ? '' : `[${indexes.join(' ')}]`,
    ...counts.map(([key, count]) => (count === 0 ? '' : `${key}=${count}`)),
    status.completedIndexes ?? '',
    ...(status.conditions ?? []).map(
      ({ type, status: value, reason }) => `${type}${value === 'True' ? '' : `=${value}`}/${reason}`,
    ),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

test('what one look at a job does', async () => {
  const cluster = await workloadCluster({ controllers: [], runPods: false });
  const names = Object.keys(CASES);
  for (const [i, name] of names.entries()) {
    const each = CASES[name];
    if (each !== undefined) await seed(cluster, i, each);
  }
  const controller = createJobController(cluster.context, cluster.informers);
  await cluster.clock.blockOn(controller.start());
  await cluster.clock.settle();
  const pods = await cluster.list<Pod>(RESOURCES.pods);
  const results: Record<string, string> = {};
  for (const [i, name] of names.entries()) results[name] = await resultOf(cluster, `job-${i}`, pods);
  controller.stop();
  cluster.stop();
  expect(results).toEqual(Object.fromEntries(names.map((name) => [name, CASES[name]?.result])));
});
