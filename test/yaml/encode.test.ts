import { describe, expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { GoInt } from '../../src/base/go-int.ts';
import { decodeJson, encodeJson, fromYaml, readJson, toYaml, toYamlPretty } from '../../src/yaml/index.ts';

/** A Go type with a form of its own. */
class Labels {
  toGoJson(): unknown {
    return { app: new Inner(), none: null };
  }
}

class Inner {
  toGoJson(): unknown {
    return ['x', 1n];
  }
}

const VALUE = {
  float: 3,
  big: 1e6,
  long: 12345678901234567890n,
  int64: 9007199254740993n,
  int: new GoInt(5),
  uint8: new GoInt(200, 'uint8'),
  bytes: new TextEncoder().encode('hi'),
  labels: new Labels(),
  skipped: undefined,
  list: [undefined, null, true],
  empty: { list: [], map: {} },
};

describe('the value model', () => {
  test('in JSON', () => {
    expect(encodeJson(VALUE)).toBe(
      '{"big":1000000,"bytes":"aGk=","empty":{"list":[],"map":{}},"float":3,"int":5,"int64":9007199254740993,' +
        '"labels":{"app":["x",1],"none":null},"list":[null,null,true],"long":12345678901234567890,"uint8":200}',
    );
  });

  test('in YAML', () => {
    expect(toYaml(VALUE)).toBe(`big: 1000000
bytes: aGk=
empty:
  list: []
  map: {}
float: 3
int: 5
int64: 9007199254740993
labels:
  app:
  - x
  - 1
  none: null
list:
- null
- null
- true
long: 12345678901234567890
uint8: 200
`);
  });

  test('in pretty YAML', () => {
    expect(toYamlPretty(VALUE)).toBe(`big: 1e+06
bytes:
  - 104
  - 105
empty:
  list: []
  map: {}
float: 3
int: 5
int64: 9007199254740993
labels:
  app:
    - x
    - 1
  none: null
list:
  - null
  - null
  - true
long: 12345678901234567890
uint8: 200
`);
  });

  test('at the root', () => {
    const roots = [null, true, 1.5, 7n, 'x', '', 'a\nb\n', 'a\nb', [], {}, [[1, [2]], { a: [] }], undefined];
    expect(roots.map((root) => toYaml(root))).toEqual([
      'null\n',
      'true\n',
      '1.5\n',
      '7\n',
      'x\n',
      '""\n',
      '|\n  a\n  b\n',
      '|-\n  a\n  b\n',
      '[]\n',
      '{}\n',
      '- - 1\n  - - 2\n- a: []\n',
      'null\n',
    ]);
  });

  test('floats without JSON form are pretty YAML all the same', () => {
    expect(toYamlPretty([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(
      '- .nan\n- .inf\n- -.inf\n',
    );
  });

  test('bytes that are no UTF-8', () => {
    expect(toYaml({ 'k\udc80': 'v\udcff' })).toBe('"k\ufffd": "v\ufffd"\n'.replaceAll('"', ''));
    expect(toYamlPretty({ k: 'v\udcff' })).toBe('k: !!binary dv8=\n');
    expect(toYamlPretty(['\udcff'.repeat(60)])).toBe(`- !!binary |\n  ${'/'.repeat(70)}\n  ${'/'.repeat(10)}\n`);
    expect(encodeJson('a\udc80b')).toBe('"a\\ufffdb"');
  });
});

describe('faults', () => {
  const cycle: Record<string, unknown> = { other: { a: 1 } };
  cycle['self'] = [cycle];

  test.each([
    [Number.NaN, 'json: unsupported value: NaN'],
    [[Number.NEGATIVE_INFINITY], 'json: unsupported value: -Inf'],
    [{ f: () => 1 }, 'json: unsupported type: func()'],
    [cycle, 'json: unsupported value: encountered a cycle via map[string]interface {}'],
  ])('without JSON form: case %#', (value, message) => {
    expect(() => encodeJson(value)).toThrow(new PintleError('values-invalid', message));
    expect(() => toYaml(value)).toThrow(new PintleError('values-invalid', `error marshaling into JSON: ${message}`));
  });

  test('strings that go-yaml does not read back', () => {
    for (const value of ['\u007f', ['\u009f'], { '\uffff': 1 }]) {
      expect(() => toYaml(value)).toThrow(
        new PintleError('values-invalid', 'yaml: control characters are not allowed'),
      );
    }
    expect(() => toYaml({ ['k'.repeat(1024)]: 1 })).toThrow(PintleError);
    expect(toYaml('a \u0085 b')).toBe('a b\n');
  });

  test('JSON texts, with the place', () => {
    const { error } = readJson('{\n  "a": x\n}', { file: 'values.json' });
    expect(error?.code).toBe('json-syntax');
    expect(error?.message).toBe("invalid character 'x' looking for beginning of value");
    expect(error?.location).toMatchObject({ file: 'values.json', line: 2, column: 8 });
    expect(() => decodeJson('{')).toThrow('unexpected end of JSON input');
    expect(() => decodeJson('['.repeat(20_000))).toThrow('exceeded max depth');
    expect(() => decodeJson('[]', { target: 'map' })).toThrow(PintleError);
  });
});

describe('options', () => {
  test('encodeJson with indentation and without HTML escapes', () => {
    const value = { b: [1, { c: '<&>\u2028' }, []], a: {} };
    expect(encodeJson(value, { escapeHtml: false })).toBe('{"a":{},"b":[1,{"c":"<&>\\u2028"},[]]}');
    expect(encodeJson(value, { indent: '  ' })).toBe(`{
  "a": {},
  "b": [
    1,
    {
      "c": "\\u003c\\u0026\\u003e\\u2028"
    },
    []
  ]
}`);
  });

  test('decodeJson keeps 64-bit integers if told to', () => {
    const text = '[9007199254740993, 9223372036854775808, 1.0, -5]';
    expect(decodeJson(text, { numbers: 'int64-or-float' })).toEqual([9007199254740993n, 9223372036854775808, 1, -5n]);
    expect(decodeJson(text)).toEqual([9007199254740992, 9223372036854775808, 1, -5]);
    expect(decodeJson('null', { target: 'map' })).toBeNull();
  });

  test('what is written is read back', () => {
    const value = fromYaml(toYaml(fromYaml('a: [x, {b: "1", c: "yes"}]\nd: "line\\nline"\n')));
    expect(value).toEqual({ a: ['x', { b: '1', c: 'yes' }], d: 'line\nline' });
  });
});
