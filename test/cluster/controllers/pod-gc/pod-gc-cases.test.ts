import { describe, expect, test } from 'vitest';
import { createPodGarbageCollector } from '../../../../src/cluster/controllers/pod-gc/pod-gc-controller.ts';
import type { Node, Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

// Inputs and results of kubernetes: pkg/controller/podgc/gc_controller_test.go

interface PodSketch {
  readonly name: string;
  readonly phase: string;
  readonly reason?: string;
  readonly node?: string;
  readonly deleting?: boolean;
}

async function run(
  pods: readonly PodSketch[],
  options: { readonly threshold?: number; readonly nodes?: readonly string[]; readonly out?: 'ready' | 'lost' },
): Promise<{ readonly gone: string[]; readonly cluster: WorkloadCluster }> {
  const cluster = await workloadCluster({ controllers: [], runPods: false });
  for (const name of options.nodes ?? ['node']) {
    const taints = options.out === undefined ? [] : [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
    const node = await cluster.create<Node>(RESOURCES.nodes, { metadata: { name }, spec: { taints } });
    const conditions = [{ type: 'Ready', status: options.out === 'lost' ? 'Unknown' : 'True' }];
    await cluster.client.update(RESOURCES.nodes, { ...node, status: { conditions } }, { subresource: 'status' });
  }
  for (const { name, phase, reason, node = 'node', deleting = false } of pods) {
    await cluster.pass(3600);
    const made = await cluster.create<Pod>(RESOURCES.pods, {
      // What is deleted without a node would be gone at once.
      metadata: { name, namespace: NAMESPACE, ...(deleting ? { finalizers: ['example.com/hold'] } : {}) },
      spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...(node === '' ? {} : { nodeName: node }) },
    });
    const status = { phase, ...(reason === undefined ? {} : { reason }) };
    await cluster.client.update(RESOURCES.pods, { ...made, status }, { subresource: 'status' });
    if (deleting) await cluster.delete(RESOURCES.pods, name);
  }
  const grace = new Map((await cluster.list<Pod>(RESOURCES.pods)).map((pod) => [pod.metadata.name, graceOf(pod)]));
  const phases = new Map(pods.map(({ name, phase }) => [name, phase]));
  const collector = createPodGarbageCollector(cluster.context, cluster.informers, options.threshold ?? 12_500);
  await cluster.clock.blockOn(collector.start());
  await cluster.pass(120);
  const left = new Map((await cluster.list<Pod>(RESOURCES.pods)).map((pod) => [pod.metadata.name, pod]));
  const gone = pods
    .map(({ name }) => name)
    .filter((name) => {
      const pod = left.get(name);
      // A finalizer keeps pods of which the collector has taken its leave.
      const failed = pod?.status?.phase === 'Failed' && phases.get(name) !== 'Failed';
      return pod === undefined || (graceOf(pod) === 0 && (grace.get(name) !== 0 || failed));
    });
  collector.stop();
  cluster.stop();
  return { gone, cluster };
}

function graceOf({ metadata }: Pod): number | undefined {
  return metadata.deletionTimestamp === undefined ? undefined : metadata.deletionGracePeriodSeconds;
}

describe('finished pods beyond the threshold', () => {
  const pod = (name: string, phase: string, reason?: string): PodSketch => ({
    name,
    phase,
    ...(reason === undefined ? {} : { reason }),
  });
  test.each<[string, number, readonly PodSketch[], readonly string[]]>([
    ['0 keeps all', 0, [pod('a', 'Failed'), pod('b', 'Succeeded')], []],
    ['the oldest go', 1, [pod('a', 'Failed'), pod('b', 'Succeeded'), pod('c', 'Failed')], ['a', 'b']],
    ['those that run do not count', 1, [pod('a', 'Running'), pod('b', 'Succeeded'), pod('c', 'Failed')], ['b']],
    ['one too many', 1, [pod('a', 'Failed'), pod('b', 'Succeeded')], ['a']],
    ['fewer than the threshold', 5, [pod('a', 'Failed'), pod('b', 'Succeeded')], []],
    [
      'evicted ones go first',
      1,
      [pod('a', 'Failed'), pod('b', 'Succeeded'), pod('c', 'Failed', 'Evicted')],
      ['a', 'c'],
    ],
  ])('%s', async (_, threshold, pods, expected) => {
    expect((await run(pods, { threshold })).gone).toEqual(expected);
  });
});

describe('pods of nodes that are not there', () => {
  test.each<[string, readonly string[], readonly PodSketch[], readonly string[]]>([
    [
      'finished ones',
      [],
      [
        { name: 'a', phase: 'Failed' },
        { name: 'b', phase: 'Succeeded' },
      ],
      ['a', 'b'],
    ],
    ['one that ran', [], [{ name: 'a', phase: 'Running' }], ['a']],
    ['those of nodes that are there stay', ['existing'], [{ name: 'a', phase: 'Running', node: 'existing' }], []],
    [
      'only those',
      ['existing'],
      [
        { name: 'a', phase: 'Running', node: 'existing' },
        { name: 'b', phase: 'Running', node: 'gone' },
      ],
      ['b'],
    ],
    ['pods without a node stay', [], [{ name: 'a', phase: 'Pending', node: '' }], []],
  ])('%s', async (_, nodes, pods, expected) => {
    expect((await run(pods, { nodes })).gone).toEqual(expected);
  });
});

describe('deleted pods that never had a node', () => {
  test.each<[string, readonly PodSketch[], readonly string[]]>([
    [
      'one that had not ended is called failed',
      ['Failed', 'Succeeded', 'Running'].map((phase, i) => ({ name: 'abc'[i] ?? '', phase, node: '', deleting: true })),
      ['c'],
    ],
    [
      'others stay',
      [
        { name: 'a', phase: 'Failed', node: '' },
        { name: 'b', phase: 'Succeeded' },
        { name: 'c', phase: 'Running', deleting: true },
      ],
      [],
    ],
  ])('%s', async (_, pods, expected) => {
    const { gone } = await run(pods, {});
    expect(gone).toEqual(expected);
  });
});

describe('deleted pods of a node that is out of service', () => {
  const pods: readonly PodSketch[] = [
    { name: 'a', phase: 'Running', deleting: true },
    { name: 'b', phase: 'Running' },
  ];
  test.each<[string, 'ready' | 'lost' | undefined, readonly string[]]>([
    ['go when it is lost', 'lost', ['a']],
    ['stay while it is ready', 'ready', []],
    ['stay without the taint', undefined, []],
  ])('%s', async (_, out, expected) => {
    expect((await run(pods, out === undefined ? {} : { out })).gone).toEqual(expected);
  });
});
