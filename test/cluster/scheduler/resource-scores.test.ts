import { describe, expect, it } from 'vitest';
import {
  balanceOf,
  curve,
  resourceScore,
  type ScoringStrategy,
  type ShapePoint,
  USUAL_RESOURCES,
  type WeighedResource,
} from '../../../src/cluster/scheduler/scores/resource-scores.ts';
import { type NodeLine, type PodLine, scoresOf, type World } from './world.ts';

const DISK = 'example.com/disk';
const GPU = 'nvidia.com/gpu';
const node = (
  cpu: number | string,
  memory: number | string,
  more: Readonly<Record<string, number>> = {},
): NodeLine => ({
  allocatable: { cpu, memory, ...more },
});
type Asks = NonNullable<PodLine['asks']>;
const CPU_ONLY: Asks = [{ cpu: '3', memory: '0' }];
const LITTLE: Asks = [{ cpu: '3', memory: '5000' }];
const BOTH: Asks = [
  { cpu: '1', memory: '2000' },
  { cpu: '2', memory: '3000' },
];
const MEMORY_FIRST: readonly WeighedResource[] = [
  { name: 'memory', weight: 2 },
  { name: 'cpu', weight: 1 },
];
const LEAST = resourceScore({ type: 'LeastAllocated', resources: USUAL_RESOURCES, shape: [] });
const WITH_DISK: readonly WeighedResource[] = [...USUAL_RESOURCES, { name: DISK, weight: 1 }];

interface Row {
  readonly title: string;
  readonly nodes: readonly [NodeLine, NodeLine];
  readonly asks?: Asks;
  /** Pods on the first and the second node. */
  readonly there?: readonly [readonly Asks[], readonly Asks[]];
  readonly resources?: readonly WeighedResource[];
  readonly shape?: readonly ShapePoint[];
  readonly expected: readonly [number, number] | undefined;
}

function worldOf({ nodes: [a, b], asks = [], there = [[], []] }: Row): World {
  const pods = there.flatMap((list, i) => list.map((each): PodLine => ({ on: i === 0 ? 'a' : 'b', asks: each })));
  return { nodes: { a, b }, pods, pod: { asks } };
}

function check(type: ScoringStrategy['type'], rows: readonly Row[]): void {
  it.each(rows)('$title', (row) => {
    const { resources = USUAL_RESOURCES, shape = [], expected } = row;
    const scores = scoresOf(resourceScore({ type, resources, shape }), worldOf(row));
    expect(scores).toEqual(expected && { a: expected[0], b: expected[1] });
  });
}

/** What is there, and what the two strategies that go by shares make of it. */
const SHARED: readonly (Omit<Row, 'expected'> & { readonly expected: Record<'least' | 'most', Row['expected']> })[] = [
  {
    title: 'pods that are there count',
    nodes: [node(10, 20_000), node(10, 20_000)],
    there: [
      [CPU_ONLY, CPU_ONLY],
      [CPU_ONLY, LITTLE],
    ],
    expected: { least: [70, 57], most: [30, 42] },
  },
  {
    title: 'pods that are there and what is asked count together',
    nodes: [node(10, 20_000), node(10, 20_000)],
    asks: BOTH,
    there: [[CPU_ONLY], [LITTLE]],
    expected: { least: [57, 45], most: [42, 55] },
  },
  {
    title: 'memory may count twice',
    nodes: [node(4, 10_000), node(6, 10_000)],
    asks: BOTH,
    resources: MEMORY_FIRST,
    expected: { least: [41, 50], most: [58, 50] },
  },
  {
    title: 'an extended resource does not count that the pod does not ask for',
    nodes: [node(6, 10_000), node(6, 10_000, { [DISK]: 4 })],
    asks: BOTH,
    resources: WITH_DISK,
    expected: { least: [50, 50], most: [50, 50] },
  },
  {
    title: 'an extended resource counts that the pod asks for',
    nodes: [node(6, 10_000, { [DISK]: 4 }), node(6, 10_000, { [DISK]: 10 })],
    asks: [{ cpu: '3', memory: '5000', [DISK]: '2' }],
    resources: WITH_DISK,
    expected: { least: [50, 60], most: [50, 40] },
  },
  {
    title: 'a resource that a node does not have does not count there, nor its weight',
    nodes: [node(6, 10_000), node(6, 10_000, { [DISK]: 4 })],
    asks: [{ cpu: '3', memory: '4000' }],
    resources: [{ name: DISK, weight: 2 }, ...USUAL_RESOURCES],
    expected: { least: [55, 55], most: [45, 45] },
  },
];

describe('LeastAllocated', () => {
  check('LeastAllocated', [
    ...SHARED.map((row) => ({ ...row, expected: row.expected.least })),
    {
      title: 'nothing asked, nothing there: full marks',
      nodes: [node(4, 10_000), node(4, 10_000)],
      expected: [100, 100],
    },
    {
      title: 'the larger node has more left',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      expected: [37, 50],
    },
    {
      title: 'twice the memory is worth more',
      nodes: [node(10, 20_000), node(10, 50_000)],
      asks: BOTH,
      there: [[CPU_ONLY], [LITTLE]],
      expected: [57, 60],
    },
    {
      title: 'a resource that does not suffice counts nothing',
      nodes: [node(4, 10_000), node(4, 10_000)],
      asks: [{ cpu: '3', memory: '0' }],
      there: [[CPU_ONLY], [LITTLE]],
      expected: [50, 25],
    },
    { title: 'a node without resources gets nothing', nodes: [node(0, 0), node(0, 0)], expected: [0, 0] },
    {
      title: 'a resource that the node has nothing of does not count',
      nodes: [node(4, 0), node(0, 10_000)],
      asks: [{ cpu: '1', memory: '2500' }],
      expected: [75, 75],
    },
    {
      title: 'a container that asks for nothing counts as 100m and 200Mi',
      nodes: [node(1, 400 * 2 ** 20), node(2, 800 * 2 ** 20)],
      asks: [{}],
      expected: [70, 85],
    },
    {
      title: 'the order of cpu and memory does not matter',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      resources: [...USUAL_RESOURCES].reverse(),
      expected: [37, 50],
    },
    {
      title: 'storage for the time being counts for pods that do not ask for it, too',
      nodes: [node(4, 10_000, { 'ephemeral-storage': 100 }), node(4, 10_000, { 'ephemeral-storage': 400 })],
      there: [[[{ 'ephemeral-storage': '80' }]], [[{ 'ephemeral-storage': '80' }]]],
      resources: [{ name: 'ephemeral-storage', weight: 1 }],
      expected: [20, 80],
    },
    {
      title: 'the number of pods is no such resource',
      nodes: [node(4, 10_000), node(4, 10_000)],
      resources: [{ name: 'pods', weight: 1 }],
      expected: [0, 0],
    },
  ]);

  it('counts init containers and sidecars that ask for nothing', () => {
    const initContainers = [{ name: 'side', restartPolicy: 'Always' }, { name: 'init' }];
    const nodes = { a: node(1, 2000 * 2 ** 20) };
    // Container and sidecar together, 200m and 400Mi, are as much as sidecar and init container.
    expect(scoresOf(LEAST, { nodes, pod: { asks: [{}], spec: { initContainers } } })).toEqual({ a: 80 });
  });

  it.each([
    ['a pod that asks for cpu as a whole has no default for it', { cpu: '500m' }, 65],
    ['a pod that asks for both has no defaults', { cpu: '500m', memory: '1000Mi' }, 50],
  ])('%s', (_title, requests, score) => {
    const nodes = { a: node(1, 2000 * 2 ** 20) };
    const pod: PodLine = { asks: [{}, {}], spec: { resources: { requests } } };
    expect(scoresOf(LEAST, { nodes, pod })).toEqual({ a: score });
  });
});

describe('MostAllocated', () => {
  check('MostAllocated', [
    ...SHARED.map((row) => ({ ...row, expected: row.expected.most })),
    {
      title: 'nothing there, nothing asked: nothing',
      nodes: [node(4, 10_000), node(4, 10_000)],
      expected: [0, 0],
    },
    {
      title: 'the smaller node is used the more',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      expected: [62, 50],
    },
    {
      title: 'as much as there is',
      nodes: [node(5, 10_000), node(10, 9000)],
      asks: [
        { cpu: '2', memory: '4000' },
        { cpu: '3', memory: '5000' },
      ],
      expected: [95, 75],
    },
    {
      title: 'containers that ask for nothing count for at most what there is',
      nodes: [node('250m', '1000Mi'), node('250m', '1000Mi')],
      asks: [{}],
      there: [[[{}], [{}]], []],
      expected: [80, 30],
    },
  ]);
});

const FALLING: readonly ShapePoint[] = [
  { utilization: 0, score: 10 },
  { utilization: 100, score: 0 },
];
const LOW: readonly ShapePoint[] = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 1 },
];
const FOO = 'intel.com/foo';
const BAR = 'intel.com/bar';
const FOO_ALONE: readonly WeighedResource[] = [{ name: FOO, weight: 1 }];
const FOO_AND_BAR: readonly WeighedResource[] = [
  { name: FOO, weight: 3 },
  { name: BAR, weight: 5 },
];

describe('RequestedToCapacityRatio', () => {
  check('RequestedToCapacityRatio', [
    {
      title: 'by a curve that falls: nothing asked',
      nodes: [node(4, 10_000), node(4, 10_000)],
      shape: FALLING,
      expected: [100, 100],
    },
    {
      title: 'by a curve that falls: the larger node has more left, and halves are rounded up',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      shape: FALLING,
      expected: [38, 50],
    },
    {
      title: 'by a curve that falls: pods that are there count',
      nodes: [node(4, 10_000), node(6, 10_000)],
      there: [[LITTLE], [LITTLE]],
      shape: FALLING,
      expected: [38, 50],
    },
    {
      title: 'more than there is counts as all of it',
      nodes: [node(1, 10_000), node(2, 10_000)],
      asks: CPU_ONLY,
      shape: [...LOW].map((each) => ({ ...each, score: each.score * 7 })),
      expected: [70, 70],
    },
    ...(
      [
        ['the pod asks for none', [], undefined, [0, 0]],
        ['a half of the smaller one', [{ [FOO]: '2' }], undefined, [2, 5]],
        ['with a pod that has some of it', [{ [FOO]: '2' }], [{ [FOO]: '2' }], [2, 10]],
        ['all of the smaller one', [{ [FOO]: '4' }], undefined, [5, 10]],
      ] as const
    ).map(
      ([title, asks, other, expected]): Row => ({
        title: `of an extended resource: ${title}`,
        nodes: [node(4, 10_000, { [FOO]: 8 }), node(4, 10_000, { [FOO]: 4 })],
        asks,
        there: [[], other === undefined ? [] : [other]],
        resources: FOO_ALONE,
        shape: LOW,
        expected,
      }),
    ),
    ...(
      [
        ['the pod asks for neither', [], undefined, [0, 0]],
        ['of each two', [{ [FOO]: '2', [BAR]: '2' }], undefined, [4, 3]],
        ['with a pod that has some of both', [{ [FOO]: '2', [BAR]: '2' }], [{ [FOO]: '4', [BAR]: '2' }], [4, 7]],
        ['more of one', [{ [FOO]: '4', [BAR]: '2' }], undefined, [5, 5]],
        ['one of them alone', [{ [BAR]: '2' }], undefined, [5, 2]],
      ] as const
    ).map(
      ([title, asks, other, expected]): Row => ({
        title: `of two extended resources: ${title}`,
        nodes: [node(4, 10_000, { [FOO]: 8, [BAR]: 4 }), node(4, 10_000, { [FOO]: 4, [BAR]: 8 })],
        asks,
        there: [[], other === undefined ? [] : [other]],
        resources: FOO_AND_BAR,
        shape: LOW,
        expected,
      }),
    ),
  ]);

  it('leaves out resources that get no points', () => {
    const rising = [
      { utilization: 0, score: 0 },
      { utilization: 100, score: 10 },
    ];
    const world: World = { nodes: { a: node(4, 10_000) }, pod: { asks: [{ cpu: '2', memory: '0' }] } };
    const strategy = { type: 'RequestedToCapacityRatio', resources: USUAL_RESOURCES, shape: rising } as const;
    expect(scoresOf(resourceScore(strategy), world)).toEqual({ a: 50 });
  });
});

describe('a curve of points', () => {
  it.each<[string, readonly (readonly [number, number])[], Readonly<Record<string, number>>]>([
    [
      'is level before its first and behind its last point, and cuts off parts',
      [
        [10, 1],
        [90, 9],
      ],
      { '-10': 1, 0: 1, 9: 1, 10: 1, 15: 1, 19: 1, 20: 2, 89: 8, 90: 9, 99: 9, 100: 9, 110: 9 },
    ],
    [
      'rises and falls',
      [
        [0, 2],
        [40, 10],
        [100, 0],
      ],
      { '-10': 2, 0: 2, 20: 6, 30: 8, 40: 10, 70: 5, 100: 0, 110: 0 },
    ],
    [
      'cuts off towards the point before, also where it falls',
      [
        [0, 10],
        [100, 0],
      ],
      { 1: 10, 9: 10, 10: 9, 19: 9, 99: 1, 100: 0 },
    ],
    [
      'may be level',
      [
        [0, 2],
        [40, 2],
        [100, 2],
      ],
      { '-10': 2, 0: 2, 20: 2, 40: 2, 70: 2, 110: 2 },
    ],
    ['may be one point', [[50, 4]], { 0: 4, 50: 4, 100: 4 }],
  ])('%s', (_title, points, expected) => {
    const score = curve(points.map(([utilization, each]) => ({ utilization, score: each })));
    const found = Object.keys(expected).map((at): [string, number] => [at, score(Number(at))]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});

describe('balance', () => {
  const WITH_GPU: readonly WeighedResource[] = [...USUAL_RESOURCES, { name: GPU, weight: 1 }];
  const AND_GPU: Asks = [
    { cpu: '1', memory: '2000' },
    { cpu: '2', memory: '3000', [GPU]: '3' },
  ];
  it.each<Row>([
    {
      title: 'pods that ask for nothing are not judged',
      nodes: [node(4, 10_000), node(4, 10_000)],
      expected: undefined,
    },
    {
      title: 'the node that is used alike gets all',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      expected: [87, 100],
    },
    {
      title: 'with pods that are there',
      nodes: [node(10, 20_000), node(10, 20_000)],
      asks: BOTH,
      there: [[CPU_ONLY], [BOTH]],
      expected: [82, 95],
    },
    {
      title: 'on nodes of different size',
      nodes: [node(10, 20_000), node(10, 50_000)],
      asks: BOTH,
      there: [[CPU_ONLY], [BOTH]],
      expected: [82, 80],
    },
    {
      title: 'on nodes that are full',
      nodes: [node(6, 10_000), node(6, 10_000)],
      asks: CPU_ONLY,
      there: [[CPU_ONLY], [BOTH]],
      expected: [50, 75],
    },
    {
      title: 'a node that has only one of them is balanced',
      nodes: [node(4, 0), node(0, 10_000)],
      asks: BOTH,
      expected: [100, 100],
    },
    {
      title: 'three count by their deviation from the mean',
      nodes: [node('3500m', 40_000, { [GPU]: 8 }), node('3500m', 40_000, { [GPU]: 8 })],
      asks: [{ memory: '0', [GPU]: '1' }],
      there: [[AND_GPU], [BOTH]],
      resources: WITH_GPU,
      expected: [70, 65],
    },
    {
      title: 'an extended resource does not count that the pod does not ask for',
      nodes: [node('3500m', 40_000, { [GPU]: 8 }), node('3500m', 40_000)],
      asks: BOTH,
      resources: WITH_GPU,
      expected: [63, 63],
    },
    {
      title: 'a node without the resource is judged by the others',
      nodes: [node('3500m', 40_000, { [GPU]: 8 }), node('3500m', 40_000)],
      asks: [{ [GPU]: '1' }],
      there: [[CPU_ONLY], [BOTH]],
      resources: WITH_GPU,
      expected: [62, 63],
    },
    {
      title: 'one alone is balanced',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      resources: [{ name: 'cpu', weight: 1 }],
      expected: [100, 100],
    },
    {
      title: 'pods that ask for none of them are not judged',
      nodes: [node(4, 10_000, { [GPU]: 8 }), node(6, 10_000)],
      asks: BOTH,
      resources: [{ name: GPU, weight: 1 }],
      expected: undefined,
    },
    {
      title: 'cpu and memory in any order',
      nodes: [node(4, 10_000), node(6, 10_000)],
      asks: BOTH,
      resources: [...USUAL_RESOURCES].reverse(),
      expected: [87, 100],
    },
  ])('$title', (row) => {
    const { resources = USUAL_RESOURCES, expected } = row;
    expect(scoresOf(balanceOf(resources), worldOf(row))).toEqual(expected && { a: expected[0], b: expected[1] });
  });
});
