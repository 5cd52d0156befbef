import { beforeEach, describe, expect, test } from 'vitest';
import { createObjects } from '../../src/deploy/apply.ts';
import { buildResources, type Resource } from '../../src/deploy/resource.ts';
import { waitDeleted, waitReady } from '../../src/deploy/wait.ts';
import type { Progress } from '../../src/deploy/wait-options.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type LightCluster, lightCluster, START } from './light-cluster.ts';

let cluster: LightCluster;
beforeEach(async () => {
  cluster = await lightCluster();
});

const deployment = (name: string, change: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
      ...change,
    },
  });

const job = (name: string): string =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } } },
  });

const configMap = (name: string, metadata: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata } });

async function create(...documents: string[]): Promise<Resource[]> {
  const resources = await buildResources(cluster.client, documents.join('\n---\n'), { namespace: 'default' });
  await createObjects(cluster, resources, { serverSide: true });
  return resources;
}

const passed = (): number => cluster.clock.now() - START;

describe('waitReady', () => {
  test('waits as long as it takes, no longer', async () => {
    cluster.react();
    await waitReady(cluster, await create(deployment('web'), configMap('a')), { timeout: 60_000, mode: 'ready' });
    expect(passed()).toBe(1000);
  });

  test('takes no time where all is ready', async () => {
    await waitReady(cluster, await create(configMap('a')), { timeout: 60_000, mode: 'ready' });
    await waitReady(cluster, [], { timeout: 60_000, mode: 'ready' });
    expect(passed()).toBe(0);
  });

  test('gives up at its deadline, with a line for each object that is not ready', async () => {
    const resources = await create(deployment('web'), configMap('a'), deployment('api'));
    await expect(waitReady(cluster, resources, { timeout: 45_000, mode: 'ready' })).rejects.toMatchObject({
      code: 'wait-timeout',
      message: [
        'resource Deployment/default/web not ready. status: InProgress, message: Replicas: 0/2',
        'resource Deployment/default/api not ready. status: InProgress, message: Replicas: 0/2',
        'context deadline exceeded',
      ].join('\n'),
    });
    expect(passed()).toBe(45_000);
  });

  test('no timeout stands for half a minute', async () => {
    const resources = await create(deployment('web'));
    await expect(waitReady(cluster, resources, { timeout: 0, mode: 'ready' })).rejects.toThrow(
      'context deadline exceeded',
    );
    expect(passed()).toBe(30_000);
  });

  test('does not wait for what has failed, but for the others', async () => {
    cluster.react();
    const resources = await create(job('bad'), deployment('web'));
    await expect(waitReady(cluster, resources, { timeout: 60_000, mode: 'jobs' })).rejects.toMatchObject({
      code: 'wait-failed',
      message:
        'resource Job/default/bad not ready. status: Failed, message: Job Failed. failed: 1/1 (BackoffLimitExceeded: Job has reached the specified backoff limit) (job default/bad: BackoffLimitExceeded: Job has reached the specified backoff limit)',
    });
    expect(passed()).toBe(1000);
  });

  test('waits for Jobs to end only when asked to', async () => {
    const resources = await create(job('a'));
    await cluster.client.patch(
      RESOURCES.jobs,
      { namespace: 'default', name: 'a' },
      'merge',
      { status: { startTime: '2026-01-15T12:00:00Z', active: 1 } },
      { subresource: 'status' },
    );
    await waitReady(cluster, resources, { timeout: 5000, mode: 'ready' });
    await expect(waitReady(cluster, resources, { timeout: 5000, mode: 'jobs' })).rejects.toThrow('Job in progress');
  });

  test('does not wait for Deployments that are paused', async () => {
    await waitReady(cluster, await create(deployment('web', { paused: true })), { timeout: 5000, mode: 'ready' });
    expect(passed()).toBe(0);
  });

  test('an object that is not there is not ready', async () => {
    const resources = await buildResources(cluster.client, configMap('nowhere'), { namespace: 'default' });
    await expect(waitReady(cluster, resources, { timeout: 5000, mode: 'ready' })).rejects.toThrow(
      'resource ConfigMap/default/nowhere not ready. status: NotFound, message: Resource not found',
    );
  });

  test('an object that comes while it is waited for is seen', async () => {
    const resources = await buildResources(cluster.client, configMap('late'), { namespace: 'default' });
    cluster.clock.setTimer(3000, () => void create(configMap('late')));
    await waitReady(cluster, resources, { timeout: 5000, mode: 'ready' });
    expect(passed()).toBe(3000);
  });

  test('ends when it is interrupted', async () => {
    const abort = new AbortController();
    cluster.clock.setTimer(2000, () => abort.abort());
    const promise = waitReady(cluster, await create(deployment('web')), {
      timeout: 60_000,
      mode: 'ready',
      signal: abort.signal,
    });
    await expect(promise).rejects.toMatchObject({
      code: 'interrupted',
      message: expect.stringMatching(/context canceled$/) as unknown,
    });
    expect(passed()).toBe(2000);
    await expect(
      waitReady(cluster, await create(deployment('api')), { timeout: 60_000, mode: 'ready', signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('tells of its progress and of pods in trouble, once', async () => {
    cluster.react();
    const seen: string[] = [];
    const trouble: string[] = [];
    const listener = {
      progress: (objects: readonly Progress[]) => seen.push(objects.map(({ readiness }) => readiness.status).join()),
      trouble: (text: string) => trouble.push(text),
    };
    const resources = await create(deployment('web'), configMap('a'));
    const pod = { restartPolicy: 'Never', containers: [{ name: 'web', image: 'nginx:nope' }] };
    await cluster.client.create(RESOURCES.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace: 'default' },
      spec: pod,
    });
    const waiting = {
      name: 'web',
      image: 'nginx:nope',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'ImagePullBackOff', message: 'no such tag' } },
    };
    for (const restarts of [0, 0]) {
      await cluster.client.patch(
        RESOURCES.pods,
        { namespace: 'default', name: 'web-1' },
        'merge',
        { status: { containerStatuses: [{ ...waiting, restartCount: restarts }] } },
        { subresource: 'status' },
      );
    }
    await waitReady(cluster, resources, { timeout: 60_000, mode: 'ready', listener });
    expect(seen.at(0)).toMatch(/InProgress/);
    expect(seen.at(-1)).toBe('Current,Current');
    expect(trouble).toEqual(['pod default/web-1, container "web": ImagePullBackOff: no such tag']);
  });
});

describe('waitDeleted', () => {
  test('waits until all is gone', async () => {
    const resources = await create(configMap('a'), configMap('b'));
    for (const [i, { key }] of resources.entries()) {
      cluster.clock.setTimer(1000 * (i + 1), () => void cluster.client.delete(RESOURCES.configMaps, key));
    }
    await waitDeleted(cluster, resources, { timeout: 60_000 });
    expect(passed()).toBe(2000);
    await waitDeleted(cluster, resources, { timeout: 60_000 });
    expect(passed()).toBe(2000);
  });

  test('names what a finalizer holds', async () => {
    const resources = await create(configMap('a', { finalizers: ['example.com/hold'] }));
    await cluster.client.delete(RESOURCES.configMaps, { namespace: 'default', name: 'a' });
    await expect(waitDeleted(cluster, resources, { timeout: 5000 })).rejects.toMatchObject({
      code: 'wait-timeout',
      message:
        'resource ConfigMap/default/a still exists. status: Terminating, message: Resource scheduled for deletion\ncontext deadline exceeded',
      hint: expect.stringContaining('finalizers') as unknown,
    });
  });
});
