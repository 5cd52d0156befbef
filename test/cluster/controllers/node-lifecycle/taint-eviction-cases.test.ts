import { expect, test } from 'vitest';
import { createTaintEvictionController } from '../../../../src/cluster/controllers/node-lifecycle/taint-eviction-controller.ts';
import type { Node, Pod, Taint, Toleration } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, workloadCluster } from '../support/workload-cluster.ts';

// Inputs and results of kubernetes: pkg/controller/tainteviction/taint_eviction_test.go

/** Taint number n. */
const taint = (n: number): Taint => ({ key: `testTaint${n}`, value: `test${n}`, effect: 'NoExecute' });
/** A toleration of taint number n, for so many seconds. */
const bears = (n: number, seconds?: number): Toleration => ({
  key: `testTaint${n}`,
  value: `test${n}`,
  effect: 'NoExecute',
  ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
});

interface Case {
  /** Taints of the node when its pod comes. */
  readonly taints?: readonly Taint[];
  readonly tolerations?: readonly Toleration[];
  readonly unscheduled?: boolean;
  /** Taints of the node afterwards, by second. */
  readonly later?: Readonly<Record<number, readonly Taint[]>>;
  /** The second after which the pod is gone. */
  readonly gone?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'a pod without a node': { taints: [taint(1)], unscheduled: true },
  'a node without taints': {},
  'a taint that is not borne': { taints: [taint(1)], gone: 0 },
  'a taint that does not drive off': { taints: [{ ...taint(1), effect: 'NoSchedule' }] },
  'a taint that is borne for ever': { taints: [taint(1)], tolerations: [bears(1)] },
  'a taint that is borne for a while': { taints: [taint(1)], tolerations: [bears(1, 2)], gone: 2 },
  'a taint that is borne for less than no time': { taints: [taint(1)], tolerations: [bears(1, -5)], gone: 0 },
  'the first toleration counts': { taints: [taint(1)], tolerations: [bears(1, 1), bears(1, 100)], gone: 1 },
  'a taint that comes later': { later: { 3: [taint(1)] }, gone: 3 },
  'a taint that comes later and is borne': { tolerations: [bears(1)], later: { 3: [taint(1)] } },
  'a taint that comes later and is borne for a while': {
    tolerations: [bears(1, 4)],
    later: { 3: [taint(1)] },
    gone: 7,
  },
  'one of two is borne': { tolerations: [bears(1, 5)], later: { 1: [taint(1), taint(2)] }, gone: 1 },
  'a second one comes that is not borne': {
    tolerations: [bears(1, 100)],
    later: { 1: [taint(1)], 3: [taint(1), taint(2)] },
    gone: 3,
  },
  'the shortest of two counts': {
    taints: [taint(1), taint(2)],
    tolerations: [bears(1, 2), bears(2, 50)],
    gone: 2,
  },
  'a taint that goes in time': { taints: [taint(1)], tolerations: [bears(1, 5)], later: { 3: [] } },
  'a taint that goes and comes again counts anew': {
    taints: [taint(1)],
    tolerations: [bears(1, 5)],
    later: { 3: [], 4: [taint(1)] },
    gone: 9,
  },
  'one of two goes: the time of the other goes on': {
    taints: [taint(1), taint(2)],
    tolerations: [bears(1, 3), bears(2, 8)],
    later: { 2: [taint(2)] },
    gone: 8,
  },
};

test('when taints drive pods off', async () => {
  const cluster = await workloadCluster({ controllers: [createTaintEvictionController], runPods: false });
  const names = Object.keys(CASES);
  for (const [i, name] of names.entries()) {
    const { taints = [], tolerations = [], unscheduled = false } = CASES[name] ?? {};
    await cluster.create(RESOURCES.nodes, { metadata: { name: `n${i}` }, spec: { taints } });
    await cluster.create(RESOURCES.pods, {
      // Pods of nodes stay for their grace period, which nobody ends here.
      metadata: { name: `p${i}`, namespace: NAMESPACE },
      spec: {
        containers: [{ name: 'c', image: 'busybox:1' }],
        tolerations,
        ...(unscheduled ? {} : { nodeName: `n${i}` }),
      },
    });
  }
  await cluster.clock.settle();
  const gone: Record<string, number> = {};
  for (let second = 0; second <= 20; second += 1) {
    if (second > 0) await cluster.pass(1);
    for (const [i, name] of names.entries()) {
      const taints = CASES[name]?.later?.[second];
      if (taints === undefined) continue;
      const node = await cluster.get<Node>(RESOURCES.nodes, `n${i}`);
      await cluster.client.update(RESOURCES.nodes, { ...node, spec: { ...node.spec, taints } });
    }
    await cluster.clock.settle();
    for (const [i, name] of names.entries()) {
      const { metadata, status } = await cluster.get<Pod>(RESOURCES.pods, `p${i}`);
      if (gone[name] !== undefined || metadata.deletionTimestamp === undefined) continue;
      gone[name] = second;
      expect(status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason).toBe(
        'DeletionByTaintManager',
      );
    }
  }
  cluster.stop();
  const expected = names.flatMap((name) => (CASES[name]?.gone === undefined ? [] : [[name, CASES[name]?.gone]]));
  expect(gone).toEqual(Object.fromEntries(expected));
});
