import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RESOURCES } from '../../src/kube/resources.ts';
import { buildResources } from '../../src/deploy/resource.ts';
import { planWaves } from '../../src/deploy/waves.ts';
import { chartOf } from '../support/chart-of.ts';
import { embeddedCluster, type EmbeddedCluster } from '../support/embedded-cluster.ts';
import { releaseActions, type ReleaseActions } from './release-world.ts';

let cluster: EmbeddedCluster;
let actions: ReleaseActions;
beforeEach(async () => {
  cluster = await embeddedCluster();
  actions = releaseActions(cluster.context());
});
afterEach(() => cluster.stop());

function map(name: string, annotations: Readonly<Record<string, string>> = {}, rest: object = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, ...rest });
}

function deployment(name: string, selector: string, annotations: object = {}): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: {
      selector: { matchLabels: { app: selector } },
      template: { metadata: { labels: { app: selector } }, spec: { containers: [{ name: 'a', image: 'nginx:1.27' }] } },
    },
  });
}

describe('waves', () => {
  const waves = async (...documents: string[]): Promise<string[][]> => {
    const resources = await buildResources(cluster.cluster.client, documents.join('\n---\n'), { namespace: 'default' });
    return planWaves(resources).map((wave) => wave.resources.map(({ key }) => key.name));
  };
  const after = (...names: string[]) => ({
    'pintle.dev/depends-on': names.map((name) => `ConfigMap/${name}`).join(', '),
  });

  test('objects without annotations are one', async () => {
    expect(await waves(map('a'), map('b'))).toEqual([['a', 'b']]);
  });

  test('dependencies make a graph', async () => {
    expect(
      await waves(map('d', after('b', 'c')), map('c', after('a')), map('b', after('a')), map('a'), map('x')),
    ).toEqual([['a', 'x'], ['c', 'b'], ['d']]);
  });

  test('numbers order what depends on nothing', async () => {
    expect(
      await waves(
        map('last', { 'pintle.dev/wave': '5' }),
        map('first', { 'pintle.dev/wave': '-1' }),
        map('b', after('a')),
        map('a'),
      ),
    ).toEqual([['first'], ['a'], ['b'], ['last']]);
  });

  test.each<[string, string[], RegExp]>([
    ['a circle', [map('a', after('b')), map('b', after('a'))], /circle: ConfigMap\/a → ConfigMap\/b → ConfigMap\/a/],
    ['an object that is not there', [map('a', after('z'))], /ConfigMap\/z, which is not in the release/],
    ['a wave that is no number', [map('a', { 'pintle.dev/wave': 'x' })], /is "x", not an integer/],
  ])('%s is refused', async (_, documents, message) => {
    await expect(waves(...documents)).rejects.toThrow(message);
  });

  test('the next wave begins when the one before is ready', async () => {
    const web = deployment('web', 'web', { 'pintle.dev/depends-on': 'Deployment/db' });
    await actions.install(
      await chartOf({ 'templates/a.yaml': `${web}\n---\n${deployment('db', 'db')}\n---\n${map('c')}` }),
    );
    const pods = (await cluster.cluster.client.list(RESOURCES.pods, { namespace: 'default' })).items;
    const live = await cluster.cluster.client.get(RESOURCES.deployments, { namespace: 'default', name: 'web' });
    const db = pods.find((pod) => pod.metadata.name?.startsWith('db-') === true);
    const status = db?.['status'] as
      | { readonly conditions: readonly { readonly type: string; readonly lastTransitionTime: string }[] }
      | undefined;
    const ready = status?.conditions.find((each) => each.type === 'Ready');
    expect(Date.parse(live.metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(
      Date.parse(ready?.lastTransitionTime ?? ''),
    );
  });
});

describe('fields that cannot change', () => {
  const chart = (selector: string, annotations: object = {}) =>
    chartOf({ 'templates/a.yaml': deployment('web', selector, annotations) });
  const uid = async (): Promise<string | undefined> =>
    (await cluster.cluster.client.get(RESOURCES.deployments, { namespace: 'default', name: 'web' })).metadata.uid;

  test('stop an upgrade', async () => {
    await actions.install(await chart('a'));
    await expect(actions.upgrade(await chart('b'))).rejects.toThrow('field is immutable');
  });

  test.each(['true', 'false'] as const)(
    'are written by making the object anew, by annotation, server-side %s',
    async (serverSide) => {
      await actions.install(await chart('a'), { serverSide });
      const before = await uid();
      await actions.upgrade(await chart('b', { 'pintle.dev/on-immutable-change': 'recreate' }));
      expect(await uid()).not.toBe(before);
    },
  );

  test('are written with --force-replace, unless the object forbids it', async () => {
    await actions.install(await chart('a'), { serverSide: 'false' });
    const before = await uid();
    const force = { forceReplace: true };
    await expect(
      actions.upgrade(await chart('b', { 'pintle.dev/on-immutable-change': 'fail' }), force),
    ).rejects.toThrow('immutable');
    expect(await uid()).toBe(before);
    await actions.upgrade(await chart('b'), force);
    expect(await uid()).not.toBe(before);
  });

  test('what need not be made anew is not', async () => {
    await actions.install(await chart('a'), { serverSide: 'false' });
    const before = await uid();
    await actions.upgrade(await chart('a', { note: 'x' }), { forceReplace: true });
    expect(await uid()).toBe(before);
  });
});

test('objects marked keep stay, through upgrade and uninstall', async () => {
  const keep = { 'helm.sh/resource-policy': ' Keep ' };
  await actions.install(
    await chartOf({ 'templates/a.yaml': `${map('a', keep)}\n---\n${map('b', keep)}\n---\n${map('c')}` }),
  );
  await actions.upgrade(await chartOf({ 'templates/a.yaml': map('b', keep) }));
  const { kept } = await actions.uninstall();
  expect(kept.map(({ key }) => key.name)).toEqual(['b']);
  const { items } = await cluster.cluster.client.list(RESOURCES.configMaps, { namespace: 'default' });
  expect(items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt')).toEqual(['a', 'b']);
});
