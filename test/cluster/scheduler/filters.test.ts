import { describe, expect, it } from 'vitest';
import type { FilterFactory } from '../../../src/cluster/scheduler/cycle.ts';
import { interPodAffinity } from '../../../src/cluster/scheduler/filters/inter-pod-affinity.ts';
import {
  nodeAffinity,
  nodeName,
  nodePorts,
  nodeResourcesFit,
  nodeUnschedulable,
  taintToleration,
} from '../../../src/cluster/scheduler/filters/node-filters.ts';
import { podTopologySpread } from '../../../src/cluster/scheduler/filters/pod-topology-spread.ts';
import { type NodeLine, type PodLine, verdictsOf, type World } from './world.ts';

interface Row {
  readonly title: string;
  readonly world: World;
  readonly expected: ReturnType<typeof verdictsOf>;
}

const check = (factory: FilterFactory, rows: readonly Row[]): void => {
  it.each(rows)('$title', ({ world, expected }) => {
    expect(verdictsOf(factory, world)).toEqual(expected);
  });
};
const room = (cpu: string, memory: string, more: Readonly<Record<string, string>> = {}): NodeLine => ({
  allocatable: { cpu, memory, ...more },
});
const container = (name: string, requests: Readonly<Record<string, string>>, more: object = {}) => ({
  name,
  resources: { requests },
  ...more,
});

describe('room on a node', () => {
  const full = { a: room('10m', '20') };
  const there = (cpu: string, memory: string): PodLine[] => [{ on: 'a', asks: [{ cpu, memory }] }];
  const asking = (cpu: string, memory: string): PodLine => ({ asks: [{ cpu, memory }] });
  check(nodeResourcesFit, [
    {
      title: 'who asks for nothing fits a full node',
      world: { nodes: full, pods: there('10m', '20'), pod: {} },
      expected: { a: 'fits' },
    },
    {
      title: 'too little of both',
      world: { nodes: full, pods: there('10m', '20'), pod: asking('1m', '1') },
      expected: { a: 'Insufficient cpu, Insufficient memory' },
    },
    {
      title: 'as much as is left',
      world: { nodes: full, pods: there('5m', '19'), pod: asking('5m', '1') },
      expected: { a: 'fits' },
    },
    {
      title: 'more than the node ever has',
      world: { nodes: full, pod: asking('11m', '1') },
      expected: { a: 'Insufficient cpu (never)' },
    },
    {
      title: 'the greediest init container counts',
      world: {
        nodes: full,
        pods: there('8m', '19'),
        pod: {
          asks: [{ cpu: '1m', memory: '1' }],
          spec: { initContainers: [container('i', { cpu: '3m', memory: '1' })] },
        },
      },
      expected: { a: 'Insufficient cpu' },
    },
    {
      title: 'init containers count one by one, not together',
      world: {
        nodes: full,
        pods: there('7m', '19'),
        pod: {
          asks: [{ cpu: '1m', memory: '1' }],
          spec: { initContainers: [container('i', { cpu: '3m' }), container('j', { cpu: '2m' })] },
        },
      },
      expected: { a: 'fits' },
    },
    {
      title: 'sidecars count with the containers',
      world: {
        nodes: full,
        pods: there('7m', '1'),
        pod: {
          asks: [{ cpu: '2m' }],
          spec: { initContainers: [container('s', { cpu: '2m' }, { restartPolicy: 'Always' })] },
        },
      },
      expected: { a: 'Insufficient cpu' },
    },
    {
      title: 'overhead comes on top',
      world: { nodes: full, pod: { asks: [{ cpu: '8m' }], spec: { overhead: { cpu: '3m' } } } },
      expected: { a: 'Insufficient cpu (never)' },
    },
    {
      title: 'what the whole pod asks for wins',
      world: { nodes: full, pod: { asks: [{ cpu: '8m' }], spec: { resources: { requests: { cpu: '12m' } } } } },
      expected: { a: 'Insufficient cpu (never)' },
    },
    {
      title: 'further resources',
      world: {
        nodes: { a: room('1', '1', { 'example.com/a': '5' }), b: room('1', '1') },
        pods: [{ on: 'a', asks: [{ 'example.com/a': '2' }] }],
        pod: { asks: [{ 'example.com/a': '4' }] },
      },
      expected: { a: 'Insufficient example.com/a', b: 'Insufficient example.com/a (never)' },
    },
    {
      title: 'none of a resource may be asked for anywhere',
      world: { nodes: { a: room('1', '1') }, pod: { asks: [{ 'example.com/a': '0' }] } },
      expected: { a: 'fits' },
    },
    {
      title: 'ephemeral storage and huge pages',
      world: {
        nodes: { a: room('1', '1Gi', { 'ephemeral-storage': '5Gi', 'hugepages-2Mi': '4Mi' }) },
        pod: { asks: [{ 'ephemeral-storage': '6Gi', 'hugepages-2Mi': '6Mi' }] },
      },
      expected: { a: 'Insufficient ephemeral-storage, Insufficient hugepages-2Mi (never)' },
    },
    {
      title: 'the number of pods is a limit of its own',
      world: {
        nodes: { a: { allocatable: { cpu: '1', memory: '1', pods: 1 } } },
        pods: [{ on: 'a' }],
        pod: asking('2', '0'),
      },
      expected: { a: 'Too many pods, Insufficient cpu (never)' },
    },
  ]);
});

describe('the name of the node', () => {
  const nodes = { a: {}, b: {} };
  check(nodeName, [
    { title: 'is not asked for', world: { nodes, pod: {} }, expected: 'not asked' },
    {
      title: 'is the one, or not',
      world: { nodes, pod: { spec: { nodeName: 'a' } } },
      expected: { a: 'fits', b: "node(s) didn't match the requested node name (never)" },
    },
  ]);
});

describe('nodes that are cordoned', () => {
  const nodes = { a: { unschedulable: true }, b: {} };
  const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }];
  check(nodeUnschedulable, [
    {
      title: 'take no pods',
      world: { nodes, pod: {} },
      expected: { a: 'node(s) were unschedulable (never)', b: 'fits' },
    },
    { title: 'take pods that tolerate it', world: { nodes, pod: { spec: { tolerations } } }, expected: 'not asked' },
  ]);
});

describe('taints', () => {
  const NO = 'node(s) had untolerated taint(s) (never)';
  const taint = (effect: string): NodeLine => ({ taints: [{ key: 'dedicated', value: 'user1', effect }] });
  const tolerating = (more: object): PodLine => ({ spec: { tolerations: [more] } });
  const nodes = { a: taint('NoSchedule') };
  check(taintToleration, [
    { title: 'that are not tolerated', world: { nodes, pod: {} }, expected: { a: NO } },
    {
      title: 'with the same value',
      world: { nodes, pod: tolerating({ key: 'dedicated', value: 'user1', effect: 'NoSchedule' }) },
      expected: { a: 'fits' },
    },
    {
      title: 'with another value',
      world: { nodes, pod: tolerating({ key: 'dedicated', operator: 'Equal', value: 'user2', effect: 'NoSchedule' }) },
      expected: { a: NO },
    },
    {
      title: 'of which the key is enough',
      world: { nodes, pod: tolerating({ key: 'dedicated', operator: 'Exists' }) },
      expected: { a: 'fits' },
    },
    {
      title: 'of which all are tolerated',
      world: { nodes, pod: tolerating({ operator: 'Exists' }) },
      expected: { a: 'fits' },
    },
    {
      title: 'of another effect',
      world: {
        nodes: { a: taint('NoExecute') },
        pod: tolerating({ key: 'dedicated', value: 'user1', effect: 'NoSchedule' }),
      },
      expected: { a: NO },
    },
    {
      title: 'that only ask to stay away',
      world: { nodes: { a: taint('PreferNoSchedule') }, pod: {} },
      expected: { a: 'fits' },
    },
  ]);
});

describe('ports of a node', () => {
  const NO = "node(s) didn't have free ports for the requested pod ports";
  const using = (...texts: string[]): PodLine => ({
    spec: {
      containers: [
        {
          name: 'c',
          ports: texts.map((text) => {
            const [protocol = '', hostIP = '', port = ''] = text.split('/');
            return { protocol, hostIP, hostPort: Number(port), containerPort: 80 };
          }),
        },
      ],
    },
  });
  const row = (title: string, wanted: PodLine, taken: PodLine, expected: string): Row => ({
    title,
    world: { nodes: { a: {} }, pods: [{ ...taken, on: 'a', spec: { ...taken.spec, nodeName: 'a' } }], pod: wanted },
    expected: { a: expected },
  });
  check(nodePorts, [
    { title: 'that nobody asks for', world: { nodes: { a: {} }, pod: {} }, expected: 'not asked' },
    row('that are others', using('UDP/127.0.0.1/8080'), using('UDP/127.0.0.1/9090'), 'fits'),
    row('that are the same', using('UDP/127.0.0.1/8080'), using('UDP/127.0.0.1/8080'), NO),
    row('of another address', using('TCP/127.0.0.1/8080'), using('TCP/127.0.0.2/8080'), 'fits'),
    row('of another protocol', using('UDP/127.0.0.1/8080'), using('TCP/127.0.0.1/8080'), 'fits'),
    row(
      'of which one of two is taken',
      using('UDP/127.0.0.1/8000', 'UDP/127.0.0.1/8080'),
      using('UDP/127.0.0.1/8080'),
      NO,
    ),
    row('of all addresses', using('TCP/0.0.0.0/8001'), using('TCP/127.0.0.1/8001'), NO),
    row('of an address where all are taken', using('TCP/10.0.10.10/8001'), using('TCP/0.0.0.0/8001'), NO),
    row('of all addresses with another protocol', using('UDP/0.0.0.0/8001'), using('TCP/0.0.0.0/8001'), 'fits'),
    {
      title: 'of sidecars, but not of init containers',
      world: {
        nodes: { a: {}, b: {} },
        pods: [
          {
            on: 'a',
            spec: {
              nodeName: 'a',
              initContainers: [{ name: 's', restartPolicy: 'Always', ports: [{ hostPort: 80, containerPort: 80 }] }],
            },
          },
          {
            on: 'b',
            spec: { nodeName: 'b', initContainers: [{ name: 'i', ports: [{ hostPort: 80, containerPort: 80 }] }] },
          },
        ],
        pod: using('TCP//80'),
      },
      expected: { a: NO, b: 'fits' },
    },
  ]);
});

describe('node selectors and affinity to nodes', () => {
  const NO = "node(s) didn't match Pod's node affinity/selector (never)";
  const needing = (...nodeSelectorTerms: object[]): PodLine => ({
    spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } },
  });
  const expression = (key: string, operator: string, ...values: string[]): object => ({ key, operator, values });
  const named = (...values: string[]): object => ({ matchFields: [expression('metadata.name', 'In', ...values)] });
  const nodes = { a: { labels: { foo: 'bar', size: '5' } }, b: { labels: { foo: 'blah' } } };
  const needs = (title: string, terms: readonly object[], expected: Row['expected']): Row => ({
    title,
    world: { nodes, pod: needing(...terms) },
    expected,
  });
  check(nodeAffinity, [
    { title: 'that nobody has', world: { nodes, pod: {} }, expected: 'not asked' },
    {
      title: 'a selector',
      world: { nodes, pod: { spec: { nodeSelector: { foo: 'bar' } } } },
      expected: { a: 'fits', b: NO },
    },
    {
      title: 'a selector of two labels',
      world: { nodes, pod: { spec: { nodeSelector: { foo: 'bar', baz: 'x' } } } },
      expected: { a: NO, b: NO },
    },
    needs('In', [{ matchExpressions: [expression('foo', 'In', 'bar', 'value2')] }], { a: 'fits', b: NO }),
    needs('NotIn', [{ matchExpressions: [expression('foo', 'NotIn', 'bar')] }], { a: NO, b: 'fits' }),
    needs('Gt', [{ matchExpressions: [expression('size', 'Gt', '4')] }], { a: 'fits', b: NO }),
    needs('Lt', [{ matchExpressions: [expression('size', 'Lt', '5')] }], { a: NO, b: NO }),
    needs('Exists', [{ matchExpressions: [expression('size', 'Exists')] }], { a: 'fits', b: NO }),
    needs('DoesNotExist', [{ matchExpressions: [expression('size', 'DoesNotExist')] }], { a: NO, b: 'fits' }),
    needs(
      'two expressions have to hold',
      [{ matchExpressions: [expression('foo', 'Exists'), expression('size', 'Exists')] }],
      { a: 'fits', b: NO },
    ),
    needs(
      'one of two terms is enough',
      [{ matchExpressions: [expression('foo', 'In', 'blah')] }, { matchExpressions: [expression('size', 'Exists')] }],
      { a: 'fits', b: 'fits' },
    ),
    needs('a term without expressions holds nowhere', [{}], { a: NO, b: NO }),
    needs('no terms hold nowhere', [], { a: NO, b: NO }),
    {
      title: 'a selector and a term have to hold',
      world: {
        nodes,
        pod: {
          spec: { ...needing({ matchExpressions: [expression('foo', 'Exists')] }).spec, nodeSelector: { foo: 'blah' } },
        },
      },
      expected: { a: NO, b: 'fits' },
    },
    needs('a name', [named('a')], { a: 'fits', b: 'not looked at' }),
    needs('names in two terms', [named('a'), named('b', 'c')], { a: 'fits', b: 'fits' }),
    needs('a name in one of two terms only', [named('a'), { matchExpressions: [expression('size', 'Exists')] }], {
      a: 'fits',
      b: NO,
    }),
    needs(
      'a name twice in one term',
      [{ matchFields: [expression('metadata.name', 'In', 'a'), expression('metadata.name', 'In', 'b', 'a')] }],
      { a: 'fits', b: 'not looked at' },
    ),
    needs(
      'two names in one term',
      [{ matchFields: [expression('metadata.name', 'In', 'a'), expression('metadata.name', 'In', 'b')] }],
      'pod affinity terms conflict (never)',
    ),
    needs('a name and a label', [{ ...named('a', 'b'), matchExpressions: [expression('size', 'Exists')] }], {
      a: 'fits',
      b: NO,
    }),
  ]);
});

const HOST = 'kubernetes.io/hostname';
const SKEWED = "node(s) didn't match pod topology spread constraints";
const UNLABELLED = `${SKEWED} (missing required label) (never)`;

describe('spread that is required', () => {
  const ZONED: Readonly<Record<string, NodeLine>> = {
    a: { labels: { zone: 'zone1', node: 'a' } },
    b: { labels: { zone: 'zone1', node: 'b' } },
    x: { labels: { zone: 'zone2', node: 'x' } },
    y: { labels: { zone: 'zone2', node: 'y' } },
  };
  const there = (text: string): PodLine[] =>
    text
      .split(' ')
      .filter(Boolean)
      .flatMap((part) => {
        const [on = '', count = ''] = part.split(':');
        return Array.from({ length: Number(count) }, (): PodLine => ({ on, labels: { foo: '' } }));
      });
  const hard = (topologyKey: string, more: object = {}): object => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchExpressions: [{ key: 'foo', operator: 'Exists' }] },
    ...more,
  });
  const row = (
    title: string,
    counts: string,
    constraints: readonly object[],
    expected: Row['expected'],
    more: Partial<World> & { readonly line?: PodLine } = {},
  ): Row => {
    const { line = { labels: { foo: '' } }, nodes = ZONED, pods = [] } = more;
    const spec = { ...line.spec, topologySpreadConstraints: constraints } as PodLine['spec'] & object;
    return { title, world: { nodes, pods: [...there(counts), ...pods], pod: { ...line, spec } }, expected };
  };
  const all = (text: string): Readonly<Record<string, string>> => ({ a: text, b: text, x: text, y: text });
  check(podTopologySpread, [
    { title: 'is not asked for', world: { nodes: ZONED, pod: {} }, expected: 'not asked' },
    row('no pods yet', '', [hard('zone')], all('fits')),
    row('zones are even', 'a:1 b:1 x:1 y:1', [hard('zone')], all('fits')),
    row('zones are uneven', 'a:1 b:1 x:1', [hard('zone')], { a: SKEWED, b: SKEWED, x: 'fits', y: 'fits' }),
    row('a larger skew', 'a:1 b:1 x:1', [hard('zone', { maxSkew: 2 })], all('fits')),
    row('nodes are uneven', 'a:2 b:1 y:3', [hard('node')], { a: SKEWED, b: SKEWED, x: 'fits', y: SKEWED }),
    row('nodes with a larger skew', 'a:2 b:1 y:3', [hard('node', { maxSkew: 2 })], {
      a: SKEWED,
      b: 'fits',
      x: 'fits',
      y: SKEWED,
    }),
    row('zones and nodes have to be even', 'a:2 b:1 y:3', [hard('zone'), hard('node')], {
      a: SKEWED,
      b: SKEWED,
      x: 'fits',
      y: SKEWED,
    }),
    row('zones and nodes of which none will do', 'a:1 x:2 y:1', [hard('zone'), hard('node')], {
      a: SKEWED,
      b: 'fits',
      x: SKEWED,
      y: SKEWED,
    }),
    row('a pod that its selector does not select', 'a:1 b:1 x:1', [hard('zone')], all('fits'), {
      line: { labels: { other: '' } },
    }),
    row(
      'pods of another namespace do not count',
      'a:1',
      [hard('zone')],
      { a: SKEWED, b: SKEWED, x: 'fits', y: 'fits' },
      { pods: [{ on: 'x', namespace: 'other', labels: { foo: '' } }] },
    ),
    row('pods that are ending do not count', '', [hard('node')], all('fits'), {
      pods: [{ on: 'a', ending: true, labels: { foo: '' } }],
    }),
    row(
      'nodes without the label',
      'a:1',
      [hard('zone')],
      { a: SKEWED, n: UNLABELLED, x: 'fits' },
      { nodes: { a: { labels: { zone: '1' } }, x: { labels: { zone: '2' } }, n: {} } },
    ),
    row('fewer zones than there have to be', 'a:1 b:1 x:1', [hard('zone', { minDomains: 3 })], all(SKEWED)),
    row('as many zones as there have to be', 'a:1 b:1 x:1', [hard('zone', { minDomains: 2 })], {
      a: SKEWED,
      b: SKEWED,
      x: 'fits',
      y: 'fits',
    }),
    row(
      'nodes that the pod does not select do not count',
      'a:1 b:1 x:1',
      [hard('zone')],
      { a: 'fits', b: 'fits', x: 'fits', y: 'fits' },
      { line: { labels: { foo: '' }, spec: { nodeSelector: { zone: 'zone1' } } } },
    ),
    row(
      'unless it is said that they do',
      'a:1 b:1 x:1',
      [hard('zone', { nodeAffinityPolicy: 'Ignore' })],
      { a: SKEWED, b: SKEWED, x: 'fits', y: 'fits' },
      { line: { labels: { foo: '' }, spec: { nodeSelector: { zone: 'zone1' } } } },
    ),
    row(
      'tainted nodes count',
      'a:1',
      [hard('node')],
      { a: SKEWED, b: 'fits' },
      {
        nodes: {
          a: { labels: { node: 'a' } },
          b: { labels: { node: 'b' }, taints: [{ key: 'k', effect: 'NoSchedule' }] },
        },
      },
    ),
    row(
      'unless it is said that they do not',
      'a:1',
      [hard('node', { nodeTaintsPolicy: 'Honor' })],
      { a: 'fits', b: 'fits' },
      {
        nodes: {
          a: { labels: { node: 'a' } },
          b: { labels: { node: 'b' }, taints: [{ key: 'k', effect: 'NoSchedule' }] },
        },
      },
    ),
    row(
      'labels that have to be the same',
      '',
      [hard('node', { matchLabelKeys: ['v'] })],
      { a: SKEWED, b: 'fits', x: 'fits', y: 'fits' },
      {
        line: { labels: { foo: '', v: '2' } },
        pods: [
          { on: 'a', labels: { foo: '', v: '2' } },
          { on: 'b', labels: { foo: '', v: '1' } },
        ],
      },
    ),
  ]);
});

describe('pods that have to be near, or far away', () => {
  const WANTED = "node(s) didn't match pod affinity rules (never)";
  const UNWANTED = "node(s) didn't match pod anti-affinity rules";
  const EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules";
  const term = (app: string, topologyKey: string, more: object = {}): object => ({
    labelSelector: { matchLabels: { app } },
    topologyKey,
    ...more,
  });
  const near = (...terms: object[]): NonNullable<PodLine['spec']> =>
    ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } }) as NonNullable<
      PodLine['spec']
    >;
  const far = (...terms: object[]): NonNullable<PodLine['spec']> =>
    ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } }) as NonNullable<
      PodLine['spec']
    >;
  const nodes = {
    a: { labels: { zone: '1', [HOST]: 'a' } },
    b: { labels: { zone: '1', [HOST]: 'b' } },
    c: { labels: { zone: '2', [HOST]: 'c' } },
    n: {},
  };
  const on = (where: string, app: string, more: PodLine = {}): PodLine => ({
    ...more,
    on: where,
    labels: { app },
    spec: { nodeName: where, ...more.spec },
  });
  const row = (
    title: string,
    pod: PodLine,
    pods: readonly PodLine[],
    expected: Row['expected'],
    namespaces: World['namespaces'] = {},
  ): Row => ({ title, world: { nodes, pods, pod, namespaces }, expected });
  check(interPodAffinity, [
    row('nobody asks for it', {}, [on('a', 'db')], 'not asked'),
    row('near a pod, by host', { spec: near(term('db', HOST)) }, [on('a', 'db')], {
      a: 'fits',
      b: WANTED,
      c: WANTED,
      n: WANTED,
    }),
    row('near a pod, by zone', { spec: near(term('db', 'zone')) }, [on('a', 'db')], {
      a: 'fits',
      b: 'fits',
      c: WANTED,
      n: WANTED,
    }),
    row('near a pod that is not there', { spec: near(term('db', 'zone')) }, [], {
      a: WANTED,
      b: WANTED,
      c: WANTED,
      n: WANTED,
    }),
    row(
      'the first of its kind may be anywhere that has the label',
      { labels: { app: 'db' }, spec: near(term('db', 'zone')) },
      [],
      { a: 'fits', b: 'fits', c: 'fits', n: WANTED },
    ),
    row('near two pods that are one', { spec: near(term('db', 'zone'), term('db', HOST)) }, [on('a', 'db')], {
      a: 'fits',
      b: WANTED,
      c: WANTED,
      n: WANTED,
    }),
    row(
      'near two pods of different kinds is near neither',
      { spec: near(term('db', 'zone'), term('web', 'zone')) },
      [on('a', 'db'), on('b', 'web')],
      { a: WANTED, b: WANTED, c: WANTED, n: WANTED },
    ),
    row(
      'pods of another namespace are not meant',
      { spec: near(term('db', 'zone')) },
      [on('a', 'db', { namespace: 'other' })],
      { a: WANTED, b: WANTED, c: WANTED, n: WANTED },
    ),
    row(
      'unless it is named',
      { spec: near(term('db', 'zone', { namespaces: ['other'] })) },
      [on('a', 'db', { namespace: 'other' })],
      { a: 'fits', b: 'fits', c: WANTED, n: WANTED },
    ),
    row(
      'or selected',
      { spec: near(term('db', 'zone', { namespaceSelector: { matchLabels: { team: 'x' } } })) },
      [on('a', 'db', { namespace: 'other' })],
      { a: 'fits', b: 'fits', c: WANTED, n: WANTED },
      { other: { team: 'x' } },
    ),
    row(
      'an empty selector selects all namespaces',
      { spec: near(term('db', 'zone', { namespaceSelector: {} })) },
      [on('c', 'db', { namespace: 'other' })],
      { a: WANTED, b: WANTED, c: 'fits', n: WANTED },
    ),
    row('far from a pod, by host', { spec: far(term('db', HOST)) }, [on('a', 'db')], {
      a: UNWANTED,
      b: 'fits',
      c: 'fits',
      n: 'fits',
    }),
    row('far from a pod, by zone', { spec: far(term('db', 'zone')) }, [on('a', 'db')], {
      a: UNWANTED,
      b: UNWANTED,
      c: 'fits',
      n: 'fits',
    }),
    row(
      'far from two kinds of pods',
      { spec: far(term('db', HOST), term('web', 'zone')) },
      [on('a', 'db'), on('c', 'web')],
      { a: UNWANTED, b: 'fits', c: UNWANTED, n: 'fits' },
    ),
    row(
      'a pod that is there wants to be far away',
      { labels: { app: 'web' } },
      [on('a', 'db', { spec: far(term('web', 'zone')) ?? {} })],
      { a: EXISTING, b: EXISTING, c: 'fits', n: 'fits' },
    ),
    row(
      'a pod that is there and is ending still counts',
      { labels: { app: 'web' } },
      [on('a', 'db', { ending: true, spec: far(term('web', HOST)) ?? {} })],
      { a: EXISTING, b: 'fits', c: 'fits', n: 'fits' },
    ),
    row(
      'both want to be far away',
      { labels: { app: 'web' }, spec: far(term('web', HOST)) },
      [on('a', 'web', { spec: far(term('web', HOST)) ?? {} })],
      { a: UNWANTED, b: 'fits', c: 'fits', n: 'fits' },
    ),
    row(
      'near one and far from another',
      { spec: { affinity: { ...near(term('db', 'zone'))?.affinity, ...far(term('web', HOST))?.affinity } } },
      [on('a', 'db'), on('a', 'web')],
      { a: UNWANTED, b: 'fits', c: WANTED, n: WANTED },
    ),
    row(
      'near pods of the same version',
      { labels: { v: '2' }, spec: near(term('db', HOST, { matchLabelKeys: ['v'] })) },
      [
        { ...on('a', 'db'), labels: { app: 'db', v: '1' } },
        { ...on('b', 'db'), labels: { app: 'db', v: '2' } },
      ],
      { a: WANTED, b: 'fits', c: WANTED, n: WANTED },
    ),
    row(
      'far from pods of other tenants',
      { labels: { t: '2' }, spec: far(term('db', HOST, { mismatchLabelKeys: ['t'] })) },
      [
        { ...on('a', 'db'), labels: { app: 'db', t: '1' } },
        { ...on('b', 'db'), labels: { app: 'db', t: '2' } },
      ],
      { a: UNWANTED, b: 'fits', c: 'fits', n: 'fits' },
    ),
  ]);
});
