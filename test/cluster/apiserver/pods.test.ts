import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { pod, refusal, START, testServer } from './support.ts';

const PODS = RESOURCES.pods;
const BUDGETS = RESOURCES.podDisruptionBudgets;
const KEY = { namespace: 'default', name: 'a' };

type PodObject = KubeObject & Pod;

function instant(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function bind(client: KubeClient, name: string, node: string): Promise<KubeObject> {
  const metadata = { name, namespace: 'default' };
  const body = { apiVersion: 'v1', kind: 'Binding', metadata, target: { kind: 'Node', name: node } };
  return client.create(PODS, body, { subresource: 'binding' });
}

function evict(client: KubeClient, name: string, deleteOptions?: object): Promise<KubeObject> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' }, deleteOptions };
  return client.create(PODS, body, { subresource: 'eviction' });
}

describe('deletion of pods', () => {
  it('waits for the grace period, which can only get shorter', async () => {
    const { client, clock } = await testServer();
    await client.create(PODS, pod('a', { nodeName: 'n', terminationGracePeriodSeconds: 60 }));
    const first = await client.delete(PODS, KEY);
    expect(first?.metadata).toMatchObject({
      deletionTimestamp: instant(60),
      deletionGracePeriodSeconds: 60,
      generation: 2,
    });
    await clock.advance(10_000);
    const longer = await client.delete(PODS, KEY, { gracePeriodSeconds: 90 });
    expect(longer?.metadata.resourceVersion).toBe(first?.metadata.resourceVersion);
    const shorter = await client.delete(PODS, KEY, { gracePeriodSeconds: 20 });
    expect(shorter?.metadata).toMatchObject({ deletionTimestamp: instant(20), deletionGracePeriodSeconds: 20 });
    await clock.advance(10_000);
    const past = await client.delete(PODS, KEY, { gracePeriodSeconds: 5 });
    expect(past?.metadata).toMatchObject({ deletionTimestamp: instant(20), deletionGracePeriodSeconds: 1 });
    expect(await client.delete(PODS, KEY, { gracePeriodSeconds: 0 })).toBeUndefined();
    expect((await refusal(client.get(PODS, KEY))).code).toBe(404);
  });

  it('is immediate for pods without a node', async () => {
    const { client } = await testServer();
    await client.create(PODS, pod('a'));
    expect(await client.delete(PODS, KEY)).toBeUndefined();
  });

  it('takes a negative grace period for a second', async () => {
    const { client } = await testServer();
    await client.create(PODS, pod('a', { nodeName: 'n' }));
    const marked = await client.delete(PODS, KEY, { gracePeriodSeconds: -5 });
    expect(marked?.metadata.deletionGracePeriodSeconds).toBe(1);
  });

  it('waits for finalizers after the grace period', async () => {
    const { client } = await testServer();
    const body = pod('a', { nodeName: 'n' }) as { metadata: object };
    await client.create(PODS, { ...body, metadata: { ...body.metadata, finalizers: ['example.com/hold'] } });
    const marked = await client.delete(PODS, KEY, { gracePeriodSeconds: 0 });
    expect(marked?.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, deletionTimestamp: instant(0) });
    const freed = await client.patch(PODS, KEY, 'merge', { metadata: { finalizers: [] } });
    expect(freed.metadata.finalizers ?? []).toEqual([]);
    expect((await refusal(client.get(PODS, KEY))).code).toBe(404);
  });
});

describe('binding', () => {
  it('sets the node and says so in the conditions, once', async () => {
    const { client } = await testServer();
    await client.create(PODS, pod('a'));
    expect(await bind(client, 'a', 'n1')).toMatchObject({ kind: 'Status', status: 'Success' });
    const bound = await client.get<PodObject>(PODS, KEY);
    expect(bound.spec?.nodeName).toBe('n1');
    expect(bound.status?.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: instant(0) },
    ]);
    expect(bound.metadata.generation).toBe(1);
    expect(await refusal(bind(client, 'a', 'n2'))).toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    });
  });

  it('needs a pod that may be bound', async () => {
    const { client } = await testServer();
    expect((await refusal(bind(client, 'none', 'n'))).message).toBe('pods "none" not found');
    await client.create(PODS, pod('a', { schedulingGates: [{ name: 'example.com/wait' }] }));
    expect((await refusal(bind(client, 'a', 'n'))).message).toContain('has non-empty .spec.schedulingGates');
    expect(await refusal(bind(client, 'a', ''))).toMatchObject({ code: 422 });
  });
});

describe('eviction', () => {
  const running = async (client: KubeClient, name: string, ready = true): Promise<void> => {
    await client.create(PODS, pod(name, { nodeName: 'n' }, { app: 'web' }));
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] };
    await client.patch(PODS, { namespace: 'default', name }, 'merge', { status }, { subresource: 'status' });
  };
  const budget = async (client: KubeClient, status: object, spec: object = {}): Promise<void> => {
    const selector = { matchLabels: { app: 'web' } };
    const metadata = { name: 'pdb', namespace: 'default' };
    await client.create(BUDGETS, { metadata, spec: { minAvailable: 1, selector, ...spec } });
    const whole = { observedGeneration: 1, desiredHealthy: 1, currentHealthy: 2, expectedPods: 2, ...status };
    const key = { namespace: 'default', name: 'pdb' };
    await client.patch(BUDGETS, key, 'merge', { status: whole }, { subresource: 'status' });
  };

  it('deletes a pod that no budget protects', async () => {
    const { client } = await testServer();
    await running(client, 'a');
    expect(await evict(client, 'a', { gracePeriodSeconds: 5 })).toMatchObject({ kind: 'Status', status: 'Success' });
    const gone = await client.get<PodObject>(PODS, KEY);
    expect(gone.metadata.deletionGracePeriodSeconds).toBe(5);
    expect(gone.status?.conditions?.map((each) => [each.type, each.reason])).toEqual([
      ['Ready', undefined],
      ['DisruptionTarget', 'EvictionByEvictionAPI'],
    ]);
  });

  it('spends the budget', async () => {
    const { client } = await testServer();
    await running(client, 'a');
    await running(client, 'b');
    await budget(client, { disruptionsAllowed: 1 });
    await evict(client, 'a');
    const spent = await client.get(BUDGETS, { namespace: 'default', name: 'pdb' });
    expect(spent['status']).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { a: instant(0) },
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    });
    expect(await refusal(evict(client, 'b'))).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget pdb needs 1 healthy pods and has 2 currently',
          },
        ],
      },
    });
  });

  it('waits for a budget that is not up to date', async () => {
    const { client } = await testServer();
    await running(client, 'a');
    await budget(client, { disruptionsAllowed: 1, observedGeneration: 0 });
    expect(await refusal(evict(client, 'a'))).toMatchObject({ code: 429, details: { retryAfterSeconds: 10 } });
  });

  it('lets pods go that are not ready, as the budget says', async () => {
    const { client } = await testServer();
    await running(client, 'a', false);
    await budget(client, { disruptionsAllowed: 0, currentHealthy: 0 });
    expect((await refusal(evict(client, 'a'))).code).toBe(429);
    await client.patch(BUDGETS, { namespace: 'default', name: 'pdb' }, 'merge', {
      spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    });
    await evict(client, 'a');
    expect((await client.get(PODS, KEY)).metadata.deletionTimestamp).toBeDefined();
  });

  it('does not know what to do with two budgets', async () => {
    const { client } = await testServer();
    await running(client, 'a');
    await budget(client, { disruptionsAllowed: 1 });
    const selector = { matchLabels: { app: 'web' } };
    await client.create(BUDGETS, { metadata: { name: 'other', namespace: 'default' }, spec: { selector } });
    expect(await refusal(evict(client, 'a'))).toMatchObject({ code: 500, reason: 'InternalError' });
  });
});

describe('logs', () => {
  it('come from whoever runs the containers', async () => {
    const { client, server } = await testServer();
    await client.create(PODS, pod('a'));
    expect(await client.logs(KEY)).toBe('');
    await bind(client, 'a', 'n');
    server.setLogsProvider({
      lines: (object, container, { tailLines }) =>
        Promise.resolve([{ at: 1500, text: `${object.metadata.name ?? ''} ${container} ${tailLines ?? 'all'}` }]),
    });
    expect(await client.logs(KEY, { tailLines: 3 })).toBe('a c 3\n');
    expect(await client.logs(KEY, { timestamps: true })).toBe('1970-01-01T00:00:01.500000000Z a c all\n');
    expect((await refusal(client.logs(KEY, { container: 'x' }))).message).toBe('container x is not valid for pod a');
    expect((await refusal(client.logs({ ...KEY, name: 'none' }))).message).toBe('pods "none" not found');
  });

  it('need a container where there are several', async () => {
    const { client } = await testServer();
    const containers = ['x', 'y'].map((name) => ({ name, image: 'i' }));
    await client.create(PODS, pod('a', { containers, initContainers: [{ name: 'z', image: 'i' }] }));
    expect((await refusal(client.logs(KEY))).message).toBe(
      'a container name must be specified for pod a, choose one of: [x y] or one of the init containers: [z]',
    );
  });
});
