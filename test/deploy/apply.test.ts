import { beforeEach, describe, expect, test } from 'vitest';
import { createObjects, deleteObjects, UpdateError, updateObjects } from '../../src/deploy/apply.ts';
import { buildResources, type Resource } from '../../src/deploy/resource.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type LightCluster, lightCluster } from './light-cluster.ts';

let cluster: LightCluster;
beforeEach(async () => {
  cluster = await lightCluster();
});

const map = (
  name: string,
  data: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data });

const build = (...documents: string[]): Promise<Resource[]> =>
  buildResources(cluster.client, documents.join('\n---\n'), { namespace: 'default' });

const dataOf = async (name: string): Promise<unknown> => (await cluster.find(RESOURCES.configMaps, name))?.['data'];

describe.each([
  ['server-side', { serverSide: true }],
  ['client-side', { serverSide: false }],
])('%s', (_, options) => {
  test('creates objects as the field manager of Helm', async () => {
    const result = await createObjects(cluster, await build(map('a', { x: '1' }), map('b', { x: '2' })), options);
    expect(result.created.map(({ key }) => key.name)).toEqual(['a', 'b']);
    const live = await cluster.find(RESOURCES.configMaps, 'a');
    expect(live?.['data']).toEqual({ x: '1' });
    expect(live?.metadata.managedFields).toMatchObject([
      { manager: 'helm', operation: options.serverSide ? 'Apply' : 'Update' },
    ]);
  });

  test('changes, adds and takes away fields; those of others stay', async () => {
    const before = await build(map('a', { x: '1', gone: '1' }));
    await createObjects(cluster, before, options);
    const other = cluster.clientOf('kubectl');
    await other.patch(RESOURCES.configMaps, { namespace: 'default', name: 'a' }, 'merge', { data: { other: 'o' } });
    const after = await build(map('a', { x: '2', fresh: '1' }));
    const result = await updateObjects(cluster, before, after, options);
    expect(result.updated).toHaveLength(1);
    expect(await dataOf('a')).toEqual({ x: '2', fresh: '1', other: 'o' });
  });

  test('creates what is new and deletes what is gone, but not what is to be kept', async () => {
    const keep = { 'helm.sh/resource-policy': 'keep' };
    const before = await build(map('a', {}), map('b', {}), map('c', {}, keep), map('d', {}));
    await createObjects(cluster, before, options);
    await cluster.client.delete(RESOURCES.configMaps, { namespace: 'default', name: 'd' });
    const result = await updateObjects(cluster, before, await build(map('a', {}), map('e', {})), options);
    expect(result.created.map(({ key }) => key.name)).toEqual(['e']);
    expect(result.deleted.map(({ key }) => key.name)).toEqual(['b']);
    expect(await cluster.names(RESOURCES.configMaps)).toEqual(['a', 'c', 'e']);
    expect(cluster.log.join('\n')).toContain('helm.sh/resource-policy: keep');
  });

  test('brings back what somebody deleted', async () => {
    const resources = await build(map('a', { x: '1' }));
    const result = await updateObjects(cluster, resources, resources, options);
    expect(result.created).toHaveLength(1);
    expect(await dataOf('a')).toEqual({ x: '1' });
  });

  test('refuses an object that is there but not of the release', async () => {
    await createObjects(cluster, await build(map('a', {})), options);
    await expect(updateObjects(cluster, [], await build(map('a', { x: '1' })), options)).rejects.toThrow(
      'original object ConfigMap with the name "a" not found',
    );
  });

  test('collects failures of a kind, and deletes nothing then', async () => {
    const before = await build(map('a', {}), map('z', {}));
    await createObjects(cluster, before, options);
    const wrong = map('a', {}).replace('"data":{}', '"data":{"bad key!":"x"}');
    const error = await updateObjects(cluster, before, await build(wrong), options).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(UpdateError);
    expect((error as UpdateError).message).toMatch(/bad key!/);
    expect((error as UpdateError).result.updated).toHaveLength(1);
    expect(await cluster.names(RESOURCES.configMaps)).toEqual(['a', 'z']);
  });

  test('tries all objects of the kind at which a creation fails, and none of the next', async () => {
    const wrong = map('B!', {});
    const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } });
    const error = await createObjects(cluster, await build(wrong, map('a', {}), secret), options).catch(
      (each: unknown) => each,
    );
    expect(error).toBeInstanceOf(UpdateError);
    expect((error as UpdateError).result.created.map(({ key }) => key.name)).toEqual(['a']);
    expect(await cluster.names(RESOURCES.secrets)).toEqual([]);
  });

  test('replaces when it is forced to', async () => {
    const before = await build(map('a', { x: '1' }));
    await createObjects(cluster, before, options);
    const other = cluster.clientOf('kubectl');
    await other.patch(RESOURCES.configMaps, { namespace: 'default', name: 'a' }, 'merge', { data: { other: 'o' } });
    await updateObjects(cluster, before, await build(map('a', { x: '2' })), { ...options, forceReplace: true });
    expect(await dataOf('a')).toEqual({ x: '2' });
  });

  test('applying on the server refuses fields that do not exist; creating leaves them out, as helm does', async () => {
    const wrong = createObjects(cluster, await build(map('a', {}).replace('"data":{}', '"date":{}')), options);
    if (options.serverSide) await expect(wrong).rejects.toThrow(/date/);
    else expect((await wrong).created).toHaveLength(1);
    const live = await cluster.find(RESOURCES.configMaps, 'a');
    expect(live === undefined || !('date' in live)).toBe(true);
  });
});

describe('conflicts', () => {
  const take = async (): Promise<Resource[]> => {
    const before = await build(map('a', { x: '1' }));
    await createObjects(cluster, before, { serverSide: true });
    const other = cluster.clientOf('kubectl');
    const mine = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: 'theirs' } };
    await other.patch(RESOURCES.configMaps, { namespace: 'default', name: 'a' }, 'apply', mine, { force: true });
    return before;
  };

  test('name the object, the manager and the field', async () => {
    const before = await take();
    const error = await updateObjects(cluster, before, await build(map('a', { x: '2' })), { serverSide: true }).catch(
      (each: unknown) => each as Error,
    );
    expect(error).toBeInstanceOf(UpdateError);
    expect((error as Error).message).toMatch(
      /^conflict occurred while applying object default\/a \/v1, Kind=ConfigMap: .*conflict with "kubectl".*\.data\.x/s,
    );
    expect(await dataOf('a')).toEqual({ x: 'theirs' });
  });

  test('can be forced', async () => {
    const before = await take();
    await updateObjects(cluster, before, await build(map('a', { x: '2' })), { serverSide: true, forceConflicts: true });
    expect(await dataOf('a')).toEqual({ x: '2' });
  });
});

test('a release that was applied client-side goes on server-side, and its fields still go away', async () => {
  const before = await build(map('a', { x: '1', gone: '1' }));
  await createObjects(cluster, before, { serverSide: false });
  await updateObjects(cluster, before, await build(map('a', { x: '2' })), {
    serverSide: true,
    upgradeFieldManager: true,
  });
  expect(await dataOf('a')).toEqual({ x: '2' });
  const live = await cluster.find(RESOURCES.configMaps, 'a');
  expect(live?.metadata.managedFields?.map(({ manager, operation }) => `${manager ?? ''} ${operation ?? ''}`)).toEqual([
    'helm Apply',
  ]);
});

describe('deleteObjects', () => {
  test('counts what is gone as deleted', async () => {
    const resources = await build(map('a', {}), map('b', {}));
    await createObjects(cluster, resources.slice(0, 1), { serverSide: true });
    expect(await deleteObjects(cluster, resources, 'Background')).toEqual([]);
    expect(await cluster.names(RESOURCES.configMaps)).toEqual([]);
  });
});
