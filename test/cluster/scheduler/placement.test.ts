import { expect, it } from 'vitest';
import { nodesToFind } from '../../../src/cluster/scheduler/placement.ts';
import { ClusterState } from '../../../src/cluster/scheduler/cluster-state.ts';
import { fitErrorText } from '../../../src/cluster/scheduler/fit-error.ts';

it.each([
  [1, 1],
  [99, 99],
  [100, 100],
  [200, 100],
  [1000, 420],
  [5000, 500],
  [6000, 300],
])('of %i nodes, %i are found', (nodes, found) => {
  expect(nodesToFind(nodes)).toBe(found);
});

it('counts reasons, sorted as texts, and nodes that were not looked at', () => {
  const failure = (...reasons: string[]) => ({ plugin: 'NodeResourcesFit', reasons, unresolvable: false }) as const;
  const failures = new Map([
    ['a', failure('Insufficient memory', 'Insufficient cpu')],
    ['b', failure('Insufficient cpu')],
  ]);
  expect(fitErrorText({ nodes: 12, failures, before: undefined, elsewhere: 'elsewhere' }, 'Afterwards')).toBe(
    '0/12 nodes are available: 1 Insufficient memory, 10 elsewhere, 2 Insufficient cpu. Afterwards',
  );
});

it('nodes are looked at by zones in turn', () => {
  const state = new ClusterState();
  const zones = { a1: 'a', a2: 'a', a3: 'a', b1: 'b', b2: 'b', n1: undefined };
  for (const [name, zone] of Object.entries(zones)) {
    const labels = zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone };
    state.setNode({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  }
  const names = (): string => state.nodes.map(({ name }) => name).join(' ');
  expect(names()).toBe('a1 b1 n1 a2 b2 a3');
  const labels = { 'topology.kubernetes.io/zone': 'b' };
  state.setNode({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a2', labels } });
  expect(names()).toBe('a1 a2 n1 a3 b1 b2');
  state.removeNode('a1');
  expect(names()).toBe('a2 a3 n1 b1 b2');
});
