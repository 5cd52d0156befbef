import { describe, expect, test } from 'vitest';
import { parse as parsePackage, stringify } from 'yaml';
import { PintleError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import {
  coerceToString,
  decodeNode,
  encodeJson,
  findNode,
  fromYaml,
  locate,
  parseDocuments,
  parseManifest,
  toYaml,
} from '../../src/yaml/index.ts';
import { randomMap } from './generate.ts';

function failure(call: () => unknown): PintleError {
  try {
    call();
  } catch (error) {
    if (error instanceof PintleError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('values', () => {
  test('have no prototype, so that every key is a plain key', () => {
    for (const text of ['__proto__: {a: 1}\nconstructor: 2\n', '{__proto__: {a: 1}, constructor: &x 2}']) {
      const value = fromYaml(text, { target: 'map' });
      expect(Object.getPrototypeOf(value)).toBeNull();
      expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
      expect(encodeJson(value)).toBe('{"__proto__":{"a":1},"constructor":2}');
    }
  });

  test.each([
    [
      'float64',
      '[9007199254740993, 18446744073709551615, 1.0, 1.5, 1e3, -0.0]',
      [9007199254740992, 18446744073709552000, 1, 1.5, 1000, -0],
    ],
    [
      'int64-or-float',
      '[9007199254740993, 18446744073709551615, 1.0, 1.5, 1e3, 7]',
      [9007199254740993n, 18446744073709552000, 1n, 1.5, 1000n, 7n],
    ],
    [
      'exact',
      '[9007199254740993, 18446744073709551615, 1.0, 1.5, 1e3, 7]',
      [9007199254740993n, 18446744073709551615n, 1, 1.5, 1000, 7n],
    ],
  ] as const)('numbers: %s', (numbers, text, expected) => {
    expect(fromYaml(text, { numbers })).toEqual(expected);
    expect(fromYaml(`&whole ${text}`, { numbers })).toEqual(expected);
  });

  test('nothing at all is an empty value of its target', () => {
    for (const text of ['', '# note\n', '---\n...\n', '~', '&a']) {
      expect(fromYaml(text)).toBeNull();
      expect(fromYaml(text, { target: 'map' })).toEqual({});
      expect(fromYaml(text, { target: 'array' })).toEqual([]);
    }
  });

  test('a manifest is plain JSON', () => {
    expect(parseManifest('kind: Pod\nspec: {replicas: 3, on: true}\n')).toEqual({
      kind: 'Pod',
      spec: { replicas: 3, true: true },
    });
  });

  test('strings in fields of structs', () => {
    const values = fromYaml('[1.10, 1e6, 0x10, 18446744073709551615, yes, x, 123456789.5]', {
      numbers: 'exact',
      target: 'array',
    });
    expect(values.map(coerceToString)).toEqual([
      '1.1',
      '1e+06',
      '16',
      '18446744073709551615',
      'true',
      'x',
      '1.2345679e+08',
    ]);
    expect([null, [], {}].map(coerceToString)).toEqual([undefined, undefined, undefined]);
  });
});

describe('faults', () => {
  test.each([
    ['a: 1\nb: c: d\n', 'yaml: line 2: mapping values are not allowed in this context', 2, 5],
    ['a: [1, 2\nb: 3\n', "yaml: line 1: did not find expected ',' or ']'", 2, 2],
    ['a:\n  - b\n c: d\n', 'yaml: line 2: did not find expected key', 3, 2],
    ['a: "x\n', 'yaml: line 2: found unexpected end of stream', 2, 1],
    ['x: 1\na: @b\n', 'yaml: line 2: found character that cannot start any token', 2, 4],
    ['x: 1\n\ta: b\n', 'yaml: line 2: found a tab character that violates indentation', 2, 1],
    ['x: 1\ny: *gone\n', "yaml: unknown anchor 'gone' referenced", 2, 4],
    ['x: 1\ny: !!int z\n', 'yaml: cannot decode !!str `z` as a !!int', 2, 4],
    ['x: &a\n  y: *a\n', "yaml: anchor 'a' value contains itself", 2, 6],
    ['x: 1\ny: .nan\n', 'json: unsupported value: NaN', 2, 4],
    ['x: 1\n~: z\n', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "z"', 2, 1],
    ['x: 1\ny: \u0007\n', 'yaml: control characters are not allowed', 2, 4],
  ])('%j', (text, message, line, column) => {
    const error = failure(() => fromYaml(text, { file: 'values.yaml' }));
    expect(error.code).toBe('yaml-syntax');
    expect(error.message).toBe(`error converting YAML to JSON: ${message}`);
    expect(error.location).toEqual({ file: 'values.yaml', line, column, source: text });
  });

  test('a value of another kind than the target', () => {
    const message =
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}';
    expect(failure(() => fromYaml('- 1', { target: 'map' })).message).toBe(message);
  });

  test('keys that are set twice are faults in strict mode', () => {
    const text = 'a: 1\nb:\n  x: 1\n  x: 2\na: 3\n1: x\n0x1: y\n1.0: z\n';
    expect(fromYaml(text)).toEqual({ a: 3, b: { x: 2 }, 1: 'z' });
    const error = failure(() => fromYaml(text, { strict: true, file: 'Chart.yaml' }));
    const problems = [
      'line 4: key "x" already set in map',
      'line 5: key "a" already set in map',
      'line 7: key 1 already set in map',
    ];
    expect(error.message).toBe(`error converting YAML to JSON: yaml: unmarshal errors:\n  ${problems.join('\n  ')}`);
    expect(error.location).toMatchObject({ line: 4, column: 6 });
    expect(fromYaml('a: 1\nb: {<<: {c: 1}, d: 2}', { strict: true })).toEqual({ a: 1, b: { c: 1, d: 2 } });
  });

  test('texts that nest without end', () => {
    for (const text of [
      '['.repeat(50_000),
      '{a: '.repeat(50_000),
      '- '.repeat(50_000),
      `${'['.repeat(9000)}${']'.repeat(9000)}`,
    ]) {
      try {
        fromYaml(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PintleError);
      }
    }
  });
});

describe('documents and their nodes', () => {
  const text = `# values
base: &base
  image: {name: web, tag: "1.0"}
  ports:
  - 80
  - name: https
    port: 443
web:
  <<: *base
  replicas: 2
alias: *base
---
second: |
  text
`;

  test('nodes know their places', () => {
    const [first, second] = parseDocuments(text);
    if (first?.kind !== 'mapping' || second?.kind !== 'mapping') throw new Error('no mappings');
    expect(first.start).toEqual({ offset: 9, line: 1, column: 0 });
    expect(first.items.map(({ key }) => (key.kind === 'scalar' ? [key.value, key.start.line] : []))).toEqual([
      ['base', 1],
      ['web', 7],
      ['alias', 10],
    ]);
    const { value } = second.items[0] ?? {};
    expect(value).toMatchObject({ kind: 'scalar', style: 'literal', value: 'text\n', start: { line: 12, column: 8 } });
    expect(decodeNode(first, { numbers: 'float64', strict: false })).toEqual(fromYaml(text));
  });

  test.each([
    [['base', 'image', 'tag'], 3, 27],
    [['base', 'ports', 1, 'port'], 7, 11],
    [['web', 'replicas'], 10, 13],
    [['web', 'image', 'name'], 3, 17],
    [['alias', 'ports', 0], 5, 5],
  ])('finds %j', (path, line, column) => {
    const [root] = parseDocuments(text);
    if (root === undefined) throw new Error('no document');
    const found = findNode(root, path);
    if (found === undefined) throw new Error('not found');
    expect(locate(found.value.start, { name: 'values.yaml', text })).toMatchObject({
      file: 'values.yaml',
      line,
      column,
    });
  });

  test('finds nothing where there is nothing, and the last of equal keys', () => {
    const [root] = parseDocuments('a: 1\na: 2\nl: [x]\nm: {<<: [{k: 1}, {k: 2}]}\nloop: &l {<<: *l}\n');
    if (root === undefined) throw new Error('no document');
    for (const path of [['b'], ['a', 'b'], ['l', 1], ['l', 'x'], ['loop', 'x'], ['m', 'z']])
      expect(findNode(root, path)).toBeUndefined();
    expect(findNode(root, ['a'])?.value.start.line).toBe(1);
    expect(findNode(root, ['m', 'k'])?.value.start.column).toBe(13);
  });

  test('a byte order mark counts in offsets of the file', () => {
    const source = '\ufeffa: 1';
    const [root] = parseDocuments(source);
    if (root === undefined) throw new Error('no document');
    expect(locate(root.start, { name: 'f', text: source })).toMatchObject({ line: 1, column: 2 });
  });

  test('faults in any document are found', () => {
    const error = failure(() => parseDocuments('a: 1\n---\nb: [\n', { file: 'x.yaml' }));
    expect(error.message).toBe('yaml: line 3: did not find expected node content');
    expect(error.location).toMatchObject({ file: 'x.yaml', line: 4 });
  });
});

describe('against the yaml package', () => {
  const WORDS = /^[\w é日-]*$/;

  /** True if all strings of a value are ones that both read alike. */
  function isPlain(value: unknown): boolean {
    if (typeof value === 'string') return WORDS.test(value) && !/^[-\s\d]|\s$/.test(value);
    if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 53 && !Object.is(value, -0);
    if (typeof value !== 'object' || value === null) return true;
    return Object.entries(value).every(([key, item]) => isPlain(key) && isPlain(item));
  }

  test('both read what the other writes', () => {
    const random = new SeededRandom('yaml package');
    let seen = 0;
    for (let i = 0; i < 3000; i += 1) {
      const value = randomMap(random);
      if (!isPlain(value)) continue;
      seen += 1;
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(parsePackage(toYaml(value), { version: '1.1' })).toEqual(plain);
      for (const collectionStyle of ['block', 'flow'] as const) {
        expect(fromYaml(stringify(plain, { version: '1.1', collectionStyle, lineWidth: 40 }))).toEqual(plain);
      }
    }
    expect(seen).toBeGreaterThan(200);
  });
});
