import { describe, expect, it } from 'vitest';
import { GoInt } from '../../src/base/go-int.ts';
import { run } from './support.ts';

const DATA = {
  Values: {
    name: 'web',
    html: '<a href="x">&\'</a>',
    n: 8_000_000,
    big: 12n,
    int: new GoInt(7),
    zero: 0,
    f: 0.5,
    yes: true,
    no: false,
    nothing: null,
    list: ['a', 'b', 'c'],
    empty: [],
    map: { z: 1, a: 'x"y', m: [1, null, true] },
    ports: [
      { name: 'http', port: 80 },
      { name: 'https', port: 443 },
    ],
    'odd key': 'odd',
    title: 'a title',
    now: 'field',
  },
  Release: { Name: 'rel' },
};

const CASES: readonly (readonly [what: string, template: string, output: string])[] = [
  ['text of a string', '{{Values.name}} {{{Values.name}}} {{&Values.name}}', 'web web web'],
  ['no escaping', '{{Values.html}}', '<a href="x">&\'</a>'],
  ['numbers', '{{Values.n}} {{Values.big}} {{Values.int}} {{Values.zero}} {{Values.f}}', '8000000 12 7 0 0.5'],
  [
    'booleans and nothing',
    '{{Values.yes}} {{Values.no}} [{{Values.nothing}}] [{{Values.missing.deep}}]',
    'true false [] []',
  ],
  [
    'lists and objects as JSON',
    '{{Values.list}} {{Values.map}}',
    '["a", "b", "c"] {"a": "x\\"y", "m": [1, null, true], "z": 1}',
  ],
  ['indices', '{{Values.list.[1]}} {{Values.list.[2]}} {{Values.list.length}}', 'b c 3'],
  ['odd keys', '{{Values.[odd key]}} {{lookup Values "odd key"}}', 'odd odd'],
  ['root', '{{#with Values}}{{@root.Release.Name}} {{../Release.Name}}{{/with}}', 'rel rel'],
  ['this', '{{#each Values.list}}{{this}}{{.}}{{/each}}', 'aabbcc'],
  [
    'if',
    '{{#if Values.yes}}y{{else}}n{{/if}}{{#if Values.empty}}y{{else}}n{{/if}}{{#if Values.missing}}y{{/if}}',
    'yn',
  ],
  ['else if', '{{#if Values.no}}1{{else if Values.yes}}2{{else}}3{{/if}}', '2'],
  [
    'zero',
    '{{#if Values.zero}}y{{else}}n{{/if}}{{#if Values.zero includeZero=true}}y{{/if}}{{#if Values.big}}y{{/if}}',
    'nyy',
  ],
  ['unless', '{{#unless Values.no}}x{{else}}y{{/unless}}', 'x'],
  [
    'each',
    '{{#each Values.ports}}{{@index}}:{{name}}={{port}}{{#unless @last}},{{/unless}}{{/each}}',
    '0:http=80,1:https=443',
  ],
  ['each of an object', '{{#each Values.map}}{{@key}}{{#if @first}}!{{/if}} {{/each}}', 'a! m z '],
  [
    'each of nothing',
    '{{#each Values.empty}}x{{else}}none{{/each}}{{#each Values.missing}}x{{else}}none{{/each}}',
    'nonenone',
  ],
  [
    'block parameters',
    '{{#each Values.ports as |p i|}}{{i}}{{p.name}}{{../Values.name}}{{/each}}',
    '0httpweb1httpsweb',
  ],
  [
    'nested loops',
    '{{#each Values.ports}}{{#each @root.Values.list}}{{@../index}}{{@index}}{{../name}} {{/each}}{{/each}}',
    '00http 01http 02http 10https 11https 12https ',
  ],
  ['with', '{{#with Values.map as |m|}}{{m.z}}{{z}}{{/with}}{{#with Values.missing}}x{{else}}none{{/with}}', '11none'],
  [
    'blocks of values',
    '{{#Values.yes}}y{{/Values.yes}}{{#Values.list}}{{this}}{{/Values.list}}{{#Values.map}}{{z}}{{/Values.map}}{{^Values.no}}n{{/Values.no}}',
    'yabc1n',
  ],
  ['functions', '{{upper Values.name}} {{default "d" Values.missing}} {{add 1 2}}', 'WEB d 3'],
  ['sub-expressions', '{{upper (default "x" Values.missing)}} {{add (add 1 2) Values.n}}', 'X 8000003'],
  ['functions without arguments', '{{now}}', 'today'],
  ['fields win over functions', '{{#with Values}}{{now}} {{title}} {{./now}}{{/with}}', 'field a title field'],
  [
    'functions as conditions',
    '{{#if (eq Values.name "web")}}y{{/if}}{{#eq Values.n 8000000}}y{{else}}n{{/eq}}{{#list 1 2}}{{this}}{{/list}}',
    'yy12',
  ],
  [
    'comparisons',
    '{{eq 1 1}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1 2}} {{and 1 0}} {{or "" "x"}} {{not ""}}',
    'true true true true true false 0 x true',
  ],
  [
    'numbers of all kinds compare',
    '{{eq Values.big 12}} {{eq Values.int 7}} {{lt Values.int Values.big}} {{eq Values.name "web" 1}}',
    'true true true true',
  ],
  [
    'arguments of all kinds',
    '{{half 3}} {{half 1.5}} {{flag false}} {{keysOf Values.map}} {{quote null undefined true}}',
    '1.5 0.75 true ["z", "a", "m"] null null true',
  ],
  ['the cluster', '{{#with (lookupObject "v1" "Pod" "ns" "x")}}{{found}}{{/with}}', 'v1/Pod/ns/x'],
  ['indentation', 'a:{{nindent 2 (toYaml Values.map)}}', 'a:\n  z: 1\n  a: x"y\n  m: 1,,true'],
  ['comments', 'a{{! x }}b{{!-- {{y}} --}}c', 'abc'],
  ['blank control', 'a  {{~Values.name~}}  b', 'awebb'],
  ['lines of their own', 'a\n{{#if Values.yes}}\nb\n{{/if}}\nc\n', 'a\nb\nc\n'],
  ['raw blocks', '{{{{raw}}}}{{x}} {{/y}}{{{{/raw}}}}', '{{x}} {{/y}}'],
  ['escaped braces', '\\{{x}}', '{{x}}'],
  ['literals', '{{"odd key"}}|{{12}}', '|'],
  ['tpl', '{{tpl "{{Values.name}}!" @root}}{{tpl "{{Release.Name}}"}}', 'web!rel'],
];

describe('the language', () => {
  it.each(CASES)('%s', (_what, template, output) => {
    expect(run(template, DATA)).toBe(output);
  });
});

describe('partials', () => {
  const files = (main: string): Record<string, string> => ({
    'c/templates/main.hbs': main,
    'c/templates/_labels.hbs': 'app: {{Values.name}}{{#if extra}} {{extra}}{{/if}}\nrel: {{Release.Name}}\n',
    'c/charts/sub/templates/_deep.hbs': '{{#*inline "sub.name"}}sub-{{Values.name}}{{/inline}}{{>labels}}',
    'c/templates/_layout.hbs': '<{{> @partial-block}}>{{> nav}}',
    'c/templates/_list.hbs': '{{#each this}}{{this}};{{/each}}',
  });
  const cases: readonly (readonly [what: string, template: string, output: string])[] = [
    ['by their short names', '{{> labels}}{{> _labels}}', 'app: web\nrel: rel\napp: web\nrel: rel\n'],
    ['by their full names', '{{> c/templates/_labels.hbs}}', 'app: web\nrel: rel\n'],
    ['indented as far as their tag', 'x:\n  {{> labels}}\ny', 'x:\n  app: web\n  rel: rel\ny'],
    ['with named arguments', '{{> labels extra="E"}}', 'app: web E\nrel: rel\n'],
    ['with a context', '{{> list Values.list}}', 'a;b;c;'],
    ['by name at run time', '{{> (default "labels" Values.missing)}}', 'app: web\nrel: rel\n'],
    ['of their own file', '{{#*inline "x"}}[{{Values.name}}]{{/inline}}{{> x}}{{> x}}', '[web][web]'],
    ['with blocks', '{{#> layout}}{{#*inline "nav"}}N{{/inline}}body {{Values.name}}{{/layout}}', '<body web>N'],
    ['that are missing, with a fallback', '{{#> nowhere}}fallback{{/nowhere}}', 'fallback'],
    ['through include', '{{indent 2 (include "labels" this)}}', '  app: web\n  rel: rel\n  '],
    [
      'through include, with what is at hand',
      '{{#with Values}}{{include "list" list}}{{/with}}{{include "sub.name"}}',
      'a;b;c;sub-web',
    ],
  ];
  it.each(cases)('%s', (_what, template, output) => {
    expect(run(files(template), DATA)).toBe(output);
  });
});

describe('safety', () => {
  it.each([
    '{{constructor}}{{constructor.name}}{{__proto__}}',
    '{{Values.constructor}}{{Values.list.constructor}}{{Values.name.constructor}}{{Values.name.length}}',
    '{{#with Values}}{{#with constructor}}x{{/with}}{{/with}}',
    '{{lookup Values "constructor"}}{{lookup Values.list "push"}}{{lookup this "__proto__"}}',
    '{{Values.big.toString}}{{Values.int.value}}{{Values.int.constructor}}',
    '{{#each Values.map as |v k|}}{{v.constructor}}{{k.constructor}}{{/each}}',
  ])('%s reaches nothing', (template) => {
    expect(run(template, DATA)).toBe('');
  });

  it('keeps keys such as __proto__ plain', () => {
    expect(
      run('{{v.__proto__}} {{v.constructor}}', { v: JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown }),
    ).toBe('1 2');
  });
});
