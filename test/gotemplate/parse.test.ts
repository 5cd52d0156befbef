import { describe, expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { nodeText } from '../../src/gotemplate/parse/node-text.ts';
import { parse } from '../../src/gotemplate/parse/parse.ts';
import { namesOf } from '../../src/gotemplate/parse/parse-clause.ts';
import { failure } from './support.ts';
import { fc } from '../support/property.ts';

const anyFunction = namesOf(() => true);
const anyButLoops = namesOf((name) => name !== 'break' && name !== 'continue');

function reprint(text: string): string {
  const root = parse('t', text, anyButLoops).get('t')?.root;
  return root === undefined ? '' : nodeText(root);
}

describe('nodes are written as Go writes them', () => {
  const table: readonly (readonly [string, string])[] = [
    ['', ''],
    ['some text', 'some text'],
    ['{{ . }}', '{{.}}'],
    ['{{.X.Y.Z}}', '{{.X.Y.Z}}'],
    ['{{ .X |  .Y  }}', '{{.X | .Y}}'],
    ['{{printf `%d` 23}}', '{{printf `%d` 23}}'],
    ['{{ (.Y .Z).A "x"}}', '{{(.Y .Z).A "x"}}'],
    ['{{$x := .X|printf "%v"}}{{$x.Y}}', '{{$x := .X | printf "%v"}}{{$x.Y}}'],
    ['{{$x := 1}}{{ $x = 2 }}', '{{$x := 1}}{{$x = 2}}'],
    ['{{if .X}}a{{else}}b{{end}}', '{{if .X}}a{{else}}b{{end}}'],
    ['{{if .X}}a{{else if .Y}}b{{end}}', '{{if .X}}a{{else}}{{if .Y}}b{{end}}{{end}}'],
    ['{{with .X}}a{{else with .Y}}b{{end}}', '{{with .X}}a{{else}}{{with .Y}}b{{end}}{{end}}'],
    ['{{range $i, $e := .L}}{{break}}{{continue}}{{end}}', '{{range $i, $e := .L}}{{break}}{{continue}}{{end}}'],
    ['{{template "x"}}{{template `y` .Z}}', '{{template "x"}}{{template "y" .Z}}'],
    ['{{block "b" .X}}in{{end}}', '{{template "b" .X}}'],
    ['x {{- 3 -}} y', 'x{{3}}y'],
    ['x{{/* c */}}y', 'xy'],
    ["{{true}}{{nil | f}}{{'a'}}{{1e3}}{{-0x1F}}", "{{true}}{{nil | f}}{{'a'}}{{1e3}}{{-0x1F}}"],
  ];
  test.each(table)('%s', (text, expected) => {
    expect(reprint(text)).toBe(expected);
  });

  test('what is printed parses to the same', () => {
    for (const [, printed] of table) expect(reprint(printed)).toBe(printed);
  });
});

test('definitions and blocks become templates of their own', () => {
  const trees = parse('f', '{{define "a"}}A{{end}}x{{block "b" .}}B{{end}}', anyFunction);
  expect([...trees].map(([name, tree]) => [name, nodeText(tree.root)])).toEqual([
    ['a', 'A'],
    ['b', 'B'],
    ['f', 'x{{template "b" .}}'],
  ]);
});

describe('faults', () => {
  const table: readonly (readonly [string, string])[] = [
    ['{{', 't:1: unclosed action'],
    ['hello{{range', 't:1: unclosed action'],
    ['{{range .x}}', 't:1: unexpected EOF'],
    ['{{if}}a{{end}}', 't:1: missing value for if'],
    ['{{end}}', 't:1: unexpected {{end}}'],
    ['{{else}}', 't:1: unexpected {{else}}'],
    ['a\n{{if .x}}b{{else}}c{{else}}d{{end}}', 't:2: expected end; found {{else}}'],
    ['{{if .x}}{{else with .y}}{{end}}', 't:1: unexpected <with> in input'],
    ['{{range .x}}{{else if .y}}{{end}}{{end}}', 't:1: unexpected <if> in input'],
    ['{{define "a"}}', 't:1: unexpected EOF'],
    ['{{define x}}{{end}}', 't:1: unexpected "x" in define clause'],
    ['{{define "a"}}{{else}}{{end}}', 't:1: unexpected {{else}} in define clause'],
    ['{{define "a"}}1{{end}}{{define "a"}}2{{end}}', 't:1: template: multiple definition of template "a"'],
    ['{{template foo}}', 't:1: unexpected "foo" in template clause'],
    ['{{nofunc 1}}', 't:1: function "nofunc" not defined'],
    ['{{$x}}', 't:1: undefined variable "$x"'],
    ['{{with $x := 4}}{{end}}{{$x}}', 't:1: undefined variable "$x"'],
    ['{{$x, $y := .z}}', 't:1: too many declarations in command'],
    ['{{range $x, $y, $z := .z}}{{end}}', 't:1: too many declarations in range'],
    ['{{range $k, .V}}{{end}}', 't:1: range can only initialize variables'],
    ['{{.x :}}', 't:1: expected :='],
    ['{{1 | 2}}', 't:1: non executable command in pipeline stage 2'],
    ['{{| .X}}', 't:1: unexpected "|" in command'],
    ['{{()}}', 't:1: missing value for parenthesized pipeline'],
    ['{{(.X}}', 't:1: unclosed left paren'],
    ['{{.X)}}', 't:1: unexpected right paren'],
    ['{{"abc}}', 't:1: unterminated quoted string'],
    ['{{`abc}}', 't:1: unterminated raw quoted string'],
    ["{{'a}}", 't:1: unterminated character constant'],
    ["{{'ab'}}", "t:1: malformed character constant: 'ab'"],
    ['{{"\\q"}}', 't:1: invalid syntax'],
    ['{{/* abc}}', 't:1: unclosed comment'],
    ['{{/* a */ b}}', 't:1: comment ends before closing delimiter'],
    ['{{3k}}', 't:1: bad number syntax: "3k"'],
    ['{{0xG}}', 't:1: bad number syntax: "0xG"'],
    ['{{08}}', 't:1: integer overflow: "08"'],
    ['{{18446744073709551616}}', 't:1: integer overflow: "18446744073709551616"'],
    ['{{true.a}}', 't:1: unexpected . after term "true"'],
    ['{{"a".b}}', 't:1: unexpected . after term "\\"a\\""'],
    ['{{.x,}}', 't:1: unexpected "," in operand'],
    ['{{$a-b}}', "t:1: bad character U+002D '-'"],
    ['{{\x01}}', 't:1: unrecognized character in action: U+0001'],
    ['{{€}}', "t:1: unrecognized character in action: U+20AC '€'"],
    ['{{break}}', 't:1: {{break}} outside {{range}}'],
    ['{{range .x}}{{end}}{{continue}}', 't:1: {{continue}} outside {{range}}'],
    ['{{range .x}}{{break 20}}{{end}}', 't:1: unexpected "20" in {{break}}'],
    ['{{\n"a\n"}}', 't:2: unterminated quoted string in action started at t:1'],
    ['{{\n.x\n', 't:3: unclosed action started at t:1'],
    ['{{if .x\n}}{{end .x}}', 't:2: unexpected ".x" in end'],
    ['x\n\n{{- if }}', 't:3: missing value for if'],
  ];
  test.each(table)('%s', (text, message) => {
    const error = failure(text);
    expect(error.code).toBe('template-syntax');
    expect(error.message).toBe(`template: ${message}`);
  });

  test('a place', () => {
    expect(failure('a\nb {{ end }}').location).toEqual({ file: 't', line: 2, source: 'a\nb {{ end }}' });
  });
});

test('no text makes the parser fail in another way or hang', () => {
  const pieces = fc.constantFrom(
    '{{',
    '}}',
    '{{-',
    '-}}',
    ' ',
    '\n',
    '.',
    '$',
    '$x',
    ':=',
    '=',
    '|',
    '(',
    ')',
    '"',
    '`',
    "'",
    '\\',
    '/*',
    '*/',
    'if',
    'else',
    'end',
    'range',
    'with',
    'define',
    'template',
    'block',
    'break',
    'nil',
    'true',
    '1',
    '0x',
    'e',
    'i',
    '_',
    'é',
    '😀',
    ',',
    '"a"',
    '.X',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      try {
        parse('t', parts.join(''), anyFunction);
      } catch (error) {
        expect(error).toBeInstanceOf(PintleError);
      }
    }),
    { numRuns: 2000 },
  );
});
