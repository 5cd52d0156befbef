import { afterEach, describe, expect, it } from 'vitest';
import { isPodActive } from '../../../../src/cluster/machinery/pods.ts';
import type { ReplicaSet } from '../../../../src/kube/api/apps-v1.generated.ts';
import type { Pod, ReplicationController } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, names, patchDeployment, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
const KEY = { namespace: 'default', name: 'web' };

async function create(replicas: number): Promise<void> {
  await cluster.client.create(RESOURCES.replicaSets, {
    metadata: { ...KEY },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
  });
  await cluster.clock.advance(5000);
}

async function scale(replicas: number): Promise<void> {
  await cluster.client.patch(RESOURCES.replicaSets, KEY, 'merge', { spec: { replicas } });
  await cluster.clock.settle();
}

const active = (): Pod[] => cluster.pods().filter(isPodActive);

async function annotate(pod: Pod | undefined, annotations: object): Promise<void> {
  const key = { namespace: 'default', name: pod?.metadata.name ?? '' };
  await cluster.client.patch(RESOURCES.pods, key, 'merge', { metadata: { annotations } });
}

describe('ReplicaSet', () => {
  it('replaces pods that end or are deleted', async () => {
    cluster = await testCluster();
    await create(3);
    const [first, second] = active();
    await cluster.client.delete(RESOURCES.pods, { namespace: 'default', name: first?.metadata.name ?? '' });
    const failed = { ...second, status: { ...second?.status, phase: 'Failed' } };
    await cluster.client.update(RESOURCES.pods, failed, { subresource: 'status' });
    await cluster.clock.advance(5000);
    expect(active()).toHaveLength(3);
    expect(names(active())).not.toContain(first?.metadata.name);
    expect(cluster.pods()).toHaveLength(4);
    const set = await cluster.client.get<ReplicaSet>(RESOURCES.replicaSets, KEY);
    expect(set.status).toMatchObject({ replicas: 3, readyReplicas: 3, terminatingReplicas: 0 });
  });

  it('deletes what costs least, and on the fullest node among the pods of its Deployment', async () => {
    cluster = await testCluster({ nodes: ['node-1', 'node-2'] });
    await cluster.client.create(RESOURCES.deployments, deployment({ replicas: 5 }));
    await cluster.clock.advance(5000);
    const resize = async (replicas: number): Promise<void> => {
      await patchDeployment(cluster, { spec: { replicas } });
      await cluster.clock.settle();
    };
    const dear = active()[0];
    await annotate(dear, { 'controller.kubernetes.io/pod-deletion-cost': '100' });
    await annotate(active()[3], { 'controller.kubernetes.io/pod-deletion-cost': '-5' });
    const cheap = active()[3]?.metadata.name;
    await resize(4);
    expect(names(active())).not.toContain(cheap);
    await resize(3);
    const left = active().map(({ spec }) => spec?.nodeName);
    expect(new Set(left).size).toBe(2);
    await resize(1);
    expect(names(active())).toEqual([dear?.metadata.name]);
  });

  it('without a controller of its own does not care for nodes', async () => {
    cluster = await testCluster({ nodes: ['node-1', 'node-2'] });
    await create(7);
    const pods = active();
    for (let left = 6; left >= 1; left -= 1) {
      await scale(left);
      // Whichever node has more of them: the first by name goes.
      expect(names(active())).toEqual(names(pods.slice(-left)));
    }
  });

  it('counts terminating pods apart', async () => {
    cluster = await testCluster();
    await create(3);
    await scale(1);
    const set = (): Promise<ReplicaSet> => cluster.client.get<ReplicaSet>(RESOURCES.replicaSets, KEY);
    expect((await set()).status).toMatchObject({ replicas: 1, terminatingReplicas: 2 });
    await cluster.clock.advance(1000);
    expect((await set()).status).toMatchObject({ replicas: 1, terminatingReplicas: 0 });
    expect(
      (await cluster.events('ReplicaSet', 'web')).filter((text) => text.startsWith('SuccessfulDelete')),
    ).toHaveLength(2);
  });

  it('adopts pods that match, and lets go of those that no longer do', async () => {
    cluster = await testCluster();
    await cluster.client.create(RESOURCES.pods, {
      metadata: { name: 'alone', namespace: 'default', labels: { app: 'web' } },
      spec: template.spec,
    });
    await create(2);
    const pods = active();
    expect(names(pods)).toContain('alone');
    expect(pods).toHaveLength(2);
    expect(pods.every(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'web')).toBe(true);
    await cluster.client.patch(RESOURCES.pods, { namespace: 'default', name: 'alone' }, 'merge', {
      metadata: { labels: { app: 'debug' } },
    });
    await cluster.clock.advance(5000);
    const alone = await cluster.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name: 'alone' });
    expect(alone.metadata.ownerReferences ?? []).toEqual([]);
    expect(active()).toHaveLength(3);
  });

  it('creates at most 500 pods at once', async () => {
    cluster = await testCluster({ nodes: [] });
    await create(520);
    expect(active()).toHaveLength(520);
  });
});

describe('refused pods', () => {
  it('are tried one, two, four, … at a time, and told of', async () => {
    let refuse = true;
    let tries = 0;
    cluster = await testCluster({
      refusePods: () => {
        tries += 1;
        return refuse;
      },
    });
    await cluster.client.create(RESOURCES.replicaSets, {
      metadata: { ...KEY },
      spec: { replicas: 100, selector: { matchLabels: { app: 'web' } }, template },
    });
    await cluster.clock.settle();
    // Each look tries one pod of the hundred.
    expect(tries).toBeLessThan(5);
    const [event] = await cluster.events('ReplicaSet', 'web');
    expect(event).toContain('FailedCreate: Error creating: pods "web" is forbidden: exceeded quota: q');
    const { status } = await cluster.client.get<ReplicaSet>(RESOURCES.replicaSets, KEY);
    expect(status?.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }]);
    refuse = false;
    await cluster.clock.advance(60_000);
    expect(active()).toHaveLength(100);
    expect((await cluster.client.get<ReplicaSet>(RESOURCES.replicaSets, KEY)).status?.conditions).toBeUndefined();
  });
});

describe('ReplicationController', () => {
  it('keeps its pods', async () => {
    cluster = await testCluster();
    await cluster.client.create(RESOURCES.replicationControllers, {
      metadata: { ...KEY },
      spec: { replicas: 2, selector: { app: 'web' }, template },
    });
    await cluster.clock.advance(5000);
    const { status } = await cluster.client.get<ReplicationController>(RESOURCES.replicationControllers, KEY);
    expect(status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
  });
});
