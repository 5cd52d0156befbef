import { describe, expect, it } from 'vitest';
import type { KubeClient, WatchEvent } from '../../../src/client/kube-client.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import { refusal, settle, testServer } from './support.ts';

const FIRST = resourceType('autoscaling/v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers');
const SECOND = resourceType('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers');
const NEW_EVENTS = resourceType('events.k8s.io/v1', 'Event', 'events');
const KEY = { namespace: 'default', name: 'web' };
const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';

async function first(client: KubeClient, spec: object, annotations?: Record<string, string>): Promise<KubeObject> {
  return await client.create(FIRST, {
    metadata: { ...KEY, ...(annotations === undefined ? {} : { annotations }) },
    spec: { scaleTargetRef: TARGET, maxReplicas: 3, ...spec },
  });
}

describe('version 1 of autoscalers', () => {
  it('is kept as version 2, and shown as it was written', async () => {
    const { client } = await testServer();
    const created = await first(client, { targetCPUUtilizationPercentage: 70 });
    expect(created).toMatchObject({ apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 70 } });
    expect(await client.get(SECOND, KEY)).toMatchObject({
      apiVersion: 'autoscaling/v2',
      metadata: { resourceVersion: created.metadata.resourceVersion, uid: created.metadata.uid },
      spec: {
        minReplicas: 1,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    });
    expect(await client.get(FIRST, KEY)).toEqual(created);
    expect((await client.list(FIRST, { namespace: 'default' })).items).toEqual([created]);
  });

  it('has a target of its own only without other metrics', async () => {
    const { client } = await testServer();
    const annotation = JSON.stringify([
      { type: 'Pods', pods: { metricName: 'queue', targetAverageValue: '10' } },
      { type: 'Object', object: { target: TARGET, metricName: 'hits', targetValue: '5' } },
      {
        type: 'External',
        external: { metricName: 'jobs', metricSelector: { matchLabels: { a: 'b' } }, targetValue: '7' },
      },
      { type: 'Resource', resource: { name: 'memory', targetAverageUtilization: 60 } },
    ]);
    const created = await first(client, {}, { [METRICS]: annotation, own: 'kept' });
    expect(created['spec']).toEqual({ scaleTargetRef: TARGET, minReplicas: 1, maxReplicas: 3 });
    const second = await client.get(SECOND, KEY);
    expect(second.metadata.annotations).toEqual({ own: 'kept' });
    expect(second['spec']).toMatchObject({
      metrics: [
        { type: 'Pods', pods: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } } },
        { object: { describedObject: TARGET, metric: { name: 'hits' }, target: { type: 'Value', value: '5' } } },
        { external: { metric: { name: 'jobs', selector: { matchLabels: { a: 'b' } } }, target: { value: '7' } } },
        { resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
    });
    const shown = await client.get(FIRST, KEY);
    expect(JSON.parse(shown.metadata.annotations?.[METRICS] ?? '')).toEqual(JSON.parse(annotation));
  });

  it('carries what it has no fields for through changes', async () => {
    const { client } = await testServer();
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
    await client.create(SECOND, { metadata: KEY, spec: { scaleTargetRef: TARGET, maxReplicas: 3, behavior } });
    await client.patch(FIRST, KEY, 'merge', { spec: { maxReplicas: 9, targetCPUUtilizationPercentage: 33 } });
    const { spec } = (await client.get(SECOND, KEY)) as unknown as { readonly spec: Record<string, unknown> };
    expect(spec).toMatchObject({ maxReplicas: 9, behavior });
    expect(JSON.stringify(spec['metrics'])).toContain('"averageUtilization":33');
    const status = { currentReplicas: 2, desiredReplicas: 2, currentCPUUtilizationPercentage: 12 };
    await client.patch(FIRST, KEY, 'merge', { status }, { subresource: 'status' });
    expect((await client.get(SECOND, KEY))['status']).toEqual({
      currentReplicas: 2,
      desiredReplicas: 2,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12 } } }],
    });
    expect((await client.get(FIRST, KEY))['status']).toEqual(status);
  });

  it('is refused with the words of version 2', async () => {
    const { client } = await testServer();
    expect((await refusal(first(client, { maxReplicas: 0 }))).message).toContain(
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
    );
  });

  it('is watched, patched without a change, and deleted', async () => {
    const { client } = await testServer();
    const heard: WatchEvent[] = [];
    const watch = client.watch(FIRST, { namespace: 'default' }, { event: (event) => heard.push(event) });
    const created = await first(client, {});
    const again = await client.patch(FIRST, KEY, 'merge', { spec: { maxReplicas: 3 } });
    expect(again.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    await client.delete(FIRST, KEY);
    await settle();
    watch.stop();
    const told = heard.flatMap((event) => (event.type === 'BOOKMARK' ? [] : [[event.type, event.object.apiVersion]]));
    expect(told).toEqual([
      ['ADDED', 'autoscaling/v1'],
      ['DELETED', 'autoscaling/v1'],
    ]);
    expect((await refusal(client.get(SECOND, KEY))).code).toBe(404);
  });
});

describe('events of events.k8s.io', () => {
  const EVENT = {
    metadata: KEY,
    eventTime: '2024-05-01T12:00:00.000000Z',
    reportingController: 'example.com/controller',
    reportingInstance: 'one',
    action: 'Do',
    reason: 'Done',
    note: 'it is done',
    type: 'Normal',
    regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
  };

  it('are those of the core group, in other words', async () => {
    const { client } = await testServer();
    await client.create(NEW_EVENTS, EVENT);
    expect(await client.get(RESOURCES.events, KEY)).toMatchObject({
      apiVersion: 'v1',
      message: 'it is done',
      reportingComponent: 'example.com/controller',
      involvedObject: EVENT.regarding,
    });
    await client.create(RESOURCES.events, {
      metadata: { ...KEY, name: 'old' },
      involvedObject: EVENT.regarding,
      message: 'of old',
      count: 3,
      source: { component: 'kubelet' },
    });
    const select = async (fieldSelector: string): Promise<unknown[]> =>
      (await client.list(NEW_EVENTS, { namespace: 'default', fieldSelector })).items.map((each) => each['note']);
    expect(await select('regarding.name=p')).toEqual(['of old', 'it is done']);
    expect(await select('reason=Done')).toEqual(['it is done']);
    expect(await client.get(NEW_EVENTS, { ...KEY, name: 'old' })).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      deprecatedCount: 3,
      deprecatedSource: { component: 'kubelet' },
    });
  });

  it('go after an hour', async () => {
    const { client, clock } = await testServer();
    await client.create(NEW_EVENTS, EVENT);
    await clock.advance(3_700_000);
    expect((await client.list(RESOURCES.events)).items).toEqual([]);
  });
});

describe('resources that follow from others', () => {
  it('tell how the control plane is, and which addresses are taken', async () => {
    const { client, server } = await testServer();
    const computed = server.resources().filter(({ kind }) => kind === 'ComponentStatus' || kind === 'IPAddress');
    expect(computed.map(({ verbs }) => verbs)).toEqual([
      ['get', 'list'],
      ['get', 'list'],
    ]);
    const [statuses, addresses] = computed;
    if (statuses === undefined || addresses === undefined) throw new Error('not served');
    const names = (await client.list(statuses)).items.map(({ metadata }) => metadata.name);
    expect(names).toEqual(['controller-manager', 'scheduler', 'etcd-0']);
    await client.create(RESOURCES.services, {
      metadata: KEY,
      spec: { clusterIP: '10.96.7.7', ports: [{ port: 80 }] },
    });
    expect(await client.get(addresses, { name: '10.96.7.7' })).toMatchObject({
      metadata: { labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4' } },
      spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'web' } },
    });
    expect((await refusal(client.create(addresses, { metadata: { name: '10.96.0.9' } }))).code).toBe(405);
  });
});
