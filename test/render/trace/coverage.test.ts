import { describe, expect, it } from 'vitest';
import { renderChart } from '../../../src/render/render-chart.ts';
import { coverageOf, type FileCoverage } from '../../../src/render/trace/coverage.ts';
import { RenderTrace } from '../../../src/render/trace/render-trace.ts';
import { chartFrom, exampleChart, type Files, traceInput } from './support.ts';

/** What renders with these values files reach. */
async function covered(files: Files, ...values: readonly string[]): Promise<readonly FileCoverage[]> {
  const chart = await chartFrom(files);
  const trace = new RenderTrace();
  for (const text of values) {
    const input = await traceInput(chart, { files: { 'v.yaml': text } });
    renderChart({ ...input, trace });
  }
  return coverageOf(trace.sources, trace.reached);
}

function short(file: FileCoverage | undefined): unknown {
  return {
    lines: [file?.lines, file?.missedLines],
    branches: [file?.branches, file?.missedBranches.map(({ location, problem }) => `${location.line} ${problem}`)],
  };
}

const TEMPLATE = [
  '{{- if .Values.a }}',
  'a: 1',
  '{{- else if .Values.b }}',
  'b: {{ .Values.b }}',
  '{{- else }}',
  '',
  'c: 3',
  '{{- end }}',
  '{{- range .Values.l }}',
  'l{{ . }}: x',
  '{{- else }}',
  'none: x',
  '{{- end }}',
  '{{- with .Values.w }}',
  'w: {{ . }}',
  '{{- end }}',
].join('\n');

describe('coverage', () => {
  it('tells lines and branches that one render did not reach', async () => {
    const [file] = await covered({ 'templates/t.yaml': TEMPLATE }, 'a: true\nl: [1]\n');
    expect(short(file)).toEqual({
      lines: [10, [3, 4, 7, 12, 15]],
      branches: [8, ['1 never false', '3 never reached', '3 never reached', '9 never empty', '14 never set']],
    });
  });

  it('is complete when other renders reach the rest', async () => {
    const values = ['a: true\nl: [1]\n', 'b: 1\nw: 1\n', '{}'];
    const [file] = await covered({ 'templates/t.yaml': TEMPLATE }, ...values);
    expect(short(file)).toEqual({ lines: [10, []], branches: [8, []] });
  });

  it('counts definitions that nobody calls, and what tpl runs not', async () => {
    const files = {
      'templates/_h.tpl':
        '{{ define "used" }}\nused: {{ tpl "{{ if true }}1{{ end }}" . }}\n{{ end }}\n{{ define "unused" }}\nx: 1\ny: {{ .Values.y }}\n{{ end }}',
      'templates/t.yaml': '{{ include "used" . }}',
    };
    const all = await covered(files, '{}');
    expect(all.map(({ name, missedLines }) => [name, missedLines])).toEqual([
      ['web/templates/_h.tpl', [5, 6]],
      ['web/templates/t.yaml', []],
    ]);
  });

  it('works for Handlebars', async () => {
    const text =
      '{{#if Values.a}}\na: 1\n{{else}}\nb: {{Values.b}}\n{{/if}}\n{{#each Values.l}}\nl{{this}}: 1\n{{/each}}\n{{#unless Values.a}}\nu: 1\n{{/unless}}';
    const [first] = await covered({ 'templates/t.yaml.hbs': text }, 'a: 1\n');
    expect(short(first)).toEqual({
      lines: [7, [4, 7, 10]],
      branches: [5, ['1 never false', '6 never has elements', '9 never true']].map((each) => each),
    });
    const [both] = await covered({ 'templates/t.yaml.hbs': text }, 'a: 1\nl: [1]\n', 'b: 1');
    expect(short(both)).toEqual({ lines: [7, []], branches: [5, []] });
  });

  it('of the example charts finds all that is left out', async () => {
    const trace = new RenderTrace();
    const input = await traceInput(await exampleChart('guestbook'));
    renderChart({ ...input, trace });
    const files = coverageOf(trace.sources, trace.reached);
    expect(files.find(({ name }) => name === 'guestbook/templates/hpa.yaml')?.missedLines.length).toBeGreaterThan(10);
    expect(files.find(({ name }) => name === 'guestbook/templates/deployment.yaml')?.missedLines).toEqual([]);
  });
});
