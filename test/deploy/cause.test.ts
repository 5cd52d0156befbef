import { beforeEach, describe, expect, test } from 'vitest';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { findCause, formatCause, podCause } from '../../src/deploy/cause.ts';
import { buildResources } from '../../src/deploy/resource.ts';
import type { Pod } from '../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type LightCluster, lightCluster } from './light-cluster.ts';

const SPEC = { containers: [{ name: 'web', image: 'nginx:nope', readinessProbe: { httpGet: { port: 80 } } }] };

function pod(status: object, spec: object = SPEC): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default' },
    spec,
    status,
  } as unknown as Pod;
}

const container = (change: object): object => ({
  name: 'web',
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...change,
});

describe('podCause', () => {
  test.each<[string, object, string | undefined]>([
    [
      'that is fine',
      { phase: 'Running', containerStatuses: [container({ ready: true, state: { running: {} } })] },
      undefined,
    ],
    [
      'that starts',
      { phase: 'Pending', containerStatuses: [container({ state: { waiting: { reason: 'ContainerCreating' } } })] },
      undefined,
    ],
    [
      'without a node',
      {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
        ],
      },
      'pod default/web-1: Unschedulable: 0/3 nodes are available',
    ],
    [
      'without its image',
      {
        phase: 'Pending',
        containerStatuses: [
          container({ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } }),
        ],
      },
      'pod default/web-1, container "web": ImagePullBackOff: Back-off pulling image',
    ],
    [
      'that crashes',
      {
        phase: 'Running',
        containerStatuses: [
          container({
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
            lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
          }),
        ],
      },
      'pod default/web-1, container "web": CrashLoopBackOff: back-off 10s; last exit: OOMKilled, code 137',
    ],
    [
      'whose init container fails',
      {
        phase: 'Pending',
        initContainerStatuses: [container({ name: 'init', state: { terminated: { reason: 'Error', exitCode: 3 } } })],
        containerStatuses: [container({ state: { waiting: { reason: 'PodInitializing' } } })],
      },
      'pod default/web-1, container "init": Error: exit code 3',
    ],
    [
      'that is not ready',
      { phase: 'Running', containerStatuses: [container({ state: { running: {} } })] },
      'pod default/web-1, container "web": NotReady: the readiness probe does not pass',
    ],
    [
      'that was evicted',
      { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
      'pod default/web-1: Evicted: low on memory',
    ],
  ])('a pod %s', (_, status, expected) => {
    const found = podCause(pod(status));
    expect(found === undefined ? undefined : formatCause({ ...found, events: [], logs: [] })).toBe(expected);
  });
});

describe('findCause', () => {
  let cluster: LightCluster;
  beforeEach(async () => {
    cluster = await lightCluster();
    await cluster.client.create(RESOURCES.deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
      },
    });
  });

  const cause = async (client: KubeClient = cluster.client): ReturnType<typeof findCause> => {
    const manifest = '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}';
    const [resource] = await buildResources(cluster.client, manifest, { namespace: 'default' });
    return resource === undefined ? undefined : await findCause(client, resource);
  };

  const addPod = async (name: string, status: object): Promise<KubeObject> => {
    const made = await cluster.client.create(RESOURCES.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: 'web' } },
      spec: SPEC,
    });
    await cluster.client.patch(
      RESOURCES.pods,
      { namespace: 'default', name },
      'merge',
      { status },
      { subresource: 'status' },
    );
    return made;
  };

  const addEvent = async (about: KubeObject, reason: string, message: string, type = 'Warning'): Promise<void> => {
    await cluster.clock.advance(1000);
    const time = new Date(cluster.clock.now()).toISOString().replace('.000', '');
    await cluster.client.create(RESOURCES.events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `e.${cluster.clock.now()}`, namespace: 'default' },
      involvedObject: { kind: about.kind, namespace: 'default', name: about.metadata.name, uid: about.metadata.uid },
      reason,
      message,
      type,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      source: { component: 'test' },
    });
  };

  test('nothing to see is no cause', async () => {
    expect(await cause()).toBeUndefined();
  });

  test('looks at the pods, with their events', async () => {
    const bad = await addPod('web-1', {
      containerStatuses: [container({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } })],
    });
    for (const n of [1, 2, 3, 4, 5, 6]) await addEvent(bad, 'Failed', `try ${n}`);
    await addEvent(bad, 'Scheduled', 'all is well', 'Normal');
    expect(await cause()).toEqual({
      object: 'pod default/web-1',
      container: 'web',
      reason: 'ErrImagePull',
      message: 'not found',
      events: [2, 3, 4, 5, 6].map((n) => `Failed: try ${n}`),
      logs: [],
    });
  });

  test('a probe is quoted', async () => {
    const bad = await addPod('web-1', { phase: 'Running', containerStatuses: [container({ state: { running: {} } })] });
    await addEvent(bad, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503');
    expect((await cause())?.message).toBe('Readiness probe failed: HTTP probe failed with statuscode: 503');
  });

  test('a volume that cannot be mounted shows in events only', async () => {
    const bad = await addPod('web-1', {
      containerStatuses: [container({ state: { waiting: { reason: 'ContainerCreating' } } })],
    });
    await addEvent(bad, 'FailedMount', 'configmap "x" not found');
    expect(await cause()).toMatchObject({
      object: 'pod default/web-1',
      reason: 'FailedMount',
      message: 'configmap "x" not found',
    });
  });

  test('a condition of the object, where no pod tells', async () => {
    const time = '2026-01-15T12:00:00Z';
    await cluster.client.patch(
      RESOURCES.deployments,
      { namespace: 'default', name: 'web' },
      'merge',
      {
        status: {
          conditions: [
            {
              type: 'ReplicaFailure',
              status: 'True',
              reason: 'FailedCreate',
              message: 'exceeded quota',
              lastTransitionTime: time,
              lastUpdateTime: time,
            },
          ],
        },
      },
      { subresource: 'status' },
    );
    const found = await cause();
    expect(found === undefined ? '' : formatCause(found)).toBe('deployment default/web: FailedCreate: exceeded quota');
  });

  test('an event about the object as the last resort', async () => {
    const live = await cluster.find(RESOURCES.deployments, 'web');
    if (live !== undefined) await addEvent(live, 'ReplicaSetCreateError', 'no');
    expect(await cause()).toMatchObject({ object: 'deployment default/web', reason: 'ReplicaSetCreateError' });
  });

  test('who may not look finds nothing, and is not stopped by it', async () => {
    const blind = { ...cluster.client, get: () => Promise.reject(new Error('no')) } as unknown as KubeClient;
    expect(await cause(blind)).toBeUndefined();
  });
});
