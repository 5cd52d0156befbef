import { afterEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { names, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

const spec = { containers: [{ name: 'c', image: 'nginx:1' }] };

describe('pods that nobody else deletes', () => {
  it('go when their node has been away for 40 s', async () => {
    cluster = await testCluster({ nodes: ['node-1'] });
    await cluster.client.create(RESOURCES.pods, {
      metadata: { name: 'p', namespace: 'default', finalizers: ['example.com/hold'] },
      spec,
    });
    await cluster.clock.advance(5000);
    await cluster.client.delete(RESOURCES.nodes, { name: 'node-1' });
    await cluster.clock.advance(59_000);
    expect(cluster.pods()[0]?.metadata.deletionTimestamp).toBeUndefined();
    await cluster.clock.advance(2000);
    const [pod] = cluster.pods();
    expect(pod?.status).toMatchObject({ phase: 'Failed' });
    expect(pod?.metadata.deletionTimestamp).toBeDefined();
    expect(pod?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    });
  });

  it('stay when the node comes back in time', async () => {
    cluster = await testCluster({ nodes: ['node-1'] });
    await cluster.client.create(RESOURCES.pods, { metadata: { name: 'p', namespace: 'default' }, spec });
    await cluster.clock.advance(5000);
    await cluster.client.delete(RESOURCES.nodes, { name: 'node-1' });
    await cluster.clock.advance(30_000);
    await cluster.client.create(RESOURCES.nodes, { metadata: { name: 'node-1' } });
    await cluster.clock.advance(120_000);
    expect(names(cluster.pods())).toEqual(['p']);
    expect(cluster.pods()[0]?.status?.phase).toBe('Running');
  });

  it('go when they end on a node that is out of service', async () => {
    cluster = await testCluster({ nodes: ['node-1'], stopAfter: 10_000_000 });
    await cluster.client.create(RESOURCES.pods, { metadata: { name: 'p', namespace: 'default' }, spec });
    await cluster.clock.advance(5000);
    await cluster.client.delete(RESOURCES.pods, { namespace: 'default', name: 'p' });
    await cluster.clock.advance(60_000);
    expect(names(cluster.pods())).toEqual(['p']);
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
    await cluster.client.patch(RESOURCES.nodes, { name: 'node-1' }, 'merge', { spec: { taints } });
    await cluster.clock.advance(20_000);
    expect(await cluster.client.list<Pod>(RESOURCES.pods)).toMatchObject({ items: [] });
  });
});
