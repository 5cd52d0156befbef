import { afterEach, describe, expect, it } from 'vitest';
import type { MetricsProvider, PodMetric } from '../../../../src/cluster/controllers/hpa/metrics-provider.ts';
import { namespaceOf } from '../../../../src/cluster/machinery/keys.ts';
import type { HorizontalPodAutoscaler } from '../../../../src/kube/api/autoscaling-v2.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;
/** Milli-cores of all pods together, or what there is instead. */
let load: number | Error = 0;
let queue = 0;

afterEach(() => cluster.stop());

const KEY = { namespace: 'default', name: 'web' };

const metrics: MetricsProvider = {
  resource: ({ namespace }) => {
    if (load instanceof Error) return Promise.reject(load);
    const pods = cluster.pods().filter((pod) => namespaceOf(pod) === namespace && pod.status?.phase === 'Running');
    const value = Math.round(load / pods.length);
    const timestamp = cluster.clock.now();
    return Promise.resolve(
      new Map(pods.map((pod): [string, PodMetric] => [pod.metadata.name ?? '', { value, timestamp, window: 0 }])),
    );
  },
  pods: () => Promise.reject(new Error('no such metric')),
  object: () => Promise.reject(new Error('no such metric')),
  external: () => Promise.resolve([queue * 1000]),
};

async function start(spec: object = {}): Promise<void> {
  load = 1000;
  cluster = await testCluster({ core: { metrics } });
  const resources = { requests: { cpu: '500m' } };
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'x', resources }] },
  };
  await cluster.client.create(RESOURCES.deployments, deployment({ replicas: 2, template }));
  await cluster.clock.advance(60_000);
  await cluster.client.create(RESOURCES.horizontalPodAutoscalers, {
    metadata: { ...KEY },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  });
}

const read = (): Promise<HorizontalPodAutoscaler> =>
  cluster.client.get<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers, KEY);

async function replicas(): Promise<number | undefined> {
  return (await cluster.deployment('web')).spec?.replicas;
}

async function conditions(): Promise<string[]> {
  return ((await read()).status?.conditions ?? []).map(
    ({ type, status, reason }) => `${type} ${status} ${reason ?? ''}`,
  );
}

describe('an autoscaler', () => {
  it('looks every 15 s and scales to its target', async () => {
    await start();
    await cluster.clock.advance(14_999);
    expect((await read()).status?.conditions ?? []).toEqual([]);
    await cluster.clock.advance(1);
    // 1,000m over 2 pods of 500m: 100 % of 50 % wanted.
    expect(await replicas()).toBe(4);
    expect((await read()).status).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      lastScaleTime: '2025-01-01T00:01:15Z',
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '500m' } } },
      ],
    });
    expect(await conditions()).toEqual([
      'AbleToScale True SucceededRescale',
      'ScalingActive True ValidMetricFound',
      'ScalingLimited False DesiredWithinRange',
    ]);
    expect(await cluster.events('HorizontalPodAutoscaler', 'web')).toEqual([
      'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    ]);
    await cluster.clock.advance(60_000);
    expect(await replicas()).toBe(4);
    expect((await conditions())[0]).toBe('AbleToScale True ReadyForNewScale');
  });

  it('scales down when five minutes have passed', async () => {
    await start();
    await cluster.clock.advance(60_000);
    load = 100;
    await cluster.clock.advance(15_000);
    expect(await replicas()).toBe(4);
    expect((await conditions())[0]).toBe('AbleToScale True ScaleDownStabilized');
    await cluster.clock.advance(300_000);
    expect(await replicas()).toBe(2);
    expect((await cluster.events('HorizontalPodAutoscaler', 'web')).at(-1)).toBe(
      'SuccessfulRescale: New size: 2; reason: All metrics below target',
    );
  });

  it('keeps to its bounds before all else', async () => {
    await start({ minReplicas: 3 });
    await cluster.clock.advance(15_000);
    expect(await replicas()).toBe(3);
    expect(await cluster.events('HorizontalPodAutoscaler', 'web')).toEqual([
      'SuccessfulRescale: New size: 3; reason: Current number of replicas below Spec.MinReplicas',
    ]);
    load = 100_000;
    await cluster.clock.advance(60_000);
    expect(await replicas()).toBe(10);
    expect(await conditions()).toContain('ScalingLimited True TooManyReplicas');
  });

  it('says when there are no metrics, and does nothing', async () => {
    await start();
    load = new Error('nobody measures');
    await cluster.clock.advance(30_000);
    expect(await replicas()).toBe(2);
    const { status } = await read();
    expect(status?.conditions?.[1]).toMatchObject({
      type: 'ScalingActive',
      status: 'False',
      reason: 'FailedGetResourceMetric',
      message:
        'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: nobody measures',
    });
    expect(await cluster.events('HorizontalPodAutoscaler', 'web')).toEqual([
      'FailedGetResourceMetric: failed to get cpu utilization: unable to get metrics for resource cpu: nobody measures (x2)',
      'FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization: unable to get metrics for resource cpu: nobody measures (x2)',
    ]);
  });

  it('takes the highest of several metrics', async () => {
    queue = 35;
    await start({
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        {
          type: 'External',
          external: { metric: { name: 'jobs' }, target: { type: 'AverageValue', averageValue: '10' } },
        },
      ],
    });
    load = 500;
    await cluster.clock.advance(15_000);
    expect(await replicas()).toBe(4);
    expect((await cluster.events('HorizontalPodAutoscaler', 'web')).at(-1)).toBe(
      'SuccessfulRescale: New size: 4; reason: external metric jobs(nil) above target',
    );
  });

  it('rests while its target has no replicas, or is not there', async () => {
    await start();
    await cluster.client.patch(RESOURCES.deployments, KEY, 'merge', { spec: { replicas: 0 } });
    await cluster.clock.advance(15_000);
    expect(await conditions()).toEqual(['AbleToScale True SucceededGetScale', 'ScalingActive False ScalingDisabled']);
    await cluster.client.delete(RESOURCES.deployments, KEY);
    await cluster.clock.advance(15_000);
    expect((await conditions())[0]).toBe('AbleToScale False FailedGetScale');
    expect((await cluster.events('HorizontalPodAutoscaler', 'web')).at(-1)).toBe(
      'FailedGetScale: deployments.apps "web" not found',
    );
  });
});
