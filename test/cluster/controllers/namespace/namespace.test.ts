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
});
