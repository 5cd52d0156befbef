import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { chaosSchedule, runChaos } from '../../../src/cluster/faults/chaos.ts';
import type { Fault } from '../../../src/cluster/faults/fault.ts';
import { clearFaults, endFaults, injectFault, listFaults } from '../../../src/cluster/faults/fault-store.ts';
import type { Event, Node, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { Deployment } from '../../../src/kube/api/apps-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { embeddedCluster, type EmbeddedCluster } from '../../support/embedded-cluster.ts';

let fixture: EmbeddedCluster;

beforeEach(async () => {
  fixture = await embeddedCluster();
});

afterEach(() => fixture.stop());

const now = (): number => fixture.cluster.clock.now();

async function deploy(name: string, replicas = 3, image = 'shop/web:1'): Promise<void> {
  await fixture.cluster.client.create(RESOURCES.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
    },
  });
}

async function pods(): Promise<readonly Pod[]> {
  return (await fixture.cluster.client.list<Pod>(RESOURCES.pods, { namespace: 'default' })).items;
}

async function available(name: string): Promise<number> {
  const deployment = await fixture.cluster.client.get<Deployment>(RESOURCES.deployments, {
    namespace: 'default',
    name,
  });
  return deployment.status?.availableReplicas ?? 0;
}

async function readiness(node: string): Promise<string> {
  const { status } = await fixture.cluster.client.get<Node>(RESOURCES.nodes, { name: node });
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '';
}

async function reasons(): Promise<ReadonlySet<string>> {
  const { items } = await fixture.cluster.client.list<Event>(RESOURCES.events);
  return new Set(items.map(({ reason }) => reason ?? ''));
}

describe('faults of machines', () => {
  it.each([
    { kind: 'node-down', node: 'pintle-2' },
    { kind: 'node-partition', node: 'pintle-2' },
  ] satisfies Fault[])('$kind: pods move after 300 s, and the node comes back', async (fault) => {
    await deploy('web');
    await fixture.advance(30_000);
    expect(await available('web')).toBe(3);
    await injectFault(fixture.cluster.client, fault, now() + 900_000);
    await fixture.advance(60_000);
    expect(await readiness('pintle-2')).toBe('Unknown');
    expect(await available('web')).toBe(2);
    await fixture.advance(330_000);
    expect(await available('web')).toBe(3);
    const stuck = (await pods()).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(stuck.map(({ spec }) => spec?.nodeName)).toEqual(['pintle-2']);
    await fixture.advance(700_000);
    expect(await listFaults(fixture.cluster.client)).toEqual([]);
    expect(await readiness('pintle-2')).toBe('True');
    expect(await pods()).toHaveLength(3);
    expect(await available('web')).toBe(3);
    const seen = await reasons();
    for (const reason of ['FaultInjected', 'FaultCleared', 'NodeNotReady', 'TaintManagerEviction'])
      expect(seen).toContain(reason);
  });

  it('keeps a short partition to itself', async () => {
    await deploy('web');
    await fixture.advance(30_000);
    const before = (await pods()).map(({ metadata }) => metadata.uid);
    await injectFault(fixture.cluster.client, { kind: 'node-partition', node: 'pintle-1' }, now() + 20_000);
    await fixture.advance(60_000);
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual(before);
    expect((await pods()).map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual([0, 0, 0]);
    expect(await reasons()).not.toContain('NodeNotReady');
  });
});

describe('a slow disk', () => {
  it('makes pulls and starts take longer, and answers of what keeps data too late, until it is well again', async () => {
    const { client } = fixture.cluster;
    const nodeName = 'pintle-2';
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await client.create(RESOURCES.persistentVolumeClaims, {
      metadata: { name: 'data', namespace: 'default' },
      spec: claim,
    });
    const container = {
      name: 'c',
      image: 'shop/db:1',
      ports: [{ containerPort: 5432 }],
      readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 5 },
    };
    const web = { ...container, readinessProbe: { httpGet: { path: '/', port: 5432 }, periodSeconds: 5 } };
    const run = (name: string, spec: object): Promise<object> =>
      client.create(RESOURCES.pods, {
        metadata: { name, namespace: 'default', annotations: { 'pintle.dev/behaviour': 'start: 3s' } },
        spec,
      });
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const mounted = { ...web, volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const nodeSelector = { 'kubernetes.io/hostname': nodeName };
    await run('data', { nodeSelector, containers: [mounted], volumes });
    await run('plain', { nodeSelector, containers: [web] });
    await fixture.advance(30_000);
    const ready = async (): Promise<Record<string, boolean>> =>
      Object.fromEntries(
        (await pods()).map(({ metadata, status }) => [
          metadata.name ?? '',
          status?.containerStatuses?.[0]?.ready === true,
        ]),
      );
    expect(await ready()).toEqual({ data: true, plain: true });
    await injectFault(client, { kind: 'slow-disk', node: nodeName, factor: 30 });
    await fixture.advance(20_000);
    expect(await ready()).toEqual({ data: false, plain: true });
    await run('late', { nodeSelector, containers: [{ ...web, image: 'shop/other:1' }] });
    await run('elsewhere', {
      nodeSelector: { 'kubernetes.io/hostname': 'pintle-1' },
      containers: [{ ...web, image: 'shop/other:1' }],
    });
    await fixture.advance(60_000);
    expect(await ready()).toEqual({ data: false, plain: true, late: false, elsewhere: true });
    await fixture.advance(120_000);
    expect((await ready())['late']).toBe(true);
    await clearFaults(client);
    await fixture.advance(10_000);
    expect((await ready())['data']).toBe(true);
    expect((await reasons()).has('FaultCleared')).toBe(true);
  });
});

describe('a clock that is wrong', () => {
  it('makes CronJobs of the controllers run early', async () => {
    const { client } = fixture.cluster;
    await injectFault(client, { kind: 'clock-skew', target: 'kube-controller-manager', millis: 1_200_000 });
    await fixture.advance(1000);
    await client.create(RESOURCES.cronJobs, {
      metadata: { name: 'nightly', namespace: 'default' },
      spec: {
        schedule: '30 12 * * *',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } } },
        },
      },
    });
    await fixture.advance(590_000);
    expect((await client.list(RESOURCES.jobs)).items).toEqual([]);
    await fixture.advance(20_000);
    expect((await client.list(RESOURCES.jobs)).items).toHaveLength(1);
  });

  it('shows in what a node writes, and keeps its pods from being available in time', async () => {
    const { client } = fixture.cluster;
    await injectFault(client, { kind: 'clock-skew', target: 'pintle-3', millis: 600_000 });
    await fixture.advance(1000);
    const labels = { app: 'web' };
    await client.create(RESOURCES.deployments, {
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        minReadySeconds: 30,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            nodeSelector: { 'kubernetes.io/hostname': 'pintle-3' },
            containers: [{ name: 'c', image: 'shop/web:1' }],
          },
        },
      },
    });
    await fixture.advance(60_000);
    const [pod] = await pods();
    const since = pod?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(since?.status).toBe('True');
    expect(Date.parse(since?.lastTransitionTime ?? '')).toBeGreaterThan(now() + 500_000);
    expect(await available('web')).toBe(0);
    await fixture.advance(600_000);
    expect(await available('web')).toBe(1);
    expect(await readiness('pintle-3')).toBe('True');
  });
});

describe('a registry that is down', () => {
  it('keeps images from being pulled, and lets containers with theirs alone', async () => {
    await deploy('old', 1);
    await fixture.advance(30_000);
    await injectFault(fixture.cluster.client, { kind: 'registry-down', registry: 'docker.io' });
    await deploy('new', 1, 'shop/other:1');
    await deploy('quay', 1, 'quay.io/shop/other:1');
    await fixture.advance(60_000);
    expect([await available('old'), await available('new'), await available('quay')]).toEqual([1, 0, 1]);
    const waiting = (await pods()).find(({ metadata }) => metadata.labels?.['app'] === 'new')?.status
      ?.containerStatuses?.[0];
    expect(waiting?.state?.waiting?.reason).toBe('ImagePullBackOff');
    expect(waiting?.state?.waiting?.message).toContain('dial tcp 203.0.113.10:443: i/o timeout');
    await clearFaults(fixture.cluster.client);
    await fixture.advance(300_000);
    expect(await available('new')).toBe(1);
  });
});

describe('faults of the API', () => {
  it.each([
    [409, 'Conflict'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
    [504, 'Timeout'],
  ] as const)('%s is told as %s', async (failure, reason) => {
    const { client } = fixture.cluster;
    await injectFault(client, { kind: 'api-errors', failure, clients: ['user'], verbs: ['create'] });
    await fixture.advance(0);
    await expect(deploy('web')).rejects.toMatchObject({ code: failure, reason });
    expect((await client.list(RESOURCES.deployments)).items).toEqual([]);
    await clearFaults(client);
    await fixture.advance(0);
    await deploy('web');
  });

  it('that are about writes let others have their way with reads', async () => {
    const { client } = fixture.cluster;
    await injectFault(client, { kind: 'api-errors', failure: 409 });
    await injectFault(client, { kind: 'api-errors', failure: 503, resources: ['deployments'] });
    await fixture.advance(0);
    await expect(client.list(RESOURCES.deployments)).rejects.toMatchObject({ code: 503 });
    await expect(deploy('web')).rejects.toMatchObject({ code: 409 });
  });

  it('loses connections before or after the work is done', async () => {
    const { client } = fixture.cluster;
    await injectFault(client, { kind: 'api-errors', failure: 'refuse', resources: ['deployments'] });
    await fixture.advance(0);
    await expect(deploy('web')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clearFaults(client);
    await injectFault(client, { kind: 'api-errors', failure: 'drop', verbs: ['create'], clients: ['user'] });
    await fixture.advance(0);
    await expect(deploy('web')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await client.list(RESOURCES.deployments)).items).toHaveLength(1);
  });

  it.each([409, 429, 500, 503, 504, 'refuse', 'drop'] as const)(
    'controllers get over every other request that fails with %s',
    async (failure) => {
      const { client } = fixture.cluster;
      const clients = ['kubelet', 'kube-scheduler', 'kube-controller-manager'];
      await injectFault(client, { kind: 'api-errors', failure, chance: 0.5, clients });
      await deploy('web');
      await fixture.advance(600_000);
      await clearFaults(client);
      await fixture.advance(400_000);
      expect(await available('web')).toBe(3);
      expect(await pods()).toHaveLength(3);
    },
  );

  it('takes longer', async () => {
    const { client } = fixture.cluster;
    await injectFault(client, { kind: 'api-latency', millis: 5000 });
    await fixture.advance(0);
    const begin = now();
    await client.get(RESOURCES.nodes, { name: 'pintle-1' });
    expect(now() - begin).toBe(5000);
    await deploy('web');
    await fixture.advance(300_000);
    expect(await available('web')).toBe(3);
  });

  it('refuses what makes no sense', async () => {
    await expect(injectFault(fixture.cluster.client, { kind: 'api-latency', millis: 0 })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(
      injectFault(fixture.cluster.client, { kind: 'api-errors', failure: 500, chance: 2 }),
    ).rejects.toMatchObject({ code: 'usage' });
    for (const fault of [
      { kind: 'slow-disk', node: 'pintle-1', factor: 1 },
      { kind: 'slow-disk', node: 'pintle-1', factor: Number.NaN },
      { kind: 'clock-skew', target: 'pintle-1', millis: 0 },
    ] as const) {
      await expect(injectFault(fixture.cluster.client, fault)).rejects.toMatchObject({ code: 'usage' });
    }
  });
});

describe('the faults in force', () => {
  const down: Fault = { kind: 'registry-down' };

  it('may be put in force at one time', async () => {
    const { client } = fixture.cluster;
    await Promise.all([injectFault(client, down), injectFault(client, { kind: 'node-down', node: 'pintle-1' })]);
    expect(await listFaults(client)).toHaveLength(2);
  });

  it('end in time, but not those that took their place', async () => {
    const { client } = fixture.cluster;
    await injectFault(client, down, now() + 60_000);
    const until = now() + 300_000;
    await endFaults(client, now() + 59_000);
    expect(await listFaults(client)).toHaveLength(1);
    await injectFault(client, down, until);
    await endFaults(client, now() + 61_000);
    expect(await listFaults(client)).toMatchObject([{ until }]);
    await fixture.advance(301_000);
    expect(await listFaults(client)).toEqual([]);
  });
});

describe('chaos', () => {
  const options = { nodes: ['pintle-1', 'pintle-2', 'pintle-3'], duration: 1_200_000 };

  it('is the same for the same seed', () => {
    const draw = (seed: number): string =>
      JSON.stringify(chaosSchedule({ ...options, random: new SeededRandom(seed) }));
    expect(draw(5)).toBe(draw(5));
    expect(draw(5)).not.toBe(draw(6));
  });

  it('takes one node or one zone at a time', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const random = new SeededRandom(seed);
      const steps = chaosSchedule({ ...options, zones: ['a', 'b'], interval: 5000, random });
      let freeAt = 0;
      for (const { at, duration, fault } of steps) {
        if (!['node-down', 'node-partition', 'zone-down'].includes(fault.kind)) continue;
        expect(at).toBeGreaterThanOrEqual(freeAt);
        freeAt = at + duration;
      }
      expect(freeAt).toBeGreaterThan(0);
    }
  });

  it('passes', async () => {
    const { client, clock } = fixture.cluster;
    await deploy('web');
    runChaos(client, clock, chaosSchedule({ ...options, random: new SeededRandom(11) }));
    await fixture.advance(1_200_000);
    await fixture.advance(900_000);
    expect(await listFaults(client)).toEqual([]);
    expect(await available('web')).toBe(3);
    expect((await reasons()).has('FaultInjected')).toBe(true);
  });
});
