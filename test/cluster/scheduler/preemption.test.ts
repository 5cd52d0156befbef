import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { candidatesToFind, findPreemption } from '../../../src/cluster/scheduler/preemption.ts';
import { Placer } from '../../../src/cluster/scheduler/placement.ts';
import type { PreemptionReach } from '../../../src/cluster/scheduler/cycle.ts';
import { defaultProfile } from '../../../src/cluster/scheduler/profiles/create-profile.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import type { PodDisruptionBudget } from '../../../src/kube/api/policy-v1.generated.ts';
import { cycleOf, type NodeLine, type PodLine, podOf, type World } from './world.ts';

const NODE: NodeLine = {
  allocatable: { cpu: '500m', memory: '500' },
  labels: { 'kubernetes.io/hostname': 'x', zone: 'z' },
};
const LARGE = [{ cpu: '400m', memory: '400' }];
const MEDIUM = [{ cpu: '300m', memory: '300' }];
const SMALL = [{ cpu: '100m', memory: '100' }];
const EXTREME = [{ cpu: '500m', memory: '500' }];
const LOW = -100;
const MID = 100;
const HIGH = 1000;

type Asks = NonNullable<PodLine['asks']>;
const there = (name: string, on: string, asks: Asks, priority: number, more: PodLine = {}): PodLine => ({
  ...more,
  name,
  on,
  asks,
  priority,
});
const at = (minute: number): PodLine => ({ started: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z` });

/** Selects pods that lack a label. */
const LABELLED = { matchExpressions: [{ key: 'other', operator: 'DoesNotExist' }] };

const budget = (
  app: string,
  disruptionsAllowed: number,
  more: object = {},
  selector: object = { matchLabels: { app } },
): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app, namespace: 'default' },
  spec: { selector },
  status: { disruptionsAllowed, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...more },
});

/** `node: victims`, or why nobody has to go. */
function outcome(
  world: World,
  budgets: readonly PodDisruptionBudget[] = [],
  nominated: readonly PodLine[] = [],
  { seed = 1, reach }: { readonly seed?: number; readonly reach?: PreemptionReach } = {},
): string {
  const usual = defaultProfile();
  const cycle = cycleOf(world, reach === undefined ? usual : { ...usual, preemption: reach });
  const promised = nominated.map((line) => new PodInfo(podOf({ ...line, on: '' })));
  const promisedOn = (name: string): readonly PodInfo[] => promised.filter((_, i) => nominated[i]?.on === name);
  const random = new SeededRandom(seed);
  const placement = new Placer(random).place(cycle, promisedOn);
  if (placement.kind === 'fits') return `fits ${placement.node.name}`;
  const found = findPreemption(cycle, placement.diagnosis, { budgets, nominated: promisedOn, random });
  if (found.kind === 'none') return found.message;
  const { node, victims } = found.candidate;
  return `${node.name}: ${victims.map(({ pod }) => pod.metadata.name ?? '').join(' ')}`;
}

interface Row {
  readonly title: string;
  readonly pods: readonly PodLine[];
  readonly nodes?: World['nodes'];
  readonly pod?: PodLine;
  readonly budgets?: readonly PodDisruptionBudget[];
  readonly nominated?: readonly PodLine[];
  readonly expected: string;
}

const check = (rows: readonly Row[]): void => {
  it.each(rows)(
    '$title',
    ({ pods, nodes = { a: NODE, b: NODE }, pod = { asks: LARGE, priority: HIGH }, budgets, nominated, expected }) => {
      expect(outcome({ nodes, pods, pod }, budgets, nominated)).toBe(expected);
    },
  );
};

describe('the pods that have to go', () => {
  const one = { a: NODE };
  check([
    { title: 'are none where there is room', nodes: one, pods: [], expected: 'fits a' },
    {
      title: 'are none that are as important',
      nodes: one,
      pods: [there('p', 'a', LARGE, HIGH)],
      expected: '0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    },
    {
      title: 'are none where that would not be enough',
      nodes: one,
      pods: [there('p', 'a', LARGE, HIGH), there('q', 'a', SMALL, LOW)],
      expected: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.',
    },
    {
      title: 'are none where the node is wrong anyway',
      nodes: one,
      pods: [there('p', 'a', LARGE, LOW)],
      pod: { asks: LARGE, priority: HIGH, spec: { nodeSelector: { disk: 'ssd' } } },
      expected: '0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    },
    { title: 'are those of less priority', nodes: one, pods: [there('p', 'a', LARGE, MID)], expected: 'a: p' },
    {
      title: 'are not more than are needed',
      nodes: one,
      pods: [there('small-1', 'a', SMALL, LOW), there('small-2', 'a', SMALL, LOW), there('medium', 'a', MEDIUM, MID)],
      pod: { asks: [{ cpu: '100m', memory: '100' }], priority: HIGH },
      expected: 'a: small-2',
    },
    {
      title: 'are the least important, the most important of them first',
      nodes: one,
      pods: [there('p', 'a', SMALL, LOW), there('q', 'a', SMALL, 0), there('r', 'a', MEDIUM, MID)],
      pod: { asks: [{ cpu: '200m', memory: '200' }], priority: HIGH },
      expected: 'a: q p',
    },
    {
      title: 'are those that started last',
      nodes: one,
      pods: [
        there('new', 'a', MEDIUM, MID, at(9)),
        there('old', 'a', SMALL, MID, at(1)),
        there('older', 'a', SMALL, MID, at(0)),
      ],
      pod: { asks: SMALL, priority: HIGH },
      expected: 'a: new',
    },
    {
      title: 'may be kept when they are small, though less important ones are not',
      nodes: one,
      pods: [there('low', 'a', SMALL, LOW), there('mid', 'a', LARGE, MID)],
      pod: { asks: LARGE, priority: HIGH },
      expected: 'a: mid',
    },
    {
      title: 'leave the room that was promised to others',
      nodes: one,
      pods: [there('p', 'a', SMALL, LOW), there('q', 'a', LARGE, LOW)],
      pod: { asks: SMALL, priority: HIGH },
      nominated: [{ on: 'a', asks: LARGE, priority: HIGH }],
      expected: 'a: p q',
    },
    {
      title: 'are those whose budgets allow it, if these are enough',
      nodes: one,
      pods: [
        there('guarded', 'a', MEDIUM, LOW, { labels: { app: 'x' } }),
        there('free', 'a', [{ cpu: '200m', memory: '200' }], MID),
      ],
      pod: { asks: SMALL, priority: HIGH },
      budgets: [budget('x', 0)],
      expected: 'a: free',
    },
    {
      title: 'are guarded ones, if there is no other way',
      nodes: one,
      pods: [there('guarded', 'a', LARGE, LOW, { labels: { app: 'x' } })],
      budgets: [budget('x', 0)],
      expected: 'a: guarded',
    },
    {
      title: 'use up what a budget allows',
      nodes: one,
      pods: [
        there('x-1', 'a', SMALL, LOW, { labels: { app: 'x' }, ...at(0) }),
        there('x-2', 'a', SMALL, LOW, { labels: { app: 'x' }, ...at(1) }),
        there('y', 'a', MEDIUM, LOW, at(2)),
      ],
      pod: { asks: LARGE, priority: HIGH },
      budgets: [budget('x', 1)],
      expected: 'a: x-1 y',
    },
    {
      title: 'do not count for a budget that has counted them',
      nodes: one,
      pods: [
        there('counted', 'a', MEDIUM, LOW, { labels: { app: 'x' } }),
        there('free', 'a', [{ cpu: '200m', memory: '200' }], MID),
      ],
      pod: { asks: SMALL, priority: HIGH },
      budgets: [budget('x', 0, { disruptedPods: { counted: '2026-01-01T00:00:00Z' } })],
      expected: 'a: counted',
    },
    ...(
      [
        ['of other namespaces', budget('x', 0), 'other', 'a: guarded'],
        ['that select nothing', budget('x', 0, {}, {}), 'default', 'a: guarded'],
        ['that select them by what they have not', budget('x', 0, {}, LABELLED), 'default', 'a: free'],
      ] as const
    ).map(
      ([title, each, namespace, expected]): Row => ({
        title: `go by budgets ${title}`,
        nodes: one,
        pods: [
          there('guarded', 'a', MEDIUM, LOW, { labels: { app: 'x' } }),
          there('free', 'a', [{ cpu: '200m', memory: '200' }], MID),
        ],
        pod: { asks: SMALL, priority: HIGH },
        budgets: [{ ...each, metadata: { ...each.metadata, namespace } }],
        expected,
      }),
    ),
    {
      title: 'without labels are guarded by no budget',
      nodes: one,
      pods: [there('plain', 'a', MEDIUM, LOW), there('free', 'a', [{ cpu: '200m', memory: '200' }], MID)],
      pod: { asks: SMALL, priority: HIGH },
      budgets: [budget('x', 0, {}, LABELLED)],
      expected: 'a: plain',
    },
    {
      title: 'have to be allowed by each budget that guards them',
      nodes: one,
      pods: [
        there('guarded', 'a', MEDIUM, LOW, { labels: { app: 'x', tier: 'y' } }),
        there('free', 'a', [{ cpu: '200m', memory: '200' }], MID),
      ],
      pod: { asks: SMALL, priority: HIGH },
      budgets: [budget('x', 1), budget('t', 0, {}, { matchLabels: { tier: 'y' } })],
      expected: 'a: free',
    },
    {
      title: 'are as many as break a budget that allows one, when there is no other way',
      nodes: one,
      pods: [
        there('x-1', 'a', MEDIUM, MID, { labels: { app: 'x' } }),
        there('x-2', 'a', [{ cpu: '200m', memory: '200' }], MID, { labels: { app: 'x' } }),
      ],
      pod: { asks: EXTREME, priority: HIGH },
      budgets: [budget('x', 1)],
      expected: 'a: x-1 x-2',
    },
    {
      title: 'are those whose ports are in the way',
      nodes: one,
      pods: [
        {
          name: 'p',
          on: 'a',
          priority: LOW,
          spec: {
            nodeName: 'a',
            priority: LOW,
            containers: [{ name: 'c', ports: [{ hostPort: 80, containerPort: 80 }] }],
          },
        },
        there('q', 'a', SMALL, LOW),
      ],
      pod: {
        priority: HIGH,
        spec: { priority: HIGH, containers: [{ name: 'c', ports: [{ hostPort: 80, containerPort: 80 }] }] },
      },
      expected: 'a: p',
    },
  ]);

  it('are those whose anti-affinity is in the way', () => {
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    };
    const pods = [
      there('hermit', 'a', SMALL, LOW, { spec: { affinity: { podAntiAffinity } } }),
      there('q', 'a', SMALL, LOW),
    ];
    const pod = { asks: SMALL, priority: HIGH, labels: { app: 'web' } };
    expect(outcome({ nodes: one, pods, pod })).toBe('a: hermit');
  });

  it('are those that make a spread uneven', () => {
    const labelSelector = { matchLabels: { app: 'web' } };
    const topologySpreadConstraints = [
      { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector },
    ];
    const labels = { app: 'web' };
    const nodes = { a: NODE, b: { ...NODE, labels: { zone: 'y' }, unschedulable: true } };
    const pods = [there('p', 'a', SMALL, LOW, { labels })];
    const pod = { asks: SMALL, priority: HIGH, labels, spec: { topologySpreadConstraints } };
    expect(outcome({ nodes, pods, pod })).toBe('a: p');
  });
});

describe('the node on which pods have to go', () => {
  const three = { a: NODE, b: NODE, c: NODE };
  const EXTREMELY = { asks: EXTREME, priority: HIGH };
  check([
    {
      title: 'is the one where no budget is broken',
      pods: [there('p', 'a', LARGE, LOW, { labels: { app: 'x' } }), there('q', 'b', LARGE, MID)],
      budgets: [budget('x', 0)],
      expected: 'b: q',
    },
    {
      title: 'is the one where fewer pods break a budget, however important',
      pods: [
        there('a1', 'a', MEDIUM, LOW, { labels: { app: 'x' } }),
        there('a2', 'a', SMALL, LOW, { labels: { app: 'x' } }),
        there('b1', 'b', MEDIUM, MID, { labels: { app: 'x' } }),
        there('b2', 'b', SMALL, MID),
      ],
      pod: EXTREMELY,
      budgets: [budget('x', 0)],
      expected: 'b: b1 b2',
    },
    {
      title: 'is one where a budget allows it, before one where it has to be broken',
      pods: [
        there('a1', 'a', LARGE, LOW, { labels: { app: 'x' } }),
        there('b1', 'b', LARGE, MID, { labels: { app: 'y' } }),
      ],
      budgets: [budget('x', 0), budget('y', 1)],
      expected: 'b: b1',
    },
    {
      title: 'is the one whose most important victim is the least important',
      nodes: three,
      pods: [
        there('a1', 'a', MEDIUM, MID),
        there('a2', 'a', SMALL, LOW),
        there('b1', 'b', LARGE, MID),
        there('c1', 'c', MEDIUM, LOW),
        there('c2', 'c', SMALL, LOW),
      ],
      pod: EXTREMELY,
      expected: 'c: c1 c2',
    },
    {
      title: 'is the one where the sum of priorities is least',
      pods: [
        there('a1', 'a', MEDIUM, MID),
        there('a2', 'a', SMALL, 0),
        there('b1', 'b', MEDIUM, MID),
        there('b2', 'b', SMALL, LOW),
      ],
      pod: EXTREMELY,
      expected: 'b: b1 b2',
    },
    {
      title: 'is the one with fewer victims, by the sum of priorities',
      pods: [there('a1', 'a', SMALL, LOW), there('a2', 'a', MEDIUM, LOW), there('b1', 'b', LARGE, LOW)],
      pod: EXTREMELY,
      expected: 'b: b1',
    },
    {
      title: 'is the one whose most important victim started last',
      pods: [
        there('a1', 'a', MEDIUM, MID, at(3)),
        there('a2', 'a', SMALL, MID, at(9)),
        there('b1', 'b', MEDIUM, MID, at(5)),
        there('b2', 'b', SMALL, MID, at(6)),
      ],
      pod: EXTREMELY,
      expected: 'b: b1 b2',
    },
    {
      title: 'is the first of equal ones',
      pods: [there('a1', 'a', LARGE, LOW, at(1)), there('b1', 'b', LARGE, LOW, at(1))],
      expected: 'a: a1',
    },
  ]);

  it.each([
    [1, { percentage: 10, least: 100 }, 1],
    [50, { percentage: 10, least: 100 }, 50],
    [100, { percentage: 10, least: 100 }, 100],
    [500, { percentage: 10, least: 100 }, 100],
    [1500, { percentage: 10, least: 100 }, 150],
    [5000, { percentage: 10, least: 100 }, 500],
    [100, { percentage: 50, least: 10 }, 50],
    [100, { percentage: 5, least: 10 }, 10],
    [100, { percentage: 100, least: 0 }, 100],
    [5, { percentage: 10, least: 10 }, 5],
  ])('is looked for on %i nodes with %j until %i will do', (nodes, reach, expected) => {
    expect(candidatesToFind(nodes, reach)).toBe(expected);
  });
});

describe('a search that need not look at all nodes', () => {
  const five = { a: NODE, b: NODE, c: NODE, d: NODE, e: NODE };
  const names = Object.keys(five);
  const SEEDS = Array.from({ length: 20 }, (_, i) => ((i + 1) * 0x9e37_79b1) % 2 ** 32);
  const chosen = (
    pods: readonly PodLine[],
    reach: PreemptionReach | undefined,
    budgets: PodDisruptionBudget[] = [],
  ) => {
    const pod = { asks: LARGE, priority: HIGH };
    const outcomes = SEEDS.map((seed) =>
      outcome({ nodes: five, pods, pod }, budgets, [], reach === undefined ? { seed } : { seed, reach }),
    );
    return [...new Set(outcomes.map((each) => each.slice(0, 1)))].sort();
  };

  it('takes one of the first that will do, wherever it begins', () => {
    const pods = names.map((on) => there(`p-${on}`, on, LARGE, on === 'e' ? LOW : MID));
    expect(chosen(pods, undefined)).toEqual(['e']);
    expect(chosen(pods, { percentage: 100, least: 1 })).toEqual(['e']);
    expect(chosen(pods, { percentage: 20, least: 1 })).toEqual(names);
    expect(chosen(pods, { percentage: 0, least: 5 })).toEqual(['e']);
  });

  it('goes on until there is one where no budget is broken', () => {
    const pods = names.map((on) =>
      there(`p-${on}`, on, LARGE, MID, on === 'c' || on === 'd' ? {} : { labels: { app: 'x' } }),
    );
    expect(chosen(pods, { percentage: 20, least: 1 }, [budget('x', 0)])).toEqual(['c', 'd']);
    expect(chosen(pods, { percentage: 20, least: 1 })).toEqual(names);
  });

  it('does not count nodes where nobody may be removed', () => {
    const pods = names.map((on) => there(`p-${on}`, on, LARGE, on === 'b' ? MID : HIGH));
    expect(chosen(pods, { percentage: 20, least: 1 })).toEqual(['b']);
  });
});

describe('a pod that may not remove others', () => {
  const nominated = { nominatedNodeName: 'a' };
  const ending = (conditions: readonly object[]): PodLine =>
    there('p', 'a', LARGE, LOW, { ending: true, status: { conditions } as PodLine['status'] & object });
  const chosen = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
  check([
    {
      title: 'since its policy says so',
      pods: [there('p', 'a', LARGE, LOW)],
      nodes: { a: NODE },
      pod: { asks: LARGE, priority: HIGH, spec: { preemptionPolicy: 'Never' } },
      expected: 'not eligible due to preemptionPolicy=Never.',
    },
    {
      title: 'since one that was chosen is ending',
      nodes: { a: NODE },
      pods: [ending([chosen])],
      pod: { asks: LARGE, priority: HIGH, status: nominated },
      expected: 'not eligible due to a terminating pod on the nominated node.',
    },
    {
      title: 'but one that is ending for other reasons does not count',
      nodes: { a: NODE },
      pods: [ending([])],
      pod: { asks: LARGE, priority: HIGH, status: nominated },
      expected: 'a: p',
    },
    {
      title: 'but a node that has become wrong does not count',
      nodes: { a: { ...NODE, unschedulable: true }, b: NODE },
      pods: [ending([chosen]), there('q', 'b', LARGE, LOW)],
      pod: { asks: LARGE, priority: HIGH, status: nominated },
      expected: 'b: q',
    },
  ]);
});
