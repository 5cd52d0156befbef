import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigMap, Namespace } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, names, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

async function start(): Promise<void> {
  cluster = await testCluster({ stopAfter: 20_000, core: { rootCertificate: 'PEM' } });
  await cluster.client.create(RESOURCES.namespaces, { metadata: { name: 'shop' } });
  await cluster.clock.settle();
}

const shop = (): Promise<Namespace> => cluster.client.get<Namespace>(RESOURCES.namespaces, { name: 'shop' });

/** What keeps a namespace that is being deleted, by condition. */
async function findings(): Promise<object> {
  const bad = ((await shop()).status?.conditions ?? []).filter(({ status }) => status === 'True');
  return Object.fromEntries(bad.map(({ type, message }) => [type, message]));
}

async function exists(): Promise<boolean> {
  return names((await cluster.client.list(RESOURCES.namespaces)).items).includes('shop');
}

describe('a new namespace', () => {
  it('gets its service account and certificate, and gets them back', async () => {
    await start();
    const account = { namespace: 'shop', name: 'default' };
    const certificate = { namespace: 'shop', name: 'kube-root-ca.crt' };
    const first = await cluster.client.get(RESOURCES.serviceAccounts, account);
    await cluster.client.delete(RESOURCES.serviceAccounts, account);
    await cluster.client.patch(RESOURCES.configMaps, certificate, 'merge', { data: { 'ca.crt': 'forged', more: 'x' } });
    await cluster.clock.settle();
    expect((await cluster.client.get(RESOURCES.serviceAccounts, account)).metadata.uid).not.toBe(first.metadata.uid);
    const { data, metadata } = await cluster.client.get<ConfigMap>(RESOURCES.configMaps, certificate);
    expect(data).toEqual({ 'ca.crt': 'PEM' });
    expect(metadata.annotations?.['kubernetes.io/description']).toContain('Contains a CA bundle');
  });
});

describe('a namespace that is deleted', () => {
  it('is emptied, pods first, and goes', async () => {
    await start();
    const web = deployment() as { metadata: object };
    await cluster.client.create(RESOURCES.deployments, { ...web, metadata: { name: 'web', namespace: 'shop' } });
    await cluster.clock.advance(5000);
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(5000);
    const { status } = await shop();
    expect(status?.phase).toBe('Terminating');
    expect(status?.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason ?? ''}`)).toEqual([
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions',
      'NamespaceDeletionContentFailure False ContentDeleted',
      'NamespaceContentRemaining True SomeResourcesRemain',
      'NamespaceFinalizersRemaining False ContentHasNoFinalizers',
    ]);
    expect(status?.conditions?.[3]?.message).toBe('Some resources are remaining: pods. has 3 resource instances');
    // Nothing else goes before the pods have gone.
    expect(names((await cluster.client.list(RESOURCES.configMaps, { namespace: 'shop' })).items)).toEqual([
      'kube-root-ca.crt',
    ]);
    await cluster.clock.advance(60_000);
    expect(await exists()).toBe(false);
    expect((await cluster.client.list(RESOURCES.pods, { namespace: 'shop' })).items).toEqual([]);
    expect((await cluster.client.list(RESOURCES.deployments, { namespace: 'shop' })).items).toEqual([]);
  });

  it('waits for finalizers and says which', async () => {
    await start();
    const metadata = { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] };
    await cluster.client.create(RESOURCES.configMaps, { metadata });
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(30_000);
    const { status } = await shop();
    expect(status?.conditions?.[4]?.message).toBe(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    );
    const key = { namespace: 'shop', name: 'held' };
    await cluster.client.patch(RESOURCES.configMaps, key, 'merge', { metadata: { finalizers: [] } });
    await cluster.clock.advance(30_000);
    expect(await exists()).toBe(false);
  });

  it('says what keeps it when a pod stays after its time', async () => {
    await start();
    cluster.stop();
    cluster = await testCluster({ stopAfter: 600_000 });
    await cluster.client.create(RESOURCES.namespaces, { metadata: { name: 'shop' } });
    await cluster.client.create(RESOURCES.pods, {
      metadata: { name: 'stuck', namespace: 'shop' },
      spec: { terminationGracePeriodSeconds: 20, containers: [{ name: 'c', image: 'x' }] },
    });
    await cluster.clock.advance(5000);
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(10_000);
    expect(await findings()).toEqual({
      NamespaceContentRemaining: 'Some resources are remaining: pods. has 1 resource instances',
    });
    await cluster.clock.advance(20_000);
    const text = 'unexpected items still remain in namespace: shop for gvr: /v1, Resource=pods';
    expect(await findings()).toEqual({
      NamespaceContentRemaining: 'Some resources are remaining: pods. has 1 resource instances',
      NamespaceDeletionContentFailure: `Failed to delete all resource types, 1 remaining: ${text}`,
    });
    await cluster.clock.advance(700_000);
    expect(await exists()).toBe(false);
  });

  it('stays while the API of another server cannot be discovered', async () => {
    await start();
    const service = { namespace: 'default', name: 'none' };
    const spec = { group: 'a.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service };
    await cluster.client.create(RESOURCES.apiServices, { metadata: { name: 'v1.a.example' }, spec });
    await cluster.client.create(RESOURCES.configMaps, { metadata: { name: 'c', namespace: 'shop' } });
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(60_000);
    expect(names((await cluster.client.list(RESOURCES.configMaps, { namespace: 'shop' })).items)).toEqual([]);
    const stale = 'a.example/v1: stale GroupVersion discovery: a.example/v1';
    expect(await findings()).toEqual({
      NamespaceDeletionDiscoveryFailure: `Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ${stale}`,
    });
    await cluster.client.delete(RESOURCES.apiServices, { name: 'v1.a.example' });
    await cluster.clock.advance(60_000);
    expect(await exists()).toBe(false);
  });

  it('tells all finalizers and resources by name, and how often', async () => {
    await start();
    const held = { namespace: 'shop', finalizers: ['z.example/a', 'a.example/z'] };
    await cluster.client.create(RESOURCES.secrets, { metadata: { ...held, name: 's' } });
    await cluster.client.create(RESOURCES.configMaps, { metadata: { ...held, name: 'a' } });
    await cluster.client.create(RESOURCES.configMaps, {
      metadata: { ...held, name: 'b', finalizers: ['z.example/a'] },
    });
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(6000);
    expect(await findings()).toEqual({
      NamespaceContentRemaining:
        'Some resources are remaining: configmaps. has 2 resource instances, secrets. has 1 resource instances',
      NamespaceFinalizersRemaining:
        'Some content in the namespace has finalizers remaining: a.example/z in 2 resource instances, z.example/a in 3 resource instances',
    });
    const since = (await shop()).status?.conditions?.map(({ lastTransitionTime }) => lastTransitionTime);
    await cluster.clock.advance(60_000);
    expect((await shop()).status?.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(since);
  });

  it('takes nothing new', async () => {
    await start();
    await cluster.client.create(RESOURCES.configMaps, {
      metadata: { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] },
    });
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(20_000);
    await expect(
      cluster.client.create(RESOURCES.configMaps, { metadata: { name: 'late', namespace: 'shop' } }),
    ).rejects.toThrow('unable to create new content in namespace shop because it is being terminated');
  });

  it('waits for a finalizer of its own', async () => {
    await start();
    await cluster.client.patch(RESOURCES.namespaces, { name: 'shop' }, 'merge', {
      metadata: { finalizers: ['example.com/hold'] },
    });
    await cluster.client.delete(RESOURCES.namespaces, { name: 'shop' });
    await cluster.clock.advance(60_000);
    expect((await shop()).spec).toEqual({});
    await cluster.client.patch(RESOURCES.namespaces, { name: 'shop' }, 'merge', { metadata: { finalizers: [] } });
    await cluster.clock.settle();
    expect(await exists()).toBe(false);
  });
});
