import { describe, expect, it } from 'vitest';
import { fromYaml } from '../../../src/yaml/parse.ts';
import { renderChart } from '../../../src/render/render-chart.ts';
import { placedObjects } from '../../../src/render/trace/explain-field.ts';
import { markLines } from '../../../src/render/trace/mark-lines.ts';
import { RenderTrace } from '../../../src/render/trace/render-trace.ts';
import { SourceMap } from '../../../src/render/trace/source-map.ts';
import { chartFrom, exampleChart, renderTraced, traceInput } from './support.ts';

const EXAMPLES = ['guestbook', 'reports', 'hello-hbs'];

describe('following a render', () => {
  it.each(EXAMPLES)('does not change what %s renders', async (name) => {
    const chart = await exampleChart(name);
    const plain = renderChart(await traceInput(chart));
    const traced = renderChart({ ...(await traceInput(chart)), trace: new RenderTrace() });
    expect(traced.manifest).toBe(plain.manifest);
    expect(traced.notes).toBe(plain.notes);
    expect(traced.hooks).toEqual(plain.hooks);
  });

  it('does not change what functions see of values', async () => {
    const text = [
      '{{ toYaml .Values }}',
      '{{ toJson .Values.m }} {{ .Values.m }} {{ printf "%T %v %#v" .Values.m .Values.l .Values.l }}',
      '{{ kindOf .Values.m }} {{ typeOf .Values.l }} {{ kindIs "map" .Values.m }} {{ deepEqual .Values.m (deepCopy .Values.m) }}',
      '{{ merge (dict "z" 1) .Values.m | toJson }} {{ mergeOverwrite (deepCopy .Values.m) (dict "a" 9) | toJson }}',
      '{{ keys .Values.m | sortAlpha }} {{ values .Values.m | len }} {{ pick .Values.m "a" | toJson }} {{ omit .Values.m "a" | toJson }}',
      '{{ has 2.0 .Values.l }} {{ first .Values.l }} {{ rest .Values.l }} {{ concat .Values.l .Values.l | uniq }} {{ index .Values.m "sub" "d" }}',
      '{{ dig "sub" "d" "none" .Values.m }} {{ hasKey .Values.m "a" }} {{ get .Values.m "a" }} {{ len .Values.m }} {{ slice .Values.l 1 2 }}',
      '{{ $_ := set .Values.m "new" .Values.l }}{{ .Values.m.new }} {{ $_ = unset .Values.m "a" }}{{ .Values.m }} {{ reverse .Values.l }} {{ join "," .Values.l }}',
      '{{ range $k, $v := .Values.m }}{{ $k }}={{ $v }};{{ end }} {{ empty .Values.e }} {{ coalesce .Values.e .Values.m | toJson }} {{ .Values.m | mustToPrettyJson }}',
      '{{ eq .Values.m.sub.d "deep" }} {{ ternary .Values.l .Values.m true }} {{ compact .Values.l }} {{ tpl (toYaml .Values.m) . }} {{ .Values.AsMap | toJson }}',
    ].join('\n');
    const chart = await chartFrom({
      'values.yaml': 'm: {a: 1, b: x, sub: {d: deep}}\nl: [1, 2, 2]\ne: {}\n',
      'templates/NOTES.txt': text,
    });
    const plain = renderChart(await traceInput(chart));
    expect((await renderTraced(chart)).result.notes).toBe(plain.notes);
    expect(plain.notes).toContain('deep');
  });
});

describe('marks behind lines', () => {
  it.each(EXAMPLES)('leave what %s means as it is', async (name) => {
    const { result, trace, origins } = await renderTraced(await exampleChart(name));
    const map = new SourceMap(trace);
    for (const object of placedObjects(result)) {
      const marked = markLines(object, map, origins);
      expect(fromYaml(marked)).toEqual(fromYaml(object.content));
      expect(marked).toMatch(/ {2}# \S+\/templates\/\S+:\d+/);
    }
  });

  it('keep off long texts', async () => {
    const content = 'kind: A\na: |\n  one\n\n  # two\nb: "x\n  y"\nc: plain\n  more\nd: [1,\n  2]\ne: >-\n  z';
    const { result, trace, origins } = await renderTraced(await chartFrom({ 'templates/a.yaml': content }));
    const [object] = placedObjects(result);
    if (object === undefined) throw new Error('nothing rendered');
    const marked = markLines(object, new SourceMap(trace), origins);
    expect(fromYaml(marked)).toEqual(fromYaml(content));
    expect(marked.split('\n').map((line) => line.includes('# web/'))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
