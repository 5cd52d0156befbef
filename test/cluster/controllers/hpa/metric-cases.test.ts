import { describe, expect, it } from 'vitest';
import { proposeForMetric, type ScaleState } from '../../../../src/cluster/controllers/hpa/metric-proposals.ts';
import type { MetricsProvider, PodMetric } from '../../../../src/cluster/controllers/hpa/metrics-provider.ts';
import { podRequestsOf } from '../../../../src/cluster/controllers/hpa/replica-calculator.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { MetricSpec } from '../../../../src/kube/api/autoscaling-v2.generated.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import { milliValue } from '../../../../src/kube/quantity.ts';

// The inputs and results of pkg/controller/podautoscaler/replica_calculator_test.go, a line a case.

const NOW = Date.UTC(2025, 0, 2);
const HOUR = 3_600_000;
const CONTAINERS = 2;

/**
 * A pod a letter: `+` ready, `-` never ready, `h` ready and just started, `x` just started and not ready, `p` pending,
 * `f` failed, `d` being deleted.
 */
type Pods = string;

interface Case {
  readonly pods: Pods;
  /** Of each of a pod's two containers, in milli-cores; or of the metric, in thousandths. */
  readonly levels: readonly number[];
  /** Of each of two containers; '1' each when absent. */
  readonly requests?: readonly string[];
  readonly current?: number;
  /** Names of the pods that are measured; those of the pods in order when absent. */
  readonly measured?: readonly string[];
  readonly tolerance?: number;
}

function pod(letter: string, index: number, request: string | undefined): Pod {
  const started = 'hx'.includes(letter) ? NOW : NOW - HOUR;
  const phase = letter === 'p' ? 'Pending' : letter === 'f' ? 'Failed' : 'Running';
  const lastTransitionTime = formatTime(started);
  const container = (name: string): object => ({
    name,
    ...(request === undefined ? {} : { resources: { requests: { cpu: request } } }),
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${index}`, ...(letter === 'd' ? { deletionTimestamp: formatTime(NOW) } : {}) },
    spec: { containers: [container('a'), container('b')] as NonNullable<Pod['spec']>['containers'] },
    status: {
      phase,
      startTime: formatTime(started),
      conditions: [{ type: 'Ready', status: '+hd'.includes(letter) ? 'True' : 'False', lastTransitionTime }],
    },
  };
}

function stateOf({ pods, levels, requests, current = pods.length, measured, tolerance = 0.1 }: Case): ScaleState {
  const provider: MetricsProvider = {
    resource: ({ container }) => {
      if (levels.length === 0) return Promise.reject(new Error('no metrics returned from resource metrics API'));
      return Promise.resolve(byPod(levels.map((level) => level * (container === undefined ? CONTAINERS : 1))));
    },
    pods: () => Promise.resolve(byPod(levels)),
    object: () => Promise.resolve(levels[0] ?? 0),
    external: () => Promise.resolve(levels),
  };
  const byPod = (values: readonly number[]): Map<string, PodMetric> =>
    new Map(values.map((value, i) => [measured?.[i] ?? `p${i}`, { value, timestamp: NOW, window: 60_000 }]));
  return {
    provider,
    namespace: 'default',
    selector: 'name=p',
    pods: pods.split('').map((letter, i) => pod(letter, i, requests === undefined ? '1' : requests[i])),
    specReplicas: current,
    statusReplicas: current,
    tolerances: { up: tolerance, down: tolerance },
    now: NOW,
  };
}

const cpu = (averageUtilization: number, container?: string): MetricSpec => {
  const target = { type: 'Utilization', averageUtilization };
  return container === undefined
    ? { type: 'Resource', resource: { name: 'cpu', target } }
    : { type: 'ContainerResource', containerResource: { name: 'cpu', container, target } };
};
const metric = { name: 'qps' };
const milli = (value: number): string => `${value}m`;
const perPod = (value: number): MetricSpec => ({
  type: 'Pods',
  pods: { metric, target: { type: 'AverageValue', averageValue: milli(value) } },
});
const describedObject = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'some' };
const ofObject = (value: number): MetricSpec => ({
  type: 'Object',
  object: { metric, describedObject, target: { type: 'Value', value: milli(value) } },
});
const ofObjectPerPod = (value: number): MetricSpec => ({
  type: 'Object',
  object: { metric, describedObject, target: { type: 'AverageValue', averageValue: milli(value) } },
});
const external = (value: number): MetricSpec => ({
  type: 'External',
  external: { metric, target: { type: 'Value', value: milli(value) } },
});
const externalPerPod = (value: number): MetricSpec => ({
  type: 'External',
  external: { metric, target: { type: 'AverageValue', averageValue: milli(value) } },
});

/** Replicas, and what the status says: per cent and an average's thousandths, or thousandths alone. */
type Result = readonly [replicas: number, ...shown: number[]];

async function propose(spec: MetricSpec, input: Case): Promise<Result> {
  const { replicas, status } = await proposeForMetric(spec, stateOf(input));
  const { averageUtilization, averageValue, value } =
    (status.resource ?? status.containerResource ?? status.pods ?? status.object ?? status.external)?.current ?? {};
  const amount = milliValue(averageValue ?? value ?? 0);
  return averageUtilization === undefined ? [replicas, amount] : [replicas, averageUtilization, amount];
}

const five = [100, 300, 500, 250, 250];
const ten = Array<number>(10).fill(150);
const spread = [400, 200, 310, 290, 302, 298, 301, 299, 300, 300].map(milli);

describe('replicas for a share of the requests', () => {
  it.each<[string, number, Case, Result]>([
    ['grow', 30, { pods: '+++', levels: [300, 500, 700] }, [5, 50, 1000]],
    ['grow less for a pod that is not ready', 30, { pods: '-++', levels: [300, 500, 700] }, [4, 60, 1200]],
    ['grow less for a pod that has just started', 30, { pods: 'h++', levels: [300, 500, 700] }, [4, 60, 1200]],
    ['stay when unready pods may suffice', 30, { pods: '+--', levels: [400, 500, 700] }, [3, 40, 800]],
    ['stay when starting pods may suffice', 30, { pods: '+xx', levels: [400, 500, 700] }, [3, 40, 800]],
    ['grow without regard to failed pods', 30, { pods: '++ff', levels: [500, 700], current: 2 }, [4, 60, 1200]],
    ['grow without regard to pods that go', 30, { pods: '++dd', levels: [500, 700], current: 2 }, [4, 60, 1200]],
    ['shrink', 50, { pods: '+++++', levels: five }, [3, 28, 560]],
    ['shrink without unready pods', 50, { pods: '+++--', levels: five }, [2, 30, 600]],
    ['shrink without pending pods', 50, { pods: '+pppp', levels: [100] }, [1, 10, 200]],
    ['shrink without pods that have just started', 50, { pods: '+++hh', levels: five }, [2, 30, 600]],
    ['shrink without failed pods', 50, { pods: '+++++ff', levels: five, current: 5 }, [3, 28, 560]],
    ['shrink without pods that go', 50, { pods: '+++++dd', levels: five, current: 5 }, [3, 28, 560]],
    [
      'stay within the tolerance',
      100,
      { pods: '+++', levels: [1010, 1030, 1020], requests: ['0.9', '1.0', '1.1'] },
      [3, 102, 2040],
    ],
    [
      'count measured pods that are not known',
      100,
      { pods: '++++', levels: [4000, 9500, 3000, 7000, 3200, 2000] },
      [24, 587, 11_750],
    ],
    ['take absent metrics for full use to shrink', 100, { pods: '++++', levels: [400, 95] }, [3, 24, 495]],
    ['stay on target with a metric absent', 100, { pods: '++', levels: [1000] }, [2, 100, 2000]],
    ['stay when the absent one may be idle', 100, { pods: '++', levels: [1900] }, [2, 190, 3800]],
    ['stay when the absent one may be busy', 100, { pods: '++', levels: [600] }, [2, 60, 1200]],
    ['stay with one unready and one absent', 50, { pods: '-++', levels: [100, 450] }, [3, 45, 900]],
    ['stay with one starting and one absent', 50, { pods: 'h++', levels: [100, 450] }, [3, 45, 900]],
    ['grow with one unready and one absent', 50, { pods: '-++', levels: [100, 2000] }, [4, 200, 4000]],
    ['grow with one starting and one absent', 50, { pods: 'x++', levels: [100, 2000] }, [4, 200, 4000]],
    ['shrink with one unready and one absent', 50, { pods: '-+++', levels: [100, 100, 100] }, [3, 10, 200]],
    ['stay amid a rolling update with a surge', 50, { pods: '+++', levels: [100, 100], current: 2 }, [2, 10, 200]],
    ['move as soon as the tolerance is left', 56, { pods: '++++++++++', levels: ten, requests: spread }, [9, 50, 300]],
    ['stay at its very edge', 55, { pods: '++++++++++', levels: ten, requests: spread }, [10, 50, 300]],
    ['take another tolerance', 100, { pods: '+++', levels: [1010, 1030, 1020], tolerance: 0.01 }, [4, 102, 2040]],
    ['take none', 100, { pods: '+++', levels: [1010, 1010, 1010], tolerance: 0 }, [4, 101, 2020]],
    ['take a wide one', 50, { pods: '+++', levels: [600, 600, 600], tolerance: 0.25 }, [3, 60, 1200]],
  ])('%s', async (_, percent, input, expected) => {
    expect(await propose(cpu(percent), input)).toEqual(expected);
  });

  it.each<[string, Case, string]>([
    [
      'no pod of that name is known',
      { pods: '+', levels: [100], measured: ['older'] },
      'no metrics returned matched known pods',
    ],
    [
      'nothing is measured',
      { pods: '++++', levels: [] },
      'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    ],
    [
      'a request is absent',
      { pods: '+', levels: [200], requests: [] },
      'missing request for cpu in container a of Pod p0',
    ],
    [
      'no pod is trusted, whatever it requests',
      { pods: '--', levels: [100, 100], requests: [] },
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    ['there are no pods', { pods: '', levels: [100] }, 'no pods returned by selector while calculating replica count'],
  ])('cannot be had when %s', async (_, input, message) => {
    await expect(propose(cpu(100), input)).rejects.toThrow(`failed to get cpu utilization: ${message}`);
  });

  it.each<[string, string, Case, Result]>([
    ['grow', 'a', { pods: '+++', levels: [300, 500, 700] }, [5, 50, 500]],
    ['shrink', 'b', { pods: '+++++', levels: five }, [3, 28, 280]],
    ['grow without regard to failed pods', 'a', { pods: '++ff', levels: [500, 700], current: 2 }, [4, 60, 600]],
  ])('of one container %s', async (title, container, input, expected) => {
    expect(await propose(cpu(title === 'shrink' ? 50 : 30, container), input)).toEqual(expected);
  });

  it('of one container that is not there cannot be had', async () => {
    await expect(propose(cpu(50, 'z'), { pods: '+', levels: [10] })).rejects.toThrow('container z not found in Pod p0');
  });
});

describe('replicas for a metric of pods', () => {
  it.each<[string, number, Case, Result]>([
    ['grow', 15_000, { pods: '+++', levels: [20_000, 10_000, 30_000] }, [4, 20_000]],
    ['grow with pods that are not ready', 15_000, { pods: '++x', levels: [50_000, 10_000, 30_000] }, [6, 30_000]],
    ['grow with pods that have just started', 15_000, { pods: 'x+x', levels: [50_000, 15_000, 30_000] }, [7, 31_666]],
    ['shrink', 20_000, { pods: '+++++', levels: [12_000, 12_000, 12_000, 12_000, 12_000] }, [3, 12_000]],
    ['stay within the tolerance', 20_000, { pods: '+++', levels: [20_000, 21_000, 21_000] }, [3, 20_666]],
    [
      'stay amid a rolling update with a surge',
      17_000,
      { pods: '+++', levels: [10_000, 10_000], current: 2 },
      [2, 10_000],
    ],
    ['stay on target with a metric absent', 10_000, { pods: '++', levels: [10_000] }, [2, 10_000]],
    ['grow from one', 4400, { pods: '+', levels: [8600] }, [2, 8600]],
  ])('%s', async (_, target, input, expected) => {
    expect(await propose(perPod(target), input)).toEqual(expected);
  });
});

describe('replicas for a metric of something else', () => {
  it.each<[string, MetricSpec, Case, Result]>([
    ['an object: grow', ofObject(15_000), { pods: '+++', levels: [20_000] }, [4, 20_000]],
    ['an object: grow from ready pods alone', ofObject(10_000), { pods: '-+-', levels: [50_000] }, [5, 50_000]],
    ['an object: shrink', ofObject(20_000), { pods: '+++++', levels: [12_000] }, [3, 12_000]],
    ['an object: stay', ofObject(20_000), { pods: '+++', levels: [20_666] }, [3, 20_666]],
    ['an object: start from none', ofObject(15_000), { pods: '', levels: [20_000] }, [2, 20_000]],
    ['an object: start from none whatever the tolerance', ofObject(1000), { pods: '', levels: [1000] }, [1, 1000]],
    ['an object: end at none', ofObject(20_000), { pods: '+++++', levels: [0] }, [0, 0]],
    ['an object, for each pod: grow', ofObjectPerPod(5000), { pods: '+++', levels: [20_000] }, [4, 6667]],
    ['an object, for each pod: shrink', ofObjectPerPod(2000), { pods: '+++++', levels: [6000] }, [3, 1200]],
    ['an object, for each pod: stay', ofObjectPerPod(5000), { pods: '++++', levels: [20_166] }, [4, 5042]],
    ['external: grow', external(6666), { pods: '+++', levels: [8600] }, [4, 8600]],
    ['external: grow from ready pods alone', external(4400), { pods: '-+-', levels: [8600] }, [2, 8600]],
    ['external: shrink', external(14_334), { pods: '+++++', levels: [8600] }, [3, 8600]],
    ['external: end at none', external(14_400), { pods: '+++++', levels: [0] }, [0, 0]],
    ['external: stay', external(8888), { pods: '+++', levels: [8600] }, [3, 8600]],
    ['external: add up several series', external(10_000), { pods: '++', levels: [8000, 9000, 3000] }, [4, 20_000]],
    ['external, for each pod: grow', externalPerPod(2150), { pods: '+++', levels: [8600] }, [4, 2867]],
    ['external, for each pod: shrink', externalPerPod(2867), { pods: '+++++', levels: [8600] }, [3, 1720]],
    ['external, for each pod: stay', externalPerPod(2900), { pods: '+++', levels: [8600] }, [3, 2867]],
  ])('%s', async (_, spec, input, expected) => {
    expect(await propose(spec, input)).toEqual(expected);
  });

  it('cannot be had without pods', async () => {
    await expect(propose(ofObject(1000), { pods: '', levels: [5000], current: 1 })).rejects.toThrow(
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    );
  });
});

describe('whether a pod counts', () => {
  interface Known {
    readonly phase?: string;
    /** Seconds ago. */
    readonly started?: number;
    readonly ready?: readonly [status: 'True' | 'False', secondsAgo: number];
    readonly measured?: { readonly secondsAgo: number; readonly window: number };
  }

  // Another pod is there and is on target, so that the number tells what became of the pod.
  async function weight({ phase = 'Running', started, ready, measured }: Known, resource = 'cpu'): Promise<number> {
    const seconds = (ago: number): string => formatTime(NOW - ago * 1000);
    const base = stateOf({ pods: '+', levels: [1000] });
    const other: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'a', resources: { requests: { [resource]: '2' } } }] },
      status: {
        phase,
        ...(started === undefined ? {} : { startTime: seconds(started) }),
        ...(ready === undefined
          ? {}
          : { conditions: [{ type: 'Ready', status: ready[0], lastTransitionTime: seconds(ready[1]) }] }),
      },
    };
    const [first] = base.pods;
    const steady: Pod = {
      ...first,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p0' },
      spec: { containers: [{ name: 'a', resources: { requests: { [resource]: '2' } } }] },
    };
    const values = new Map<string, PodMetric>([['p0', { value: 4000, timestamp: NOW, window: 60_000 }]]);
    if (measured !== undefined) {
      values.set('p', { value: 4000, timestamp: NOW - measured.secondsAgo * 1000, window: measured.window * 1000 });
    }
    const spec: MetricSpec = {
      type: 'Resource',
      resource: { name: resource, target: { type: 'Utilization', averageUtilization: 100 } },
    };
    const provider = { ...base.provider, resource: () => Promise.resolve(values) };
    const state = { ...base, provider, pods: [steady, other], specReplicas: 2, statusReplicas: 2 };
    return (await proposeForMetric(spec, state)).replicas;
  }

  // Both count: 200 % of the target for two. One only: the other is taken to be idle, and two suffice.
  it.each<[string, Known, number]>([
    ['without a Ready condition it does not', { started: 0, measured: { secondsAgo: 0, window: 60 } }, 2],
    ['without a start it does not', { ready: ['True', 0], measured: { secondsAgo: 0, window: 60 } }, 2],
    [
      'fresh and measured since, it does',
      { started: 60, ready: ['True', 30], measured: { secondsAgo: 0, window: 30 } },
      4,
    ],
    [
      'fresh and not measured since, it does not',
      { started: 60, ready: ['True', 30], measured: { secondsAgo: 0, window: 60 } },
      2,
    ],
    [
      'fresh and unready it does not',
      { started: 60, ready: ['False', 30], measured: { secondsAgo: 0, window: 10 } },
      2,
    ],
    [
      'old and never ready it does not',
      { started: 600, ready: ['False', 594], measured: { secondsAgo: 0, window: 60 } },
      2,
    ],
    [
      'old and ready it does, however stale',
      { started: 600, ready: ['True', 600], measured: { secondsAgo: 120, window: 60 } },
      4,
    ],
    [
      'old and ready before it does',
      { started: 600, ready: ['False', 540], measured: { secondsAgo: 0, window: 60 } },
      4,
    ],
    [
      'old, and unready for the first time after the initial delay, it does',
      { started: 600, ready: ['False', 570], measured: { secondsAgo: 0, window: 60 } },
      4,
    ],
    ['not measured it does not', { started: 600, ready: ['True', 600] }, 2],
    ['pending it does not', { phase: 'Pending' }, 2],
  ])('%s', async (_, known, expected) => expect(await weight(known)).toBe(expected));

  it('by another resource than cpu its readiness does not matter', async () => {
    const measured = { secondsAgo: 0, window: 60 };
    expect(await weight({ phase: 'Succeeded', measured }, 'memory')).toBe(4);
  });
});

describe('requests', () => {
  const containers = [
    { name: 'a', resources: { requests: { cpu: '100m', memory: '1Gi' } } },
    { name: 'b', resources: { requests: { cpu: '200m', memory: '1Gi' } } },
  ];
  const initContainers = [
    { name: 'init', resources: { requests: { cpu: '5' } } },
    { name: 'sidecar', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } },
  ];
  const whole = { requests: { cpu: '800m' } };
  const of = (spec: object, container?: string, resource = 'cpu'): number | undefined =>
    podRequestsOf(
      [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: spec as NonNullable<Pod['spec']> }],
      resource,
      container,
    ).get('p');

  it.each<[string, object, string | undefined, number]>([
    ['of all containers', { containers }, undefined, 300],
    ['of one container', { containers }, 'b', 200],
    ['of sidecars too, but not of init containers', { containers, initContainers }, undefined, 350],
    ['of a sidecar alone', { containers, initContainers }, 'sidecar', 50],
    ['of the pod as a whole, before its containers', { containers, resources: whole }, undefined, 800],
    ['of one container, before the pod as a whole', { containers, resources: whole }, 'a', 100],
    [
      'of the pod as a whole, without any of its containers',
      { containers: [{ name: 'a' }], resources: whole },
      undefined,
      800,
    ],
  ])('%s', (_, spec, container, expected) => expect(of(spec, container)).toBe(expected));

  it('that a pod as a whole does not make, nor any container, are missing', () => {
    const spec = { containers: [{ name: 'a' }], resources: whole };
    expect(() => of(spec, undefined, 'memory')).toThrow('missing pod-level request for memory in Pod p');
    expect(() => of({ containers: [{ name: 'a' }] })).toThrow('missing request for cpu in container a of Pod p');
  });
});
