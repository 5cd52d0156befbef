import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { ClusterState } from '../../../src/cluster/scheduler/cluster-state.ts';
import type { Cycle } from '../../../src/cluster/scheduler/cycle.ts';
import { Placer } from '../../../src/cluster/scheduler/placement.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import type { Node, Pod, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { cycleOf } from './world.ts';

const FIRST = { next: () => 0, below: () => 0, bytes: () => new Uint8Array() };
const FEW = cycleOf({ nodes: {}, pod: {} });

/** Pods that are told apart by what the scheduler asks of nodes. */
const KINDS: readonly Partial<PodSpec>[] = [
  { containers: [{ name: 'c', resources: { requests: { cpu: '100m', memory: '100' } } }] },
  { containers: [{ name: 'c', resources: { requests: { cpu: '700m' } } }] },
  { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] },
  { containers: [{ name: 'c' }], nodeSelector: { disk: 'fast' } },
  { containers: [{ name: 'c' }], tolerations: [{ operator: 'Exists' }] },
];

function node(name: string, random: SeededRandom): Node {
  const labels = random.below(2) === 0 ? {} : { disk: 'fast' };
  const taints = [{ key: 'a', effect: ['NoSchedule', 'PreferNoSchedule'][random.below(2)] ?? '' }];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { unschedulable: random.below(6) === 0, taints: random.below(3) === 0 ? taints : [] },
    status: { allocatable: { cpu: ['1', '2'][random.below(2)] ?? '1', memory: '1000', pods: 4 } },
  };
}

function pod(uid: string, random: SeededRandom, nodeName?: string): Pod {
  const spec = {
    containers: [],
    ...KINDS[random.below(KINDS.length)],
    ...(nodeName === undefined ? {} : { nodeName }),
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { uid, name: uid, namespace: 'default', generation: 1 }, spec };
}

/** Where a pod goes, or every reason against every node. */
function outcome(placer: Placer, state: ClusterState, waiting: Pod): unknown {
  const cycle: Cycle = { ...FEW, pod: new PodInfo(waiting), state };
  const placement = placer.place(cycle, () => []);
  return placement.kind === 'fits' ? placement.node.name : placement.diagnosis;
}

describe('what is remembered of nodes', () => {
  test('is what a scheduler says that remembers nothing, whatever comes, goes and changes', () => {
    const places = new Set<string>();
    for (let seed = 1; seed <= 12; seed += 1) {
      const random = new SeededRandom(seed);
      const state = new ClusterState();
      const placer = new Placer(FIRST);
      for (let step = 0; step < 200; step += 1) {
        const name = `node-${random.below(8)}`;
        const uid = `pod-${random.below(16)}`;
        const chance = random.below(10);
        if (chance === 0) state.removeNode(name);
        else if (chance <= 3) state.setNode(node(name, random));
        else if (chance <= 5) state.removePod(uid);
        else state.setPod(pod(uid, random, name));
        const waiting = pod('waiting', random);
        const remembered = outcome(placer, state, waiting);
        expect(remembered, `seed ${seed}, step ${step}`).toEqual(outcome(new Placer(FIRST), state, waiting));
        if (typeof remembered === 'string') places.add(remembered);
      }
    }
    expect(places.size).toBe(8);
  });

  test('goes over to another cluster with nobody', () => {
    const random = new SeededRandom(1);
    const placer = new Placer(FIRST);
    const states = [1, 2].map((size) => {
      const state = new ClusterState();
      const allocatable = { cpu: '1', memory: '1000', pods: size - 1 };
      state.setNode({ ...node('only', random), spec: {}, status: { allocatable } });
      return state;
    });
    const waiting: Pod = { ...pod('waiting', random), spec: { containers: [] } };
    const fits = states.map((state) => typeof outcome(placer, state, waiting) === 'string');
    expect(fits).toEqual([false, true]);
  });
});
