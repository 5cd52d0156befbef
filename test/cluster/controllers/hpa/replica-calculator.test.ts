import { describe, expect, it } from 'vitest';
import type { PodMetric } from '../../../../src/cluster/controllers/hpa/metrics-provider.ts';
import { normalize } from '../../../../src/cluster/controllers/hpa/normalize.ts';
import {
  podRequestsOf,
  type PodsQuestion,
  proposeFromPods,
  proposeFromRatio,
} from '../../../../src/cluster/controllers/hpa/replica-calculator.ts';
import { ScalingHistory } from '../../../../src/cluster/controllers/hpa/scaling-history.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { HorizontalPodAutoscalerBehavior } from '../../../../src/kube/api/autoscaling-v2.generated.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';

const NOW = Date.UTC(2025, 0, 2);
const tolerances = { up: 0.1, down: 0.1 };

type State = 'ready' | 'unready' | 'pending' | 'failed' | 'young';

function pod(name: string, state: State = 'ready'): Pod {
  const started = state === 'young' ? 60_000 : 3_600_000;
  const status = state === 'unready' ? 'False' : 'True';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
    status: {
      phase: state === 'pending' ? 'Pending' : state === 'failed' ? 'Failed' : 'Running',
      startTime: formatTime(NOW - started),
      // Unready since it was started.
      conditions: [{ type: 'Ready', status, lastTransitionTime: formatTime(NOW - started + 5000) }],
    },
  };
}

interface Case {
  readonly states: readonly State[];
  /** Milli-cores by index; undefined: none known. */
  readonly usage: readonly (number | undefined)[];
  readonly percent?: number;
  readonly current?: number;
}

function question({ states, usage, percent = 50, current = states.length }: Case): PodsQuestion {
  const pods = states.map((state, i) => pod(`p${i}`, state));
  const metrics = new Map<string, PodMetric>();
  usage.forEach((value, i) => {
    if (value !== undefined) metrics.set(`p${i}`, { value, timestamp: NOW, window: 30_000 });
  });
  const requests = (): ReadonlyMap<string, number> => podRequestsOf(pods, 'cpu', undefined);
  return { pods, metrics, resource: 'cpu', current, tolerances, now: NOW, target: { percent, requests } };
}

const ready = (count: number): State[] => Array<State>(count).fill('ready');

describe('replicas from the use of pods', () => {
  it.each<[string, Case, number]>([
    ['grow with the use', { states: ready(3), usage: [1000, 1000, 1000] }, 6],
    ['shrink with it', { states: ready(4), usage: [100, 100, 100, 100] }, 1],
    ['stay within the tolerance', { states: ready(3), usage: [540, 540, 540] }, 3],
    ['round up', { states: ready(3), usage: [600, 600, 600] }, 4],
    [
      'count pods that are not ready as idle when they grow',
      { states: ['ready', 'ready', 'unready'], usage: [1000, 1000, 1000] },
      4,
    ],
    [
      'do not grow when unready pods may suffice',
      { states: ['ready', 'unready', 'pending'], usage: [700, undefined, undefined] },
      3,
    ],
    ['count pods without metric as idle when they grow', { states: ready(3), usage: [1000, 1000, undefined] }, 4],
    [
      'count pods without metric as full when they shrink',
      { states: ready(4), usage: [100, 100, 100, undefined], percent: 100 },
      2,
    ],
    ['do not turn round', { states: ready(2), usage: [600, undefined] }, 2],
    ['leave failed pods out', { states: ['ready', 'failed'], usage: [1000, 1000], current: 1 }, 2],
    ['trust young pods once they are ready for a window', { states: ['ready', 'young'], usage: [1000, 1000] }, 4],
  ])('%s', (_, input, expected) => {
    expect(proposeFromPods(question(input)).replicas).toBe(expected);
  });

  it('tell the use they are made from', () => {
    expect(proposeFromPods(question({ states: ready(2), usage: [700, 800] }))).toEqual({
      replicas: 3,
      utilization: 75,
      usage: 750,
    });
  });

  it('fail without pods, metrics or requests', () => {
    expect(() => proposeFromPods(question({ states: [], usage: [] }))).toThrow('no pods returned by selector');
    expect(() => proposeFromPods(question({ states: ready(1), usage: [undefined] }))).toThrow(
      'did not receive metrics',
    );
    const bare = { ...pod('p'), spec: { containers: [{ name: 'c' }] } };
    expect(() => podRequestsOf([bare], 'cpu', undefined)).toThrow('missing request for cpu in container c of Pod p');
  });

  it('follow another metric by its ratio', () => {
    const pods = [pod('a'), pod('b'), pod('c', 'unready')];
    expect(proposeFromRatio(2, { current: 3, pods, tolerances })).toBe(4);
    expect(proposeFromRatio(1.05, { current: 3, pods, tolerances })).toBe(3);
    expect(proposeFromRatio(1.5, { current: 0, pods, tolerances })).toBe(2);
  });
});

describe('normalizing', () => {
  interface Step {
    readonly at: number;
    readonly current: number;
    readonly desired: number;
  }

  function run(
    steps: readonly Step[],
    behavior?: HorizontalPodAutoscalerBehavior,
    maxReplicas = 100,
  ): (number | string)[] {
    const history = new ScalingHistory();
    return steps.map(({ at, current, desired }) => {
      const now = NOW + at * 1000;
      const scaleTargetRef = { kind: 'Deployment', name: 'web' };
      const spec = { maxReplicas, scaleTargetRef, ...(behavior === undefined ? {} : { behavior }) };
      const { replicas, limit } = normalize({ spec, history, current, desired, minReplicas: 2, now });
      if (replicas !== current) history.scaled(current, replicas, { now, keep: 3_600_000 });
      return limit.reason === 'DesiredWithinRange' ? replicas : `${replicas} ${limit.reason}`;
    });
  }

  it('grows to twice the size or 4 at once without rules', () => {
    expect(
      run([
        { at: 0, current: 2, desired: 50 },
        { at: 15, current: 4, desired: 50 },
        { at: 30, current: 8, desired: 50 },
      ]),
    ).toEqual(['4 ScaleUpLimit', '8 ScaleUpLimit', '16 ScaleUpLimit']);
    expect(run([{ at: 0, current: 8, desired: 50 }], undefined, 10)).toEqual(['10 TooManyReplicas']);
  });

  it('shrinks to the highest recommendation of five minutes', () => {
    const steps = [0, 100, 200, 299, 301, 501, 700].map((at) => ({
      at,
      current: 10,
      desired: at === 0 ? 10 : at === 200 ? 6 : 1,
    }));
    expect(run(steps)).toEqual([10, 10, 10, 10, 6, '2 TooFewReplicas', '2 TooFewReplicas']);
  });

  it('follows policies, the largest change by default', () => {
    const scaleUp = {
      stabilizationWindowSeconds: 0,
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 60 },
        { type: 'Percent', value: 50, periodSeconds: 60 },
      ],
    };
    const steps = [
      { at: 0, current: 2, desired: 50 },
      { at: 15, current: 6, desired: 50 },
      { at: 61, current: 6, desired: 50 },
      { at: 122, current: 20, desired: 50 },
    ];
    expect(run(steps, { scaleUp })).toEqual(['6 ScaleUpLimit', '6 ScaleUpLimit', '10 ScaleUpLimit', '30 ScaleUpLimit']);
    expect(run(steps.slice(0, 1), { scaleUp: { ...scaleUp, selectPolicy: 'Min' } })).toEqual(['3 ScaleUpLimit']);
    expect(run(steps.slice(0, 1), { scaleUp: { ...scaleUp, selectPolicy: 'Disabled' } })).toEqual(['2 ScaleUpLimit']);
  });

  it('shrinks by policies within their window', () => {
    const scaleDown = { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 10, periodSeconds: 60 }] };
    const steps = [
      { at: 0, current: 50, desired: 2 },
      { at: 15, current: 45, desired: 2 },
      { at: 61, current: 45, desired: 2 },
    ];
    expect(run(steps, { scaleDown })).toEqual(['45 ScaleDownLimit', '45 ScaleDownLimit', '40 ScaleDownLimit']);
  });

  it('waits for the lowest recommendation of the window to grow', () => {
    const scaleUp = { stabilizationWindowSeconds: 60, policies: [{ type: 'Pods', value: 100, periodSeconds: 15 }] };
    const steps = [
      { at: 0, current: 5, desired: 5 },
      { at: 30, current: 5, desired: 9 },
      { at: 61, current: 5, desired: 20 },
      { at: 91, current: 9, desired: 20 },
    ];
    expect(run(steps, { scaleUp })).toEqual([5, 5, 9, 20]);
  });
});
