import { describe, expect, test } from 'vitest';
import { wantedTaints } from '../../../../src/cluster/controllers/node-lifecycle/node-taints.ts';
import { tolerationTime } from '../../../../src/cluster/controllers/node-lifecycle/taint-eviction-controller.ts';
import { tolerates, untoleratedTaint } from '../../../../src/cluster/machinery/tolerations.ts';
import { evictionIntervals } from '../../../../src/cluster/controllers/node-lifecycle/zone-state.ts';
import type { Node, NodeSpec, Taint, Toleration } from '../../../../src/kube/api/core-v1.generated.ts';

const NOW = '2026-01-01T00:00:00Z';
const OWN: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

function node(conditions: Readonly<Record<string, string>>, spec: NodeSpec = {}, zone = ''): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels: { 'topology.kubernetes.io/zone': zone } },
    spec,
    status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
  };
}

function taint(key: string, effect = 'NoSchedule'): Taint {
  return { key: `node.kubernetes.io/${key}`, effect, timeAdded: NOW };
}

describe('taints by condition', () => {
  test.each<[string, Node, string | undefined, readonly Taint[] | undefined]>([
    ['nothing to do', node({ Ready: 'True' }, { taints: [OWN] }), undefined, undefined],
    ['not ready', node({ Ready: 'False' }, { taints: [OWN] }), undefined, [OWN, taint('not-ready')]],
    ['ready again', node({ Ready: 'True' }, { taints: [OWN, taint('not-ready')] }), undefined, [OWN]],
    [
      'lost',
      node({ Ready: 'Unknown' }, { taints: [taint('not-ready')] }),
      'node.kubernetes.io/unreachable',
      [taint('unreachable'), taint('unreachable', 'NoExecute')],
    ],
    [
      'found',
      node({ Ready: 'True' }, { taints: [taint('unreachable'), taint('unreachable', 'NoExecute')] }),
      undefined,
      [],
    ],
    ['cordoned', node({ Ready: 'True' }, { unschedulable: true }), undefined, [taint('unschedulable')]],
    [
      'under pressure',
      node({ Ready: 'True', MemoryPressure: 'True', DiskPressure: 'True', PIDPressure: 'False' }),
      undefined,
      [taint('memory-pressure'), taint('disk-pressure')],
    ],
  ])('%s', (_, subject, eviction, expected) => {
    expect(wantedTaints(subject, eviction, NOW)).toEqual(expected);
  });
});

describe('tolerations', () => {
  test.each<[Toleration, boolean]>([
    [{}, false],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'dedicated', operator: 'Exists' }, true],
    [{ key: 'dedicated', value: 'gpu' }, true],
    [{ key: 'dedicated', value: 'cpu' }, false],
    [{ key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }, true],
    [{ key: 'other', operator: 'Exists' }, false],
  ])('%j', (toleration, expected) => {
    expect(tolerates(toleration, OWN)).toBe(expected);
    expect(untoleratedTaint([OWN], [toleration], ['NoSchedule']) === undefined).toBe(expected);
    expect(untoleratedTaint([OWN], [toleration], ['NoExecute'])).toBeUndefined();
  });

  test('how long taints are borne', () => {
    const lost = taint('unreachable', 'NoExecute');
    const seconds = (tolerationSeconds: number): Toleration => ({
      key: lost.key,
      operator: 'Exists',
      tolerationSeconds,
    });
    expect(tolerationTime([lost], [])).toBe(0);
    expect(tolerationTime([lost], [seconds(300)])).toBe(300_000);
    expect(tolerationTime([lost], [seconds(-5)])).toBe(0);
    expect(tolerationTime([lost], [{ operator: 'Exists' }])).toBe(Number.POSITIVE_INFINITY);
    expect(tolerationTime([lost, { key: 'x', effect: 'NoExecute' }], [seconds(300)])).toBe(0);
  });
});

describe('zones', () => {
  const many = (count: number, status: string, zone = ''): Node[] =>
    Array.from({ length: count }, () => node({ Ready: status }, {}, zone));
  const excluded = (each: Node): Node => ({
    ...each,
    metadata: { ...each.metadata, labels: { ...each.metadata.labels, 'node.kubernetes.io/exclude-disruption': '' } },
  });
  test.each<[string, readonly Node[], readonly (number | undefined)[]]>([
    ['all well', many(3, 'True'), [10_000]],
    ['one lost', [...many(2, 'True'), ...many(1, 'Unknown')], [10_000]],
    ['all lost', many(3, 'Unknown'), [undefined]],
    ['most lost in a small cluster', [...many(2, 'True'), ...many(3, 'Unknown')], [undefined]],
    ['most lost in a large cluster', [...many(20, 'True'), ...many(31, 'Unknown')], [100_000]],
    [
      'most lost in a small zone of a large cluster',
      [...many(60, 'True', 'a'), ...many(2, 'True', 'b'), ...many(3, 'Unknown', 'b')],
      [10_000, undefined],
    ],
    ['two lost of two', [...many(1, 'True', 'a'), ...many(2, 'Unknown', 'b')], [10_000, 10_000]],
    ['two of three lost: too few to be a pattern', [...many(1, 'True'), ...many(2, 'Unknown')], [10_000]],
    ['54 % lost', [...many(46, 'True'), ...many(54, 'Unknown')], [10_000]],
    ['55 % lost', [...many(45, 'True'), ...many(55, 'Unknown')], [100_000]],
    ['nodes that do not count', [...many(1, 'True'), ...many(3, 'Unknown').map(excluded)], [10_000]],
    ['one zone lost', [...many(2, 'True', 'a'), ...many(2, 'Unknown', 'b')], [10_000, 10_000]],
    ['all zones lost', [...many(2, 'False', 'a'), ...many(2, 'Unknown', 'b')], [undefined, undefined]],
  ])('%s', (_, nodes, expected) => {
    expect([...evictionIntervals(nodes).values()]).toEqual(expected);
  });
});
