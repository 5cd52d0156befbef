import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Deployment, ReplicaSet } from '../../src/kube/api/apps-v1.generated.ts';
import type { CronJob, Job } from '../../src/kube/api/batch-v1.generated.ts';
import type { ConfigMap, Event, Pod } from '../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { embeddedCluster, progressLog } from '../support/embedded-cluster.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HUGE = 2 ** 31 - 1;

let cluster: Cluster;
let warnings: readonly string[];

beforeEach(async () => {
  const told = progressLog();
  warnings = told.warnings;
  ({ cluster } = await embeddedCluster({
    start: Date.UTC(2026, 0, 1),
    logger: told.logger,
    nodes: [0, 1].map((index) => ({
      nodeName: `n${index}`,
      index,
      capacity: { cpu: '32', memory: '128Gi', pods: '110' },
    })),
  }));
});

afterEach(() => cluster.stop());

const metadata = (name: string) => ({ name, namespace: 'default' });
const template = (labels: Readonly<Record<string, string>>, more: object = {}, spec: object = {}) => ({
  metadata: { labels },
  spec: { ...spec, containers: [{ name: 'c', image: 'nginx', ...more }] },
});
const web = (name: string, replicas: number, more: object = {}): object => ({
  metadata: metadata(name),
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: template({ app: 'web', from: name }),
    ...more,
  },
});
const pods = async (): Promise<readonly Pod[]> => (await cluster.client.list<Pod>(RESOURCES.pods)).items;
const told = async (): Promise<readonly string[]> =>
  (await cluster.client.list<Event>(RESOURCES.events)).items
    .filter(({ reason }) => reason === 'NoProgress')
    .map(({ involvedObject, message = '' }) => `${involvedObject.kind ?? ''} ${involvedObject.name ?? ''}: ${message}`);

describe('numbers beyond reason', () => {
  it('two thousand million replicas of a ReplicaSet: no more pods while thousands have no node', async () => {
    const gated = template({ app: 'web' }, {}, { schedulingGates: [{ name: 'wait' }] });
    const spec = { replicas: HUGE, selector: { matchLabels: { app: 'web' } }, template: gated };
    await cluster.client.create(RESOURCES.replicaSets, { metadata: metadata('web'), spec });
    await cluster.clock.settle();
    const { status } = await cluster.client.get<ReplicaSet>(RESOURCES.replicaSets, metadata('web'));
    expect(status?.replicas).toBeGreaterThanOrEqual(5000);
    expect(status?.replicas).toBeLessThan(6000);
  });

  it.each(['OrderedReady', 'Parallel'])('of a StatefulSet, %s', async (podManagementPolicy) => {
    await cluster.client.create(RESOURCES.statefulSets, web('web', HUGE, { serviceName: 'web', podManagementPolicy }));
    await cluster.advance(5000);
    const names = (await pods()).map(({ metadata: { name } }) => name);
    expect(names).toContain('web-0');
    expect(names.length).toBeLessThan(6000);
  });

  it('a thousand million pods at once of a Job, with a deadline beyond the end of time', async () => {
    const spec = { parallelism: 1_000_000_000, completions: HUGE, activeDeadlineSeconds: Number.MAX_SAFE_INTEGER };
    const jobTemplate = template({}, {}, { restartPolicy: 'Never', schedulingGates: [{ name: 'wait' }] });
    await cluster.client.create(RESOURCES.jobs, {
      metadata: metadata('many'),
      spec: { ...spec, template: jobTemplate },
    });
    await cluster.advance(1000);
    const { status } = await cluster.client.get<Job>(RESOURCES.jobs, metadata('many'));
    expect(status?.active).toBeLessThan(6000);
    expect(status?.conditions ?? []).toEqual([]);
  });

  it('more than any node has', async () => {
    const resources = { requests: { cpu: '9E', memory: '9223372036854775807' } };
    await cluster.client.create(RESOURCES.pods, {
      metadata: metadata('huge'),
      spec: { containers: [{ name: 'c', image: 'nginx', resources }] },
    });
    await cluster.advance(HOUR);
    const [pod] = await pods();
    expect(pod?.status?.conditions?.[0]?.message).toContain(
      '0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory.',
    );
  });

  it('a schedule that never comes', async () => {
    const jobTemplate = { spec: { template: template({}, {}, { restartPolicy: 'Never' }) } };
    await cluster.client.create(RESOURCES.cronJobs, {
      metadata: metadata('never'),
      spec: { schedule: '0 0 31 2 *', jobTemplate },
    });
    await cluster.advance(366 * DAY);
    const { status } = await cluster.client.get<CronJob>(RESOURCES.cronJobs, metadata('never'));
    expect(status?.lastScheduleTime).toBeUndefined();
  });

  it('a probe every second for a year', async () => {
    const probe = { httpGet: { port: 80 }, periodSeconds: 1 };
    const container = { readinessProbe: probe, livenessProbe: probe };
    await cluster.client.create(RESOURCES.pods, { metadata: metadata('probed'), spec: template({}, container).spec });
    await cluster.advance(365 * DAY);
    const [pod] = await pods();
    expect(pod?.status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 });
  });
});

describe('who wants the same', () => {
  it('two Deployments whose selectors overlap keep pods of their own', async () => {
    for (const name of ['a', 'b']) await cluster.client.create(RESOURCES.deployments, web(name, 3));
    await cluster.advance(HOUR);
    const from = (await pods()).map(({ metadata: { labels } }) => labels?.['from'] ?? '').sort();
    expect(from).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(warnings).toEqual([]);
  });

  it('a hundred ReplicaSets with one selector keep a pod each', async () => {
    for (let i = 0; i < 100; i += 1) await cluster.client.create(RESOURCES.replicaSets, web(`set-${i}`, 1));
    await cluster.advance(60_000);
    const owners = new Set((await pods()).map(({ metadata: { ownerReferences } }) => ownerReferences?.[0]?.name));
    expect(owners.size).toBe(100);
    expect(await pods()).toHaveLength(100);
    expect(warnings).toEqual([]);
  });

  it('two autoscalers of one Deployment pull it back and forth as time passes, not faster', async () => {
    await cluster.client.create(RESOURCES.deployments, web('web', 3));
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    for (const [name, minReplicas, maxReplicas] of [
      ['low', 1, 2],
      ['high', 5, 9],
    ] as const) {
      await cluster.client.create(RESOURCES.horizontalPodAutoscalers, {
        metadata: metadata(name),
        spec: { scaleTargetRef, minReplicas, maxReplicas },
      });
    }
    await cluster.advance(300_000);
    const {
      metadata: { generation = 0 },
    } = await cluster.client.get<Deployment>(RESOURCES.deployments, metadata('web'));
    // Each looks every 15 s.
    expect(generation).toBeLessThan(50);
    expect(warnings).toEqual([]);
  });

  it('objects that own each other go together', async () => {
    const create = (name: string, owner?: ConfigMap): Promise<ConfigMap> => {
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner?.metadata.name, uid: owner?.metadata.uid };
      return cluster.client.create(RESOURCES.configMaps, {
        metadata: {
          ...metadata(name),
          ...(owner === undefined ? {} : { ownerReferences: [{ ...reference, blockOwnerDeletion: true }] }),
        },
      });
    };
    const a = await create('a');
    const b = await create('b', a);
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: b.metadata.uid, blockOwnerDeletion: true },
    ];
    await cluster.client.patch(RESOURCES.configMaps, metadata('a'), 'merge', { metadata: { ownerReferences } });
    await cluster.advance(HOUR);
    await cluster.client.delete(RESOURCES.configMaps, metadata('a'), { propagationPolicy: 'Foreground' });
    await cluster.advance(HOUR);
    const { items } = await cluster.client.list<ConfigMap>(RESOURCES.configMaps, { namespace: 'default' });
    expect(items.map(({ metadata: { name } }) => name)).toEqual(['kube-root-ca.crt']);
    expect(warnings).toEqual([]);
  });
});

describe('somebody who undoes what a controller does', () => {
  it('in the status of a Deployment: it is told, and time goes on', async () => {
    let fights = 0;
    cluster.client.watch<Deployment>(
      RESOURCES.deployments,
      {},
      {
        event: (event) => {
          if (event.type !== 'MODIFIED' || event.object.status?.readyReplicas === 77) return;
          fights += 1;
          const status = { ...event.object.status, replicas: 77, readyReplicas: 77, availableReplicas: 77 };
          cluster.client
            .update(RESOURCES.deployments, { ...event.object, status }, { subresource: 'status' })
            .catch(() => {});
        },
      },
    );
    await cluster.client.create(RESOURCES.deployments, web('web', 1));
    await cluster.advance(600_000);
    expect(fights).toBeGreaterThan(900);
    expect(fights).toBeLessThan(1300);
    expect(warnings[0]).toMatch(
      /Deployment default\/web was written 1000 times at one instant, by kube-controller-manager, user; busy: deployment-controller \(default\/web, \d+ times\)/,
    );
    expect(await told()).toEqual(warnings.map((message) => `Deployment web: ${message}`));
  });

  it('by deleting each pod of a ReplicaSet at once: it is told, and time goes on', async () => {
    cluster.client.watch<Pod>(
      RESOURCES.pods,
      {},
      {
        event: (event) => {
          if (event.type !== 'ADDED') return;
          const key = metadata(event.object.metadata.name ?? '');
          cluster.client.delete(RESOURCES.pods, key, { gracePeriodSeconds: 0 }).catch(() => {});
        },
      },
    );
    await cluster.client.create(RESOURCES.replicaSets, web('web', 1));
    await cluster.advance(60_000);
    expect(warnings).toEqual([
      expect.stringContaining('replicaset-controller has worked on default/web 1000 times at one instant'),
    ]);
    expect(await told()).toEqual([`ReplicaSet web: ${warnings[0] ?? ''}`]);
  });
});
