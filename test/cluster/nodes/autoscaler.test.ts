import { afterEach, describe, expect, it } from 'vitest';
import { injectFault } from '../../../src/cluster/faults/fault-store.ts';
import { parseNodes } from '../../../src/cluster/nodes/read-nodes.ts';
import { Cluster } from '../../../src/embed/cluster.ts';
import type { Event, Node, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';

const START = Date.UTC(2026, 0, 15, 12);

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

/** A node of two cores, and a pool of such nodes. */
async function withPool(pool: string): Promise<Cluster> {
  const text = `nodes: [{name: base, capacity: {cpu: 2, memory: 8Gi}}]\npools: [{name: burst, capacity: {cpu: 2, memory: 8Gi}, ${pool}}]\n`;
  cluster = await Cluster.create({ nodes: parseNodes(text, 'nodes.yaml'), start: START });
  return cluster;
}

interface Wanted {
  readonly replicas?: number;
  readonly cpu?: string;
  readonly spec?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

async function deploy(
  { client }: Cluster,
  name: string,
  { replicas = 1, cpu = '900m', spec = {}, annotations = {} }: Wanted,
): Promise<void> {
  await client.create(RESOURCES.deployments, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: { containers: [{ name: 'c', image: 'shop/web:1', resources: { requests: { cpu } } }], ...spec },
      },
    },
  });
}

async function scale({ client }: Cluster, name: string, replicas: number): Promise<void> {
  await client.patch(RESOURCES.deployments, { namespace: 'default', name }, 'merge', { spec: { replicas } });
}

async function nodes({ client }: Cluster): Promise<string[]> {
  return (await client.list<Node>(RESOURCES.nodes)).items.map(({ metadata }) => metadata.name ?? '').sort();
}

async function running({ client }: Cluster, app: string): Promise<number> {
  const { items } = await client.list<Pod>(RESOURCES.pods, { namespace: 'default', labelSelector: `app=${app}` });
  return items.filter(({ status }) => status?.phase === 'Running').length;
}

/** `reason: message` of what the autoscaler told, each once. */
async function told({ client }: Cluster): Promise<readonly string[]> {
  const { items } = await client.list<Event>(RESOURCES.events);
  const own = items.filter(({ source }) => source?.component === 'cluster-autoscaler');
  return [...new Set(own.map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`))].sort();
}

describe('a pool of nodes', () => {
  it('grows when pods find no room, and only as far as they need', async () => {
    const own = await withPool('max: 5');
    await deploy(own, 'web', { replicas: 6 });
    await own.advance(20_000);
    expect(await nodes(own)).toEqual(['base']);
    await own.advance(60_000);
    expect(await nodes(own)).toEqual(['base', 'burst-1', 'burst-2']);
    expect(await running(own, 'web')).toBe(6);
    expect(await told(own)).toEqual([
      'ScaledUpGroup: Scale-up: group burst size set to 2 instead of 0 (max: 5)',
      'ScaledUpGroup: Scale-up: setting group burst size to 2 instead of 0 (max: 5)',
      'TriggeredScaleUp: pod triggered scale-up: [{burst 0->2 (max: 5)}]',
    ]);
    const node = await own.client.get<Node>(RESOURCES.nodes, { name: 'burst-1' });
    expect(node.metadata.labels).toMatchObject({ agentpool: 'burst', 'pintle.dev/node-pool': 'burst' });
    expect(node.spec?.podCIDR).toBe('10.244.1.0/24');
  });

  it.each([
    { title: 'a pod that is too large', pool: 'max: 2', pods: { cpu: '3' }, reason: '1 Insufficient cpu' },
    { title: 'a full pool', pool: 'max: 1, min: 1', pods: { replicas: 7 }, reason: '1 max node group size reached' },
    {
      title: 'a selector that it does not have',
      pool: 'max: 2',
      pods: { spec: { nodeSelector: { disk: 'ssd' } } },
      reason: "1 node(s) didn't match Pod's node affinity/selector",
    },
    {
      title: 'a taint',
      pool: 'max: 2, taints: ["gpu:NoSchedule"]',
      pods: { replicas: 4 },
      reason: '1 node(s) had untolerated taint(s)',
    },
  ])('does not help $title', async ({ pool, pods, reason }) => {
    const own = await withPool(pool);
    const before = await nodes(own);
    await deploy(own, 'web', pods);
    await own.advance(180_000);
    expect(await told(own)).toContain(`NotTriggerScaleUp: pod didn't trigger scale-up: ${reason}`);
    expect(await nodes(own)).toEqual(before);
  });

  it('shrinks when its nodes were not needed for a while, but not below its least number', async () => {
    const own = await withPool('min: 1, max: 4, boot: 20s, idle: 5m');
    expect(await nodes(own)).toEqual(['base', 'burst-1']);
    await deploy(own, 'web', { replicas: 8 });
    await own.advance(90_000);
    expect(await running(own, 'web')).toBe(8);
    expect((await nodes(own)).length).toBe(4);
    await scale(own, 'web', 2);
    await own.advance(280_000);
    expect((await nodes(own)).length).toBe(4);
    await own.advance(600_000);
    expect((await nodes(own)).length).toBe(2);
    expect(await running(own, 'web')).toBe(2);
    const events = await told(own);
    expect(events).toContain('ScaleDown: node removed by cluster autoscaler');
    expect(events).toContain('ScaleDown: marked the node as toBeDeleted/unschedulable');
    expect(events.some((event) => /^ScaleDownEmpty: Scale-down: removing empty node "burst-\d"$/.test(event))).toBe(
      true,
    );
    await scale(own, 'web', 6);
    await own.advance(90_000);
    expect(await running(own, 'web')).toBe(6);
  });

  it('moves pods off a node that is little used', async () => {
    const own = await withPool('max: 2, idle: 5m');
    await deploy(own, 'big', { cpu: '1800m' });
    await deploy(own, 'small', { cpu: '500m' });
    await own.advance(90_000);
    expect((await nodes(own)).length).toBe(2);
    await own.client.delete(RESOURCES.deployments, { namespace: 'default', name: 'big' });
    await own.advance(900_000);
    expect(await nodes(own)).toEqual(['base']);
    expect(await running(own, 'small')).toBe(1);
  });

  it.each([
    {
      title: 'a pod that says so',
      wanted: { annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } },
    },
    {
      title: 'a pod with files on it',
      wanted: {
        spec: {
          containers: [{ name: 'c', image: 'shop/web:1', resources: { requests: { cpu: '500m' } } }],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
    { title: 'a budget', wanted: {}, budget: true },
  ])('keeps a node for $title', async ({ wanted, budget = false }) => {
    const own = await withPool('max: 2, idle: 5m');
    await deploy(own, 'big', { cpu: '1800m' });
    await own.advance(20_000);
    await deploy(own, 'small', { cpu: '500m', ...wanted });
    await own.advance(90_000);
    if (budget) {
      await own.client.create(RESOURCES.podDisruptionBudgets, {
        metadata: { name: 'small', namespace: 'default' },
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'small' } } },
      });
    }
    expect(await nodes(own)).toEqual(['base', 'burst-1']);
    await own.client.delete(RESOURCES.deployments, { namespace: 'default', name: 'big' });
    await own.advance(1_800_000);
    expect(await nodes(own)).toEqual(['base', 'burst-1']);
    if (!budget) return;
    await own.client.delete(RESOURCES.podDisruptionBudgets, { namespace: 'default', name: 'small' });
    await own.advance(600_000);
    expect(await nodes(own)).toEqual(['base']);
  });

  it('gives a node that follows another one of its name the whole time', async () => {
    const own = await withPool('max: 1, boot: 4m, idle: 5m');
    const need = (): Promise<void> => deploy(own, 'web', { replicas: 2, cpu: '1800m' });
    const release = (): Promise<void> =>
      own.client.delete(RESOURCES.deployments, { namespace: 'default', name: 'web' }).then(() => undefined);
    await need();
    await own.advance(260_000);
    await release();
    await own.advance(60_000);
    await own.client.delete(RESOURCES.nodes, { name: 'burst-1' });
    await need();
    await own.advance(20_000);
    await release();
    await own.advance(220_000);
    expect(await nodes(own)).toEqual(['base']);
    // Ordered 230 s ago, there in 10 s, and needed by nobody from its beginning.
    await own.advance(280_000);
    expect(await nodes(own)).toEqual(['base', 'burst-1']);
    await own.advance(60_000);
    expect(await nodes(own)).toEqual(['base']);
  });

  it('orders nodes that are on their way when it ends anew, once', async () => {
    const own = await withPool('max: 2');
    await deploy(own, 'web', { replicas: 4 });
    await own.advance(20_000);
    await own.stop();
    await own.clock.advance(120_000);
    expect(await nodes(own)).toEqual(['base']);
    await own.start();
    await own.advance(20_000);
    expect(await nodes(own)).toEqual(['base']);
    await own.advance(60_000);
    expect(await nodes(own)).toEqual(['base', 'burst-1']);
    expect(await running(own, 'web')).toBe(4);
  });

  it('orders a node again that could not register', async () => {
    const own = await withPool('max: 1');
    await deploy(own, 'web', { replicas: 4 });
    await own.advance(20_000);
    const fault = { kind: 'api-errors', failure: 500, verbs: ['create'], resources: ['nodes'] } as const;
    await injectFault(own.client, fault, own.clock.now() + 60_000);
    await own.advance(60_000);
    expect(await nodes(own)).toEqual(['base']);
    await own.advance(60_000);
    expect(await nodes(own)).toEqual(['base', 'burst-1']);
    expect(await running(own, 'web')).toBe(4);
  });

  it('goes on from a snapshot with the nodes that it had', async () => {
    const first = await withPool('max: 2, idle: 5m');
    await deploy(first, 'web', { replicas: 4 });
    await first.advance(90_000);
    const snapshot = await first.snapshot();
    await first.stop();
    cluster = await Cluster.create({ snapshot });
    expect(await nodes(cluster)).toEqual(['base', 'burst-1']);
    await scale(cluster, 'web', 6);
    await cluster.advance(90_000);
    expect(await running(cluster, 'web')).toBe(6);
    await cluster.client.delete(RESOURCES.deployments, { namespace: 'default', name: 'web' });
    await cluster.advance(1_200_000);
    expect(await nodes(cluster)).toEqual(['base']);
  });
});
