import { describe, expect, it } from 'vitest';
import { interPodPreference } from '../../../src/cluster/scheduler/scores/inter-pod-preference.ts';
import { topologySpread } from '../../../src/cluster/scheduler/scores/topology-spread.ts';
import type { PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { equalityMatcher } from '../../../src/kube/labels.ts';
import { type NodeLine, type PodLine, scoresOf } from './world.ts';

const HOST = 'kubernetes.io/hostname';
type Nodes = Readonly<Record<string, NodeLine>>;
type Constraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

const hosts = (...names: string[]): Nodes =>
  Object.fromEntries(names.map((name) => [name, { labels: { [HOST]: name } }]));
/** Two nodes a zone, `a` and `b` in the first. */
const ZONED: Nodes = {
  a: { labels: { zone: 'zone1', [HOST]: 'a' } },
  b: { labels: { zone: 'zone1', [HOST]: 'b' } },
  x: { labels: { zone: 'zone2', [HOST]: 'x' } },
  y: { labels: { zone: 'zone2', [HOST]: 'y' } },
};
/** Three nodes with a label of their own; two have `foo`, one a taint. */
const NAMED: Nodes = {
  a: { labels: { node: 'a', foo: '' } },
  b: { labels: { node: 'b', foo: '' } },
  c: { labels: { node: 'c' }, taints: [{ key: 'foo', effect: 'NoSchedule' }] },
};
/** `a:foo,foo+bar b:foo`: pods with these labels on nodes. */
const placed = (text: string): PodLine[] =>
  text
    .split(' ')
    .filter(Boolean)
    .flatMap((part) => {
      const [on = '', list = ''] = part.split(':');
      return list
        .split(',')
        .map((keys): PodLine => ({ on, labels: Object.fromEntries(keys.split('+').map((key) => [key, ''])) }));
    });
const soft = (topologyKey: string, key: string | undefined, more: Partial<Constraint> = {}): Constraint => ({
  topologyKey,
  maxSkew: 1,
  whenUnsatisfiable: 'ScheduleAnyway',
  ...(key === undefined ? {} : { labelSelector: { matchExpressions: [{ key, operator: 'Exists' }] } }),
  ...more,
});

interface SpreadRow {
  readonly title: string;
  readonly nodes: Nodes;
  readonly candidates?: readonly string[];
  readonly there: string | readonly PodLine[];
  readonly constraints: readonly Constraint[];
  readonly spec?: Partial<PodSpec>;
  readonly expected: Readonly<Record<string, number>>;
}

const MANY = 'a:foo,foo,foo,foo b:foo,foo x:foo y:foo,foo,foo';
const HOST_FOO = [soft(HOST, 'foo')];

const SPREAD: readonly SpreadRow[] = [
  { title: 'no pods yet', nodes: hosts('a', 'b'), there: '', constraints: HOST_FOO, expected: { a: 100, b: 100 } },
  {
    title: 'one candidate gets all',
    nodes: hosts('a', 'b'),
    candidates: ['a'],
    there: 'a:foo,foo b:foo',
    constraints: HOST_FOO,
    expected: { a: 100 },
  },
  {
    title: 'as many everywhere',
    nodes: hosts('a', 'b'),
    there: 'a:foo b:foo',
    constraints: HOST_FOO,
    expected: { a: 100, b: 100 },
  },
  {
    title: '2, 1, 0 and 3 pods',
    nodes: hosts('a', 'b', 'c', 'd'),
    there: 'a:foo,foo b:foo d:foo,foo,foo',
    constraints: HOST_FOO,
    expected: { a: 20, b: 60, c: 100, d: 0 },
  },
  {
    title: 'no selector selects nothing',
    nodes: hosts('a', 'b', 'c', 'd'),
    there: 'a:foo,foo b:foo d:foo,foo,foo',
    constraints: [soft(HOST, undefined)],
    expected: { a: 100, b: 100, c: 100, d: 100 },
  },
  {
    title: 'a skew of two waters differences down',
    nodes: hosts('a', 'b', 'c', 'd'),
    there: 'a:foo,foo b:foo d:foo,foo,foo',
    constraints: [soft(HOST, 'foo', { maxSkew: 2 })],
    expected: { a: 33, b: 66, c: 100, d: 16 },
  },
  {
    title: 'a skew of three does more',
    nodes: hosts('a', 'b', 'c', 'd'),
    there: 'a:foo,foo,foo,foo b:foo,foo,foo c:foo,foo d:foo',
    constraints: [soft(HOST, 'foo', { maxSkew: 3 })],
    expected: { a: 44, b: 66, c: 77, d: 100 },
  },
  {
    title: 'pods on nodes that are no candidates do not count for nodes',
    nodes: hosts('a', 'b', 'x', 'y'),
    candidates: ['a', 'b', 'x'],
    there: MANY,
    constraints: HOST_FOO,
    expected: { a: 33, b: 83, x: 100 },
  },
  {
    title: 'a node without the label gets nothing',
    nodes: { ...hosts('a', 'x', 'y'), b: { labels: { n: 'b' } } },
    candidates: ['a', 'b', 'x'],
    there: MANY,
    constraints: HOST_FOO,
    expected: { a: 16, b: 0, x: 100 },
  },
  {
    title: 'pods on nodes that are no candidates count for zones',
    nodes: ZONED,
    candidates: ['a', 'b', 'x'],
    there: MANY,
    constraints: [soft('zone', 'foo')],
    expected: { a: 75, b: 75, x: 100 },
  },
  {
    title: 'zones and nodes together',
    nodes: ZONED,
    candidates: ['a', 'x'],
    there: 'a:foo,foo b:foo x:foo,foo y:foo,foo,foo,foo',
    constraints: [soft('zone', 'foo'), soft(HOST, 'foo')],
    expected: { a: 100, x: 63 },
  },
  {
    title: 'two wishes for zones',
    nodes: ZONED,
    candidates: ['a', 'x'],
    there: 'a:foo+bar,foo b:foo+bar y:foo,foo+bar,foo',
    constraints: [soft('zone', 'foo'), soft('zone', 'bar')],
    expected: { a: 85, x: 100 },
  },
  {
    title: 'zones and nodes with selectors of their own',
    nodes: ZONED,
    there: 'a:foo b:foo+bar y:foo,bar',
    constraints: [soft('zone', 'foo'), soft(HOST, 'bar')],
    expected: { a: 60, b: 20, x: 100, y: 60 },
  },
  {
    title: 'the same where some have no pods',
    nodes: ZONED,
    there: 'b:bar x:foo y:foo+bar',
    constraints: [soft('zone', 'foo'), soft(HOST, 'bar')],
    expected: { a: 100, b: 60, x: 40, y: 0 },
  },
  {
    title: 'the same with three candidates',
    nodes: ZONED,
    candidates: ['a', 'b', 'x'],
    there: 'a:foo b:foo+bar y:foo,bar',
    constraints: [soft('zone', 'foo'), soft(HOST, 'bar')],
    expected: { a: 50, b: 25, x: 100 },
  },
  {
    title: 'pods of another namespace do not count',
    nodes: hosts('a', 'b'),
    there: [{ on: 'a', namespace: 'other', labels: { foo: '' } }, ...placed('a:foo b:foo,foo')],
    constraints: HOST_FOO,
    expected: { a: 100, b: 33 },
  },
  {
    title: 'pods that are ending do not count',
    nodes: hosts('a', 'b'),
    there: [{ on: 'a', ending: true, labels: { foo: '' } }, ...placed('b:foo')],
    constraints: HOST_FOO,
    expected: { a: 100, b: 0 },
  },
  {
    title: 'a least number of places is nothing to wishes',
    nodes: NAMED,
    there: 'a:foo,foo b:foo,foo c:foo',
    constraints: [soft('node', 'foo', { maxSkew: 2, minDomains: 10 })],
    expected: { a: 75, b: 75, c: 100 },
  },
  {
    title: 'nodes that the pod does not select do not count',
    nodes: NAMED,
    there: 'a:foo,foo b:foo c:foo',
    spec: { nodeSelector: { foo: '' } },
    constraints: [soft('node', 'foo')],
    expected: { a: 0, b: 33, c: 100 },
  },
  {
    title: 'unless it is said that they do',
    nodes: NAMED,
    there: 'a:foo,foo b:foo c:foo',
    spec: { nodeSelector: { foo: '' } },
    constraints: [soft('node', 'foo', { nodeAffinityPolicy: 'Ignore' })],
    expected: { a: 66, b: 100, c: 100 },
  },
  {
    title: 'tainted nodes count',
    nodes: NAMED,
    there: 'a:foo,foo b:foo c:foo',
    constraints: [soft('node', 'foo')],
    expected: { a: 66, b: 100, c: 100 },
  },
  {
    title: 'unless it is said that they do not',
    nodes: NAMED,
    there: 'a:foo,foo b:foo c:foo',
    constraints: [soft('node', 'foo', { nodeTaintsPolicy: 'Honor' })],
    expected: { a: 0, b: 33, c: 100 },
  },
  {
    title: 'labels that have to be the same, without a selector',
    nodes: ZONED,
    there: 'a:foo b:foo+bar x:foo,bar',
    constraints: [
      soft('zone', undefined, { labelSelector: {}, matchLabelKeys: ['foo'] }),
      soft(HOST, undefined, { labelSelector: {}, matchLabelKeys: ['bar'] }),
    ],
    expected: { a: 60, b: 20, x: 60, y: 100 },
  },
  {
    title: 'labels that have to be the same, with a selector',
    nodes: ZONED,
    there: 'a:foo b:foo+bar+baz x:foo,bar,bar+baz',
    constraints: [soft('zone', 'foo'), soft(HOST, 'bar', { matchLabelKeys: ['baz'] })],
    expected: { a: 60, b: 20, x: 60, y: 100 },
  },
];

describe('spread that is wished for', () => {
  it.each(SPREAD)('$title', ({ nodes, candidates, there, constraints, spec = {}, expected }) => {
    const pod: PodLine = {
      labels: { foo: '', bar: '', baz: '' },
      spec: { ...spec, topologySpreadConstraints: constraints },
    };
    const pods = typeof there === 'string' ? placed(there) : there;
    expect(scoresOf(topologySpread, { nodes, pods, pod }, candidates)).toEqual(expected);
  });
});

describe("the system's spread", () => {
  const ZONE = 'topology.kubernetes.io/zone';
  const defaultSelector = { key: 'foo', matcher: equalityMatcher({ foo: '' }) };
  const zoned = (zone: string | undefined, name: string): NodeLine => ({
    labels: { [HOST]: name, ...(zone === undefined ? {} : { [ZONE]: zone }) },
  });

  it('counts by node where there are no zones', () => {
    const pods = placed('a:foo,foo,foo,foo b:foo,foo,foo c:foo,foo d:foo');
    expect(scoresOf(topologySpread, { nodes: hosts('a', 'b', 'c', 'd'), pods, pod: {}, defaultSelector })).toEqual({
      a: 44,
      b: 66,
      c: 77,
      d: 100,
    });
  });

  it('counts by node and by zone; nodes without a zone are one more', () => {
    const nodes = { a: zoned('1', 'a'), b: zoned('2', 'b'), c: zoned(undefined, 'c') };
    // a: round(2·ln 5 + 2 + 2·ln 5 + 4), b: round(2 + 4), c: round(ln 5 + 2)
    const pods = placed('a:foo,foo c:foo');
    expect(scoresOf(topologySpread, { nodes, pods, pod: {}, defaultSelector })).toEqual({ a: 33, b: 83, c: 100 });
  });

  it('counts zones by the nodes that the pod selects', () => {
    const disk = (line: NodeLine): NodeLine => ({ labels: { ...line.labels, disk: 'ssd' } });
    const nodes = { a: disk(zoned('1', 'a')), b: zoned('1', 'b'), c: disk(zoned('2', 'c')) };
    const world = { nodes, pods: placed('b:foo,foo,foo'), defaultSelector };
    expect(
      scoresOf(topologySpread, { ...world, pod: { spec: { nodeSelector: { disk: 'ssd' } } } }, ['a', 'c']),
    ).toEqual({
      a: 100,
      c: 100,
    });
    expect(scoresOf(topologySpread, { ...world, pod: {} }, ['a', 'c'])).toEqual({ a: 60, c: 100 });
  });

  it('is not for pods that nothing selects', () => {
    expect(scoresOf(topologySpread, { nodes: hosts('a', 'b'), pod: {} })).toBeUndefined();
  });

  it('is not for pods with constraints of their own', () => {
    const topologySpreadConstraints = [soft(HOST, 'foo', { whenUnsatisfiable: 'DoNotSchedule' })];
    const pod: PodLine = { spec: { topologySpreadConstraints } };
    expect(scoresOf(topologySpread, { nodes: hosts('a', 'b'), pod, defaultSelector })).toBeUndefined();
  });
});

const CHINA: NodeLine = { labels: { region: 'China' } };
const INDIA: NodeLine = { labels: { region: 'India' } };
const AZ1: NodeLine = { labels: { az: 'az1' } };
const AZ2: NodeLine = { labels: { az: 'az2' } };
const BOTH: NodeLine = { labels: { region: 'China', az: 'az1' } };
const S1 = { security: 'S1' };
const S2 = { security: 'S2' };
const inS = (...values: string[]): object => ({ matchExpressions: [{ key: 'security', operator: 'In', values }] });
const term = (topologyKey: string, labelSelector: object, more: object = {}): object => ({
  topologyKey,
  labelSelector,
  ...more,
});
const preferred = (...terms: readonly (readonly [number, object])[]): object => ({
  preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, podAffinityTerm]) => ({
    weight,
    podAffinityTerm,
  })),
});
const affinity = (podAffinity?: object, podAntiAffinity?: object): Partial<PodSpec> => ({
  affinity: {
    ...(podAffinity === undefined ? {} : { podAffinity }),
    ...(podAntiAffinity === undefined ? {} : { podAntiAffinity }),
  },
});
const WITH_S1 = affinity(preferred([5, term('region', inS('S1'))]));
const WITH_S2 = affinity(preferred([6, term('region', inS('S2'))]));
const SEVERAL = affinity(
  preferred(
    [
      8,
      term('region', {
        matchExpressions: [
          { key: 'security', operator: 'NotIn', values: ['S1'] },
          { key: 'security', operator: 'In', values: ['S2'] },
        ],
      }),
    ],
    [
      2,
      term('region', {
        matchExpressions: [
          { key: 'security', operator: 'Exists' },
          { key: 'wrong', operator: 'DoesNotExist' },
        ],
      }),
    ],
  ),
);
const HARD = affinity({
  requiredDuringSchedulingIgnoredDuringExecution: [
    term('region', inS('S1', 'value2')),
    term('region', { matchExpressions: [{ key: 'security', operator: 'Exists' }] }),
  ],
});
const FROM_S1 = affinity(undefined, preferred([5, term('az', inS('S1'))]));
const FROM_S2 = affinity(undefined, preferred([5, term('az', inS('S2'))]));
const WITH_S1_FROM_S2 = affinity(preferred([8, term('region', inS('S1'))]), preferred([5, term('az', inS('S2'))]));
const TEAMS = {
  namespaces: ['subteam2.team2'],
  namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['team1'] }] },
};
const TEAM = affinity(preferred([5, term('region', inS('S1'), TEAMS)]));
const FROM_TEAM = affinity(undefined, preferred([5, term('region', inS('S1'), TEAMS)]));
const namespaces = {
  'subteam1.team1': { team: 'team1' },
  'subteam2.team1': { team: 'team1' },
  'subteam1.team2': { team: 'team2' },
  'subteam2.team2': { team: 'team2' },
};
const one = { labels: S1, namespace: 'subteam1.team1' };

interface AffinityRow {
  readonly title: string;
  readonly pod: PodLine;
  readonly there: readonly PodLine[];
  readonly nodes: readonly NodeLine[];
  readonly expected: readonly number[] | undefined;
}

const on = (
  index: number,
  labels: Readonly<Record<string, string>> | undefined,
  spec: Partial<PodSpec> = {},
  namespace = 'default',
): PodLine => ({
  on: `n${index}`,
  namespace,
  spec: { nodeName: `n${index}`, ...spec },
  ...(labels === undefined ? {} : { labels }),
});
const THREE = [CHINA, INDIA, AZ1];

const AFFINITY: readonly AffinityRow[] = [
  { title: 'nobody wants anything', pod: { labels: S1 }, there: [], nodes: THREE, expected: undefined },
  {
    title: 'the region of pods that are wanted near',
    pod: { labels: S1, spec: WITH_S1 },
    there: [on(1, S1), on(2, S2), on(3, S1)],
    nodes: THREE,
    expected: [100, 0, 0],
  },
  {
    title: 'all nodes of the region alike',
    pod: { spec: WITH_S1 },
    there: [on(1, S1)],
    nodes: [CHINA, BOTH, INDIA],
    expected: [100, 100, 0],
  },
  {
    title: 'the region with more of them',
    pod: { labels: S1, spec: WITH_S2 },
    there: [on(1, S2), on(1, S2), on(2, S2), on(3, S2), on(4, S2), on(5, S2)],
    nodes: [CHINA, INDIA, CHINA, CHINA, INDIA],
    expected: [100, 0, 100, 100, 0],
  },
  {
    title: 'several operators',
    pod: { labels: S1, spec: SEVERAL },
    there: [on(1, S1), on(2, S2), on(3, S1)],
    nodes: THREE,
    expected: [20, 100, 0],
  },
  {
    title: 'the wishes of pods that are there',
    pod: { labels: S2 },
    there: [on(1, S1, WITH_S1), on(2, S2, WITH_S2)],
    nodes: THREE,
    expected: [0, 100, 0],
  },
  {
    title: 'their wishes by the labels of namespaces',
    pod: one,
    there: [on(1, S1, TEAM), on(2, S2, WITH_S2)],
    nodes: THREE,
    expected: [100, 0, 0],
  },
  {
    title: 'their aversions by the labels of namespaces',
    pod: one,
    there: [on(1, S1, FROM_TEAM), on(2, S2, WITH_S2)],
    nodes: THREE,
    expected: [0, 100, 100],
  },
  {
    title: 'what they require counts a little',
    pod: { labels: S1 },
    there: [on(1, S1, HARD), on(2, S2, HARD)],
    nodes: THREE,
    expected: [100, 100, 0],
  },
  {
    title: 'the zone of pods that are not wanted near',
    pod: { labels: S1, spec: FROM_S1 },
    there: [on(1, S1), on(2, S2)],
    nodes: [AZ1, CHINA],
    expected: [0, 100],
  },
  {
    title: 'nodes without the label are far away',
    pod: { labels: S1, spec: FROM_S1 },
    there: [on(1, S1), on(2, S1)],
    nodes: [AZ1, CHINA],
    expected: [0, 100],
  },
  {
    title: 'more of them are worse',
    pod: { labels: S1, spec: FROM_S1 },
    there: [on(1, S1), on(1, S1), on(2, S2)],
    nodes: [AZ1, INDIA],
    expected: [0, 100],
  },
  {
    title: 'the aversions of pods that are there',
    pod: { labels: S2 },
    there: [on(1, S1, FROM_S2), on(2, S2, FROM_S1)],
    nodes: [AZ1, AZ2],
    expected: [0, 100],
  },
  {
    title: 'wishes and aversions of the pod',
    pod: { labels: S1, spec: WITH_S1_FROM_S2 },
    there: [on(1, S1), on(2, S1)],
    nodes: [CHINA, AZ1],
    expected: [100, 0],
  },
  {
    title: 'brothers in one region',
    pod: { labels: S1, spec: WITH_S1_FROM_S2 },
    there: [on(1, S1), on(1, S1), on(2, S1), on(3, S1), on(3, S1), on(4, S1), on(5, S1)],
    nodes: [BOTH, INDIA, CHINA, CHINA, INDIA],
    expected: [100, 0, 100, 100, 0],
  },
  {
    title: 'wishes and aversions of both sides',
    pod: { labels: S1, spec: WITH_S1_FROM_S2 },
    there: [on(1, S1), on(2, S2), on(3, undefined, WITH_S1_FROM_S2), on(4, undefined, FROM_S1)],
    nodes: [CHINA, AZ1, INDIA, AZ2],
    expected: [100, 0, 100, 0],
  },
  {
    title: 'all nodes in the place that is wished for',
    pod: { labels: S1 },
    there: [on(1, S1), on(2, undefined, WITH_S1_FROM_S2)],
    nodes: [CHINA, CHINA],
    expected: [0, 0],
  },
  {
    title: 'wishes by the labels of namespaces',
    pod: { ...one, spec: TEAM },
    there: [
      on(1, S1, {}, 'subteam1.team1'),
      on(1, S1, {}, 'subteam1.team1'),
      on(1, S1, {}, 'subteam1.team2'),
      on(2, S1, {}, 'subteam2.team1'),
    ],
    nodes: [CHINA, INDIA],
    expected: [100, 0],
  },
  {
    title: 'wishes by names and labels of namespaces',
    pod: { ...one, spec: TEAM },
    there: [on(1, S1, {}, 'subteam1.team1'), on(1, S1, {}, 'subteam2.team2'), on(2, S1, {}, 'subteam2.team1')],
    nodes: [CHINA, INDIA],
    expected: [100, 0],
  },
  {
    title: 'aversions by the labels of namespaces',
    pod: { ...one, spec: FROM_TEAM },
    there: [on(1, S1, {}, 'subteam1.team1'), on(1, S1, {}, 'subteam1.team1'), on(2, S1, {}, 'subteam2.team1')],
    nodes: [CHINA, INDIA],
    expected: [0, 100],
  },
];

describe('pods that are wanted near, or far away', () => {
  it.each(AFFINITY)('$title', ({ pod, there, nodes, expected }) => {
    const named = Object.fromEntries(nodes.map((line, i) => [`n${i + 1}`, line]));
    const scores = scoresOf(interPodPreference, { nodes: named, pods: there, pod, namespaces });
    expect(scores === undefined ? undefined : Object.values(scores)).toEqual(expected);
  });

  it('rounds as floating point numbers do that are divided first', () => {
    // 29 of 100 is 28.999… then.
    const there = [...Array.from({ length: 100 }, () => on(1, S1)), ...Array.from({ length: 29 }, () => on(2, S1))];
    const nodes = { n1: CHINA, n2: INDIA, n3: AZ1 };
    const pod: PodLine = { spec: affinity(preferred([1, term('region', inS('S1'))])) };
    expect(scoresOf(interPodPreference, { nodes, pods: there, pod })).toEqual({ n1: 100, n2: 28, n3: 0 });
  });
});
