import { describe, expect, test } from 'vitest';
import { applyJsonPatch } from '../../src/kube/json-patch.ts';
import { PatchError } from '../../src/kube/patch-error.ts';

const pod = {
  metadata: { name: 'p', labels: { a: '1', 'x/y': '2' } },
  spec: { containers: [{ name: 'c1' }, { name: 'c2' }] },
};
type Steps = readonly Record<string, unknown>[];

describe('steps', () => {
  test.each<[string, Steps, unknown]>([
    ['add a field', [{ op: 'add', path: '/metadata/labels/b', value: '3' }], { a: '1', 'x/y': '2', b: '3' }],
    [
      'replace an absent field',
      [{ op: 'replace', path: '/metadata/labels/b', value: '3' }],
      { a: '1', 'x/y': '2', b: '3' },
    ],
    [
      'escapes',
      [
        { op: 'test', path: '/metadata/labels/x~1y', value: '2' },
        { op: 'remove', path: '/metadata/labels/x~1y' },
      ],
      { a: '1' },
    ],
    ['move', [{ op: 'move', from: '/metadata/labels/a', path: '/metadata/labels/b' }], { 'x/y': '2', b: '1' }],
    ['copy', [{ op: 'copy', from: '/metadata/labels/a', path: '/metadata/labels/b' }], { a: '1', 'x/y': '2', b: '1' }],
    ['test of nothing', [{ op: 'test', path: '/metadata/labels/zz', value: null }], pod.metadata.labels],
  ])('%s', (_, steps, labels) => {
    const result = applyJsonPatch(pod, steps) as typeof pod;
    expect(result.metadata.labels).toEqual(labels);
  });

  test.each<[string, Steps, readonly string[]]>([
    ['append', [{ op: 'add', path: '/spec/containers/-', value: { name: 'z' } }], ['c1', 'c2', 'z']],
    ['insert', [{ op: 'add', path: '/spec/containers/1', value: { name: 'z' } }], ['c1', 'z', 'c2']],
    ['from the end', [{ op: 'remove', path: '/spec/containers/-1' }], ['c1']],
    [
      'copies are apart',
      [
        { op: 'copy', from: '/spec/containers/0', path: '/spec/containers/-' },
        { op: 'replace', path: '/spec/containers/2/name', value: 'n' },
      ],
      ['c1', 'c2', 'n'],
    ],
  ])('%s', (_, steps, names) => {
    const result = applyJsonPatch(pod, steps) as typeof pod;
    expect(result.spec.containers.map(({ name }) => name)).toEqual(names);
  });

  test('neither argument is changed; untouched parts are shared', () => {
    const before = JSON.stringify(pod);
    const value = { name: 'z', env: [] as unknown[] };
    const result = applyJsonPatch(pod, [
      { op: 'add', path: '/spec/containers/0', value },
      { op: 'add', path: '/spec/containers/0/env/-', value: 1 },
    ]) as typeof pod;
    expect(JSON.stringify(pod)).toBe(before);
    expect(value).toEqual({ name: 'z', env: [] });
    expect(result.metadata).toBe(pod.metadata);
  });

  test('a whole document', () => {
    expect(applyJsonPatch(pod, [{ op: 'replace', path: '', value: { a: 1 } }])).toEqual({ a: 1 });
    expect(applyJsonPatch(pod, [{ op: 'test', path: '', value: pod }])).toBe(pod);
  });
});

describe('faults', () => {
  test.each<[Steps, string]>([
    [
      [{ op: 'replace', path: '/spec/foo/bar', value: 1 }],
      'replace operation does not apply: doc is missing path: /spec/foo/bar: missing value',
    ],
    [
      [{ op: 'remove', path: '/spec/foo' }],
      "error in remove for path: '/spec/foo': Unable to remove nonexistent key: foo: missing value",
    ],
    [
      [{ op: 'add', path: '/x/y', value: 1 }],
      'add operation does not apply: doc is missing path: "/x/y": missing value',
    ],
    [
      [{ op: 'add', path: '/spec/containers/5', value: 1 }],
      "error in add for path: '/spec/containers/5': Unable to access invalid index: 5: invalid index referenced",
    ],
    [
      [{ op: 'add', path: '/spec/containers/x', value: 1 }],
      `error in add for path: '/spec/containers/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      [{ op: 'replace', path: '/spec/containers/9', value: 1 }],
      'replace operation does not apply: doc is missing key: /spec/containers/9: missing value',
    ],
    [[{ op: 'test', path: '/metadata/labels/a', value: '2' }], 'testing value /metadata/labels/a failed: test failed'],
    [
      [{ op: 'move', from: '/metadata/labels/q', path: '/z' }],
      "error in move for path: 'q': Unable to remove nonexistent key: q: missing value",
    ],
    [[{ op: 'bogus', path: '/x' }], 'Unexpected kind: bogus'],
    [[{ path: '/x' }], 'Unexpected kind: unknown'],
  ])('%j', (steps, message) => {
    expect(() => applyJsonPatch(pod, steps)).toThrow(new PatchError(message, 422));
  });

  test('something else than steps is a bad request', () => {
    try {
      applyJsonPatch(pod, { op: 'add' });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PatchError);
      expect((error as PatchError).toStatusError().status).toMatchObject({ code: 400, reason: 'BadRequest' });
    }
  });

  test('what the server says of a patch that does not apply', () => {
    expect(new PatchError('x', 422).toStatusError().message).toBe(
      'the server rejected our request due to an error in our request',
    );
    expect(new PatchError('x', 500).toStatusError().status).toMatchObject({ code: 500, reason: 'InternalError' });
  });
});
