import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RESOURCES } from '../../src/kube/resources.ts';
import { exitCodeOf } from '../../src/cli/error-text.ts';
import { buildResources } from '../../src/deploy/resource.ts';
import { describeOrder, planOrder } from '../../src/deploy/operation-graph.ts';
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
  const order = async (...documents: string[]): Promise<string[]> => {
    const resources = await buildResources(cluster.cluster.client, documents.join('\n---\n'), { namespace: 'default' });
    return describeOrder(planOrder(resources)).map((line) => line.replaceAll('ConfigMap/', ''));
  };
  const after = (...names: string[]) => ({
    'pintle.dev/depends-on': names.map((name) => `ConfigMap/${name}`).join(', '),
  });

  test('objects without annotations are written as they come', async () => {
    expect(await order(map('a'), map('b'))).toEqual([]);
  });

  test('dependencies make a graph', async () => {
    expect(
      await order(map('d', after('b', 'c')), map('c', after('a')), map('b', after('a')), map('a'), map('x')),
    ).toEqual(['wave 0: a, x', '  d after b, c', '  c after a', '  b after a']);
  });

  test('numbers order what depends on nothing', async () => {
    expect(
      await order(
        map('last', { 'pintle.dev/wave': '5' }),
        map('first', { 'pintle.dev/wave': '-1' }),
        map('b', after('a')),
        map('a'),
      ),
    ).toEqual(['wave -1: first', 'wave 0: a', '  b after a', 'wave 5: last']);
  });

  test.each<[string, string[], RegExp]>([
    ['a circle', [map('a', after('b')), map('b', after('a'))], /circle: ConfigMap\/a → ConfigMap\/b → ConfigMap\/a/],
    ['an object that depends on itself', [map('a', after('a'))], /circle: ConfigMap\/a → ConfigMap\/a/],
    ['an object that is not there', [map('a', after('z'))], /ConfigMap\/z, which is not in the release/],
    ['a wave that is no number', [map('a', { 'pintle.dev/wave': 'x' })], /is "x", not an integer/],
    [
      'a dependency of a later wave',
      [map('a', after('b')), map('b', { 'pintle.dev/wave': '1' })],
      /depends-on names ConfigMap\/b, which is in the later wave 1/,
    ],
  ])('%s is refused', async (_, documents, message) => {
    await expect(order(...documents)).rejects.toThrow(message);
  });

  test('faults are told with their place in the template, and nothing is written', async () => {
    const yaml = (name: string, other: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations:\n    pintle.dev/depends-on: ConfigMap/${other}\n`;
    const chart = await chartOf({
      'templates/a.yaml': `# first\n${yaml('a', 'b')}`,
      'templates/b.yaml': yaml('b', '{{ .Values.other }}'),
      'values.yaml': 'other: a\n',
    });
    await expect(actions.install(chart)).rejects.toMatchObject({
      code: 'manifest-invalid',
      location: { file: expect.stringMatching(/templates\/a\.yaml$/) as string, line: 7, column: 5 },
      trace: [
        { text: 'ConfigMap/a depends on ConfigMap/b', location: { line: 7 } },
        {
          text: 'ConfigMap/b depends on ConfigMap/a',
          location: { file: expect.stringMatching(/templates\/b\.yaml as rendered$/) as string, line: 6 },
        },
      ],
    });
    expect(await actions.history()).toEqual([]);
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

describe('a graph on the cluster', () => {
  const on = (other: string, more: object = {}) => ({ 'pintle.dev/depends-on': other, ...more });
  const created = async (name: string): Promise<string> => {
    const live = await cluster.cluster.client.get(RESOURCES.configMaps, { namespace: 'default', name });
    return live.metadata.resourceVersion ?? '';
  };

  test('what depends on nothing slow does not wait for it', async () => {
    const slow = deployment('slow', 'slow', {});
    const parts = [
      slow,
      map('after-slow', on('Deployment/slow')),
      map('quick'),
      map('after-quick', on('ConfigMap/quick')),
    ];
    await actions.install(await chartOf({ 'templates/a.yaml': parts.join('\n---\n') }));
    expect(Number(await created('after-quick'))).toBeLessThan(Number(await created('after-slow')));
  });

  test('an object that never gets ready stops what needs it; the failure names what was not done', async () => {
    const bad = deployment('bad', 'bad', { 'pintle.dev/ready-when': 'false' });
    const parts = [
      bad,
      map('a', on('Deployment/bad')),
      map('b', on('ConfigMap/a')),
      map('c', { 'pintle.dev/wave': '1' }),
    ];
    await expect(
      actions.install(await chartOf({ 'templates/a.yaml': parts.join('\n---\n') }), { timeout: 20_000 }),
    ).rejects.toMatchObject({
      code: 'wait-timeout',
      message: expect.stringMatching(
        /not done: ConfigMap\/a \(needs Deployment\/bad\), ConfigMap\/b \(needs ConfigMap\/a\), ConfigMap\/c \(wave 1\)$/,
      ) as string,
    });
  });

  test('uninstall goes backwards, and waits until what depends on an object is gone', async () => {
    const web = deployment('web', 'web', on('Deployment/db, ConfigMap/settings'));
    const parts = [web, deployment('db', 'db'), map('settings'), map('late', { 'pintle.dev/wave': '1' })];
    await actions.install(await chartOf({ 'templates/a.yaml': parts.join('\n---\n') }));
    const gone: string[] = [];
    const watches = [RESOURCES.configMaps, RESOURCES.deployments].map((type) =>
      cluster.cluster.client.watch(
        type,
        { namespace: 'default' },
        {
          event: (event) => {
            if (event.type === 'DELETED') gone.push(event.object.metadata.name ?? '');
          },
          closed: () => undefined,
        },
      ),
    );
    await actions.uninstall();
    for (const watch of watches) watch.stop();
    const ours = gone.filter((name) => !name.startsWith('sh.helm'));
    expect(ours.slice(0, 2)).toEqual(['late', 'web']);
    expect(ours.slice(2).sort()).toEqual(['db', 'settings']);
  });
});

describe('an uninstall in order that ends early', () => {
  const held = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'held', annotations: { 'pintle.dev/wave': '1' }, finalizers: ['example.com/hold'] },
  });
  const names = async (): Promise<(string | undefined)[]> => {
    const { items } = await cluster.cluster.client.list(RESOURCES.configMaps, { namespace: 'default' });
    return items.map(({ metadata }) => metadata.name).filter((name) => name === 'held' || name === 'first');
  };

  test('by an interrupt tells so, records it, and can be gone on with', async () => {
    await actions.install(await chartOf({ 'templates/a.yaml': `${map('first')}\n---\n${held}` }));
    const controller = new AbortController();
    cluster.cluster.clock.setTimer(2000, () => controller.abort());
    const other = releaseActions({ ...cluster.context(), signal: controller.signal });
    const error: unknown = await other.uninstall().catch((each: unknown) => each);
    expect(error).toMatchObject({
      code: 'interrupted',
      message: expect.stringMatching(
        /^failed to delete release: web: [^]*context canceled; not deleted: ConfigMap\/first \(wave 0\)$/,
      ) as string,
    });
    expect(exitCodeOf(error)).toBe(130);
    expect(await actions.history()).toEqual(['1 failed: Uninstallation interrupted']);
    expect(await names()).toEqual(['first', 'held']);
    await cluster.cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'held' }, 'merge', {
      metadata: { finalizers: null },
    });
    await actions.uninstall();
    expect(await names()).toEqual([]);
    expect(await actions.history()).toEqual([]);
  });

  test('by its timeout tells what holds it', async () => {
    await actions.install(await chartOf({ 'templates/a.yaml': `${map('first')}\n---\n${held}` }));
    await expect(actions.uninstall({ timeout: 5000 })).rejects.toMatchObject({
      code: 'wait-timeout',
      hint: expect.stringContaining('a finalizer may hold the object') as string,
    });
    expect(await names()).toEqual(['first', 'held']);
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
