import { afterEach, describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '../../../../src/kube/api/autoscaling-v2.generated.ts';
import type { ResourceType } from '../../../../src/kube/object.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import type { Event } from '../../../../src/kube/api/core-v1.generated.ts';
import { parseMetricSamples } from '../../../../src/cluster/machinery/metric-samples.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../../support/embedded-cluster.ts';

let embedded: EmbeddedCluster;
afterEach(() => embedded.stop());

const KEY = { namespace: 'default', name: 'web' };

/** Two pods `web` behind a Service, and an autoscaler that goes by a metric. */
async function start(metric: object, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  embedded = await embeddedCluster();
  const { client } = embedded.cluster;
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'nginx:1.29', resources: { requests: { cpu: '10m' } } }];
  await client.create(RESOURCES.deployments, {
    metadata: KEY,
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  await client.create(RESOURCES.services, {
    metadata: { ...KEY, annotations },
    spec: { selector: labels, ports: [{ port: 80 }] },
  });
  await embedded.advance(60_000);
  await client.create(RESOURCES.horizontalPodAutoscalers, {
    metadata: KEY,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 20,
      metrics: [metric],
    },
  });
  await embedded.advance(15_000);
}

const read = (): Promise<HorizontalPodAutoscaler> =>
  embedded.cluster.client.get<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers, KEY);

/** How many replicas are wanted, by what numbers. */
async function outcome(): Promise<unknown> {
  const { status } = await read();
  return [status?.desiredReplicas, status?.currentMetrics?.[0]];
}

async function failure(): Promise<unknown> {
  const conditions = (await read()).status?.conditions ?? [];
  const { status, reason, message } = conditions.find(({ type }) => type === 'ScalingActive') ?? {};
  return { status, reason, message };
}

async function annotate(type: ResourceType, key: object, annotations: object): Promise<void> {
  await embedded.cluster.client.patch(type, { name: '', ...key }, 'merge', { metadata: { annotations } });
}

const PODS = { type: 'Pods', pods: { metric: { name: 'jobs' }, target: { type: 'AverageValue', averageValue: '10' } } };
const external = (selector?: object): object => ({
  type: 'External',
  external: { metric: { name: 'queue_length', selector }, target: { type: 'AverageValue', averageValue: '10' } },
});
const object = (describedObject: object, target: object = { type: 'Value', value: '100' }): object => ({
  type: 'Object',
  object: { describedObject, metric: { name: 'latency' }, target },
});
const UNABLE = 'the HPA was unable to compute the replica count: ';
const NO_API = 'no custom metrics API (custom.metrics.k8s.io) registered';
const CUSTOM = 'unable to fetch metrics from custom metrics API: ';
const EXTERNAL = 'unable to fetch metrics from external metrics API: ';

describe('metrics of pods', () => {
  it('are shared by the ready pods of a Service that has the load', async () => {
    await start(PODS, { 'pintle.dev/metrics': 'jobs 60' });
    expect(await outcome()).toEqual([4, expect.objectContaining({ type: 'Pods' })]);
    await embedded.advance(120_000);
    expect(await outcome()).toEqual([
      6,
      { type: 'Pods', pods: { metric: { name: 'jobs' }, current: { averageValue: '10' } } },
    ]);
  });

  it('follow from the requests that a Service gets', async () => {
    const metric = { name: 'http_requests_per_second' };
    await start(
      { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '100' } } },
      { 'pintle.dev/requests': '300' },
    );
    expect(await outcome()).toEqual([3, { type: 'Pods', pods: { metric, current: { averageValue: '150' } } }]);
  });

  it('tell that nobody serves them', async () => {
    await start(PODS);
    expect(await failure()).toEqual({
      status: 'False',
      reason: 'FailedGetPodsMetric',
      message: `${UNABLE}unable to get metric jobs: ${CUSTOM}${NO_API}`,
    });
  });

  it('tell that the metric is not known, and which label none has', async () => {
    await start(PODS, { 'pintle.dev/metrics': 'other 1' });
    expect(await failure()).toMatchObject({
      reason: 'FailedGetPodsMetric',
      message: `${UNABLE}unable to get metric jobs: ${CUSTOM}the server could not find the metric jobs for pods`,
    });
    await annotate(RESOURCES.services, KEY, { 'pintle.dev/metrics': 'jobs{path="a"} 60' });
    const metric = { name: 'jobs', selector: { matchLabels: { path: 'b' } } };
    await embedded.cluster.client.patch(RESOURCES.horizontalPodAutoscalers, KEY, 'merge', {
      spec: { metrics: [{ ...PODS, pods: { ...PODS.pods, metric } }] },
    });
    await embedded.advance(15_000);
    expect(await failure()).toMatchObject({
      message: `${UNABLE}unable to get metric jobs: no metrics returned from custom metrics API`,
    });
  });
});

describe('metrics of objects', () => {
  it('are those of the object alone', async () => {
    await start(object({ apiVersion: 'v1', kind: 'Service', name: 'web' }), { 'pintle.dev/metrics': 'latency 300' });
    const described = { apiVersion: 'v1', kind: 'Service', name: 'web' };
    const shown = { metric: { name: 'latency' }, describedObject: described, current: { value: '300' } };
    expect(await outcome()).toEqual([4, { type: 'Object', object: shown }]);
  });

  it('of a namespace are those of the autoscaler', async () => {
    await start(object({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }));
    await annotate(RESOURCES.namespaces, { name: 'default' }, { 'pintle.dev/metrics': 'latency 150' });
    await embedded.advance(15_000);
    expect(await outcome()).toEqual([3, expect.objectContaining({ type: 'Object' })]);
  });

  it('tell what is not there', async () => {
    const where = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' };
    await start(object(where), { 'pintle.dev/metrics': 'latency 300' });
    const text = `${UNABLE}unable to get metric latency: Ingress on default main/${CUSTOM}`;
    const unknown = `${text}the server could not find the metric latency for ingresses.networking.k8s.io`;
    expect(await failure()).toMatchObject({ reason: 'FailedGetObjectMetric', message: unknown });
    await embedded.cluster.client.create(RESOURCES.ingresses, {
      metadata: { namespace: 'default', name: 'other', annotations: { 'pintle.dev/metrics': 'latency 1' } },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    });
    await embedded.advance(15_000);
    expect(await failure()).toMatchObject({ message: `${unknown} main` });
  });

  it('tell of a kind that nobody knows', async () => {
    await start(object({ apiVersion: 'a.example/v1', kind: 'Thing', name: 'x' }), {
      'pintle.dev/metrics': 'latency 1',
    });
    const reason = 'unable to map kind Thing.a.example to resource: no matches for kind "Thing" in group "a.example"';
    expect(await failure()).toMatchObject({
      message: `${UNABLE}unable to get metric latency: Thing on default x/${CUSTOM}${reason}`,
    });
  });
});

describe('external metrics', () => {
  it('are those of the namespace, chosen by their labels', async () => {
    await start(external({ matchLabels: { queue: 'mail' } }));
    const place =
      'default/queue_length/&LabelSelector{MatchLabels:map[string]string{queue: mail,},MatchExpressions:[]LabelSelectorRequirement{},}';
    const missing = 'the server could not find the requested resource (get queue_length.external.metrics.k8s.io)';
    expect(await failure()).toEqual({
      status: 'False',
      reason: 'FailedGetExternalMetric',
      message: `${UNABLE}unable to get external metric ${place}: ${EXTERNAL}${missing}`,
    });
    const series = 'queue_length{queue="mail"} 30\nqueue_length{queue="sms"} 500';
    await annotate(RESOURCES.namespaces, { name: 'default' }, { 'pintle.dev/external-metrics': series });
    await embedded.advance(15_000);
    expect(await outcome()).toEqual([3, expect.objectContaining({ type: 'External' })]);
    await annotate(RESOURCES.namespaces, { name: 'default' }, { 'pintle.dev/external-metrics': 'queue_length 30' });
    await embedded.advance(15_000);
    expect(await failure()).toMatchObject({
      message: `${UNABLE}unable to get external metric ${place}: no metrics returned from external metrics API`,
    });
  });
});

describe('use of one container', () => {
  const container = (name: string, target: object): object => ({
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: name, target },
  });

  it('counts alone', async () => {
    await start(container('web', { type: 'Utilization', averageUtilization: 50 }), { 'pintle.dev/cpu-load': '40m' });
    const { status } = await read();
    expect(status?.desiredReplicas).toBe(4);
    expect(status?.currentMetrics?.[0]).toMatchObject({
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web' },
    });
  });

  it('that no pod has is told by pod', async () => {
    await start(container('sidecar', { type: 'AverageValue', averageValue: '100m' }));
    const { reason, message } = (await failure()) as { readonly reason: string; readonly message: string };
    expect(reason).toBe('FailedGetContainerResourceMetric');
    expect(message).toMatch(
      /^the HPA was unable to compute the replica count: failed to get cpu usage: unable to get metrics for resource cpu: failed to get container metrics: container sidecar not present in metrics for pod default\/web-\w+-\w+$/,
    );
  });
});

describe('the tolerance of a rule', () => {
  it.each([
    [0.5, 2],
    [0, 3],
  ])('of %d leaves %d replicas of a load that is a quarter too much', async (tolerance, expected) => {
    await start(external());
    await embedded.cluster.client.patch(RESOURCES.horizontalPodAutoscalers, KEY, 'merge', {
      spec: { behavior: { scaleUp: { tolerance } } },
    });
    await annotate(RESOURCES.namespaces, { name: 'default' }, { 'pintle.dev/external-metrics': 'queue_length 25' });
    await embedded.advance(15_000);
    expect((await read()).status?.desiredReplicas).toBe(expected);
  });
});

describe('an adapter of somebody else', () => {
  it('has to be available', async () => {
    const spec = {
      group: 'external.metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: 'web', port: 443 },
    };
    await start(external());
    const { client } = embedded.cluster;
    await client.create(RESOURCES.apiServices, { metadata: { name: 'v1beta1.external.metrics.k8s.io' }, spec });
    await annotate(RESOURCES.namespaces, { name: 'default' }, { 'pintle.dev/external-metrics': 'queue_length 30' });
    await embedded.advance(15_000);
    const away = 'the server is currently unable to handle the request (get queue_length.external.metrics.k8s.io)';
    expect(await failure()).toMatchObject({
      message: `${UNABLE}unable to get external metric default/queue_length/nil: ${EXTERNAL}${away}`,
    });
    await client.patch(RESOURCES.services, KEY, 'merge', { spec: { ports: [{ port: 443 }] } });
    await embedded.advance(30_000);
    expect(await outcome()).toEqual([3, expect.objectContaining({ type: 'External' })]);
  });
});

describe('what annotations say', () => {
  it('is told when it cannot be read, and the rest of it counts', async () => {
    await start(PODS, { 'pintle.dev/metrics': 'jobs 30\njobs lots\n{a} 1; jobs{path} 1' });
    expect(await outcome()).toEqual([3, expect.objectContaining({ type: 'Pods' })]);
    const { items } = await embedded.cluster.client.list<Event>(RESOURCES.events, { namespace: 'default' });
    expect(items.filter(({ reason }) => reason === 'InvalidMetrics').map(({ message }) => message)).toEqual([
      'pintle.dev/metrics: line 2: "lots" is no quantity, such as 30, 1.5k or 200m; ' +
        'line 3: "{a} 1" is no metric with a value, such as `queue_length{queue="mail"} 30`; ' +
        'line 4: {path} are no labels, such as {queue="mail"}',
    ]);
  });

  it('are metrics, labels and quantities, a line each', () => {
    embedded = { stop: () => {} } as EmbeddedCluster;
    expect(parseMetricSamples('# load\na 1.5k\n\n b|c/d{x="1,\\"2\\"",y=z} 200m ; e{} 0').samples).toEqual([
      { metric: 'a', labels: {}, value: 1_500_000 },
      { metric: 'b|c/d', labels: { x: '1,"2"', y: 'z' }, value: 200 },
      { metric: 'e', labels: {}, value: 0 },
    ]);
  });
});
