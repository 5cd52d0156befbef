import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient, Watch, WatchEvent, WatchOptions } from '../../src/client/kube-client.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { StatusError } from '../../src/kube/status-error.ts';

/** A server to talk to that has the namespace `default` and no controllers. */
export interface KubeClientFixture {
  readonly client: KubeClient;
  close(): Promise<void>;
}

const MAPS = RESOURCES.configMaps;
const DEPLOYMENTS = RESOURCES.deployments;
const NS = 'default';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly template: { readonly spec: { containers: Container[] } } };
  readonly status?: { readonly replicas?: number; readonly observedGeneration?: number };
}

interface Container {
  readonly name: string;
  readonly image: string;
}

function map(name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NS, labels }, data };
}

function deployment(name: string, replicas = 1): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NS },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name: 'web', image: 'nginx:1' },
            { name: 'side', image: 'busybox:1' },
          ],
        },
      },
    },
  };
}

/** The status of a request that must fail. */
async function failure(promise: Promise<unknown>): Promise<StatusError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the request did not fail');
}

/** Collects a watch's events; {@link Recorder.until} waits for them. */
class Recorder {
  readonly events: string[] = [];
  readonly objects: KubeObject[] = [];
  readonly watch: Watch;
  bookmark: string | undefined;
  closed: Error | undefined;
  #waiting: { readonly count: number; readonly done: () => void }[] = [];

  constructor(client: KubeClient, type: ResourceType, options: WatchOptions) {
    this.watch = client.watch(type, options, {
      event: (event) => this.#note(event),
      closed: (error) => {
        this.closed = error;
        this.#wake();
      },
    });
  }

  /** Resolves when so many events have come, or the watch was closed. */
  async until(count: number): Promise<string[]> {
    await new Promise<void>((done) => {
      this.#waiting.push({ count, done });
      this.#wake();
    });
    return this.events;
  }

  #note(event: WatchEvent): void {
    if (event.type === 'BOOKMARK') {
      this.bookmark = event.resourceVersion;
      this.events.push('BOOKMARK');
    } else {
      this.objects.push(event.object);
      this.events.push(`${event.type} ${event.object.metadata.name ?? ''}`);
    }
    this.#wake();
  }

  #wake(): void {
    for (const { count, done } of this.#waiting) if (this.events.length >= count || this.closed !== undefined) done();
  }
}

type Use = () => KubeClient;

/** What every {@link KubeClient} does. */
export function kubeClientContract(name: string, open: () => Promise<KubeClientFixture>): void {
  describe(`${name} as a KubeClient`, () => {
    let fixture: KubeClientFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());
    const use: Use = () => fixture.client;
    describe('reads', () => reads(use));
    describe('creates', () => creates(use));
    describe('updates', () => updates(use));
    describe('patches', () => patches(use));
    describe('applies', () => applies(use));
    describe('deletes', () => deletes(use));
    describe('watches', () => watches(use));
    describe('discovers', () => discovers(use));
  });
}

function reads(use: Use): void {
  it('gets an object, or says that it is not there', async () => {
    const made = await use().create(MAPS, map('a', { k: 'v' }));
    expect(await use().get(MAPS, { namespace: NS, name: 'a' })).toEqual(made);
    const { status } = await failure(use().get(MAPS, { namespace: NS, name: 'b' }));
    expect(status).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "b" not found' });
    expect(status.details).toMatchObject({ name: 'b', kind: 'configmaps' });
    const other = await failure(use().get(DEPLOYMENTS, { namespace: NS, name: 'x' }));
    expect(other.message).toBe('deployments.apps "x" not found');
    expect(other.status.details).toMatchObject({ name: 'x', group: 'apps', kind: 'deployments' });
  });

  it('lists in order, in a namespace and everywhere', async () => {
    await use().create(RESOURCES.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'another' } });
    for (const each of ['c', 'a', 'b']) await use().create(MAPS, map(each));
    await use().create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'z', namespace: 'another' } });
    const list = await use().list(MAPS, { namespace: NS });
    expect(list).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMapList' });
    expect(list.items.map((item) => item.metadata.name)).toEqual(['a', 'b', 'c']);
    const all = await use().list(MAPS);
    expect(all.items.map((item) => item.metadata.name)).toEqual(['z', 'a', 'b', 'c']);
    expect(Number(all.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(all.items[0]?.metadata.resourceVersion));
  });

  it('selects by labels and fields', async () => {
    await use().create(MAPS, map('a', {}, { app: 'web', tier: 'front' }));
    await use().create(MAPS, map('b', {}, { app: 'web' }));
    await use().create(MAPS, map('c', {}, { app: 'db' }));
    const names = async (labelSelector: string, fieldSelector = ''): Promise<unknown> =>
      (await use().list(MAPS, { namespace: NS, labelSelector, fieldSelector })).items.map((each) => each.metadata.name);
    expect(await names('app=web')).toEqual(['a', 'b']);
    expect(await names('app in (web,db),!tier')).toEqual(['b', 'c']);
    expect(await names('app!=web')).toEqual(['c']);
    expect(await names('', 'metadata.name=b')).toEqual(['b']);
    expect(await names('app=web', 'metadata.name!=b')).toEqual(['a']);
    expect((await failure(names('a in'))).code).toBe(400);
    expect((await failure(names('', 'spec.color=red'))).code).toBe(400);
  });

  it('lists metadata alone where nobody wants more', async () => {
    await use().create(MAPS, { ...map('a'), data: { x: '1' } });
    const { items, metadata } = await use().list(MAPS, { namespace: NS, metadataOnly: true });
    expect(items.map((item) => item.metadata.name)).toEqual(['a']);
    expect(items[0]?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(metadata.resourceVersion).toMatch(/^\d+$/);
  });

  it('lists in parts that fit together', async () => {
    for (let i = 0; i < 7; i += 1) await use().create(MAPS, map(`m${i}`));
    const first = await use().list(MAPS, { namespace: NS, limit: 3 });
    expect(first.metadata.remainingItemCount).toBe(4);
    await use().create(MAPS, map('m30'));
    await use().delete(MAPS, { namespace: NS, name: 'm4' });
    const second = await use().list(MAPS, { namespace: NS, limit: 3, continue: first.metadata.continue });
    const third = await use().list(MAPS, { namespace: NS, limit: 3, continue: second.metadata.continue });
    const parts = [first, second, third];
    expect(parts.map((part) => part.items.map((item) => item.metadata.name))).toEqual([
      ['m0', 'm1', 'm2'],
      ['m3', 'm4', 'm5'],
      ['m6'],
    ]);
    expect(new Set(parts.map((part) => part.metadata.resourceVersion)).size).toBe(1);
    expect(third.metadata.continue ?? '').toBe('');
    expect((await failure(use().list(MAPS, { continue: 'nonsense' }))).code).toBe(400);
  });
}

function creates(use: Use): void {
  it('sets what the server sets', async () => {
    const made = await use().create<ConfigMap>(MAPS, map('a', { k: 'v' }));
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { k: 'v' } });
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Number(made.metadata.resourceVersion)).toBeGreaterThan(0);
    expect(made.metadata.generation).toBeUndefined();
    const withSpec = await use().create(DEPLOYMENTS, deployment('web'));
    expect(withSpec.metadata.generation).toBe(1);
  });

  it('does not keep what was handed in', async () => {
    const object = map('a', { k: 'v' }) as { data: Record<string, string> };
    const frozen = JSON.stringify(object);
    await use().create(MAPS, object);
    expect(JSON.stringify(object)).toBe(frozen);
    object.data['k'] = 'changed';
    expect((await use().get<ConfigMap>(MAPS, { namespace: NS, name: 'a' })).data).toEqual({ k: 'v' });
  });

  it('refuses a name that is taken', async () => {
    await use().create(MAPS, map('a'));
    const { status } = await failure(use().create(MAPS, map('a')));
    expect(status).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "a" already exists' });
  });

  it('makes names up', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-', namespace: NS } };
    const [one, two] = [await use().create(MAPS, body), await use().create(MAPS, body)];
    expect(one.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(one.metadata.name).not.toBe(two.metadata.name);
    expect(one.metadata.generateName).toBe('gen-');
  });

  it('refuses wrong metadata, with all causes', async () => {
    const metadata = { name: 'Not_A_Name', namespace: NS, labels: { 'bad key!': 'x' }, finalizers: ['x y'] };
    const { status } = await failure(use().create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata }));
    expect(status).toMatchObject({ code: 422, reason: 'Invalid', details: { name: 'Not_A_Name', kind: 'ConfigMap' } });
    expect(status.message).toContain(
      'ConfigMap "Not_A_Name" is invalid: [metadata.name: Invalid value: "Not_A_Name": ',
    );
    const fields = (status.details?.causes ?? []).map((cause) => cause.field);
    expect(fields).toEqual(expect.arrayContaining(['metadata.name', 'metadata.labels', 'metadata.finalizers']));
  });

  it('needs a namespace that is there', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'nowhere' } };
    const { status } = await failure(use().create(MAPS, body));
    expect(status).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
  });

  it('only tries with dryRun', async () => {
    const made = await use().create(MAPS, map('a'), { dryRun: true });
    expect(made.metadata.uid).toBeDefined();
    expect((await failure(use().get(MAPS, { namespace: NS, name: 'a' }))).code).toBe(404);
  });

  it('reads bodies as strictly as asked', async () => {
    const body = { ...map('a'), dataa: { k: 'v' } };
    const strict = await failure(use().create(MAPS, body, { fieldValidation: 'Strict' }));
    expect(strict.code).toBe(400);
    expect(strict.message).toContain('strict decoding error: unknown field "dataa"');
    const made = await use().create(MAPS, body, { fieldValidation: 'Ignore' });
    expect(made['dataa']).toBeUndefined();
    const wrong = await failure(use().create(MAPS, { ...map('b'), data: 'text' }));
    expect(wrong.code).toBe(400);
  });

  it('names who wrote which fields', async () => {
    const made = await use().create(MAPS, map('a', { k: 'v' }), { fieldManager: 'someone' });
    expect(made.metadata.managedFields).toMatchObject([
      { manager: 'someone', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:k': {} } } },
    ]);
  });
}

function updates(use: Use): void {
  it('replaces, and counts versions and generations', async () => {
    const made = await use().create<Deployment>(DEPLOYMENTS, deployment('web'));
    const labelled = await use().update<Deployment>(DEPLOYMENTS, {
      ...made,
      metadata: { ...made.metadata, labels: { a: 'b' } },
    });
    expect(labelled.metadata).toMatchObject({ generation: 1, labels: { a: 'b' }, uid: made.metadata.uid });
    expect(Number(labelled.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    const scaled = await use().update<Deployment>(DEPLOYMENTS, {
      ...labelled,
      spec: { ...labelled.spec, replicas: 5 },
    });
    expect(scaled.metadata.generation).toBe(2);
    expect(scaled.spec.replicas).toBe(5);
  });

  it('writes nothing when nothing changes', async () => {
    const made = await use().create<ConfigMap>(MAPS, map('a', { k: 'v' }));
    const same = await use().update(MAPS, map('a', { k: 'v' }));
    expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  it('refuses to overwrite a newer version', async () => {
    const made = await use().create<ConfigMap>(MAPS, map('a', { k: '1' }));
    await use().update(MAPS, { ...made, data: { k: '2' } });
    const { status } = await failure(use().update(MAPS, { ...made, data: { k: '3' } }));
    expect(status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    const forced = await use().update<ConfigMap>(MAPS, map('a', { k: '4' }));
    expect(forced.data).toEqual({ k: '4' });
  });

  it('keeps what only the server sets', async () => {
    const made = await use().create<ConfigMap>(MAPS, map('a', { k: '1' }));
    const metadata = { name: 'a', namespace: NS, creationTimestamp: '2001-01-01T00:00:00Z', generation: 77 };
    const next = await use().update(MAPS, { ...map('a', { k: '2' }), metadata });
    expect(next.metadata.creationTimestamp).toBe(made.metadata.creationTimestamp);
    expect(next.metadata.uid).toBe(made.metadata.uid);
    const other = { ...made, metadata: { ...made.metadata, resourceVersion: '', uid: 'another' } };
    expect((await failure(use().update(MAPS, other))).code).toBe(409);
  });

  it('says what is missing', async () => {
    expect((await failure(use().update(MAPS, map('none')))).message).toBe('configmaps "none" not found');
  });

  it('keeps status and spec apart', async () => {
    const made = await use().create<Deployment>(DEPLOYMENTS, { ...deployment('web'), status: { replicas: 9 } });
    expect(made.status?.replicas ?? 0).toBe(0);
    const status = { observedGeneration: 1, replicas: 3 };
    const reported = await use().update<Deployment>(
      DEPLOYMENTS,
      { ...made, spec: { ...made.spec, replicas: 50 }, status },
      { subresource: 'status' },
    );
    expect(reported.spec.replicas).toBe(1);
    expect(reported.status).toMatchObject(status);
    expect(reported.metadata.generation).toBe(1);
    const plain = await use().update<Deployment>(DEPLOYMENTS, { ...reported, status: { replicas: 7 } });
    expect(plain.status?.replicas).toBe(3);
    const none = await failure(use().update(MAPS, map('a'), { subresource: 'status' }));
    expect(none.code).toBe(404);
  });

  it('scales through the scale subresource', async () => {
    await use().create(DEPLOYMENTS, deployment('web', 2));
    const key = { namespace: NS, name: 'web' };
    const scale = await use().patch(DEPLOYMENTS, key, 'merge', { spec: { replicas: 4 } }, { subresource: 'scale' });
    expect(scale).toMatchObject({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'web', namespace: NS },
      spec: { replicas: 4 },
      status: { replicas: 0, selector: 'app=web' },
    });
    const live = await use().get<Deployment>(DEPLOYMENTS, key);
    expect([live.spec.replicas, live.metadata.generation]).toEqual([4, 2]);
    const stale = { ...scale, metadata: { ...scale.metadata, resourceVersion: '1' }, spec: { replicas: 1 } };
    expect((await failure(use().update(DEPLOYMENTS, stale, { subresource: 'scale' }))).code).toBe(409);
    const back = await use().update(DEPLOYMENTS, { ...scale, spec: { replicas: 1 } }, { subresource: 'scale' });
    expect(back).toMatchObject({ spec: { replicas: 1 } });
  });

  it('only tries with dryRun', async () => {
    const made = await use().create<ConfigMap>(MAPS, map('a', { k: '1' }));
    const tried = await use().update<ConfigMap>(MAPS, map('a', { k: '2' }), { dryRun: true });
    expect(tried.data).toEqual({ k: '2' });
    expect(await use().get(MAPS, { namespace: NS, name: 'a' })).toEqual(made);
  });
}

function patches(use: Use): void {
  const key = { namespace: NS, name: 'a' };

  it('by JSON patch', async () => {
    await use().create(MAPS, map('a', { k: '1', gone: 'x' }));
    const steps = [
      { op: 'test', path: '/data/k', value: '1' },
      { op: 'replace', path: '/data/k', value: '2' },
      { op: 'remove', path: '/data/gone' },
      { op: 'add', path: '/data/new', value: 'n' },
    ];
    expect((await use().patch<ConfigMap>(MAPS, key, 'json', steps)).data).toEqual({ k: '2', new: 'n' });
    expect((await failure(use().patch(MAPS, key, 'json', steps))).code).toBe(422);
    expect((await failure(use().patch(MAPS, key, 'json', { op: 'add' }))).code).toBe(400);
  });

  it('by merge patch', async () => {
    const made = await use().create<ConfigMap>(MAPS, map('a', { k: '1', gone: 'x' }));
    const patched = await use().patch<ConfigMap>(MAPS, key, 'merge', { data: { k: '2', gone: null } });
    expect(patched.data).toEqual({ k: '2' });
    const same = await use().patch(MAPS, key, 'merge', {});
    expect(same.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
    const stale = { metadata: { resourceVersion: made.metadata.resourceVersion }, data: { k: '3' } };
    expect((await failure(use().patch(MAPS, key, 'merge', stale))).code).toBe(409);
    const renamed = await failure(use().patch(MAPS, key, 'merge', { metadata: { name: 'other' } }));
    expect(renamed.message).toBe('the name of the object (other) does not match the name on the URL (a)');
    expect((await failure(use().patch(MAPS, { namespace: NS, name: 'none' }, 'merge', {}))).code).toBe(404);
  });

  it('by strategic merge patch', async () => {
    await use().create(DEPLOYMENTS, deployment('a'));
    const containers = [{ name: 'side', image: 'busybox:2' }];
    const patch = { spec: { template: { spec: { containers } } } };
    const patched = await use().patch<Deployment>(DEPLOYMENTS, key, 'strategic', patch);
    const images = patched.spec.template.spec.containers.map((each) => `${each.name}=${each.image}`);
    expect(images).toEqual(['web=nginx:1', 'side=busybox:2']);
    expect(patched.metadata.generation).toBe(2);
  });

  it('changes the status alone through status', async () => {
    await use().create(DEPLOYMENTS, deployment('a'));
    const patch = { spec: { replicas: 9 }, status: { replicas: 3 } };
    const patched = await use().patch<Deployment>(DEPLOYMENTS, key, 'merge', patch, { subresource: 'status' });
    expect([patched.spec.replicas, patched.status?.replicas]).toEqual([1, 3]);
    const annotated = { metadata: { annotations: { 'example.com/a': 'b' } } };
    const same = await use().patch<Deployment>(DEPLOYMENTS, key, 'merge', annotated, { subresource: 'status' });
    expect(same.metadata).toMatchObject({ generation: 1, annotations: { 'example.com/a': 'b' } });
  });

  it('refuses what it does not know, if strict', async () => {
    await use().create(MAPS, map('a'));
    const strict = { fieldValidation: 'Strict' } as const;
    const { status } = await failure(use().patch(MAPS, key, 'merge', { dataa: {} }, strict));
    expect(status.code).toBe(422);
    expect(status.message).toContain('unknown field "dataa"');
  });
}

function applies(use: Use): void {
  const key = { namespace: NS, name: 'a' };
  const config = (data: Record<string, string>): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: NS },
    data,
  });

  it('creates, changes, and takes away what the applier no longer says', async () => {
    const by = { fieldManager: 'one' };
    const made = await use().patch<ConfigMap>(MAPS, key, 'apply', config({ a: '1', b: '1' }), by);
    expect(made.data).toEqual({ a: '1', b: '1' });
    expect(made.metadata.managedFields).toMatchObject([{ manager: 'one', operation: 'Apply' }]);
    await use().patch(MAPS, key, 'merge', { data: { c: 'other' } }, { fieldManager: 'two' });
    const next = await use().patch<ConfigMap>(MAPS, key, 'apply', config({ a: '2' }), by);
    expect(next.data).toEqual({ a: '2', c: 'other' });
    const same = await use().patch(MAPS, key, 'apply', config({ a: '2' }), by);
    expect(same.metadata.resourceVersion).toBe(next.metadata.resourceVersion);
  });

  it('tells of conflicts, and overrides by force', async () => {
    await use().patch(MAPS, key, 'apply', config({ a: '1' }), { fieldManager: 'one' });
    const { status } = await failure(use().patch(MAPS, key, 'apply', config({ a: '2' }), { fieldManager: 'two' }));
    expect(status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }] },
    });
    const by = { fieldManager: 'two', force: true };
    expect((await use().patch<ConfigMap>(MAPS, key, 'apply', config({ a: '2' }), by)).data).toEqual({ a: '2' });
  });

  it('only tries with dryRun', async () => {
    const by = { fieldManager: 'one', dryRun: true };
    await use().patch(MAPS, key, 'apply', config({ a: '1' }), by);
    expect((await failure(use().get(MAPS, key))).code).toBe(404);
  });
}

function deletes(use: Use): void {
  const key = { namespace: NS, name: 'a' };

  it('removes', async () => {
    await use().create(MAPS, map('a'));
    expect(await use().delete(MAPS, key)).toBeUndefined();
    expect((await failure(use().get(MAPS, key))).code).toBe(404);
    expect((await failure(use().delete(MAPS, key))).message).toBe('configmaps "a" not found');
  });

  it('waits for finalizers', async () => {
    const metadata = { name: 'a', namespace: NS, finalizers: ['example.com/hold', 'example.com/more'] };
    await use().create(MAPS, { ...map('a'), metadata });
    const marked = await use().delete(MAPS, key);
    expect(marked?.metadata.deletionTimestamp).toMatch(/Z$/);
    expect(marked?.metadata.deletionGracePeriodSeconds).toBe(0);
    const again = await use().delete(MAPS, key);
    expect(again?.metadata.deletionTimestamp).toBe(marked?.metadata.deletionTimestamp);
    const taken = await failure(use().create(MAPS, map('a')));
    expect(taken.message).toBe('object is being deleted: configmaps "a" already exists');
    const added = await failure(use().patch(MAPS, key, 'merge', { metadata: { finalizers: ['example.com/new'] } }));
    expect(added.code).toBe(422);
    await use().patch(MAPS, key, 'merge', { metadata: { finalizers: ['example.com/more'] } });
    expect((await use().get(MAPS, key)).metadata.finalizers).toEqual(['example.com/more']);
    await use().patch(MAPS, key, 'merge', { metadata: { finalizers: null } });
    expect((await failure(use().get(MAPS, key))).code).toBe(404);
  });

  it('adds the finalizers of its propagation policy', async () => {
    await use().create(DEPLOYMENTS, deployment('a'));
    const foreground = await use().delete(DEPLOYMENTS, key, { propagationPolicy: 'Foreground' });
    expect(foreground?.metadata).toMatchObject({ finalizers: ['foregroundDeletion'], generation: 2 });
    await use().create(DEPLOYMENTS, deployment('b'));
    const orphan = await use().delete(DEPLOYMENTS, { namespace: NS, name: 'b' }, { propagationPolicy: 'Orphan' });
    expect(orphan?.metadata.finalizers).toEqual(['orphan']);
    await use().create(DEPLOYMENTS, deployment('c'));
    const options = { propagationPolicy: 'Background' } as const;
    expect(await use().delete(DEPLOYMENTS, { namespace: NS, name: 'c' }, options)).toBeUndefined();
  });

  it('keeps to preconditions', async () => {
    const made = await use().create(MAPS, map('a'));
    const wrong = await failure(use().delete(MAPS, key, { preconditions: { uid: 'another' } }));
    expect(wrong.code).toBe(409);
    expect((await failure(use().delete(MAPS, key, { preconditions: { resourceVersion: '1' } }))).code).toBe(409);
    const { uid } = made.metadata;
    expect(await use().delete(MAPS, key, { preconditions: { uid } })).toBeUndefined();
  });

  it('only tries with dryRun', async () => {
    await use().create(MAPS, map('a'));
    await use().delete(MAPS, key, { dryRun: true });
    expect((await use().get(MAPS, key)).metadata.name).toBe('a');
  });
}

function watches(use: Use): void {
  it('begins with what is there', async () => {
    await use().create(MAPS, map('a'));
    await use().create(MAPS, map('b'));
    const recorder = new Recorder(use(), MAPS, { namespace: NS });
    expect(await recorder.until(3)).toEqual(['ADDED a', 'ADDED b', 'BOOKMARK']);
    expect(Number(recorder.bookmark)).toBeGreaterThanOrEqual(Number(recorder.objects[1]?.metadata.resourceVersion));
    await use().create(MAPS, map('c'));
    await use().update(MAPS, map('a', { k: 'v' }));
    await use().delete(MAPS, { namespace: NS, name: 'b' });
    expect((await recorder.until(6)).slice(3)).toEqual(['ADDED c', 'MODIFIED a', 'DELETED b']);
    const versions = recorder.objects.slice(2).map((object) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    recorder.watch.stop();
    await use().create(MAPS, map('d'));
    expect(recorder.events).toHaveLength(6);
    expect(recorder.closed).toBeUndefined();
  });

  it('goes on after a version', async () => {
    await use().create(MAPS, map('a'));
    const { metadata } = await use().list(MAPS, { namespace: NS });
    await use().create(MAPS, map('b'));
    const recorder = new Recorder(use(), MAPS, { namespace: NS, resourceVersion: metadata.resourceVersion });
    await use().create(MAPS, map('c'));
    expect(await recorder.until(2)).toEqual(['ADDED b', 'ADDED c']);
    recorder.watch.stop();
  });

  it('tells of objects that come into and leave the selection', async () => {
    await use().create(MAPS, map('a', {}, { app: 'web' }));
    const recorder = new Recorder(use(), MAPS, { namespace: NS, labelSelector: 'app=web' });
    await recorder.until(2);
    await use().create(MAPS, map('b', {}, { app: 'db' }));
    await use().update(MAPS, map('b', {}, { app: 'web' }));
    await use().update(MAPS, map('b', { k: 'v' }, { app: 'web' }));
    const out = await use().update(MAPS, map('b', { k: 'last' }, { app: 'db' }));
    await use().delete(MAPS, { namespace: NS, name: 'b' });
    await use().delete(MAPS, { namespace: NS, name: 'a' });
    expect(await recorder.until(6)).toEqual(['ADDED a', 'BOOKMARK', 'ADDED b', 'MODIFIED b', 'DELETED b', 'DELETED a']);
    const left = recorder.objects[3];
    expect(left?.metadata).toMatchObject({ labels: { app: 'web' }, resourceVersion: out.metadata.resourceVersion });
    recorder.watch.stop();
  });

  it('selects one object by name', async () => {
    const recorder = new Recorder(use(), MAPS, { namespace: NS, fieldSelector: 'metadata.name=b' });
    await use().create(MAPS, map('a'));
    await use().create(MAPS, map('b'));
    expect(await recorder.until(2)).toEqual(['BOOKMARK', 'ADDED b']);
    recorder.watch.stop();
  });

  it('sees all namespaces without one', async () => {
    await use().create(RESOURCES.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'another' } });
    const recorder = new Recorder(use(), MAPS, {});
    await recorder.until(1);
    await use().create(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'z', namespace: 'another' } });
    await use().create(MAPS, map('a'));
    expect((await recorder.until(3)).slice(-2)).toEqual(['ADDED z', 'ADDED a']);
    recorder.watch.stop();
  });

  it('ends with the reason when it cannot be', async () => {
    const recorder = new Recorder(use(), MAPS, { namespace: NS, labelSelector: 'a in' });
    await recorder.until(1);
    expect(recorder.closed).toBeInstanceOf(StatusError);
    expect((recorder.closed as StatusError).code).toBe(400);
  });
}

function discovers(use: Use): void {
  it('tells its version', async () => {
    expect(await use().serverVersion()).toMatchObject({ major: '1', minor: '35', gitVersion: 'v1.35.2' });
  });

  it('tells its resources', async () => {
    const resources = await use().resources();
    const deployments = resources.find((each) => each.resource === 'deployments');
    expect(deployments).toMatchObject({ group: 'apps', version: 'v1', kind: 'Deployment', namespaced: true });
    expect(deployments?.shortNames).toEqual(['deploy']);
    expect(deployments?.subresources).toEqual(expect.arrayContaining(['scale', 'status']));
    expect(deployments?.verbs).toEqual(expect.arrayContaining(['create', 'get', 'list', 'watch', 'patch', 'delete']));
    expect(await use().resourceFor({ group: 'apps', version: 'v1', kind: 'Deployment' })).toEqual(deployments);
    expect(await use().resourceFor({ group: 'apps', version: 'v1', kind: 'Nothing' })).toBeUndefined();
  });

  it('refuses resources that it does not serve', async () => {
    const type: ResourceType = { ...DEPLOYMENTS, group: 'example.com', resource: 'things', kind: 'Thing' };
    const { status } = await failure(use().list(type));
    expect(status).toMatchObject({ code: 404, reason: 'NotFound' });
    expect(status.message).toBe('the server could not find the requested resource');
  });
}
