import { afterEach, describe, expect, test } from 'vitest';
import type { PintleError } from '../../src/base/errors.ts';
import { createObjects } from '../../src/deploy/apply.ts';
import { buildResources, type Resource } from '../../src/deploy/resource.ts';
import { waitReady } from '../../src/deploy/wait.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { embeddedCluster, type EmbeddedCluster, START } from '../support/embedded-cluster.ts';

let cluster: EmbeddedCluster | undefined;
afterEach(() => cluster?.stop());

const deployment = (name: string, pod: object, change: object = {}): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: pod },
      ...change,
    },
  });

const container = (change: object): object => ({ containers: [{ name: 'web', image: 'nginx:1.27', ...change }] });

async function start(...documents: string[]): Promise<Resource[]> {
  cluster = await embeddedCluster();
  const { client } = cluster.cluster;
  const resources = await buildResources(client, documents.join('\n---\n'), { namespace: 'default' });
  await createObjects(cluster.context(), resources, { serverSide: true });
  return resources;
}

async function failureOf(resources: readonly Resource[], failFast: boolean): Promise<[PintleError, number]> {
  if (cluster === undefined) throw new Error('no cluster');
  const { cluster: simulated } = cluster;
  const error = await waitReady(cluster.context(), resources, {
    timeout: 600_000,
    mode: 'ready',
    ...(failFast ? { failFast: { after: 60_000, since: START } } : {}),
  }).catch((each: unknown) => each);
  return [error as PintleError, (simulated.clock.now() - START) / 1000];
}

const STUCK: readonly [string, object, RegExp][] = [
  ['an image that is not there', container({ image: 'nginx:does-not-exist' }), /web": (ImagePullBackOff|ErrImagePull)/],
  ['a container that crashes', container({ image: 'busybox', command: ['sh', '-c', 'exit 3'] }), /CrashLoopBackOff/],
  ['a pod that fits nowhere', container({ resources: { requests: { cpu: '900' } } }), /Unschedulable: 0\/3 nodes/],
];

describe('--fail-fast', () => {
  test.each(STUCK)('%s', async (_, pod, message) => {
    const resources = await start(deployment('web', pod));
    const [error, seconds] = await failureOf(resources, true);
    expect(error.code).toBe('wait-failed');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('gave up early: pod default/web-');
    expect(seconds).toBeLessThan(120);
  });

  test('shows the last lines of the container that crashes', async () => {
    const pod = container({ image: 'busybox', command: ['sh', '-c', 'echo no database; exit 3'] });
    const [error] = await failureOf(await start(deployment('web', pod)), true);
    expect(error.trace.map(({ text }) => text).join('\n')).toMatch(/log of pod default\/web-.*: no database/);
  });

  test('an object that has failed ends the wait for the others', async () => {
    const slow = deployment('slow', container({ readinessProbe: { exec: { command: ['false'] } } }));
    const job = JSON.stringify({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job' },
      spec: {
        backoffLimit: 0,
        template: { spec: { restartPolicy: 'Never', ...container({ image: 'busybox', command: ['false'] }) } },
      },
    });
    const [, fast] = await failureOf(await start(slow, job), true);
    expect(fast).toBeLessThan(60);
    const [error, patient] = await failureOf(await start(slow, job), false);
    expect([error.code, patient >= 600]).toEqual(['wait-timeout', true]);
  });

  test('pods of an earlier revision do not count', async () => {
    const resources = await start(deployment('web', container({ image: 'nginx:does-not-exist' })));
    if (cluster === undefined) throw new Error('no cluster');
    await cluster.advance(300_000);
    const context = cluster.context();
    await createObjects(
      context,
      await buildResources(context.client, deployment('web', container({})), { namespace: 'default' }),
      {
        serverSide: true,
      },
    );
    await waitReady(context, resources, {
      timeout: 600_000,
      mode: 'ready',
      failFast: { after: 1000, since: context.clock.now() },
    });
  });
});

test('without it, a wait ends early only where no waiting helps', async () => {
  const patient = await failureOf(await start(deployment('web', container({ image: 'nginx:does-not-exist' }))), false);
  expect([patient[0].code, patient[1] >= 600]).toEqual(['wait-timeout', true]);
  const hopeless = await failureOf(await start(deployment('web', container({ image: 'NGINX::' }))), false);
  expect(hopeless[0].message).toContain('InvalidImageName');
  expect(hopeless[1]).toBeLessThan(60);
});

describe('--wait=legacy', () => {
  test('is content with a Deployment but for maxUnavailable pods', async () => {
    const resources = await start(
      deployment('web', container({}), { replicas: 4, strategy: { rollingUpdate: { maxUnavailable: 4 } } }),
    );
    if (cluster === undefined) throw new Error('no cluster');
    await waitReady(cluster.context(), resources, { timeout: 60_000, mode: 'ready', strategy: 'legacy' });
    const live = await cluster.cluster.client.get(RESOURCES.deployments, { namespace: 'default', name: 'web' });
    expect((live['status'] as { readonly readyReplicas?: number }).readyReplicas ?? 0).toBe(0);
  });

  test('looks every two seconds until its deadline', async () => {
    const resources = await start(deployment('web', container({ image: 'nginx:does-not-exist' })));
    if (cluster === undefined) throw new Error('no cluster');
    await expect(
      waitReady(cluster.context(), resources, { timeout: 45_000, mode: 'ready', strategy: 'legacy' }),
    ).rejects.toMatchObject({
      code: 'wait-timeout',
      message: expect.stringMatching(/Deployment\/default\/web not ready.*context deadline exceeded$/s) as unknown,
    });
    expect(cluster.cluster.clock.now()).toBe(START + 45_000);
  });
});

describe('rules in annotations', () => {
  const map = (annotations: object, data: object = {}): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations }, data });
  const wait = async (text: string): Promise<string> => {
    const resources = await start(text);
    if (cluster === undefined) throw new Error('no cluster');
    return await waitReady(cluster.context(), resources, { timeout: 10_000, mode: 'ready' }).then(
      () => 'ready',
      (error: unknown) => (error as Error).message,
    );
  };

  test.each<[string, object, object, RegExp]>([
    ['CEL', { 'pintle.dev/ready-when': "self.data.phase == 'Running'" }, { phase: 'Running' }, /^ready$/],
    [
      'CEL that does not hold',
      { 'pintle.dev/ready-when': "self.data.phase == 'Running'" },
      { phase: 'x' },
      /does not hold: self/,
    ],
    ['a field that is not there', { 'pintle.dev/ready-when': 'self.status.n >= 1' }, {}, /No such key: status/],
    [
      'integers',
      { 'pintle.dev/ready-when': 'self.metadata.generation >= 1 || size(self.data) == 1' },
      { a: '1' },
      /^ready$|No such key/,
    ],
    [
      'failure',
      { 'pintle.dev/failed-when': "'error' in self.data" },
      { error: '1' },
      /status: Failed, message: pintle.dev\/failed-when/,
    ],
    ['a path', { 'pintle.dev/ready-path': '{.data.phase}=Running' }, { phase: 'Running' }, /^ready$/],
    ['a path that has another value', { 'pintle.dev/ready-path': '.data.phase=Running' }, { phase: 'x' }, /it is x/],
    ['what is no CEL', { 'pintle.dev/ready-when': 'self.' }, {}, /ConfigMap "a": pintle.dev\/ready-when/],
    ['what is no path', { 'pintle.dev/ready-path': '???' }, {}, /is no path/],
  ])('%s', async (_, annotations, data, expected) => {
    expect(await wait(map(annotations, data))).toMatch(expected);
  });
});
