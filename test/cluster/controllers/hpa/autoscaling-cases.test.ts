import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../../src/client/kube-client.ts';
import { createHpaController } from '../../../../src/cluster/controllers/hpa/hpa-controller.ts';
import type { MetricsProvider, PodMetric } from '../../../../src/cluster/controllers/hpa/metrics-provider.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { HorizontalPodAutoscaler } from '../../../../src/kube/api/autoscaling-v2.generated.ts';
import type { Event } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { isStatus, StatusError } from '../../../../src/kube/status-error.ts';
import { type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

// The inputs and results of pkg/controller/podautoscaler/horizontal_test.go: one cluster, a namespace a case, one look.

interface Case {
  readonly bounds: readonly [min: number, max: number];
  readonly size: number;
  /** Pods of the target when they are not as many as its size. */
  readonly pods?: number;
  /** `+` ready, `-` never ready, `h` ready but just started, `x` just started and not ready, `f` failed. */
  readonly states?: string;
  /** Milli-cores of a pod, or thousandths of the metric. */
  readonly levels: readonly number[];
  readonly requests?: readonly string[];
  readonly metrics: readonly object[];
  readonly behavior?: object;
  /** Reasons of the conditions AbleToScale, ScalingActive, ScalingLimited as far as they are set; `!` before one that is False. */
  readonly conditions?: readonly string[];
  readonly target?: 'Deployment' | 'ReplicaSet';
}

const cpu = (averageUtilization: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const container = (name: string, averageUtilization: number): object => ({
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: name, target: { type: 'Utilization', averageUtilization } },
});
const pods = (averageValue: string): object => ({
  type: 'Pods',
  pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue } },
});
const describedObject = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'some' };
const ofObject = (target: object): object => ({
  type: 'Object',
  object: { metric: { name: 'qps' }, describedObject, target },
});
const external = (target: object, name = 'qps'): object => ({
  type: 'External',
  external: { metric: { name, selector: {} }, target },
});
const value = (text: string): object => ({ type: 'Value', value: text });
const average = (text: string): object => ({ type: 'AverageValue', averageValue: text });
const failing = external(value('1'), 'failing');

const FINE = ['SucceededRescale', 'ValidMetricFound', '!DesiredWithinRange'];
const AT_REST = ['ReadyForNewScale', 'ValidMetricFound', '!DesiredWithinRange'];
const few = (limit: string): readonly string[] => ['SucceededRescale', 'ValidMetricFound', limit];
/** The first look remembers the size as recommended; without this nothing shrinks for five minutes. */
const atOnce = { scaleDown: { stabilizationWindowSeconds: 0 } };
const upTo = (percent: number): object => ({
  scaleUp: { policies: [{ type: 'Percent', value: percent, periodSeconds: 60 }] },
});

const bounds: [number, number] = [2, 6];
const grow = { bounds, size: 3, levels: [300, 500, 700], metrics: [cpu(30)] };
const shrink = { bounds, size: 5, levels: [100, 300, 500, 250, 250], metrics: [cpu(50)], behavior: atOnce };
const qps = { bounds, size: 3, metrics: [pods('15')] };
const uneven = ['900m', '1', '1100m'];
const small = ['100m', '100m', '100m'];

/** Title, case, size afterwards. */
const CASES: readonly (readonly [string, Case, number])[] = [
  ['grows a ReplicationController', grow, 5],
  ['grows a Deployment', { ...grow, target: 'Deployment' }, 5],
  ['grows a ReplicaSet', { ...grow, target: 'ReplicaSet' }, 5],
  ['grows by one container', { ...grow, metrics: [container('a', 30)] }, 5],
  ['grows less for a pod that is not ready', { ...grow, states: '-++' }, 4],
  ['grows less for a pod that has just started', { ...grow, states: 'h++' }, 4],
  ['rests when unready pods may suffice', { ...grow, levels: [400, 500, 700], states: '+--', conditions: AT_REST }, 3],
  ['rests when starting pods may suffice', { ...grow, levels: [400, 500, 700], states: '+xx', conditions: AT_REST }, 3],
  ['grows without regard to failed pods', { ...grow, size: 2, pods: 4, states: '++ff', levels: [500, 700] }, 4],
  ['grows by a metric of pods', { ...qps, levels: [20_000, 10_000, 30_000] }, 4],
  ['grows by it with a pod that is not ready', { ...qps, levels: [50_000, 10_000, 30_000], states: '++x' }, 6],
  [
    'grows by it up to the maximum',
    { ...qps, levels: [50_000, 15_000, 30_000], states: 'x+x', conditions: few('TooManyReplicas') },
    6,
  ],
  ['grows by a metric of an object', { ...qps, metrics: [ofObject(value('15'))], levels: [20_000] }, 4],
  ['grows by one of an object for each pod', { ...qps, metrics: [ofObject(average('10'))], levels: [40_000] }, 4],
  ['grows by an external metric', { ...qps, metrics: [external(value('6666m'))], levels: [8600] }, 4],
  ['grows by an external one for each pod', { ...qps, metrics: [external(average('2222m'))], levels: [8600] }, 4],
  [
    'grows by one metric when the other is not to be had',
    { ...grow, levels: [300, 400, 500], metrics: [cpu(30), failing] },
    4,
  ],
  ['shrinks', shrink, 3],
  ['shrinks by one container', { ...shrink, metrics: [container('b', 50)] }, 3],
  ['shrinks with rules for growing alone', { ...shrink, behavior: { ...upTo(100), ...atOnce } }, 3],
  [
    'shrinks by a metric of pods',
    { ...shrink, levels: [12_000, 12_000, 12_000, 12_000, 12_000], metrics: [pods('20')] },
    3,
  ],
  ['shrinks by a metric of an object', { ...shrink, levels: [12_000], metrics: [ofObject(value('20'))] }, 3],
  ['shrinks by one of an object for each pod', { ...shrink, levels: [60_000], metrics: [ofObject(average('20'))] }, 3],
  ['shrinks by an external metric', { ...shrink, levels: [8600], metrics: [external(value('14400m'))] }, 3],
  ['shrinks by an external one for each pod', { ...shrink, levels: [8600], metrics: [external(average('3'))] }, 3],
  ['shrinks without unready pods', { ...shrink, states: '+++--' }, 2],
  ['shrinks without pods that have just started', { ...shrink, states: '+++hh' }, 2],
  ['shrinks without failed pods', { ...shrink, pods: 7, states: '+++++ff' }, 3],
  [
    'does not shrink within five minutes of its first look',
    { ...shrink, behavior: {}, conditions: ['ScaleDownStabilized', 'ValidMetricFound', '!DesiredWithinRange'] },
    5,
  ],
  [
    'does not shrink when a metric is not to be had',
    { ...shrink, metrics: [cpu(50), failing], conditions: ['SucceededGetScale', '!FailedGetExternalMetric'] },
    5,
  ],
  [
    'rests within the tolerance',
    { ...grow, levels: [1010, 1030, 1020], requests: uneven, metrics: [cpu(100)], conditions: AT_REST },
    3,
  ],
  [
    'rests by a metric of pods',
    { ...qps, levels: [20_000, 20_001, 21_000], metrics: [pods('20')], conditions: AT_REST },
    3,
  ],
  [
    'rests by a metric of an object',
    { ...qps, levels: [20_050], metrics: [ofObject(value('20'))], conditions: AT_REST },
    3,
  ],
  [
    'rests by an external metric',
    { ...qps, size: 4, levels: [8600], metrics: [external(value('8666m'))], conditions: AT_REST },
    4,
  ],
  [
    'rests by one of an object for each pod',
    { ...qps, size: 4, levels: [8600], metrics: [ofObject(average('2200m'))], conditions: AT_REST },
    4,
  ],
  [
    'rests by an external one for each pod',
    { ...qps, size: 4, levels: [8600], metrics: [external(average('2200m'))], conditions: AT_REST },
    4,
  ],
  [
    'shrinks to the minimum',
    {
      bounds: [2, 5],
      size: 3,
      levels: [10, 95, 10],
      requests: uneven,
      metrics: [cpu(90)],
      behavior: atOnce,
      conditions: few('TooFewReplicas'),
    },
    2,
  ],
  [
    'shrinks to the minimum without any use',
    {
      bounds: [2, 5],
      size: 3,
      levels: [0, 0, 0],
      requests: uneven,
      metrics: [cpu(90)],
      behavior: atOnce,
      conditions: few('TooFewReplicas'),
    },
    2,
  ],
  [
    'leaves a target without replicas alone',
    { bounds: [3, 5], size: 0, levels: [], metrics: [cpu(90)], conditions: ['SucceededGetScale', '!ScalingDisabled'] },
    0,
  ],
  [
    'raises what is below the minimum',
    { bounds: [3, 5], size: 2, levels: [], metrics: [cpu(90)], conditions: ['SucceededRescale'] },
    3,
  ],
  [
    'cuts what is above the maximum',
    { bounds: [3, 5], size: 10, pods: 1, levels: [], metrics: [cpu(90)], conditions: ['SucceededRescale'] },
    5,
  ],
  [
    'grows to the maximum',
    {
      bounds: [2, 5],
      size: 3,
      levels: [8000, 9500, 1000],
      requests: uneven,
      metrics: [cpu(90)],
      conditions: few('TooManyReplicas'),
    },
    5,
  ],
  [
    'counts measured pods that are not known',
    {
      ...grow,
      size: 4,
      levels: [4000, 9500, 3000, 7000, 3200, 2000],
      metrics: [cpu(100)],
      conditions: few('TooManyReplicas'),
    },
    6,
  ],
  ['shrinks with metrics absent', { ...shrink, size: 4, levels: [400, 95], metrics: [cpu(100)] }, 3],
  [
    'stops without metrics',
    {
      ...grow,
      size: 4,
      levels: [],
      metrics: [cpu(100)],
      conditions: ['SucceededGetScale', '!FailedGetResourceMetric'],
    },
    4,
  ],
  [
    'stops without requests',
    {
      bounds: [1, 5],
      size: 1,
      levels: [200],
      requests: ['0'],
      metrics: [cpu(100)],
      conditions: ['SucceededGetScale', '!FailedGetResourceMetric'],
    },
    1,
  ],
  ['grows from one to two', { bounds: [1, 5], size: 1, levels: [200], requests: ['200m'], metrics: [cpu(50)] }, 2],
  [
    'rests on its target',
    {
      bounds: [1, 5],
      size: 2,
      levels: [200, 200],
      requests: ['400m', '400m'],
      metrics: [cpu(50)],
      conditions: AT_REST,
    },
    2,
  ],
  [
    'grows less than its pods are',
    { bounds: [1, 5], size: 4, pods: 1, levels: [200], requests: ['200m'], metrics: [cpu(50)], behavior: atOnce },
    2,
  ],
  [
    'grows as far as its rules let it',
    {
      bounds: [1, 100],
      size: 3,
      levels: [100, 200, 300],
      requests: small,
      metrics: [cpu(10)],
      behavior: upTo(700),
      conditions: few('ScaleUpLimit'),
    },
    24,
  ],
  [
    'grows as far as its maximum lets it, where its rules allow more',
    {
      bounds: [1, 20],
      size: 3,
      levels: [100, 200, 300],
      requests: small,
      metrics: [cpu(10)],
      behavior: upTo(700),
      conditions: few('TooManyReplicas'),
    },
    20,
  ],
  [
    'rests while a rolling update has a surge',
    { bounds: [1, 8], size: 4, pods: 5, levels: [500, 500, 500, 500, 500], metrics: [cpu(50)], conditions: AT_REST },
    4,
  ],
  [
    'takes the highest of several metrics',
    {
      bounds: [1, 5],
      size: 3,
      levels: [20_000, 10_000, 30_000],
      metrics: [cpu(10), pods('15')],
      conditions: few('TooManyReplicas'),
    },
    5,
  ],
  ...(['Resource', 'Pods', 'Object', 'External'] as const).map((type): readonly [string, Case, number] => {
    const metric = { Resource: cpu(10), Pods: pods('15'), Object: ofObject(value('15')), External: failing }[type];
    const conditions = ['SucceededGetScale', `!FailedGet${type}Metric`];
    return [
      `says that a metric of type ${type} is not to be had`,
      { bounds, size: 3, levels: [], metrics: [metric], conditions },
      3,
    ];
  }),
];

const namespaceOf = (index: number): string => `case-${index}`;
const byNamespace = new Map(CASES.map(([, input], index) => [namespaceOf(index), input]));
const KINDS = {
  ReplicationController: { type: RESOURCES.replicationControllers, apiVersion: 'v1' },
  Deployment: { type: RESOURCES.deployments, apiVersion: 'apps/v1' },
  ReplicaSet: { type: RESOURCES.replicaSets, apiVersion: 'apps/v1' },
};

let cluster: WorkloadCluster;
/** Namespaces in which no size can be written. */
const refused = new Set<string>();
/** Selectors of targets that are made up. */
const SELECTORS: Readonly<Record<string, string>> = { bare: '', cheese: 'cheddar cheese' };

/** The client with the made-up targets, that refuses to write some sizes. */
function bent(client: KubeClient): KubeClient {
  const failure = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500 } as const;
  return new Proxy(client, {
    get(object, property) {
      const member: unknown = Reflect.get(object, property);
      if (property !== 'patch') return typeof member === 'function' ? (member.bind(object) as unknown) : member;
      return (...args: Parameters<KubeClient['patch']>): unknown => {
        const [type, { name, namespace = '' }, kind, patch, options] = args;
        if (options?.subresource !== 'scale') return client.patch(type, { name, namespace }, kind, patch, options);
        const selector = Object.hasOwn(SELECTORS, name) ? SELECTORS[name] : undefined;
        if (selector !== undefined) {
          const status = { replicas: 2, selector };
          return Promise.resolve({ metadata: { name, namespace }, spec: { replicas: 2 }, status });
        }
        if (refused.has(namespace) && Object.hasOwn(patch as object, 'spec')) {
          return Promise.reject(
            new StatusError({ ...failure, reason: 'InternalError', message: 'something went wrong' }),
          );
        }
        return client.patch(type, { name, namespace }, kind, patch, options);
      };
    },
  });
}

function provider(now: () => number): MetricsProvider {
  const levelsOf = (namespace: string): readonly number[] => {
    const levels = byNamespace.get(namespace)?.levels ?? [];
    if (levels.length === 0) throw new Error('something went wrong');
    return levels;
  };
  const byPod = (values: readonly number[]): ReadonlyMap<string, PodMetric> =>
    new Map(values.map((level, i) => [`p${i}`, { value: level, timestamp: now(), window: 60_000 }]));
  return {
    resource: async ({ namespace, container: name }) => {
      await Promise.resolve();
      return byPod(levelsOf(namespace).map((level) => (name === undefined ? level : level / 2)));
    },
    pods: async ({ namespace }) => {
      await Promise.resolve();
      return byPod(levelsOf(namespace));
    },
    object: async ({ namespace }) => {
      await Promise.resolve();
      return levelsOf(namespace)[0] ?? 0;
    },
    external: async ({ namespace, metric }) => {
      await Promise.resolve();
      if (metric.name === 'failing') throw new Error('something went wrong');
      return levelsOf(namespace).slice(0, 1);
    },
  };
}

async function makeTarget(
  client: KubeClient,
  namespace: string,
  { target, size, pods: count = size }: Case,
): Promise<object> {
  const kind = target ?? 'ReplicationController';
  const { type, apiVersion } = KINDS[kind];
  const labels = { name: 'p' };
  const selector = kind === 'ReplicationController' ? labels : { matchLabels: labels };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const made = await client.create<object>(type, {
    apiVersion,
    kind,
    metadata: { name: 'web', namespace },
    spec: { replicas: size, selector, template },
  });
  await client.update(type, { ...made, status: { replicas: count } }, { subresource: 'status' });
  return { apiVersion, kind, name: 'web' };
}

async function makePod(client: KubeClient, namespace: string, index: number, input: Case): Promise<void> {
  const now = cluster.clock.now();
  const state = input.states?.[index] ?? '+';
  const started = formatTime('hx'.includes(state) ? now : now - 3_600_000);
  const whole = input.requests?.[index] ?? '1';
  const cores = whole.endsWith('m') ? Number(whole.slice(0, -1)) : Number(whole) * 1000;
  const resources = cores === 0 ? {} : { requests: { cpu: `${cores / 2}m` } };
  const made = await client.create<object>(RESOURCES.pods, {
    metadata: { name: `p${index}`, namespace, labels: { name: 'p' } },
    spec: { containers: ['a', 'b'].map((name) => ({ name, image: 'x', resources })) },
  });
  const status = {
    phase: state === 'f' ? 'Failed' : 'Running',
    startTime: started,
    conditions: [{ type: 'Ready', status: '+h'.includes(state) ? 'True' : 'False', lastTransitionTime: started }],
  };
  await client.update(RESOURCES.pods, { ...made, status }, { subresource: 'status' });
}

async function makeCase(client: KubeClient, namespace: string, input: Case): Promise<void> {
  await client.create(RESOURCES.namespaces, { metadata: { name: namespace } });
  await client.create(RESOURCES.serviceAccounts, { metadata: { name: 'default', namespace } });
  const scaleTargetRef = await makeTarget(client, namespace, input);
  for (let i = 0; i < (input.pods ?? input.size); i += 1) await makePod(client, namespace, i, input);
  const [minReplicas, maxReplicas] = input.bounds;
  const behavior = input.behavior === undefined ? {} : { behavior: input.behavior };
  await client.create(RESOURCES.horizontalPodAutoscalers, {
    metadata: { name: 'web', namespace },
    spec: { scaleTargetRef, minReplicas, maxReplicas, metrics: input.metrics, ...behavior },
  });
}

const hpaOf = (namespace: string): Promise<HorizontalPodAutoscaler> =>
  cluster.client.get<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers, { namespace, name: 'web' });

async function sizeOf(namespace: string, kind: keyof typeof KINDS = 'ReplicationController'): Promise<number> {
  const { spec } = await cluster.client.get<{ spec: { replicas: number } }>(KINDS[kind].type, {
    namespace,
    name: 'web',
  });
  return spec.replicas;
}

async function eventsOf(namespace: string): Promise<string[]> {
  const { items } = await cluster.client.list<Event>(RESOURCES.events, { namespace });
  return items.map(({ reason, message }) => `${reason}: ${message}`).sort();
}

/** `!` before the reason of a condition that is False. */
function reasons({ status }: HorizontalPodAutoscaler): string[] {
  return (status?.conditions ?? []).map(({ status: state, reason }) => (state === 'True' ? '' : '!') + (reason ?? ''));
}

beforeAll(async () => {
  cluster = await workloadCluster({
    runPods: false,
    controllers: [
      (context, informers) => {
        const metrics = provider(() => context.clock.now());
        return createHpaController({ ...context, client: bent(context.client) }, informers, metrics);
      },
    ],
  });
  const work = CASES.map(([, input], index) => makeCase(cluster.client, namespaceOf(index), input));
  await cluster.clock.blockOn(Promise.all(work));
  await cluster.pass(15);
});

afterAll(() => cluster.stop());

describe('an autoscaler', () => {
  it.each(CASES.map(([title, input, size], index) => [title, index, input, size] as const))(
    '%s',
    async (_, index, input, size) => {
      const namespace = namespaceOf(index);
      const hpa = await hpaOf(namespace);
      expect(await sizeOf(namespace, input.target)).toBe(size);
      expect(reasons(hpa)).toEqual(input.conditions ?? FINE);
      if (!reasons(hpa).some((reason) => reason.startsWith('!F'))) expect(hpa.status?.desiredReplicas).toBe(size);
      expect(hpa.status?.currentReplicas ?? 0).toBe(input.size);
      const told = (await eventsOf(namespace)).filter((event) => event.startsWith('SuccessfulRescale'));
      expect(told.length).toBe(size === input.size ? 0 : 1);
    },
  );

  it('tells of metrics that are not to be had as Kubernetes does', async () => {
    const texts = async (title: string): Promise<string[]> =>
      await eventsOf(namespaceOf(CASES.findIndex(([name]) => name === title)));
    const first = 'invalid metrics (1 invalid out of 1), first error is';
    const of = (type: string): Promise<string[]> => texts(`says that a metric of type ${type} is not to be had`);
    const cpuText = 'failed to get cpu utilization: unable to get metrics for resource cpu: something went wrong';
    expect(await of('Resource')).toEqual([
      `FailedComputeMetricsReplicas: ${first}: failed to get cpu resource metric value: ${cpuText}`,
      `FailedGetResourceMetric: ${cpuText}`,
    ]);
    expect(await of('Pods')).toEqual([
      `FailedComputeMetricsReplicas: ${first}: failed to get pods metric value: unable to get metric qps: something went wrong`,
      'FailedGetPodsMetric: unable to get metric qps: something went wrong',
    ]);
    const object = 'unable to get metric qps: Deployment on case-55 some/something went wrong';
    expect(await of('Object')).toEqual([
      `FailedComputeMetricsReplicas: ${first}: failed to get object metric value: ${object}`,
      `FailedGetObjectMetric: ${object}`,
    ]);
    const selector = '&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{},}';
    const other = `unable to get external metric case-56/failing/${selector}: something went wrong`;
    expect(await of('External')).toEqual([
      `FailedComputeMetricsReplicas: ${first}: failed to get failing external metric value: failed to get external metric failing: ${other}`,
      `FailedGetExternalMetric: ${other}`,
    ]);
  });
});

describe('an autoscaler whose target', () => {
  const target = (kind: string, name: string, apiVersion = 'v1'): object => ({
    metadata: { name, namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion, kind, name }, maxReplicas: 3, metrics: [cpu(50)] },
  });
  const eventsAbout = async (name: string): Promise<string[]> => (await cluster.events(name)).sort();

  it('has no selector, or one that says nothing, stops', async () => {
    for (const name of Object.keys(SELECTORS)) {
      await cluster.client.create(RESOURCES.horizontalPodAutoscalers, target('ReplicationController', name));
    }
    await cluster.pass(16);
    const hpa = (name: string): Promise<HorizontalPodAutoscaler> =>
      cluster.get<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers, name);
    expect((await hpa('bare')).status?.conditions?.find(({ type }) => type === 'ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'InvalidSelector',
      message: "the HPA target's scale is missing a selector",
    });
    expect((await eventsAbout('bare')).filter((event) => event.includes('elector'))).toEqual([
      'FailedComputeMetricsReplicas: selector is required',
      'SelectorRequired: selector is required',
    ]);
    const unparsable = (await hpa('cheese')).status?.conditions?.find(({ type }) => type === 'ScalingActive');
    expect(unparsable).toMatchObject({ status: 'False', reason: 'InvalidSelector' });
    expect(unparsable?.message).toMatch(/^couldn't convert selector into a corresponding internal selector object: /);
  });

  it('is of a kind that nobody knows, or is not there, stops', async () => {
    await cluster.client.create(RESOURCES.horizontalPodAutoscalers, target('Wardrobe', 'unknown', 'no.such/v1'));
    await cluster.client.create(RESOURCES.horizontalPodAutoscalers, target('ReplicationController', 'absent'));
    await cluster.pass(16);
    expect(await eventsAbout('unknown')).toContain('FailedGetScale: no matches for kind "Wardrobe" in group "no.such"');
    expect(await eventsAbout('absent')).toContain('FailedGetScale: replicationcontrollers "absent" not found');
    for (const name of ['unknown', 'absent']) {
      const hpa = await cluster.get<HorizontalPodAutoscaler>(RESOURCES.horizontalPodAutoscalers, name);
      expect(reasons(hpa)).toEqual(['!FailedGetScale']);
    }
  });

  it('cannot be written says so', async () => {
    const index = CASES.findIndex(([title]) => title === 'stops without metrics');
    const namespace = namespaceOf(index);
    refused.add(namespace);
    await cluster.client.patch(RESOURCES.horizontalPodAutoscalers, { namespace, name: 'web' }, 'merge', {
      spec: { maxReplicas: 3, minReplicas: 1 },
    });
    await cluster.pass(16);
    expect(await eventsOf(namespace)).toContain(
      'FailedRescale: New size: 3; reason: Current number of replicas above Spec.MaxReplicas; error: something went wrong',
    );
    expect(reasons(await hpaOf(namespace))).toContain('!FailedUpdateScale');
    expect(await sizeOf(namespace)).toBe(4);
  });

  it('has pods that another one scales too stops', async () => {
    const index = CASES.findIndex(([title]) => title === 'rests on its target');
    const namespace = namespaceOf(index);
    const first = await hpaOf(namespace);
    await cluster.client.create(RESOURCES.horizontalPodAutoscalers, {
      metadata: { name: 'second', namespace },
      spec: first.spec,
    });
    await cluster.pass(31);
    const text = `pods by selector name=p are controlled by multiple HPAs: [${namespace}/second ${namespace}/web]`;
    expect(await eventsOf(namespace)).toEqual(
      expect.arrayContaining([`AmbiguousSelector: ${text}`, `FailedComputeMetricsReplicas: ${text}`]),
    );
    expect(reasons(await hpaOf(namespace))).toContain('!AmbiguousSelector');
  });
});

describe('an autoscaler of none', () => {
  it('is refused, and so is a metric of a kind that is not known', async () => {
    const spec = { scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'x' }, maxReplicas: 3 };
    const create = async (extra: object): Promise<boolean> =>
      await cluster.client
        .create(RESOURCES.horizontalPodAutoscalers, {
          metadata: { name: 'bad', namespace: 'default' },
          spec: { ...spec, ...extra },
        })
        .then(() => false)
        .catch((error: unknown) => isStatus(error, 'Invalid'));
    expect(await create({ minReplicas: 0, metrics: [cpu(50)] })).toBe(true);
    expect(await create({ metrics: [{ type: 'CheddarCheese' }] })).toBe(true);
  });
});
