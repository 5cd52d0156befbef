import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaemonSet, Deployment } from '../../src/kube/api/apps-v1.generated.ts';
import type { HorizontalPodAutoscaler } from '../../src/kube/api/autoscaling-v2.generated.ts';
import type { Job } from '../../src/kube/api/batch-v1.generated.ts';
import type { Pod } from '../../src/kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../src/kube/api/policy-v1.generated.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster, progressLog } from '../support/embedded-cluster.ts';

const HUGE = 2 ** 31 - 1;
const HOUR = 3_600_000;

let embedded: EmbeddedCluster;
let warnings: readonly string[];

beforeEach(async () => {
  const told = progressLog();
  warnings = told.warnings;
  embedded = await embeddedCluster({ logger: told.logger });
});
afterEach(() => {
  embedded.stop();
  expect(warnings).toEqual([]);
});

const metadata = (name: string): { readonly name: string; readonly namespace: string } => ({
  name,
  namespace: 'default',
});
const template = (spec: object = {}, image = 'nginx:1.29'): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }], ...spec },
});
const workload = (name: string, spec: object = {}): object => ({
  metadata: metadata(name),
  spec: { selector: { matchLabels: { app: 'web' } }, template: template(), ...spec },
});
const GATED = { schedulingGates: [{ name: 'wait' }] };

const pods = async (): Promise<readonly Pod[]> =>
  (await embedded.cluster.client.list<Pod>(RESOURCES.pods, { namespace: 'default' })).items;
const read = <T extends object>(type: (typeof RESOURCES)[keyof typeof RESOURCES], name: string): Promise<T> =>
  embedded.cluster.client.get<T>(type, metadata(name));

describe('a Deployment', () => {
  it('that keeps no history, and waits for ever for its pods, keeps but the newest set', async () => {
    const { client } = embedded.cluster;
    const spec = { replicas: 2, revisionHistoryLimit: 0, progressDeadlineSeconds: HUGE };
    await client.create(RESOURCES.deployments, workload('web', spec));
    await embedded.advance(60_000);
    for (const image of ['nginx:1.28', 'nginx:1.27', 'nginx:1.26']) {
      await client.patch(RESOURCES.deployments, metadata('web'), 'merge', { spec: { template: template({}, image) } });
      await embedded.advance(120_000);
    }
    expect((await client.list(RESOURCES.replicaSets)).items).toHaveLength(1);
    await client.patch(RESOURCES.deployments, metadata('web'), 'merge', { spec: { minReadySeconds: HUGE - 1 } });
    await embedded.advance(HOUR);
    const { status } = await read<Deployment>(RESOURCES.deployments, 'web');
    expect([status?.readyReplicas, status?.availableReplicas]).toEqual([2, undefined]);
  });

  it('cannot have less than no replicas', async () => {
    await expect(
      embedded.cluster.client.create(RESOURCES.deployments, workload('web', { replicas: -1 })),
    ).rejects.toThrow('spec.replicas: Invalid value: -1: must be greater than or equal to 0');
  });
});

describe('a history of none', () => {
  it.each([
    ['StatefulSet', RESOURCES.statefulSets, { serviceName: 'web', replicas: 2 }],
    ['DaemonSet', RESOURCES.daemonSets, {}],
  ] as const)('keeps the newest revision of a %s alone', async (_, type, spec) => {
    const { client } = embedded.cluster;
    await client.create(type, workload('web', { ...spec, revisionHistoryLimit: 0 }));
    await embedded.advance(60_000);
    for (const image of ['nginx:1.28', 'nginx:1.27']) {
      await client.patch(type, metadata('web'), 'merge', { spec: { template: template({}, image) } });
      await embedded.advance(180_000);
    }
    expect((await client.list(RESOURCES.controllerRevisions, { namespace: 'default' })).items).toHaveLength(1);
    const images = new Set((await pods()).map((pod) => pod.spec?.containers[0]?.image));
    expect([...images]).toEqual(['nginx:1.27']);
  });
});

describe('Jobs', () => {
  it('that are to be kept for a lifetime stay', async () => {
    const { client } = embedded.cluster;
    const spec = {
      ttlSecondsAfterFinished: HUGE,
      backoffLimit: HUGE,
      template: template({ restartPolicy: 'Never' }, 'busybox'),
    };
    await client.create(RESOURCES.jobs, { metadata: metadata('done'), spec });
    await embedded.advance(30 * 24 * HOUR);
    const { status } = await read<Job>(RESOURCES.jobs, 'done');
    expect(status?.succeeded).toBe(1);
  });

  it('that fail without end start a pod ever more seldom', async () => {
    const { client } = embedded.cluster;
    const failing = {
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'exit 1'] }],
    };
    await client.create(RESOURCES.jobs, {
      metadata: metadata('fails'),
      spec: { backoffLimit: HUGE, template: template(failing) },
    });
    await embedded.advance(2 * HOUR);
    const { status } = await read<Job>(RESOURCES.jobs, 'fails');
    // 10 s, 20 s, … 10 minutes.
    expect(status?.failed).toBeGreaterThan(12);
    expect(status?.failed).toBeLessThan(24);
  });

  it('with one selector between them count their own pods', async () => {
    const { client } = embedded.cluster;
    const own = { manualSelector: true, selector: { matchLabels: { app: 'web' } } };
    for (const name of ['a', 'b', 'c']) {
      const spec = {
        ...own,
        completions: 2,
        parallelism: 2,
        template: template({ restartPolicy: 'Never' }, 'busybox'),
      };
      await client.create(RESOURCES.jobs, { metadata: metadata(name), spec });
    }
    await embedded.advance(HOUR);
    for (const name of ['a', 'b', 'c']) expect((await read<Job>(RESOURCES.jobs, name)).status?.succeeded).toBe(2);
    expect(await pods()).toHaveLength(6);
  });
});

describe('many that want the same', () => {
  it('DaemonSets with one selector have a pod each on each node', async () => {
    for (const name of ['a', 'b', 'c']) await embedded.cluster.client.create(RESOURCES.daemonSets, workload(name));
    await embedded.advance(HOUR);
    expect(await pods()).toHaveLength(9);
    for (const name of ['a', 'b', 'c']) {
      const { status } = await read<DaemonSet>(RESOURCES.daemonSets, name);
      expect([status?.numberReady, status?.currentNumberScheduled]).toEqual([3, 3]);
    }
  });

  it('StatefulSets of other names with one selector have pods of their own', async () => {
    for (const name of ['a', 'b']) {
      await embedded.cluster.client.create(RESOURCES.statefulSets, workload(name, { replicas: 2, serviceName: 'web' }));
    }
    await embedded.advance(HOUR);
    expect((await pods()).map((pod) => pod.metadata.name)).toEqual(['a-0', 'a-1', 'b-0', 'b-1']);
  });

  it('sixty autoscalers of one Deployment leave it alone, and say why', async () => {
    const { client } = embedded.cluster;
    await client.create(RESOURCES.deployments, workload('web', { replicas: 3 }));
    await embedded.advance(60_000);
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    for (let i = 0; i < 60; i += 1) {
      await client.create(RESOURCES.horizontalPodAutoscalers, {
        metadata: metadata(`hpa-${i}`),
        spec: { scaleTargetRef, maxReplicas: HUGE },
      });
    }
    await embedded.advance(120_000);
    const { status } = await read<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers, 'hpa-7');
    expect(status?.conditions?.find(({ type }) => type === 'ScalingActive')).toMatchObject({
      reason: 'AmbiguousSelector',
    });
    expect((await read<Deployment>(RESOURCES.deployments, 'web')).spec?.replicas).toBe(3);
  });

  it('eighty budgets of the same pods follow them', async () => {
    const { client } = embedded.cluster;
    for (let i = 0; i < 80; i += 1) {
      await client.create(RESOURCES.podDisruptionBudgets, {
        metadata: metadata(`pdb-${i}`),
        spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: '50%' },
      });
    }
    await client.create(RESOURCES.deployments, workload('web', { replicas: 4 }));
    await embedded.advance(60_000);
    const { status } = await read<PodDisruptionBudget>(RESOURCES.podDisruptionBudgets, 'pdb-79');
    expect([status?.expectedPods, status?.currentHealthy, status?.disruptionsAllowed]).toEqual([4, 4, 2]);
  });
});

describe('an autoscaler', () => {
  it('of load beyond all bounds doubles the replicas at each look, up to its maximum', async () => {
    const { client } = embedded.cluster;
    await client.create(RESOURCES.deployments, workload('web', { template: template(GATED) }));
    await client.patch(RESOURCES.namespaces, { name: 'default' }, 'merge', {
      metadata: { annotations: { 'pintle.dev/external-metrics': 'load 9E' } },
    });
    await embedded.advance(1000);
    await client.create(RESOURCES.horizontalPodAutoscalers, {
      metadata: metadata('web'),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: HUGE,
        metrics: [
          {
            type: 'External',
            external: { metric: { name: 'load' }, target: { type: 'AverageValue', averageValue: '1m' } },
          },
        ],
      },
    });
    await embedded.advance(60_000);
    expect((await read<Deployment>(RESOURCES.deployments, 'web')).spec?.replicas).toBe(32);
  });
});
