import { describe, expect, it } from 'vitest';
import { findRenames } from '../../src/deploy/find-renames.ts';
import { diffMarkdown } from '../../src/deploy/diff-document.ts';
import type { ObjectDiff } from '../../src/deploy/diff-release.ts';
import { countDiffs, diffJson, formatDiff } from '../../src/deploy/format-diff.ts';
import { formatDyff } from '../../src/deploy/format-dyff.ts';

const BASE = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'default',
  kept: false,
  changes: [],
  drift: [],
  gone: false,
};

function state(name: string, data: object): Readonly<Record<string, unknown>> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

function removed(name: string, data: object, more: Partial<ObjectDiff> = {}): ObjectDiff {
  return { ...BASE, name, change: 'removed', before: state(name, data), ...more };
}

function added(name: string, data: object, more: Partial<ObjectDiff> = {}): ObjectDiff {
  return { ...BASE, name, change: 'added', after: state(name, data), ...more };
}

const DATA = { a: '1', b: '2', c: '3', d: '4', url: 'http://old-name' };
const MOVED = { ...DATA, d: '5', url: 'http://new-name' };

describe('renames', () => {
  it('are objects that go and come again', () => {
    const diffs = findRenames([added('new-name', MOVED), removed('old-name', DATA)]);
    expect(diffs.map(({ renamedFrom, renamedTo }) => renamedFrom ?? renamedTo)).toEqual(['old-name', 'new-name']);
    expect(diffs[0]?.changes.map(({ path }) => path)).toEqual(['data.d', 'data.url', 'metadata.name']);
    expect(countDiffs(diffs)).toEqual({ added: 1, changed: 0, removed: 1, drifted: 0 });
    expect(formatDiff(diffs, { context: 0 })).toBe(
      [
        'default, new-name, ConfigMap (v1) has been added, renamed from old-name:',
        '...',
        '-   d: "4"',
        '-   url: http://old-name',
        '+   d: "5"',
        '+   url: http://new-name',
        '...',
        '-   name: old-name',
        '+   name: new-name',
        '...',
        'default, old-name, ConfigMap (v1) has been removed, renamed to new-name',
        '',
      ].join('\n'),
    );
    expect(diffJson(diffs)).toMatchObject([{ renamedFrom: 'old-name' }, { renamedTo: 'new-name' }]);
    expect(diffMarkdown(diffs)).toContain('renamed from old-name');
  });

  it.each<[string, readonly ObjectDiff[]]>([
    ['objects that differ', [added('b', { x: '1', y: '2', z: '3' }), removed('a', DATA)]],
    ['small ones', [added('b', { x: '1' }), removed('a', { x: '1' })]],
    ['those that stay', [added('b', DATA), removed('a', DATA, { kept: true })]],
    ['what was deleted by others', [added('b', DATA, { gone: true }), removed('a', DATA)]],
    ['other kinds', [added('b', DATA, { kind: 'Secret' }), removed('a', DATA)]],
    ['other namespaces', [added('b', DATA, { namespace: 'x' }), removed('a', DATA)]],
  ])('are not %s', (_, diffs) => {
    expect(findRenames(diffs)).toEqual(diffs);
  });

  it('pair each object at most once, the likest first', () => {
    const diffs = findRenames([added('two', MOVED), added('three', DATA), removed('one', DATA)]);
    expect(diffs.map(({ renamedFrom, renamedTo }) => renamedFrom ?? renamedTo)).toEqual([undefined, 'one', 'three']);
  });
});

describe('differences field by field', () => {
  it('tell values, entries, types and texts', () => {
    const diff: ObjectDiff = {
      ...BASE,
      name: 'web',
      change: 'changed',
      changes: [
        { path: 'data.a', change: 'changed', before: '1', after: '2' },
        { path: 'data.b', change: 'added', after: { x: 1 } },
        { path: 'data.c', change: 'removed', before: ['x', 'y'] },
        { path: 'data.d', change: 'changed', before: 1, after: 'one' },
        { path: 'data.e', change: 'changed', before: 'a\nb\nc\nd', after: 'a\nb\nx\nd' },
      ],
      drift: [{ path: 'data.f', change: 'changed', before: true, after: false }],
    };
    expect(
      formatDyff([diff, removed('gone', { x: '1' }), added('new', { x: '1' })]),
    ).toBe(`data.a  (v1/ConfigMap/default/web)
  ± value change
    - "1"
    + "2"

data.b  (v1/ConfigMap/default/web)
  + map of one entry added:
    + x: 1

data.c  (v1/ConfigMap/default/web)
  - list of 2 entries removed:
    - - x
    - - "y"

data.d  (v1/ConfigMap/default/web)
  ± type change from number to string
    - 1
    + one

data.e  (v1/ConfigMap/default/web)
  ± value change in a text of several lines
      b
    - c
    + x
      d

data.f  (v1/ConfigMap/default/web, changed past the release)
  ± value change
    - true
    + false

v1/ConfigMap/default/gone
  - object removed:
    - apiVersion: v1
    - data:
    -   x: "1"
    - kind: ConfigMap
    - metadata:
    -   name: gone
    -   namespace: default

v1/ConfigMap/default/new
  + object added:
    + apiVersion: v1
    + data:
    +   x: "1"
    + kind: ConfigMap
    + metadata:
    +   name: new
    +   namespace: default
`);
    expect(formatDyff([diff], { hideDrift: true })).not.toContain('data.f');
    expect(formatDyff(findRenames([added('new-name', MOVED), removed('old-name', DATA)]))).toContain(
      '+ object added, renamed from old-name',
    );
    expect(formatDyff([])).toBe('');
  });
});
