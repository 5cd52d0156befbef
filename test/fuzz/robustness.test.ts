import { describe, expect, it } from 'vitest';
import handlebars from 'handlebars';
import { PintleError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { goTemplateEngine } from '../../src/gotemplate/go-template-engine.ts';
import { parse } from '../../src/gotemplate/parse/parse.ts';
import { namesOf } from '../../src/gotemplate/parse/parse-clause.ts';
import { HandlebarsEngine } from '../../src/handlebars/handlebars-engine.ts';
import { renderChart } from '../../src/render/render-chart.ts';
import { fromYaml } from '../../src/yaml/parse.ts';
import { type ChartFiles, chartYaml, helmTemplate, inputOf } from '../render/support.ts';
import { mutate } from '../yaml/generate.ts';
import { Choice } from './choice.ts';
import { TemplateWriter } from './template-writer.ts';
import { ValuesWriter } from './values-text.ts';

const anyFunction = namesOf(() => true);
const SEED = process.env['PINTLE_FUZZ_SEED'] ?? 'robust';
const PIECES = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  '{{/*',
  '*/}}',
  '"',
  '`',
  "'",
  '\\',
  '(',
  ')',
  '|',
  ':=',
  '$',
  '.',
  'if',
  'end',
  'else',
  'range',
  'define',
  '\n',
  '\0',
  '\ud800',
  '0x',
  '1e',
  '}}}',
  '{{{',
  '{{#',
  '{{/',
  '{{^',
  '{{>',
  '{{!--',
  '--}}',
  '~',
];

function damaged(choice: Choice, text: string): string {
  let out = mutate(choice.random, text);
  for (let i = choice.below(6); i > 0; i -= 1) {
    const at = choice.below(out.length + 1);
    out = out.slice(0, at) + choice.pick(PIECES) + out.slice(at + choice.below(4));
  }
  return out;
}

/** Runs something that may be refused, but by an error of ours. */
function refusedOrNot(run: () => void, input: string): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PintleError) || error.code === 'internal') {
      throw new Error(`not an error for users, for ${JSON.stringify(input)}`, { cause: error });
    }
  }
}

describe('damaged input is refused or read, never an internal error', () => {
  it('templates', () => {
    for (let i = 0; i < 3000; i += 1) {
      const choice = new Choice(new SeededRandom(`${SEED}/${i}`));
      const values = new ValuesWriter(choice, true).next();
      const text = damaged(choice, new TemplateWriter(choice).next(values));
      refusedOrNot(() => parse('t', text, anyFunction), text);
    }
  });

  it('templates that run, and have little time', () => {
    const functions = new Map<string, TemplateFunction>();
    for (let i = 0; i < 500; i += 1) {
      const choice = new Choice(new SeededRandom(`${SEED}/run/${i}`));
      const text = `{{ range 1000000000 }}{{ . }}{{ end }}${choice.once(2) ? '' : '{{ template "t" . }}'}`;
      const set = goTemplateEngine.compile([{ name: 't', text }], {
        functions,
        limits: { steps: 1000, output: 10_000 },
      });
      expect(() => set.execute('t', null)).toThrow(PintleError);
    }
  });

  it('Handlebars templates', () => {
    const engine = new HandlebarsEngine({ parser: handlebars });
    for (let i = 0; i < 3000; i += 1) {
      const choice = new Choice(new SeededRandom(`${SEED}/hbs/${i}`));
      const text = damaged(
        choice,
        '{{#each Values.list as |x i|}}{{x}}{{#if y}}{{> part a=1}}{{else}}{{lookup x "y"}}{{/if}}{{/each}}{{{raw}}}',
      );
      refusedOrNot(() => engine.compile([{ name: 't.hbs', text }], { functions: new Map() }), text);
    }
  });

  it('values', () => {
    for (let i = 0; i < 3000; i += 1) {
      const choice = new Choice(new SeededRandom(`${SEED}/yaml/${i}`));
      const text = damaged(choice, new ValuesWriter(choice, false).next().text);
      refusedOrNot(() => fromYaml(text, { target: 'map', file: 'values.yaml' }), text);
    }
  });
});

describe('input made to hurt ends soon', () => {
  const MANY = 200_000;

  it.each([
    ['opening braces', '{{'.repeat(MANY)],
    ['openings and closings', '{{}}'.repeat(MANY)],
    ['trimmed blanks', `${' '.repeat(MANY)}{{- "x" -}}${' '.repeat(MANY)}`],
    ['many trimmed actions', `${' '.repeat(100)}{{- "x" -}}`.repeat(5000)],
    ['a comment without end', `{{/* ${'x'.repeat(1_000_000)}`],
    ['a string without end', `{{ "${'\\"'.repeat(500_000)}`],
    ['parentheses', `{{ ${'('.repeat(MANY)}1${')'.repeat(MANY)} }}`],
    ['blocks in blocks', '{{ if 1 }}'.repeat(20_000) + '{{ end }}'.repeat(20_000)],
    ['else if', `{{ if 0 }}${'{{ else if 0 }}'.repeat(20_000)}{{ end }}`],
    ['a long pipeline', `{{ 1 ${'| print '.repeat(50_000)} }}`],
    ['a long chain', `{{ .a${'.b'.repeat(50_000)} }}`],
    ['many variables', Array.from({ length: 20_000 }, (_, i) => `{{ $v${i} := ${i} }}`).join('')],
    ['many definitions', Array.from({ length: 20_000 }, (_, i) => `{{ define "d${i}" }}${i}{{ end }}`).join('')],
    ['a long number', `{{ ${'9'.repeat(100_000)} }}`],
    ['lines', '\n'.repeat(MANY) + '{{ .x }}'.repeat(1000)],
  ])('template: %s', (_, text) => {
    const functions = new Map<string, TemplateFunction>();
    refusedOrNot(() => {
      goTemplateEngine.compile([{ name: 't', text }], { functions }).execute('t', null);
    }, text);
  });

  it.each([
    ['flow in flow', '['.repeat(MANY)],
    ['maps in flow', '{a: '.repeat(MANY)],
    ['sequences in sequences', '- '.repeat(MANY)],
    ['keys in keys', '? '.repeat(MANY)],
    ['quotes', '"'.repeat(MANY + 1)],
    ['anchors', Array.from({ length: 50_000 }, (_, i) => `a${i}: &a${i} x\n`).join('')],
    ['blanks', `a:${' '.repeat(MANY)}b`],
    ['tabs', `a:\n${'\t'.repeat(MANY)}b`],
    ['colons', ':'.repeat(MANY)],
    ['a long key', `${'k'.repeat(MANY)}: 1`],
    ['comments', '#\n'.repeat(MANY)],
    ['deeper and deeper', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['one line over and over', `a: |\n${'  x\n'.repeat(MANY)}`],
    ['a folded text', `a: >\n${'  x y\n\n'.repeat(MANY / 2)}`],
    ['plain over lines', `a: x\n${' y\n'.repeat(MANY)}`],
    ['digits', `a: ${'9'.repeat(MANY)}`],
    ['sexagesimal', `a: ${'1:'.repeat(MANY / 4)}1`],
    ['merge keys', `a: &a {x: 1}\nb:\n${'  <<: *a\n'.repeat(20_000)}`],
  ])('YAML: %s', (_, text) => {
    refusedOrNot(() => fromYaml(text, { target: 'map', file: 'values.yaml' }), text);
  });

  it('a regular expression cannot hang', () => {
    const files = {
      'Chart.yaml': chartYaml('c'),
      'templates/t.yaml': `a: {{ regexMatch "^(a+)+$" "${'a'.repeat(5000)}b" }}{{ regexReplaceAll "(x*)*y" "${'x'.repeat(5000)}" "" | len }}`,
    };
    expect(renderChart(inputOf(files)).manifest).toContain('false5000');
  });
});

describe('what grows without end is refused as helm does', () => {
  const bomb = (levels: number): string =>
    `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 9 }, () => `*a${i}`).join(', ')}]\n`).join('')}`;

  it('YAML bombs', async () => {
    const text = bomb(9);
    const files: ChartFiles = {
      'Chart.yaml': chartYaml('c'),
      'values.yaml': '{}\n',
      'templates/t.yaml': `a: {{ fromYaml (.Files.Get "bomb.yaml") | toJson }}`,
      'bomb.yaml': text,
    };
    const real = await helmTemplate(files);
    expect(() => fromYaml(text, { target: 'map' })).toThrow('document contains excessive aliasing');
    expect(`${renderChart(inputOf(files)).manifestText().trim()}\n`).toBe(`${real.out.trim()}\n`);
    expect(real.out).toContain('excessive aliasing');
  });

  it.each([
    [
      'an include of itself',
      {
        'templates/_h.tpl': '{{ define "a" }}{{ include "a" . }}{{ end }}',
        'templates/t.yaml': 'x: {{ include "a" . }}',
      },
    ],
    [
      'two that include each other',
      {
        'templates/_h.tpl': '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}',
        'templates/t.yaml': 'x: {{ include "a" . }}',
      },
    ],
    [
      'a template of itself',
      {
        'templates/_h.tpl': '{{ define "a" }}{{ template "a" . }}{{ end }}',
        'templates/t.yaml': 'x: {{ template "a" . }}',
      },
    ],
    ['a file that includes itself', { 'templates/t.yaml': 'x: {{ include "c/templates/t.yaml" . }}' }],
  ])('%s', async (_, files) => {
    const all = { 'Chart.yaml': chartYaml('c'), ...files };
    const real = await helmTemplate(all);
    expect(real.ok).toBe(false);
    const failure = (): unknown => renderChart(inputOf(all));
    expect(failure).toThrow(PintleError);
    expect(failure).toThrow(/nested reference name|exceeded maximum template depth/);
    expect(real.err).toMatch(/nested reference name|exceeded maximum template depth/);
  });

  it('text given to tpl that gives itself to tpl', () => {
    const files = {
      'Chart.yaml': chartYaml('c'),
      'values.yaml': 'x: "{{ tpl .Values.x . }}"\n',
      'templates/t.yaml': 'x: {{ tpl .Values.x . }}',
    };
    expect(() => renderChart(inputOf(files))).toThrow(PintleError);
  });
});

describe('a chart that is large', () => {
  const chart = (count: number): ChartFiles =>
    Object.fromEntries([
      ['Chart.yaml', chartYaml('c')],
      ['values.yaml', 'name: x\n'],
      ['templates/_h.tpl', '{{ define "labels" }}app: {{ .Values.name }}{{ end }}'],
      ...Array.from({ length: count }, (_, i) => [
        `templates/t${i}.yaml`,
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}-${i}\n  labels: {{- include "labels" . | nindent 4 }}\ndata: {{ toYaml (dict "k" ${i}) | nindent 2 }}\n`,
      ]),
    ]) as ChartFiles;

  it('is rendered whole', () => {
    expect(renderChart(inputOf(chart(10_000))).manifests).toHaveLength(10_000);
  });
});
