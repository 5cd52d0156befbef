import { afterEach, describe, expect, it } from 'vitest';
import type { Event, Node, Pod, ResourceRequirements } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Bench, type BenchOptions, bench, summary } from './support.ts';

let current: Bench | undefined;

async function open(options?: BenchOptions): Promise<Bench> {
  current = await bench(options);
  return current;
}

afterEach(() => current?.stop());

const memory = (text: string): Record<string, string> => ({ 'pintle.dev/behaviour': text });

async function pressure(b: Bench): Promise<string> {
  const node = await b.client.get<Node>(RESOURCES.nodes, { name: 'node-1' });
  const condition = node.status?.conditions?.find(({ type }) => type === 'MemoryPressure');
  return `${condition?.status} ${condition?.reason}`;
}

async function nodeEvents(b: Bench): Promise<string[]> {
  const { items } = await b.client.list<Event>(RESOURCES.events);
  return items
    .filter(({ involvedObject, reason = '' }) => involvedObject.kind === 'Node' && /Memory|Threshold/.test(reason))
    .map(({ reason, message }) => `${reason}: ${message}`);
}

describe('a node that is short of memory', () => {
  const node = { capacity: { cpu: '4', memory: '1Gi', pods: '110' } };

  it('says so, takes no best-effort pods, and is well again after five minutes', async () => {
    const b = await open({ node });
    await b.run('modest', { resources: { requests: { memory: '400Mi' } } }, {}, memory('memory: 300Mi'));
    await b.run('greedy', { resources: { requests: { memory: '100Mi' } } }, {}, memory('memory: 700Mi'));
    await b.clock.advance(30_000);
    expect(summary(await b.pod('modest'))).toBe('Running c=running ready');
    const greedy = await b.pod('greedy');
    expect(greedy.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(greedy.status?.message).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 24Mi. Container c was using 700Mi, request is 100Mi, has larger consumption of memory. ',
    );
    expect(await pressure(b)).toBe('True KubeletHasInsufficientMemory');
    await b.run('late', {});
    await b.clock.advance(5000);
    expect((await b.pod('late')).status).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    });
    await b.run('asking', { resources: { requests: { memory: '10Mi' } } });
    const tolerations = [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' }];
    await b.run('tolerant', {}, { tolerations });
    await b.clock.advance(10_000);
    expect(summary(await b.pod('asking'))).toBe('Running c=running ready');
    expect(summary(await b.pod('tolerant'))).toBe('Running c=running ready');
    await b.clock.advance(300_000);
    expect(await pressure(b)).toBe('False KubeletHasSufficientMemory');
    expect(await nodeEvents(b)).toEqual([
      'NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMemory',
      'EvictionThresholdMet: Attempting to reclaim memory',
      'NodeHasSufficientMemory: Node node-1 status is now: NodeHasSufficientMemory',
    ]);
  });

  // kubernetes: pkg/kubelet/eviction/helpers_test.go TestOrderedByExceedsRequestMemory, TestOrderedByPriorityMemory
  it.each<[string, readonly [string, string, string, number?][], string]>([
    [
      'who exceeds its request',
      [
        ['a', '550Mi', '600Mi'],
        ['b', '400Mi', '300Mi'],
      ],
      'b',
    ],
    [
      'the lower priority',
      [
        ['a', '450Mi', '100Mi', 1000],
        ['b', '500Mi', '100Mi', 10],
      ],
      'b',
    ],
    [
      'who exceeds more',
      [
        ['a', '500Mi', '450Mi'],
        ['b', '450Mi', '100Mi'],
      ],
      'b',
    ],
    [
      'best effort before burstable',
      [
        ['a', '500Mi', '490Mi'],
        ['b', '450Mi', '0'],
      ],
      'b',
    ],
    [
      'priority counts behind the request',
      [
        ['a', '500Mi', '600Mi', 10],
        ['b', '450Mi', '100Mi', 1000],
      ],
      'b',
    ],
    [
      'never a critical one',
      [
        ['a', '450Mi', '0', 2_000_001_000],
        ['b', '500Mi', '490Mi', 10],
      ],
      'b',
    ],
  ])('evicts first: %s', async (_, pods, evicted) => {
    const b = await open({ node });
    await b.client.create(RESOURCES.priorityClasses, {
      metadata: { name: 'system-node-critical' },
      value: 2_000_001_000,
    });
    for (const value of [10, 1000]) {
      await b.client.create(RESOURCES.priorityClasses, { metadata: { name: `p${value}` }, value });
    }
    for (const [name, usage, request, priority] of pods) {
      const resources = request === '0' ? {} : { requests: { memory: request } };
      const isCritical = priority === 2_000_001_000;
      const spec =
        priority === undefined ? {} : { priorityClassName: isCritical ? 'system-node-critical' : `p${priority}` };
      await b.run(name, { resources }, spec, memory(`memory: ${usage}\nmemoryMillis: 20000`));
    }
    await b.clock.advance(60_000);
    const failed: string[] = [];
    for (const [name] of pods) if ((await b.pod(name)).status?.phase === 'Failed') failed.push(name);
    expect(failed).toEqual([evicted]);
  });
});

describe('resources in place', () => {
  const resources = (cpu: string, mem: string): ResourceRequirements => ({
    requests: { cpu, memory: mem },
    limits: { cpu, memory: mem },
  });

  async function resize(b: Bench, name: string, wanted: ResourceRequirements): Promise<void> {
    const body = { spec: { containers: [{ name: 'c', resources: wanted }] } };
    const key = { namespace: 'default', name };
    await b.client.patch(RESOURCES.pods, key, 'strategic', body, { subresource: 'resize' });
    await b.clock.settle();
  }

  const given = (pod: Pod): unknown => {
    const [status] = pod.status?.containerStatuses ?? [];
    return [status?.allocatedResources, status?.resources];
  };
  const condition = (pod: Pod): string[] =>
    (pod.status?.conditions ?? [])
      .filter(({ type }) => type.startsWith('PodResize'))
      .map(({ type, status, reason = '', message = '' }) => `${type}=${status} ${reason} ${message}`.trim());

  it('are changed without a restart', async () => {
    const b = await open();
    await b.run('web', { resources: resources('500m', '100Mi') });
    await b.clock.advance(10_000);
    await resize(b, 'web', resources('1', '200Mi'));
    await b.clock.advance(2000);
    const pod = await b.pod('web');
    expect(summary(pod)).toBe('Running c=running ready');
    expect(given(pod)).toEqual([{ cpu: '1', memory: '200Mi' }, resources('1', '200Mi')]);
    expect(condition(pod)).toEqual([]);
    expect(pod.status?.observedGeneration).toBe(2);
    const text =
      '{"containers":[{"name":"c","resources":{"limits":{"cpu":"1","memory":"200Mi"},"requests":{"cpu":"1","memory":"200Mi"}}}],"generation":2}';
    const events = await b.events('web');
    expect(events).toContain(`Normal ResizeStarted: Pod resize started: ${text}`);
    expect(events).toContain(`Normal ResizeCompleted: Pod resize completed: ${text}`);
  });

  it('are changed by a restart where the container wants one', async () => {
    const b = await open();
    const resizePolicy = [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
    ];
    await b.run('web', { resources: resources('500m', '100Mi'), resizePolicy }, {}, memory('stopMillis: 3000'));
    await b.clock.advance(10_000);
    await resize(b, 'web', resources('500m', '200Mi'));
    await b.clock.advance(1000);
    expect(condition(await b.pod('web'))).toEqual(['PodResizeInProgress=True']);
    await b.clock.advance(20_000);
    const pod = await b.pod('web');
    expect(summary(pod)).toBe('Running c=running/1 ready');
    expect(given(pod)).toEqual([{ cpu: '500m', memory: '200Mi' }, resources('500m', '200Mi')]);
    expect(condition(pod)).toEqual([]);
    const events = await b.events('web');
    expect(events).toContain('Normal Killing: Container c resize requires restart');
    expect(events.some((text) => text.startsWith('Normal ResizeCompleted'))).toBe(true);
    await resize(b, 'web', resources('250m', '200Mi'));
    await b.clock.advance(10_000);
    expect(summary(await b.pod('web'))).toBe('Running c=running/1 ready');
  });

  it('that the node never has are infeasible', async () => {
    const b = await open();
    await b.run('web', { resources: resources('500m', '100Mi') });
    await b.clock.advance(10_000);
    await resize(b, 'web', resources('40', '100Mi'));
    await b.clock.advance(2000);
    const pod = await b.pod('web');
    expect(condition(pod)).toEqual([
      "PodResizePending=True Infeasible Node didn't have enough capacity: cpu, requested: 40000, capacity: 4000",
    ]);
    expect(given(pod)).toEqual([{ cpu: '500m', memory: '100Mi' }, resources('500m', '100Mi')]);
    expect((await b.events('web')).filter((text) => text.includes('ResizeInfeasible'))).toHaveLength(1);
    await resize(b, 'web', resources('500m', '100Mi'));
    await b.clock.advance(2000);
    expect(condition(await b.pod('web'))).toEqual([]);
  });

  it('that the node has not now are waited for', async () => {
    const b = await open();
    await b.run('other', { resources: resources('3', '100Mi') });
    await b.run('web', { resources: resources('500m', '100Mi') });
    await b.clock.advance(10_000);
    await resize(b, 'web', resources('2', '100Mi'));
    await b.clock.advance(2000);
    expect(condition(await b.pod('web'))).toEqual([
      "PodResizePending=True Deferred Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    ]);
    await b.client.delete(RESOURCES.pods, { namespace: 'default', name: 'other' });
    await b.clock.advance(40_000);
    const pod = await b.pod('web');
    expect(condition(pod)).toEqual([]);
    expect(given(pod)).toEqual([{ cpu: '2', memory: '100Mi' }, resources('2', '100Mi')]);
  });

  it('more memory saves who would have been killed', async () => {
    const b = await open();
    const text = memory('memory: 150Mi\nmemoryMillis: 60000');
    await b.run('saved', { resources: resources('500m', '100Mi') }, {}, text);
    await b.run('killed', { resources: resources('500m', '100Mi') }, {}, text);
    await b.clock.advance(10_000);
    await resize(b, 'saved', resources('500m', '200Mi'));
    await b.clock.advance(55_000);
    expect(summary(await b.pod('saved'))).toBe('Running c=running ready');
    const { status } = await b.pod('killed');
    expect(
      status?.containerStatuses?.[0]?.lastState?.terminated ?? status?.containerStatuses?.[0]?.state?.terminated,
    ).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  it('are still those of the pod when another process takes it over', async () => {
    const b = await open();
    await b.run('web', { resources: resources('500m', '100Mi') });
    await b.clock.advance(10_000);
    await resize(b, 'web', resources('40', '100Mi'));
    await b.clock.advance(2000);
    await b.restart();
    await b.clock.advance(2000);
    const pod = await b.pod('web');
    expect(summary(pod)).toBe('Running c=running ready');
    expect(given(pod)).toEqual([{ cpu: '500m', memory: '100Mi' }, resources('500m', '100Mi')]);
    expect(condition(pod)[0]).toContain('PodResizePending=True Infeasible');
  });
});
