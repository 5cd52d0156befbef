import { describe, expect, test } from 'vitest';
import { diffRelease } from '../../src/deploy/diff-release.ts';
import { countDiffs, diffJson, formatDiff, formatDiffCounts } from '../../src/deploy/format-diff.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { parseManifest } from '../../src/yaml/index.ts';
import { failure, ObjectClient } from '../release/object-client.ts';

const configMap = (name: string, data: Readonly<Record<string, string>>, annotations = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${annotations}data:\n${Object.entries(data)
    .map(([key, value]) => `  ${key}: "${value}"\n`)
    .join('')}`;
const KEEP = '  annotations:\n    helm.sh/resource-policy: keep\n';

const last = [
  configMap('same', { a: '1' }),
  configMap('changed', { a: '1', b: '2', c: '3' }),
  configMap('dropped', { a: '1' }),
  configMap('kept', { a: '1' }, KEEP),
  configMap('deleted', { a: '1' }),
  configMap('drifted', { a: '1' }),
].join('---\n');
const next = [
  configMap('same', { a: '1' }),
  configMap('changed', { a: '1', b: 'two', c: '3' }),
  configMap('deleted', { a: '1' }),
  configMap('drifted', { a: '2' }),
  configMap('fresh', { a: '1' }),
].join('---\n');

function cluster(): ObjectClient {
  const client = new ObjectClient();
  for (const document of last.split('---\n')) {
    const object = parseManifest(document) as { metadata: { name: string }; data: Record<string, string> };
    if (object.metadata.name === 'deleted') continue;
    if (object.metadata.name === 'drifted') object.data['a'] = '2';
    client.put(RESOURCES.configMaps, { ...object, metadata: { ...object.metadata, namespace: 'default' } });
  }
  return client;
}

const request = { namespace: 'default', last, next };

describe('diffRelease', () => {
  test('tells of every object: first those of the new manifest, then those that go', async () => {
    const diffs = await diffRelease(cluster(), request);
    expect(diffs.map(({ name, change, kept, gone }) => [name, change, kept, gone])).toEqual([
      ['same', 'unchanged', false, false],
      ['changed', 'changed', false, false],
      ['deleted', 'added', false, true],
      ['drifted', 'unchanged', false, false],
      ['fresh', 'added', false, false],
      ['dropped', 'removed', false, false],
      ['kept', 'removed', true, false],
    ]);
    expect(countDiffs(diffs)).toEqual({ added: 2, changed: 1, removed: 1, drifted: 2 });
    expect(formatDiffCounts(countDiffs(diffs))).toBe('Plan: 2 to add, 1 to change, 1 to destroy.');
  });

  test('knows what a Secret means, also where manifests alone are compared', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pw: x}\n';
    const [diff] = await diffRelease(new ObjectClient(), {
      namespace: 'default',
      last: secret,
      next: secret,
      manifestsOnly: true,
    });
    expect(diff).toMatchObject({ change: 'unchanged', changes: [], drift: [] });
  });

  test('can compare the manifests alone', async () => {
    const client = new ObjectClient();
    const diffs = await diffRelease(client, { ...request, manifestsOnly: true });
    expect(diffs.map(({ name, change }) => `${name} ${change}`)).toEqual([
      'same unchanged',
      'changed changed',
      'deleted unchanged',
      'drifted changed',
      'fresh added',
      'dropped removed',
      'kept removed',
    ]);
    expect(client.calls).toEqual([]);
  });

  test('compares the manifests of objects that may not be read', async () => {
    const client = cluster();
    client.fault = () => failure(403, 'Forbidden', 'no');
    const diffs = await diffRelease(client, request);
    expect(diffs.find(({ name }) => name === 'drifted')?.change).toBe('changed');
    client.fault = () => failure(500, 'InternalError', 'etcd is down');
    await expect(diffRelease(client, request)).rejects.toThrow('etcd is down');
  });

  test('an uninstall takes away, an install adds', async () => {
    const gone = await diffRelease(cluster(), { namespace: 'default', last: configMap('same', { a: '1' }), next: '' });
    expect(gone.map(({ change }) => change)).toEqual(['removed']);
    const fresh = await diffRelease(new ObjectClient(), { namespace: 'default', last: '', next });
    expect(new Set(fresh.map(({ change }) => change))).toEqual(new Set(['added']));
  });

  test('a kind that the cluster lacks is an error in the new manifest, not in the last one', async () => {
    const alien = 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n';
    const base = { namespace: 'default', last: '', next: '' };
    await expect(diffRelease(new ObjectClient(), { ...base, next: alien })).rejects.toMatchObject({
      code: 'no-kind-match',
    });
    expect(await diffRelease(new ObjectClient(), { ...base, last: alien })).toEqual([]);
  });
});

describe('formatDiff', () => {
  test('writes what users of the diff plugin know', async () => {
    expect(formatDiff(await diffRelease(cluster(), request), { context: 1 })).toBe(
      [
        'default, changed, ConfigMap (v1) has changed:',
        '...',
        '    a: "1"',
        '-   b: "2"',
        '+   b: two',
        '    c: "3"',
        '...',
        'default, deleted, ConfigMap (v1) has been added:',
        '! it was deleted since the last revision',
        '+ apiVersion: v1',
        '+ data:',
        '+   a: "1"',
        '+ kind: ConfigMap',
        '+ metadata:',
        '+   name: deleted',
        '+   namespace: default',
        'default, drifted, ConfigMap (v1) has drifted, and is as the new manifest says:',
        '! data.a was changed since the last revision: 1 → 2',
        'default, fresh, ConfigMap (v1) has been added:',
        '+ apiVersion: v1',
        '+ data:',
        '+   a: "1"',
        '+ kind: ConfigMap',
        '+ metadata:',
        '+   name: fresh',
        '+   namespace: default',
        'default, dropped, ConfigMap (v1) has been removed:',
        '- apiVersion: v1',
        '- data:',
        '-   a: "1"',
        '- kind: ConfigMap',
        '- metadata:',
        '-   name: dropped',
        '-   namespace: default',
        'default, kept, ConfigMap (v1) has been removed, but is kept (helm.sh/resource-policy: keep):',
        '- apiVersion: v1',
        '- data:',
        '-   a: "1"',
        '- kind: ConfigMap',
        '- metadata:',
        '-   annotations:',
        '-     helm.sh/resource-policy: keep',
        '-   name: kept',
        '-   namespace: default',
        '',
      ].join('\n'),
    );
  });

  test('says nothing when nothing differs', async () => {
    const diffs = await diffRelease(cluster(), { ...request, next: configMap('same', { a: '1' }), last: '' });
    expect(formatDiff(diffs)).toBe('');
    expect(diffJson(diffs)).toEqual([]);
  });

  test('colours what it is told to', async () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const style = { red: mark('red'), green: mark('green'), yellow: mark('yellow'), dim: mark('dim') };
    const only = {
      ...request,
      last: configMap('changed', { a: '1', b: '2', c: '3' }),
      next: configMap('changed', { a: '1', b: 'two', c: '3' }),
    };
    expect(formatDiff(await diffRelease(cluster(), only), { style, context: 0 })).toBe(
      '<yellow>default, changed, ConfigMap (v1) has changed:</yellow>\n<dim>...</dim>\n<red>-   b: "2"</red>\n<green>+   b: two</green>\n<dim>...</dim>\n',
    );
  });

  test('hides drift when asked to', async () => {
    const diffs = await diffRelease(cluster(), request);
    expect(formatDiff(diffs, { hideDrift: true })).not.toContain('!');
  });

  test('gives data to programs', async () => {
    const json = diffJson(await diffRelease(cluster(), request)) as { name: string }[];
    expect(json.map(({ name }) => name)).toEqual(['changed', 'deleted', 'drifted', 'fresh', 'dropped', 'kept']);
    expect(json[0]).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'default',
      name: 'changed',
      change: 'changed',
      changes: [{ path: 'data.b', change: 'changed', before: '2', after: 'two' }],
    });
  });
});
