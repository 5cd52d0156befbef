import { expect, it } from 'vitest';
import { nodesToFind } from '../../../src/cluster/scheduler/placement.ts';
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
