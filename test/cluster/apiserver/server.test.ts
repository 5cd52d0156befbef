import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import type { WatchEvent } from '../../../src/client/kube-client.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import type { KubeList, KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { StatusError } from '../../../src/kube/status-error.ts';
import { pod, refusal, settle, testServer } from './support.ts';

const MAPS = RESOURCES.configMaps;
const USER = { name: 'someone', groups: [] };

function map(name: string, data: Record<string, string> = {}): object {
  return { metadata: { name, namespace: 'default' }, data };
}

describe('history', () => {
  it('of which too much is gone ends watches with 410', async () => {
    const { client, store } = await testServer();
    const { metadata } = await client.create(MAPS, map('a'));
    await client.create(MAPS, map('b'));
    store.compact(store.revision);
    const closed: unknown[] = [];
    const { resourceVersion } = metadata;
    client.watch(MAPS, { resourceVersion }, { event: () => {}, closed: (error) => closed.push(error) });
    await settle();
    const [error] = closed;
    expect(error).toBeInstanceOf(StatusError);
    expect((error as StatusError).status).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: `too old resource version: ${resourceVersion ?? ''} (${store.compacted})`,
    });
  });

  it('of which too much is gone ends lists in parts, which may go on inconsistently', async () => {
    const { client, store } = await testServer();
    for (const name of ['a', 'b', 'c', 'd']) await client.create(MAPS, map(name));
    const first = await client.list(MAPS, { limit: 2 });
    await client.create(MAPS, map('bb'));
    store.compact(store.revision);
    const status = await refusal(client.list(MAPS, { limit: 2, continue: first.metadata.continue }));
    expect(status).toMatchObject({ code: 410, reason: 'Expired' });
    expect(status.message).toContain('The provided continue parameter is too old to display a consistent list result.');
    const rest = await client.list(MAPS, { continue: String(status.metadata['continue']) });
    expect(rest.items.map((item) => item.metadata.name)).toEqual(['bb', 'c', 'd']);
  });

  it('that is still to come cannot be read', async () => {
    const { client } = await testServer();
    expect(await refusal(client.list(MAPS, { resourceVersion: '4711' }))).toMatchObject({
      code: 504,
      reason: 'Timeout',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    });
  });

  it('is listed exactly as it was, if asked', async () => {
    const { client, server } = await testServer();
    const { metadata } = await client.create(MAPS, map('a', { k: '1' }));
    await client.update(MAPS, map('a', { k: '2' }));
    const options = { resourceVersion: metadata.resourceVersion, resourceVersionMatch: 'Exact' };
    const { body } = await server.handle({ verb: 'list', type: MAPS, options, user: USER });
    expect((body as KubeList).items.map((item) => item['data'])).toEqual([{ k: '1' }]);
    const wrong = { resourceVersionMatch: 'Nearly' };
    expect((await refusal(server.handle({ verb: 'list', type: MAPS, options: wrong, user: USER }))).code).toBe(422);
  });

  it('is let go when there is much of it', async () => {
    const { client, store } = await testServer();
    for (let i = 0; i < 20_100; i += 1)
      store.commit([{ type: 'put', bucket: '/x', namespace: '', name: 'n', value: OBJECT }]);
    expect(store.compacted).toBe(1);
    await client.create(MAPS, map('a'));
    expect(store.revision - store.compacted).toBe(10_000);
  });
});

const OBJECT: KubeObject = { apiVersion: 'v1', kind: 'X', metadata: { name: 'n' } };

describe('requests', () => {
  it('that a resource does not take are told so', async () => {
    const { server } = await testServer();
    const type = { ...RESOURCES.pods };
    expect(
      await refusal(server.handle({ verb: 'create', type, name: 'a', subresource: 'log', body: {}, user: USER })),
    ).toMatchObject({ code: 405, reason: 'MethodNotAllowed' });
    const versioned = { ...RESOURCES.pods, version: 'v2' };
    expect(await refusal(server.handle({ verb: 'list', type: versioned, user: USER }))).toMatchObject({ code: 404 });
  });

  it('delete collections', async () => {
    const { client, server } = await testServer();
    for (const [name, app] of [
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'y'],
    ] as const) {
      await client.create(MAPS, { metadata: { name, namespace: 'default', labels: { app } } });
    }
    const selection = { labelSelector: 'app=x' };
    const request = { type: MAPS, namespace: 'default', selection, user: USER } as const;
    const { body } = await server.handle({ verb: 'deletecollection', ...request });
    expect((body as KubeList).items).toHaveLength(2);
    expect((await client.list(MAPS)).items.map((item) => item.metadata.name)).toEqual(['c']);
  });

  it('hand on warnings', async () => {
    const { server } = await testServer();
    const warnings: string[] = [];
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u1' };
    const metadata = { name: 'a', namespace: 'default', ownerReferences: [owner, owner] };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, dataa: {} };
    const warn = (message: string): unknown => warnings.push(message);
    await server.handle({ verb: 'create', type: MAPS, namespace: 'default', body, user: USER, warn });
    expect(warnings).toEqual([
      'unknown field "dataa"',
      expect.stringContaining('duplicate entries; API server dedups owner references'),
    ]);
  });

  it('create by update where the resource allows it', async () => {
    const { client } = await testServer();
    const lease = { metadata: { name: 'l', namespace: 'default' }, spec: { holderIdentity: 'me' } };
    const made = await client.update(RESOURCES.leases, lease);
    expect(made.metadata.uid).toBeDefined();
  });

  it('fail with what the store has against them', async () => {
    const store = new MemoryStore();
    const { client } = await testServer(store);
    store.commit = () => {
      throw new PintleError('store-full', 'no room');
    };
    await expect(client.create(MAPS, map('a'))).rejects.toThrow(PintleError);
  });
});

describe('field selectors', () => {
  it('know the fields of a kind', async () => {
    const { client } = await testServer();
    await client.create(RESOURCES.pods, pod('a', { nodeName: 'n1' }));
    await client.create(RESOURCES.pods, pod('b'));
    const on = async (fieldSelector: string): Promise<unknown> =>
      (await client.list(RESOURCES.pods, { fieldSelector })).items.map((item) => item.metadata.name);
    expect(await on('spec.nodeName=n1')).toEqual(['a']);
    expect(await on('spec.nodeName=,status.phase=Pending')).toEqual(['b']);
    expect((await refusal(on('spec.color=red'))).message).toBe('field label not supported: spec.color');
    expect((await refusal(client.list(MAPS, { fieldSelector: 'data=x' }))).message).toBe(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('work for watches', async () => {
    const { client } = await testServer();
    const events: string[] = [];
    const note = (event: WatchEvent): void => {
      events.push(event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.object.metadata.name ?? ''}`);
    };
    client.watch(RESOURCES.pods, { fieldSelector: 'spec.nodeName=n1' }, { event: note });
    await client.create(RESOURCES.pods, pod('a'));
    const target = { target: { name: 'n1' }, metadata: { name: 'a', namespace: 'default' } };
    await client.create(RESOURCES.pods, target, { subresource: 'binding' });
    await client.delete(RESOURCES.pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    await settle();
    expect(events).toEqual(['BOOKMARK', 'ADDED a', 'DELETED a']);
  });
});

describe('events', () => {
  it('go an hour after they were written last', async () => {
    const { client, clock } = await testServer();
    const event = (name: string): object => ({
      metadata: { name, namespace: 'default' },
      involvedObject: { namespace: 'default' },
      lastTimestamp: new Date(clock.now()).toISOString().replace('.000Z', 'Z'),
    });
    const names = async (): Promise<unknown> =>
      (await client.list(RESOURCES.events)).items.map((item) => item.metadata.name);
    await client.create(RESOURCES.events, event('a'));
    await clock.advance(30 * 60_000);
    await client.create(RESOURCES.events, event('b'));
    await client.patch(RESOURCES.events, { namespace: 'default', name: 'b' }, 'merge', { count: 2 });
    await clock.advance(29 * 60_000);
    expect(await names()).toEqual(['a', 'b']);
    await clock.advance(2 * 60_000);
    expect(await names()).toEqual(['b']);
    await clock.advance(30 * 60_000);
    expect(await names()).toEqual([]);
    expect(clock.next()).toBeUndefined();
  });
});
