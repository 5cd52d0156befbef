import { describe, expect, test } from 'vitest';
import { GoInt } from '../../src/base/go-int.ts';
import { pointerTo, STRING, type GoType } from '../../src/gotemplate/runtime/go-type.ts';
import { GoStruct, goStringMap, goStrings, GoTyped } from '../../src/gotemplate/runtime/go-value.ts';
import { compileText, failure, functionMap, run } from './support.ts';

const POINT: GoType = {
  name: 'geo.Point',
  kind: 'struct',
  fields: [
    { name: 'X', type: STRING },
    { name: 'secret', type: STRING, hidden: true },
  ],
  methods: {
    Shout: {
      params: ['string', 'any'],
      variadic: true,
      call: (point: GoStruct, ...parts: unknown[]) => `${String(point.field('X'))}${parts.join('')}!`,
    },
    Fail: {
      params: [],
      call: () => {
        throw new Error('no luck');
      },
    },
  },
};

const DATA = {
  name: 'web',
  n: 7,
  nothing: null,
  list: ['a', null, { b: 1 }],
  map: { k: 'v', 'x-y': 2 },
  point: new GoStruct(POINT, { X: 'p', secret: 's' }),
  pointer: new GoStruct(pointerTo(POINT), { X: 'q', secret: '' }),
  nilPointer: new GoTyped(pointerTo(POINT), null),
  labels: goStringMap({ app: 'web' }),
  words: goStrings(['x', 'y']),
};

describe('output', () => {
  const table: readonly (readonly [string, string])[] = [
    ['{{ .point.X }}{{ .pointer.X }}{{ .point.Shout "a" }}{{ "z" | .pointer.Shout "a" 1 }}', 'pqpa!qa1z!'],
    ['{{ .labels.app }}[{{ .labels.none }}]{{ range $k, $v := .labels }}{{ $k }}{{ $v }}{{ end }}', 'web[]appweb'],
    ['{{ .words }}{{ index .words 1 }}{{ range .words }}{{ . }}{{ end }}', '[x y]yxy'],
    ['{{ .point }}{{ .pointer }}{{ .nilPointer }}{{ printf "%+v" .point }}', '{p s}&{q }<nil>{X:p secret:s}'],
    ['{{ .none }}{{ .nothing }}', '<no value><no value>'],
    ['{{ if .nilPointer }}T{{ else }}F{{ end }}{{ if .point }}T{{ end }}', 'FT'],
    ['{{ index .map "x-y" }}{{ len .words }}{{ eq .nilPointer nil }}', '22true'],
    [
      '{{ two "a" 3 }}{{ 4 | two "b" }}{{ decimal 3 }}{{ big 5 }}{{ table .map }}{{ items .list }}{{ items (echo nil) }}',
      'a3b435k,x-y30',
    ],
    ['{{ $x := "a" }}{{ define "in" }}{{ $x := "b" }}{{ $x }}{{ end }}{{ template "in" }}{{ $x }}', 'ba'],
    ['{{ range $i, $c := list }}x{{ else }}{{ $i }}e{{ end }}', '[]e'],
  ];
  test.each(table)('%s', (text, expected) => {
    expect(run(text, DATA)).toBe(expected);
  });
});

describe('errors', () => {
  const table: readonly (readonly [string, string])[] = [
    ['{{ .nothing.a }}', 't:1:11: executing "t" at <.nothing.a>: nil pointer evaluating interface {}.a'],
    ['{{ .none.a.b }}', 't:1:8: executing "t" at <.none.a.b>: nil pointer evaluating interface {}.a'],
    ['{{ .name.a }}', `t:1:8: executing "t" at <.name.a>: can't evaluate field a in type interface {}`],
    ['{{ .list.a }}', `t:1:8: executing "t" at <.list.a>: can't evaluate field a in type interface {}`],
    ['{{ with .name }}{{ .a }}{{ end }}', `t:1:19: executing "t" at <.a>: can't evaluate field a in type string`],
    ['{{ range .words }}{{ .a }}{{ end }}', `t:1:21: executing "t" at <.a>: can't evaluate field a in type string`],
    [
      '{{ range .list }}{{ .a }}{{ end }}',
      `t:1:20: executing "t" at <.a>: can't evaluate field a in type interface {}`,
    ],
    ['{{ $x := 1 }}{{ $x.a }}', `t:1:18: executing "t" at <$x.a>: can't evaluate field a in type int`],
    ['{{ (index .list 0).a }}', `t:1:16: executing "t" at <0>: can't evaluate field a in type string`],
    ['{{ .labels.app.x }}', `t:1:10: executing "t" at <.labels.app.x>: can't evaluate field x in type string`],
    ['{{ .point.Y }}', `t:1:9: executing "t" at <.point.Y>: can't evaluate field Y in type interface {}`],
    ['{{ with .point }}{{ .Y }}{{ end }}', `t:1:20: executing "t" at <.Y>: can't evaluate field Y in type geo.Point`],
    [
      '{{ with .point }}{{ .secret }}{{ end }}',
      't:1:20: executing "t" at <.secret>: secret is an unexported field of struct type geo.Point',
    ],
    ['{{ .nilPointer.X }}', 't:1:14: executing "t" at <.nilPointer.X>: nil pointer evaluating interface {}.X'],
    ['{{ .point.X 1 }}', 't:1:9: executing "t" at <.point.X>: X has arguments but cannot be invoked as function'],
    [
      '{{ .point.Shout }}',
      't:1:9: executing "t" at <.point.Shout>: wrong number of args for Shout: want at least 1 got 0',
    ],
    ['{{ .point.Shout 1 }}', 't:1:16: executing "t" at <1>: expected string; found 1'],
    ['{{ .point.Fail }}', 't:1:9: executing "t" at <.point.Fail>: error calling Fail: no luck'],
    ['{{ .map.k 1 }}', 't:1:7: executing "t" at <.map.k>: k is not a method but has arguments'],
    ['{{ 1 | .map.k }}', 't:1:11: executing "t" at <.map.k>: k is not a method but has arguments'],
    ['{{ "a" 1 }}', `t:1:3: executing "t" at <"a">: can't give argument to non-function "a"`],
    ['{{ (1) 2 }}', `t:1:3: executing "t" at <(1) 2>: can't give argument to non-function 1`],
    ['{{ $ 2 }}', `t:1:3: executing "t" at <$>: can't give argument to non-function $`],
    ['{{ nil }}', 't:1:3: executing "t" at <nil>: nil is not a command'],
    ['{{ nil.a }}', 't:1: unexpected . after term "nil"'],
    ['{{ two "a" }}', 't:1:3: executing "t" at <two>: wrong number of args for two: want 2 got 1'],
    ['{{ 3 | two "a" 1 }}', 't:1:7: executing "t" at <two>: wrong number of args for two: want 2 got 3'],
    ['{{ text 1 }}', 't:1:8: executing "t" at <1>: expected string; found 1'],
    ['{{ text .n }}', 't:1:8: executing "t" at <.n>: wrong type for value; expected string; got float64'],
    [
      '{{ text .nothing }}',
      't:1:8: executing "t" at <.nothing>: wrong type for value; expected string; got interface {}',
    ],
    ['{{ text (echo nil) }}', 't:1:14: executing "t" at <nil>: invalid value; expected string'],
    ['{{ .none | text }}', 't:1:11: executing "t" at <text>: invalid value; expected string'],
    ['{{ number "a" }}', 't:1:10: executing "t" at <"a">: expected integer; found "a"'],
    ['{{ number 1.5 }}', 't:1:10: executing "t" at <1.5>: expected integer; found 1.5'],
    ['{{ number .n }}', 't:1:10: executing "t" at <.n>: wrong type for value; expected int; got float64'],
    ['{{ big (len "a") }}', 't:1:12: executing "t" at <"a">: wrong type for value; expected int64; got int'],
    ['{{ flag 1 }}', 't:1:8: executing "t" at <1>: expected bool; found 1'],
    ['{{ decimal "x" }}', 't:1:11: executing "t" at <"x">: expected float; found "x"'],
    ['{{ table 1 }}', `t:1:9: executing "t" at <1>: can't handle 1 for arg of type map[string]interface {}`],
    [
      '{{ table .list }}',
      't:1:9: executing "t" at <.list>: wrong type for value; expected map[string]interface {}; got []interface {}',
    ],
    [
      '{{ table .labels }}',
      't:1:9: executing "t" at <.labels>: wrong type for value; expected map[string]interface {}; got map[string]string',
    ],
    [
      '{{ items .words }}',
      't:1:9: executing "t" at <.words>: wrong type for value; expected []interface {}; got []string',
    ],
    ['{{ text nil }}', 't:1:8: executing "t" at <nil>: cannot assign nil to string'],
    ['{{ boom }}', 't:1:3: executing "t" at <boom>: error calling boom: it broke'],
    ['{{ index .list 9 }}', 't:1:3: executing "t" at <index .list 9>: error calling index: index out of range: 9'],
    [
      '{{ index .list "a" }}',
      't:1:3: executing "t" at <index .list "a">: error calling index: cannot index slice/array with type string',
    ],
    [
      '{{ index .map 1 }}',
      't:1:3: executing "t" at <index .map 1>: error calling index: value has type int; should be string',
    ],
    ['{{ index .nothing 1 }}', 't:1:3: executing "t" at <index .nothing 1>: error calling index: index of untyped nil'],
    ['{{ index 1 1 }}', `t:1:3: executing "t" at <index 1 1>: error calling index: can't index item of type int`],
    ['{{ len 3 }}', 't:1:3: executing "t" at <len 3>: error calling len: len of type int'],
    ['{{ eq }}', 't:1:3: executing "t" at <eq>: wrong number of args for eq: want at least 1 got 0'],
    ['{{ eq 1 }}', 't:1:3: executing "t" at <eq 1>: error calling eq: missing argument for comparison'],
    [
      '{{ eq 1 "a" }}',
      't:1:3: executing "t" at <eq 1 "a">: error calling eq: incompatible types for comparison: int and string',
    ],
    [
      '{{ eq .list .list }}',
      't:1:3: executing "t" at <eq .list .list>: error calling eq: non-comparable type [a <nil> map[b:%!s(float64=1)]]: []interface {}',
    ],
    ['{{ lt true false }}', 't:1:3: executing "t" at <lt true false>: error calling lt: invalid type for comparison'],
    [
      '{{ lt 1 1.5 }}',
      't:1:3: executing "t" at <lt 1 1.5>: error calling lt: incompatible types for comparison: int and float64',
    ],
    ['{{ lt nil 1 }}', 't:1:3: executing "t" at <lt nil 1>: error calling lt: invalid type for comparison'],
    ['{{ and }}', 't:1:3: executing "t" at <and>: wrong number of args for and: want at least 1 got 0'],
    ['{{ call nil }}', 't:1:3: executing "t" at <call nil>: error calling call: call of nil'],
    ['{{ range 1.5 }}{{ end }}', `t:1:9: executing "t" at <1.5>: range can't iterate over 1.5`],
    ['{{ range "abc" }}{{ end }}', `t:1:9: executing "t" at <"abc">: range can't iterate over abc`],
    [
      '{{ range $i, $e := 3 }}{{ end }}',
      `t:1:19: executing "t" at <3>: can't use 3 to iterate over more than one variable`,
    ],
    ['{{ template "gone" }}', 't:1:12: executing "t" at <{{template "gone"}}>: template "gone" not defined'],
    [
      '{{ if .n }}{{ $y := 1 }}{{ else }}{{ $y }}{{ end }}{{ if false }}{{ $z := 1 }}{{ else }}{{ $z }}{{ end }}',
      't:1:91: executing "t" at <$z>: undefined variable: $z',
    ],
    ['{{ 0x8000000000000000 }}', 't:1:3: executing "t" at <0x8000000000000000>: 0x8000000000000000 overflows int'],
    ['é\nüü{{ .nothing.a }}', 't:2:15: executing "t" at <.nothing.a>: nil pointer evaluating interface {}.a'],
  ];
  test.each(table)('%s', (text, message) => {
    expect(failure(text, DATA).message).toBe(`template: ${message}`);
  });

  test('place and include chain', () => {
    const text = 'ü{{ include "a" .x }}{{ define "a" }}\nü{{ .b.c }}{{ end }}';
    const error = failure(text, { x: { b: null } });
    expect(error.code).toBe('template-exec');
    expect(error.message).toBe(
      'template: t:1:5: executing "t" at <include "a" .x>: error calling include: ' +
        'template: t:2:7: executing "a" at <.b.c>: nil pointer evaluating interface {}.c',
    );
    expect(error.location).toEqual({ file: 't', line: 2, column: 7, source: text });
    expect(error.trace.map((entry) => [entry.text, entry.location?.line, entry.location?.column])).toEqual([
      ['executing "a" at <.b.c>', 2, 7],
      ['executing "t" at <include "a" .x>', 1, 5],
    ]);
  });

  test('strict', () => {
    const strict = { strict: true };
    expect(failure('{{ .none }}', DATA, strict).message).toBe(
      'template: t:1:3: executing "t" at <.none>: map has no entry for key "none"',
    );
    expect(failure('{{ $x := .nothing }}{{ $x.a }}', DATA, strict).message).toBe(
      'template: t:1:25: executing "t" at <$x.a>: nil data; no entry for key "a"',
    );
    expect(run('{{ .nothing }}{{ .map.k }}', DATA, strict)).toBe('<no value>v');
  });
});

describe('what templates cannot reach', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'length', 'prototype'])('%s', (name) => {
    expect(run(`{{ .map.${name} }}{{ index .map "${name}" }}`, DATA)).toBe('<no value><no value>');
    expect(run(`{{ .${name} }}`, JSON.parse('{"a":1}'))).toBe('<no value>');
    expect(failure(`{{ with .list }}{{ .${name} }}{{ end }}`, DATA).message).toContain("can't evaluate field");
    expect(failure(`{{ with .name }}{{ .${name} }}{{ end }}`, DATA).message).toContain("can't evaluate field");
    expect(failure(`{{ with .point }}{{ .${name} }}{{ end }}`, DATA).message).toContain("can't evaluate field");
  });

  test('own keys of such names are plain keys', () => {
    const data = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as object;
    expect(run('{{ .__proto__.a }}{{ .constructor }}{{ . }}', data)).toBe('12map[__proto__:map[a:1] constructor:2]');
  });
});

describe('sets', () => {
  test('extending leaves the set as it is', () => {
    const set = compileText('{{ define "a" }}1{{ end }}');
    const extended = set.extend({
      name: 'x',
      text: '{{ define "a" }}2{{ end }}{{ define "b" }}{{ end }}{{ template "a" }}',
    });
    expect(extended.execute('x', null)).toBe('2');
    expect(set.execute('a', null)).toBe('1');
    expect([set.has('b'), extended.has('b'), extended.has('t')]).toEqual([false, true, true]);
  });

  test('nested tpl sees what the outer one defined', () => {
    const text = '{{ tpl "{{ define \\"q\\" }}Q{{ end }}{{ tpl \\"{{ include `q` . }}\\" . }}{{ tpl \\" \\" . }}" . }}';
    expect(run(text)).toBe('Q ');
  });

  test('an empty redefinition does not replace a template', () => {
    expect(run('{{ define "a" }}x{{ end }}{{ define "a" }} {{ end }}{{ template "a" }}')).toBe('x');
  });

  test('an unknown template', () => {
    expect(() => compileText('').execute('zz', null)).toThrow(
      'template: no template "zz" associated with template "gotpl"',
    );
  });

  test('a function may be called break', () => {
    const functions = functionMap([{ name: 'break', params: [], call: () => 'B' }]);
    expect(run('{{ break }}', null, { functions })).toBe('B');
  });

  test('recursion ends in an error', () => {
    expect(failure('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" . }}').message).toContain(
      'exceeded maximum template depth (100000)',
    );
  });

  test('limits', () => {
    expect(failure('{{ range 100 }}x{{ end }}', null, { limits: { steps: 50 } }).message).toContain('too many steps');
    expect(failure('{{ range 100 }}xxxx{{ end }}', null, { limits: { output: 100 } }).message).toContain('too much');
    const nested = '{{ define "a" }}{{ range 30 }}{{ end }}{{ end }}{{ include "a" . }}{{ include "a" . }}';
    expect(failure(nested, null, { limits: { steps: 50 } }).message).toContain('too many steps');
    expect(run(nested, null, { limits: { steps: 62 } })).toBe('');
  });

  test('a recorder learns where the output comes from', () => {
    const text = 'a{{ .x }}\n{{ range .l }}-{{ . }}{{ end }}{{ template "d" }}{{ define "d" }}D{{ end }}';
    const parts: string[] = [];
    const set = compileText(text);
    const out = set.execute(
      't',
      { x: 'xx', l: ['1', '2'] },
      {
        recorder: { record: (start, end, source, offset) => parts.push(`${start}-${end} ${source}@${offset}`) },
      },
    );
    expect(out).toBe('axx\n-1-2D');
    expect(parts).toEqual([
      '0-1 t@0',
      '1-3 t@4',
      '3-4 t@9',
      '4-5 t@24',
      '5-6 t@28',
      '6-7 t@24',
      '7-8 t@28',
      '8-9 t@75',
    ]);
  });

  test('numbers keep their types', () => {
    const data = { i: 3n, u: new GoInt(4, 'uint8'), f: 1e6 };
    expect(run('{{ .i }} {{ .u }} {{ .f }} {{ printf "%T %T %T" .i .u .f }}', data)).toBe(
      '3 4 1e+06 int64 uint8 float64',
    );
    expect(run('{{ eq .i 3 }}{{ eq .u 4 }}{{ lt .u .i }}{{ range .u }}{{ . }}{{ end }}', data)).toBe(
      'truetruefalse0123',
    );
  });
});
