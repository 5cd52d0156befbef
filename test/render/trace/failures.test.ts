import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { formatLocation } from '../../../src/base/source.ts';
import { renderChart } from '../../../src/render/render-chart.ts';
import { chartFrom, type Files, traceInput, type UserValues } from './support.ts';

/** The error that a chart fails with. */
async function failure(files: Files, user?: UserValues): Promise<PintleError> {
  const input = await traceInput(await chartFrom(files), user);
  try {
    renderChart(input);
  } catch (error) {
    if (error instanceof PintleError) return error;
    throw error;
  }
  throw new Error('it does not fail');
}

const hint = async (template: string, values: string, user?: UserValues): Promise<string | undefined> =>
  (await failure({ 'templates/t.yaml': template, 'values.yaml': values }, user)).hint;

describe('a failure names the value behind it', () => {
  it.each([
    ['{{ .Values.a.b.c }}', 'a:\n  b: null\n', '.Values.a.b is null in web/values.yaml:2:3'],
    ['{{ .Values.a.b.c }}', 'a: {}\n', '.Values.a.b is not set; .Values.a in web/values.yaml:1:1 is empty'],
    ['{{ .Values.x.y.z }}', 'x: {k: 1, l: 2}\n', '.Values.x.y is not set; .Values.x in web/values.yaml:1:1 has k, l'],
    ['{{ .Values.nope.x }}', '', '.Values.nope is not set'],
    ['{{ .Values.s.x }}', 's: text\n', '.Values.s is "text" in web/values.yaml:1:1'],
    ['{{ upper .Values.port }}', 'port: 80\n', '.Values.port is 80 in web/values.yaml:1:1'],
    ['{{ required "give it" .Values.need }}', 'need: ""\n', '.Values.need is "" in web/values.yaml:1:1'],
    [
      '{{ range .Values.l }}{{ .name.first }}{{ end }}',
      'l:\n- name: {first: 1}\n- name: null\n',
      '.Values.l[1].name is null in web/values.yaml:3:3',
    ],
    [
      '{{ $v := .Values.a }}{{ $v.b.c }}',
      'a: {}\n',
      '.Values.a.b is not set; .Values.a in web/values.yaml:1:1 is empty',
    ],
    ['{{ index .Values.l 5 }}', 'l: [1]\n', '.Values.l is a list of 1 in web/values.yaml:1:1'],
  ])('%s', async (template, values, expected) => {
    expect(await hint(template, values)).toBe(expected);
  });

  it('where the user set it', async () => {
    const user = { files: { 'prod.yaml': 'a:\n  b: null\n' }, set: ['s=1'] };
    expect(await hint('{{ .Values.a.b.c }}', 'a: {b: {c: 1}}\n', user)).toBe('.Values.a.b is null in prod.yaml:2:3');
    expect(await hint('{{ .Values.s.x }}', '', user)).toBe('.Values.s is 1 in --set s=1');
  });

  it('in included templates and subcharts', async () => {
    const files = {
      'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'values.yaml': 'db:\n  auth: null\n',
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
      'charts/db/templates/_h.tpl': '{{ define "h" }}{{ .Values.auth.user }}{{ end }}',
      'charts/db/templates/t.yaml': 'a: {{ include "h" . }}',
    };
    const error = await failure(files);
    expect(error.hint).toMatch(/^\.Values\.db\.auth is (null in web\/values\.yaml:2:3|not set)/);
    expect(error.trace).toHaveLength(2);
  });

  it('but says nothing where no value is to blame', async () => {
    expect(await hint('{{ fail "no" }}', '')).toBeUndefined();
    expect(await hint('{{ include "gone" . }}', '')).toBeUndefined();
    expect(await hint('{{ add .Values.a .Values.b | .x }}', 'a: 1\nb: 2\n')).toBeUndefined();
  });
});

describe('rendered text that is no manifest', () => {
  const files = {
    'values.yaml': 'multi: "x: y: z"\n',
    'templates/_h.tpl': '{{ define "body" }}\nk: ok\nbad: {{ .Values.multi }}\n{{ end }}',
    'templates/t.yaml':
      'kind: A\n---\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  {{- include "body" . | nindent 2 }}\n',
  };

  it('leads to the rendered line and to the template line', async () => {
    const error = await failure(files);
    expect(error.message).toBe(
      'YAML parse error on web/templates/t.yaml: error converting YAML to JSON: yaml: line 7: mapping values are not allowed in this context',
    );
    expect(error.location && formatLocation(error.location)).toBe('web/templates/_h.tpl:3:6');
    expect(error.location?.source).toBe(files['templates/_h.tpl']);
    expect(error.trace.map(({ text }) => text)).toEqual(['in {{- include "body" . | nindent 2 }}']);
    expect(error.hint).toBe('.Values.multi is "x: y: z" in web/values.yaml:1:1');
    const [rendered] = error.related;
    expect(rendered?.location).toMatchObject({ file: 'web/templates/t.yaml as rendered', line: 7 });
    expect(rendered?.location?.source?.split('\n')[6]).toBe('  bad: x: y: z');
  });

  it('of the wrong kind too', async () => {
    const error = await failure({ 'templates/t.yaml': '---\nkind: [1]\n' });
    expect(error.location && formatLocation(error.location)).toBe('web/templates/t.yaml:2:1');
  });
});
