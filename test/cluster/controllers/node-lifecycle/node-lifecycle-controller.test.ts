import { afterEach, describe, expect, test } from 'vitest';
import { createNodeLifecycleController } from '../../../../src/cluster/controllers/node-lifecycle/node-lifecycle-controller.ts';
import { createTaintEvictionController } from '../../../../src/cluster/controllers/node-lifecycle/taint-eviction-controller.ts';
import type { Node, Pod, Toleration } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { formatMicroTime, formatTime } from '../../../../src/cluster/machinery/time.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;
const beating = new Set<string>();

afterEach(() => {
  cluster?.stop();
  cluster = undefined;
  beating.clear();
});

/** Nodes that renew their leases every 10 s as long as they are in `beating`. */
async function start(names: readonly string[] = ['n1', 'n2', 'n3']): Promise<WorkloadCluster> {
  const running = await workloadCluster({
    controllers: [createNodeLifecycleController, createTaintEvictionController],
    runPods: false,
  });
  cluster = running;
  const { client, clock } = running;
  await client.create(RESOURCES.namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'kube-node-lease' },
  });
  for (const name of names) {
    beating.add(name);
    await client.create(RESOURCES.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    await post(running, name, 'True');
    await client.create(RESOURCES.leases, lease(name, clock.now()));
    const beat = (): void => {
      if (beating.has(name))
        void client.patch(RESOURCES.leases, { namespace: 'kube-node-lease', name }, 'merge', lease(name, clock.now()));
      clock.setTimer(10_000, beat);
    };
    clock.setTimer(10_000, beat);
  }
  await running.pass(1);
  return running;
}

function lease(name: string, now: number): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(now) },
  };
}

/** What a kubelet writes. */
async function post(running: WorkloadCluster, name: string, ready: string): Promise<void> {
  const time = formatTime(running.clock.now());
  const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure']
    .map((type) => ({
      type,
      status: 'False',
      reason: 'KubeletOk',
      message: '',
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    }))
    .concat({
      type: 'Ready',
      status: ready,
      reason: 'KubeletReady',
      message: '',
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    });
  await running.patch(RESOURCES.nodes, name, { status: { conditions } }, 'status');
}

async function taints(running: WorkloadCluster, name: string): Promise<string[]> {
  const { spec } = await running.get<Node>(RESOURCES.nodes, name);
  return (spec?.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`).sort();
}

async function ready(running: WorkloadCluster, name: string): Promise<string | undefined> {
  const { status } = await running.get<Node>(RESOURCES.nodes, name);
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

async function runPod(
  running: WorkloadCluster,
  name: string,
  nodeName: string,
  tolerations: readonly Toleration[],
): Promise<void> {
  const spec = { containers: [{ name: 'c', image: 'busybox:1' }], nodeName, tolerations };
  await running.create(RESOURCES.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE },
    spec,
  });
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-05T10:00:00Z' }];
  await running.patch(RESOURCES.pods, name, { status: { phase: 'Running', conditions } }, 'status');
}

const LOST = ['unreachable:NoExecute', 'unreachable:NoSchedule'];

function forSeconds(tolerationSeconds?: number): Toleration[] {
  return [
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
  ];
}

test('nodes that give signs of life are left alone', async () => {
  const running = await start();
  await running.pass(3000);
  for (const name of ['n1', 'n2', 'n3']) {
    expect(await ready(running, name)).toBe('True');
    expect(await taints(running, name)).toEqual([]);
  }
  expect(await running.events('n1')).toEqual(['RegisteredNode: Node n1 event: Registered Node n1 in Controller']);
});

describe('a node that falls silent', () => {
  test('is unknown after its grace, its pods are not ready, and later gone', async () => {
    const running = await start();
    await runPod(running, 'usual', 'n2', forSeconds(300));
    await runPod(running, 'stubborn', 'n2', forSeconds());
    await runPod(running, 'elsewhere', 'n1', forSeconds(300));
    beating.delete('n2');
    await running.pass(48);
    expect(await ready(running, 'n2')).toBe('True');
    await running.pass(12);
    expect(await ready(running, 'n2')).toBe('Unknown');
    expect(await taints(running, 'n2')).toEqual(LOST);
    const { status } = await running.get<Node>(RESOURCES.nodes, 'n2');
    expect(status?.conditions?.at(-1)).toMatchObject({
      type: 'Ready',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(await running.events('n2')).toContain('NodeNotReady: Node n2 status is now: NodeNotReady');
    const pod = await running.get<Pod>(RESOURCES.pods, 'usual');
    expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
    await running.pass(280);
    expect(await running.pods()).toEqual(['elsewhere Running', 'stubborn Running', 'usual Running']);
    await running.pass(30);
    expect(await running.pods()).toEqual(['elsewhere Running', 'stubborn Running', 'usual Running-']);
    const evicted = await running.get<Pod>(RESOURCES.pods, 'usual');
    expect(evicted.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByTaintManager',
    });
    expect(await running.events('usual')).toEqual([
      'NodeNotReady: Node is not ready',
      'TaintManagerEviction: Marking for deletion Pod default/usual',
    ]);
  });

  test('is as before when it comes back in time', async () => {
    const running = await start();
    await runPod(running, 'usual', 'n2', forSeconds(300));
    beating.delete('n2');
    await running.pass(120);
    expect(await taints(running, 'n2')).toEqual(LOST);
    beating.add('n2');
    await post(running, 'n2', 'True');
    await running.pass(600);
    expect(await taints(running, 'n2')).toEqual([]);
    expect(await running.pods()).toEqual(['usual Running']);
    expect(await running.events('usual')).toContain('TaintManagerEviction: Cancelling deletion of Pod default/usual');
  });

  test('keeps its pods when no node is left', async () => {
    const running = await start(['n1', 'n2']);
    await runPod(running, 'usual', 'n2', forSeconds(300));
    beating.clear();
    await running.pass(3600);
    expect(await ready(running, 'n1')).toBe('Unknown');
    expect(await taints(running, 'n2')).toEqual(['unreachable:NoSchedule']);
    expect(await running.pods()).toEqual(['usual Running']);
  });
});

test('a steady Lease need not be renewed; a node that falls silent is lost 50 s after its last renewal', async () => {
  const running = await start();
  beating.clear();
  const key = { namespace: 'kube-node-lease', name: 'n2' };
  for (const name of ['n1', 'n2', 'n3']) {
    const annotations = { 'pintle.dev/heartbeat': 'steady' };
    await running.client.patch(RESOURCES.leases, { ...key, name }, 'merge', { metadata: { annotations } });
  }
  await running.pass(3000);
  expect(await ready(running, 'n2')).toBe('True');
  const renewTime = formatMicroTime(running.clock.now() - 5000);
  const silent = { metadata: { annotations: { 'pintle.dev/heartbeat': null } }, spec: { renewTime } };
  await running.client.patch(RESOURCES.leases, key, 'merge', silent);
  await running.pass(44);
  expect(await ready(running, 'n2')).toBe('True');
  await running.pass(2);
  expect(await ready(running, 'n2')).toBe('Unknown');
  expect(await ready(running, 'n1')).toBe('True');
});

test('a node that says it is not ready gets taints, and loses them', async () => {
  const running = await start();
  await post(running, 'n1', 'False');
  await running.pass(1);
  expect(await taints(running, 'n1')).toEqual(['not-ready:NoExecute', 'not-ready:NoSchedule']);
  await post(running, 'n1', 'True');
  await running.pass(1);
  expect(await taints(running, 'n1')).toEqual([]);
  await running.patch(RESOURCES.nodes, 'n1', { spec: { unschedulable: true } });
  await running.pass(1);
  expect(await taints(running, 'n1')).toEqual(['unschedulable:NoSchedule']);
});

test('pods that do not tolerate a NoExecute taint go at once', async () => {
  const running = await start();
  await runPod(running, 'p', 'n1', forSeconds(300));
  await runPod(running, 'q', 'n1', [
    { key: 'maintenance', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 },
  ]);
  await running.patch(RESOURCES.nodes, 'n1', { spec: { taints: [{ key: 'maintenance', effect: 'NoExecute' }] } });
  await running.pass(1);
  expect(await running.pods()).toEqual(['p Running-', 'q Running']);
  await running.pass(10);
  expect(await running.pods()).toEqual(['p Running-', 'q Running-']);
});
