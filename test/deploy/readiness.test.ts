import { describe, expect, test } from 'vitest';
import { type ReadinessOptions, readinessOf } from '../../src/deploy/readiness.ts';
import type { KubeObject } from '../../src/kube/object.ts';

const NOW = Date.parse('2024-05-01T10:00:00Z');

interface Case {
  readonly spec?: object;
  readonly status?: object;
  readonly metadata?: object;
}

function verdict(
  kind: string,
  { spec = {}, status, metadata = {} }: Case,
  options?: Partial<ReadinessOptions>,
): string {
  const [apiVersion = '', name = ''] = kind.split(' ');
  const object = {
    apiVersion,
    kind: name,
    metadata: { name: 'a', namespace: 'default', generation: 2, ...metadata },
    spec,
    ...(status === undefined ? {} : { status }),
  } as KubeObject;
  const { status: state, message } = readinessOf(object, { now: NOW, ...options });
  return `${state}: ${message}`;
}

const is = (type: string, status: string, more: object = {}): object => ({ type, status, ...more });

describe('any object', () => {
  test.each<[string, Case, string]>([
    ['without status', {}, 'Current: Resource is current'],
    [
      'that is being deleted',
      { metadata: { deletionTimestamp: '2024-05-01T09:00:00Z' } },
      'Terminating: Resource scheduled for deletion',
    ],
    [
      'whose last change was not seen yet',
      { status: { observedGeneration: 1 } },
      'InProgress: Thing generation is 2, but latest observed generation is 1',
    ],
    [
      'that is reconciling',
      { status: { conditions: [is('Reconciling', 'True', { message: 'at work' })] } },
      'InProgress: at work',
    ],
    ['that is stalled', { status: { conditions: [is('Stalled', 'True', { message: 'stuck' })] } }, 'Failed: stuck'],
    ['that is not stalled', { status: { conditions: [is('Stalled', 'False')] } }, 'Current: Resource is current'],
    ['that is ready', { status: { conditions: [is('Ready', 'True')] } }, 'Current: Resource is Ready'],
    ['that is not ready', { status: { conditions: [is('Ready', 'False', { message: 'soon' })] } }, 'InProgress: soon'],
    ['of unknown readiness', { status: { conditions: [is('Ready', 'Unknown')] } }, 'InProgress: '],
  ])('%s', (_, value, expected) => {
    expect(verdict('example.com/v1 Thing', value)).toBe(expected);
  });
});

describe('Deployment', () => {
  const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
  const done = [is('Progressing', 'True', { reason: 'NewReplicaSetAvailable' }), is('Available', 'True')];
  const spec = { replicas: 3, progressDeadlineSeconds: 600 };
  test.each<[string, Case, string]>([
    ['without pods', { spec, status: { observedGeneration: 2 } }, 'InProgress: Replicas: 0/3'],
    ['with old pods', { spec, status: { ...full, updatedReplicas: 1 } }, 'InProgress: Updated: 1/3'],
    ['with too many pods', { spec, status: { ...full, replicas: 4 } }, 'InProgress: Pending termination: 1'],
    ['with unavailable pods', { spec, status: { ...full, availableReplicas: 2 } }, 'InProgress: Available: 2/3'],
    ['with unready pods', { spec, status: { ...full, readyReplicas: 2 } }, 'InProgress: Ready: 2/3'],
    ['whose replica set is not done', { spec, status: full }, 'InProgress: ReplicaSet not Available'],
    [
      'that is not available',
      { spec, status: { ...full, conditions: done.slice(0, 1) } },
      'InProgress: Deployment not Available',
    ],
    ['that is done', { spec, status: { ...full, conditions: done } }, 'Current: Deployment is available. Replicas: 3'],
    [
      'that has no deadline',
      { spec: { replicas: 3 }, status: { ...full, conditions: done.slice(1) } },
      'Current: Deployment is available. Replicas: 3',
    ],
    [
      'past its deadline',
      { spec, status: { conditions: [is('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })] } },
      'Failed: Progress deadline exceeded',
    ],
    [
      'scaled to nothing',
      { spec: { ...spec, replicas: 0 }, status: { conditions: done } },
      'Current: Deployment is available. Replicas: 0',
    ],
  ])('%s', (_, value, expected) => {
    expect(verdict('apps/v1 Deployment', value)).toBe(expected);
  });

  test('counts', () => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec, status: { readyReplicas: 1 } };
    expect(readinessOf(object, { now: NOW })).toMatchObject({ ready: 1, desired: 3 });
  });
});

describe('ReplicaSet', () => {
  const full = { replicas: 2, fullyLabeledReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
  test.each<[string, Case, string]>([
    ['without pods', { spec: { replicas: 2 } }, 'InProgress: Labelled: 0/2'],
    [
      'with unavailable pods',
      { spec: { replicas: 2 }, status: { ...full, availableReplicas: 1 } },
      'InProgress: Available: 1/2',
    ],
    ['with unready pods', { spec: { replicas: 2 }, status: { ...full, readyReplicas: 1 } }, 'InProgress: Ready: 1/2'],
    [
      'with too many pods',
      { spec: { replicas: 2 }, status: { ...full, replicas: 3 } },
      'InProgress: Pending termination: 1',
    ],
    ['that is done', { spec: { replicas: 2 }, status: full }, 'Current: ReplicaSet is available. Replicas: 2'],
    [
      'that cannot make pods',
      { spec: { replicas: 2 }, status: { conditions: [is('ReplicaFailure', 'True')] } },
      'InProgress: Replica Failure condition. Check Pods',
    ],
  ])('%s', (_, value, expected) => {
    expect(verdict('apps/v1 ReplicaSet', value)).toBe(expected);
  });
});

describe('StatefulSet', () => {
  const spec = { replicas: 2, updateStrategy: { type: 'RollingUpdate' } };
  const full = {
    replicas: 2,
    readyReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 2,
    currentRevision: 'a',
    updateRevision: 'a',
  };
  const partitioned = { ...spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
  test.each<[string, Case, string]>([
    [
      'updated by hand',
      { spec: { updateStrategy: { type: 'OnDelete' } } },
      'Current: StatefulSet is using the ondelete update strategy',
    ],
    ['without pods', { spec }, 'InProgress: Replicas: 0/2'],
    ['with unready pods', { spec, status: { ...full, readyReplicas: 1 } }, 'InProgress: Ready: 1/2'],
    ['with too many pods', { spec, status: { ...full, replicas: 3 } }, 'InProgress: Pending termination: 1'],
    ['with old pods', { spec, status: { ...full, currentReplicas: 1 } }, 'InProgress: current: 1/2'],
    [
      'between revisions',
      { spec, status: { ...full, updateRevision: 'b' } },
      'InProgress: Waiting for updated revision to match current',
    ],
    ['that is done', { spec, status: full }, 'Current: All replicas scheduled as expected. Replicas: 2'],
    [
      'before its partition',
      { spec: partitioned, status: { ...full, updatedReplicas: 0 } },
      'InProgress: updated: 0/1',
    ],
    [
      'at its partition',
      { spec: partitioned, status: { ...full, updatedReplicas: 1 } },
      'Current: Partition rollout complete. updated: 1',
    ],
  ])('%s', (_, value, expected) => {
    expect(verdict('apps/v1 StatefulSet', value)).toBe(expected);
  });
});

describe('DaemonSet', () => {
  const full = {
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: 2,
  };
  test.each<[string, Case, string]>([
    ['not seen yet', { status: {} }, 'InProgress: DaemonSet status.observedGeneration not found'],
    ['not counted yet', { status: { observedGeneration: 2 } }, 'InProgress: Missing .status.desiredNumberScheduled'],
    ['with pods missing', { status: { ...full, currentNumberScheduled: 1 } }, 'InProgress: Current: 1/2'],
    ['with old pods', { status: { ...full, updatedNumberScheduled: 1 } }, 'InProgress: Updated: 1/2'],
    ['with unavailable pods', { status: { ...full, numberAvailable: 1 } }, 'InProgress: Available: 1/2'],
    ['with unready pods', { status: { ...full, numberReady: 1 } }, 'InProgress: Ready: 1/2'],
    ['that is done', { status: full }, 'Current: All replicas scheduled as expected. Replicas: 2'],
  ])('%s', (_, value, expected) => {
    expect(verdict('apps/v1 DaemonSet', value)).toBe(expected);
  });
});

describe('Job', () => {
  const failed = is('Failed', 'True', { reason: 'BackoffLimitExceeded', message: 'Job has reached the limit' });
  const table: [string, Case, string, string][] = [
    ['that nobody started', { status: {} }, 'InProgress: Job not started', 'InProgress: Job in progress'],
    [
      'at work',
      { status: { startTime: 'x', active: 1 } },
      'Current: Job in progress. success:0, active: 1, failed: 0',
      'InProgress: Job in progress',
    ],
    [
      'that is suspended',
      { status: { conditions: [is('Suspended', 'True')] } },
      'Current: Job is suspended',
      'InProgress: Job in progress',
    ],
    [
      'that is done',
      { spec: { parallelism: 2 }, status: { succeeded: 2, conditions: [is('Complete', 'True')] } },
      'Current: Job Completed. succeeded: 2/2',
      'Current: Job Completed. succeeded: 2/2',
    ],
    [
      'that failed',
      { spec: { completions: 3 }, status: { failed: 1, conditions: [failed] } },
      'Failed: Job Failed. failed: 1/3 (BackoffLimitExceeded: Job has reached the limit)',
      'Failed: Job Failed. failed: 1/3 (BackoffLimitExceeded: Job has reached the limit)',
    ],
  ];
  test.each(table)('%s', (_, value, plain, waited) => {
    expect(verdict('batch/v1 Job', value)).toBe(plain);
    expect(verdict('batch/v1 Job', value, { waitForJobs: true })).toBe(waited);
  });
});

describe('Pod', () => {
  const unscheduled = [is('PodScheduled', 'False', { reason: 'Unschedulable' })];
  const looping = [
    { name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } },
    { name: 'b', state: {} },
  ];
  const at = (seconds: number): object => ({ creationTimestamp: new Date(NOW - seconds * 1000).toISOString() });
  test.each<[string, Case, string, string]>([
    ['not seen yet', {}, 'InProgress: Pod phase not available', 'InProgress: Pod in progress'],
    [
      'that succeeded',
      { status: { phase: 'Succeeded' } },
      'Current: Pod has completed successfully',
      'Current: pod a succeeded',
    ],
    [
      'that failed',
      { status: { phase: 'Failed' } },
      'Current: Pod has completed, but not successfully',
      'Failed: pod a failed',
    ],
    [
      'that is ready',
      { status: { phase: 'Running', conditions: [is('Ready', 'True')] } },
      'Current: Pod is Ready',
      'InProgress: Pod in progress',
    ],
    [
      'that runs',
      { status: { phase: 'Running' } },
      'InProgress: Pod is running but is not Ready',
      'InProgress: Pod in progress',
    ],
    [
      'that crashes',
      { status: { phase: 'Running', containerStatuses: looping } },
      'Failed: Containers in CrashLoop state: a',
      'InProgress: Pod in progress',
    ],
    [
      'that starts',
      { status: { phase: 'Pending' } },
      'InProgress: Pod is in the Pending phase',
      'InProgress: Pod in progress',
    ],
    [
      'without a node',
      { status: { phase: 'Pending', conditions: unscheduled }, metadata: at(14) },
      'InProgress: Pod has not been scheduled',
      'InProgress: Pod in progress',
    ],
    [
      'without a node for long',
      { status: { phase: 'Pending', conditions: unscheduled }, metadata: at(15) },
      'Failed: Pod could not be scheduled',
      'InProgress: Pod in progress',
    ],
  ])('%s', (_, value, plain, hook) => {
    expect(verdict('v1 Pod', value)).toBe(plain);
    expect(verdict('v1 Pod', value, { waitForPods: true })).toBe(hook);
  });
});

test.each<[string, Case, string]>([
  ['v1 ConfigMap', {}, 'Current: Resource is always ready'],
  ['v1 Secret', {}, 'Current: Resource is always ready'],
  ['batch/v1 CronJob', {}, 'Current: Resource is always ready'],
  ['policy/v1 PodDisruptionBudget', {}, 'Current: AllowedDisruptions has been computed.'],
  ['v1 Service', { spec: {} }, 'Current: Service is ready'],
  ['v1 Service', { spec: { type: 'LoadBalancer' } }, 'InProgress: ClusterIP not set. Service type: LoadBalancer'],
  ['v1 Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }, 'Current: Service is ready'],
  ['v1 PersistentVolumeClaim', {}, 'InProgress: PVC is not Bound. phase: unknown'],
  ['v1 PersistentVolumeClaim', { status: { phase: 'Pending' } }, 'InProgress: PVC is not Bound. phase: Pending'],
  ['v1 PersistentVolumeClaim', { status: { phase: 'Bound' } }, 'Current: PVC is Bound'],
  ['apiextensions.k8s.io/v1 CustomResourceDefinition', {}, 'InProgress: Install in progress'],
  [
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    { status: { conditions: [is('Established', 'False', { reason: 'Installing' })] } },
    'InProgress: Install in progress',
  ],
  [
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    { status: { conditions: [is('NamesAccepted', 'False', { message: 'taken' })] } },
    'Failed: taken',
  ],
  [
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    { status: { conditions: [is('NamesAccepted', 'True'), is('Established', 'True')] } },
    'Current: CRD is established',
  ],
])('%s %j', (kind, value, expected) => {
  expect(verdict(kind, value)).toBe(expected);
});
