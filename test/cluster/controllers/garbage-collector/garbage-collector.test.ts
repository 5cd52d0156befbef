import { afterEach, describe, expect, it } from 'vitest';
import type { KubeObject, ResourceType } from '../../../../src/kube/object.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { deployment, names, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;

afterEach(() => cluster.stop());

const WEB = { namespace: 'default', name: 'web' };

async function start(): Promise<void> {
  cluster = await testCluster({ stopAfter: 2000 });
  await cluster.client.create(RESOURCES.deployments, deployment());
  await cluster.clock.advance(5000);
}

async function left(type: ResourceType = RESOURCES.pods): Promise<string[]> {
  return names((await cluster.client.list(type, { namespace: 'default' })).items);
}

interface Made {
  readonly name: string;
  readonly owners?: readonly { readonly owner: KubeObject; readonly block?: boolean }[];
  readonly finalizers?: readonly string[];
  readonly namespace?: string;
}

/** A ConfigMap that others own. */
function make({ name, owners = [], finalizers = [], namespace = 'default' }: Made): Promise<KubeObject> {
  return cluster.client.create(RESOURCES.configMaps, {
    metadata: {
      name,
      namespace,
      finalizers,
      ownerReferences: owners.map(({ owner, block }) => ({
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        name: owner.metadata.name,
        uid: owner.metadata.uid,
        blockOwnerDeletion: block ?? false,
      })),
    },
  });
}

async function maps(): Promise<string[]> {
  return (await left(RESOURCES.configMaps)).filter((name) => name !== 'kube-root-ca.crt');
}

describe('deletion in the background', () => {
  it('takes the dependents after the owner', async () => {
    await start();
    await cluster.client.delete(RESOURCES.deployments, WEB);
    await cluster.clock.settle();
    expect(await left(RESOURCES.deployments)).toEqual([]);
    expect(await left(RESOURCES.replicaSets)).toEqual([]);
    expect(await left()).toHaveLength(3);
    await cluster.clock.advance(2000);
    expect(await left()).toEqual([]);
  });
});

describe('deletion in the foreground', () => {
  it('keeps the owner until its dependents are gone', async () => {
    await start();
    const answer = await cluster.client.delete(RESOURCES.deployments, WEB, { propagationPolicy: 'Foreground' });
    expect(answer?.metadata.finalizers).toContain('foregroundDeletion');
    await cluster.clock.advance(1999);
    expect(await left(RESOURCES.deployments)).toEqual(['web']);
    expect(await left(RESOURCES.replicaSets)).toHaveLength(1);
    expect(await left()).toHaveLength(3);
    await cluster.clock.advance(1);
    await cluster.clock.advance(100);
    expect([...(await left()), ...(await left(RESOURCES.replicaSets)), ...(await left(RESOURCES.deployments))]).toEqual(
      [],
    );
  });

  it('does not wait for dependents that do not block', async () => {
    cluster = await testCluster();
    const owner = await make({ name: 'owner' });
    await make({ name: 'free', owners: [{ owner }], finalizers: ['example.com/hold'] });
    await cluster.client.delete(
      RESOURCES.configMaps,
      { namespace: 'default', name: 'owner' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.clock.settle();
    expect(await maps()).toEqual(['free']);
    const free = await cluster.client.get(RESOURCES.configMaps, { namespace: 'default', name: 'free' });
    expect(free.metadata.deletionTimestamp).toBeDefined();
  });

  it('is not held up by a circle', async () => {
    cluster = await testCluster();
    const a = await make({ name: 'a' });
    const b = await make({ name: 'b', owners: [{ owner: a, block: true }] });
    await cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'a' }, 'merge', {
      metadata: {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: b.metadata.uid, blockOwnerDeletion: true },
        ],
      },
    });
    await cluster.clock.settle();
    await cluster.client.delete(
      RESOURCES.configMaps,
      { namespace: 'default', name: 'a' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.clock.advance(1000);
    expect(await maps()).toEqual([]);
  });
});

describe('orphaning', () => {
  it('leaves the dependents without owner', async () => {
    await start();
    await cluster.client.delete(RESOURCES.deployments, WEB, { propagationPolicy: 'Orphan' });
    await cluster.clock.advance(1000);
    expect(await left(RESOURCES.deployments)).toEqual([]);
    const [set] = await cluster.replicaSets();
    expect(set?.metadata.ownerReferences ?? []).toEqual([]);
    expect(await left()).toHaveLength(3);
  });
});

describe('owners that are gone', () => {
  it('take what they owned, unless another owner is left', async () => {
    cluster = await testCluster();
    const kept = await make({ name: 'kept' });
    const gone = { ...kept, metadata: { ...kept.metadata, name: 'gone', uid: 'no-such-uid' } };
    await make({ name: 'lost', owners: [{ owner: gone }] });
    await make({ name: 'shared', owners: [{ owner: gone }, { owner: kept }] });
    await cluster.clock.settle();
    expect(await maps()).toEqual(['kept', 'shared']);
    const shared = await cluster.client.get(RESOURCES.configMaps, { namespace: 'default', name: 'shared' });
    expect(shared.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['kept']);
  });

  it('count as gone when they are in another namespace', async () => {
    cluster = await testCluster();
    await cluster.client.create(RESOURCES.namespaces, { metadata: { name: 'other' } });
    const foreign = await make({ name: 'foreign', namespace: 'other' });
    await make({ name: 'stray', owners: [{ owner: foreign }] });
    await cluster.clock.settle();
    expect(await maps()).toEqual([]);
    const [event] = await cluster.events('ConfigMap', 'stray');
    expect(event).toMatch(
      /^OwnerRefInvalidNamespace: ownerRef \[v1\/ConfigMap, namespace: default, name: foreign, uid: .*\] does not exist in namespace "default"$/,
    );
  });
});

describe('custom resources', () => {
  it('are collected like others', async () => {
    cluster = await testCluster();
    await cluster.client.create(RESOURCES.customResourceDefinitions, {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    });
    await cluster.clock.advance(1000);
    const type = await cluster.client.resourceFor({ group: 'example.com', version: 'v1', kind: 'Widget' });
    if (type === undefined) throw new Error('not served');
    const owner = await cluster.client.create(type, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'default' },
    });
    await make({ name: 'part', owners: [{ owner }] });
    await cluster.clock.settle();
    expect(await maps()).toEqual(['part']);
    await cluster.client.delete(type, { namespace: 'default', name: 'w' });
    await cluster.clock.settle();
    expect(await maps()).toEqual([]);
  });
});
