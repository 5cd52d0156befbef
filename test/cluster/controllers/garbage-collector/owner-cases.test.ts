import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject, ResourceType } from '../../../../src/kube/object.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import type { OwnerReference } from '../../../../src/kube/api/meta-v1.generated.ts';
import { names, type TestCluster, testCluster } from '../support.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await testCluster();
});
afterEach(() => cluster.stop());

interface Made {
  readonly type?: ResourceType;
  readonly namespace?: string | undefined;
  readonly owners?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** A ConfigMap, or something else, that others own. */
async function make(
  name: string,
  { type = RESOURCES.configMaps, owners = [], ...more }: Made = {},
): Promise<KubeObject> {
  const namespace = type.namespaced ? (more.namespace ?? 'default') : undefined;
  const spec = type === RESOURCES.horizontalPodAutoscalers ? { spec: AUTOSCALED } : {};
  const metadata = { name, namespace, finalizers: more.finalizers, ownerReferences: owners };
  const made = await cluster.client.create(type, { metadata, ...spec });
  await cluster.clock.settle();
  return made;
}

const AUTOSCALED = { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' } };

function ref({ apiVersion, kind, metadata }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '', ...more };
}

async function remove(
  name: string,
  policy?: 'Background' | 'Foreground' | 'Orphan',
  type = RESOURCES.configMaps,
): Promise<void> {
  const key = type.namespaced ? { namespace: 'default', name } : { name };
  await cluster.client.delete(type, key, { propagationPolicy: policy });
  await cluster.clock.advance(1000);
}

async function left(): Promise<string[]> {
  const { items } = await cluster.client.list(RESOURCES.configMaps, { namespace: 'default' });
  return names(items).filter((name) => name !== 'kube-root-ca.crt');
}

async function ownersOf(name: string): Promise<string[] | undefined> {
  const { metadata } = await cluster.client.get(RESOURCES.configMaps, { namespace: 'default', name });
  return metadata.ownerReferences?.map((owner) => owner.name);
}

describe('an owner', () => {
  it('of the same name that was made anew is another one', async () => {
    const first = await make('owner');
    await remove('owner');
    await make('owner');
    await make('child', { owners: [ref(first)] });
    expect(await left()).toEqual(['owner']);
  });

  it('that is called otherwise is none', async () => {
    const owner = await make('owner');
    await make('child', { owners: [ref(owner, { name: 'renamed' })] });
    expect(await left()).toEqual(['owner']);
  });

  it('that comes after what it owns counts', async () => {
    const child = await make('child');
    const owner = await make('owner');
    await cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'child' }, 'merge', {
      metadata: { ownerReferences: [ref(owner)] },
    });
    await cluster.clock.settle();
    expect(await left()).toEqual(['child', 'owner']);
    await remove('owner');
    expect(await left()).toEqual([]);
    expect(child.metadata.name).toBe('child');
  });

  it('named by another version that is served counts, and takes what it owns', async () => {
    const owner = await make('owner', { type: RESOURCES.horizontalPodAutoscalers });
    await make('child', { owners: [ref(owner, { apiVersion: 'autoscaling/v1' })] });
    expect(await left()).toEqual(['child']);
    await remove('owner', 'Background', RESOURCES.horizontalPodAutoscalers);
    expect(await left()).toEqual([]);
  });

  it('named by a version that is not served is not known, there or gone', async () => {
    const owner = await make('owner', { type: RESOURCES.horizontalPodAutoscalers });
    await make('early', { owners: [ref(owner, { apiVersion: 'autoscaling/v2beta1' })] });
    await make('right', { owners: [ref(owner)] });
    await remove('owner', 'Background', RESOURCES.horizontalPodAutoscalers);
    await make('late', { owners: [ref(owner, { apiVersion: 'autoscaling/v2beta1' })] });
    await cluster.clock.advance(600_000);
    expect(await left()).toEqual(['early', 'late']);
  });

  it('of a kind that nobody knows is asked for ever more seldom', async () => {
    const owner = { apiVersion: 'example.com/v1', kind: 'Thing', name: 'x', uid: 'u' };
    await make('child', { owners: [owner] });
    let asked = 0;
    const ask = cluster.client.resourceFor.bind(cluster.client);
    cluster.client.resourceFor = (kind) => {
      if (kind.kind === 'Thing') asked += 1;
      return ask(kind);
    };
    await cluster.clock.advance(24 * 3_600_000);
    expect(await left()).toEqual(['child']);
    expect(asked).toBeLessThan(120);
  });
});

describe('a cluster-scoped object', () => {
  const roles = { type: RESOURCES.clusterRoles };
  const message = (uid: string | undefined): string =>
    `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: , name: owner, uid: ${uid ?? ''}] does not exist in namespace ""`;

  it('stays when its owner is in a namespace, which is told', async () => {
    const owner = await make('owner');
    await make('role', { ...roles, owners: [ref(owner)] });
    await cluster.clock.advance(60_000);
    expect(await cluster.events('ClusterRole', 'role')).toEqual([message(owner.metadata.uid)]);
    await remove('owner');
    await cluster.clock.advance(60_000);
    expect(names((await cluster.client.list(RESOURCES.clusterRoles)).items)).toContain('role');
  });

  it('owns what is in namespaces', async () => {
    const role = await make('role', roles);
    await make('child', { owners: [ref(role)] });
    expect(await left()).toEqual(['child']);
    await remove('role', 'Background', RESOURCES.clusterRoles);
    expect(await left()).toEqual([]);
  });
});

describe('deletion in the foreground', () => {
  it('ends when what blocked it is let go', async () => {
    const owner = await make('owner');
    await make('child', { owners: [ref(owner, { blockOwnerDeletion: true })], finalizers: ['example.com/hold'] });
    await remove('owner', 'Foreground');
    expect(await left()).toEqual(['child', 'owner']);
    await cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'child' }, 'merge', {
      metadata: { ownerReferences: [ref(owner, { blockOwnerDeletion: false })] },
    });
    await cluster.clock.advance(1000);
    expect(await left()).toEqual(['child']);
  });

  it('takes its reference from what another one owns, too', async () => {
    const [owner, other] = [await make('owner'), await make('other')];
    await make('child', { owners: [ref(owner, { blockOwnerDeletion: true }), ref(other)] });
    await remove('owner', 'Foreground');
    expect(await left()).toEqual(['child', 'other']);
    expect(await ownersOf('child')).toEqual(['other']);
  });

  it('goes down a chain, the last one first', async () => {
    let above = await make('m0');
    for (let i = 1; i < 30; i += 1) above = await make(`m${i}`, { owners: [ref(above, { blockOwnerDeletion: true })] });
    const gone: string[] = [];
    cluster.informers.informer(RESOURCES.configMaps).onEvent(({ type, object }) => {
      if (type === 'deleted') gone.push(object.metadata.name ?? '');
    });
    await remove('m0', 'Foreground');
    expect(await left()).toEqual([]);
    expect(gone).toEqual(Array.from({ length: 30 }, (_, i) => `m${29 - i}`));
  });

  it('finds dependents that come while it waits', async () => {
    const owner = await make('owner');
    await make('first', { owners: [ref(owner, { blockOwnerDeletion: true })], finalizers: ['example.com/hold'] });
    await remove('owner', 'Foreground');
    await make('late', { owners: [ref(owner)] });
    await cluster.clock.advance(1000);
    expect(await left()).toEqual(['first', 'owner']);
  });

  it('is over for an owner that something else holds: it counts as there', async () => {
    const owner = await make('owner', { finalizers: ['example.com/hold'] });
    await remove('owner', 'Foreground');
    await make('late', { owners: [ref(owner)] });
    await cluster.clock.advance(1000);
    expect(await left()).toEqual(['late', 'owner']);
  });
});

describe('orphaning', () => {
  it('lets the dependents of dependents be', async () => {
    const owner = await make('owner');
    const child = await make('child', { owners: [ref(owner)] });
    await make('grandchild', { owners: [ref(child)] });
    await remove('owner', 'Orphan');
    expect(await left()).toEqual(['child', 'grandchild']);
    expect(await ownersOf('child')).toBeUndefined();
    expect(await ownersOf('grandchild')).toEqual(['child']);
  });

  it('leaves other owners', async () => {
    const [owner, other] = [await make('owner'), await make('other')];
    await make('child', { owners: [ref(owner), ref(other)] });
    await remove('owner', 'Orphan');
    expect(await ownersOf('child')).toEqual(['other']);
  });
});

describe('circles', () => {
  async function circle(size: number, block: boolean): Promise<void> {
    const objects: KubeObject[] = [];
    for (let i = 0; i < size; i += 1) objects.push(await make(`m${i}`));
    for (const [i, { metadata }] of objects.entries()) {
      const owner = objects[(i + 1) % size];
      if (owner === undefined) throw new Error('no owner');
      await cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: metadata.name ?? '' }, 'merge', {
        metadata: { ownerReferences: [ref(owner, { blockOwnerDeletion: block })] },
      });
    }
    await cluster.clock.advance(60_000);
    expect(await left()).toHaveLength(size);
  }

  it.each([
    [1, 'Background'],
    [3, 'Background'],
    [3, 'Foreground'],
    [40, 'Foreground'],
  ] as const)('of %d go when one is deleted: %s', async (size, policy) => {
    await circle(size, true);
    await remove('m0', policy);
    expect(await left()).toEqual([]);
  });

  it('of one that blocks itself wait, as elsewhere, until it does not', async () => {
    await circle(1, true);
    await remove('m0', 'Foreground');
    await cluster.clock.advance(3_600_000);
    expect(await left()).toEqual(['m0']);
    const metadata = { ownerReferences: [] };
    await cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'm0' }, 'merge', { metadata });
    await cluster.clock.advance(1000);
    expect(await left()).toEqual([]);
  });

  it('are taken apart when one is orphaned', async () => {
    await circle(3, false);
    await remove('m0', 'Orphan');
    // m2 has lost its owner; m1 is owned by m2, and m0 was owned by m1.
    expect(await left()).toEqual(['m1', 'm2']);
    expect(await ownersOf('m2')).toBeUndefined();
  });
});
