import { describe, expect, it } from 'vitest';
import { chartFrom, exampleChart, renderTraced, summary, type Files, type UserValues } from './support.ts';

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n';

/** The summary of one field of a ConfigMap whose data a template writes. */
async function explained(
  data: string,
  files: Files,
  field: string,
  user: UserValues = {},
): Promise<ReturnType<typeof summary>> {
  const chart = await chartFrom({ 'templates/web.yaml': `${CONFIG}data:\n${data}`, ...files });
  const [first] = (await renderTraced(chart, user)).explain(`ConfigMap/web.data.${field}`);
  if (first === undefined) throw new Error('nothing explained');
  return summary(first);
}

describe('a field leads to its template', () => {
  it('as text', async () => {
    expect(await explained('  a: plain\n', {}, 'a')).toEqual({
      from: ['web/templates/web.yaml:6:6 a: plain'],
      values: [],
    });
  });

  it('as an action with its value', async () => {
    const files = { 'values.yaml': 'x:\n  z: 1\n' };
    expect(await explained('  a: {{ .Values.x.z }}\n', files, 'a')).toEqual({
      from: ['web/templates/web.yaml:6:6 {{ .Values.x.z }}'],
      values: ['x.z=1 web/values.yaml:2'],
    });
  });

  it('through includes that indent, quote and cut', async () => {
    const files = {
      'values.yaml': 'x: {k: long-value}\n',
      'templates/_h.tpl':
        '{{ define "one" }}{{ .Values.x.k }}{{ end }}\n{{ define "two" }}\nl1: {{ include "one" . | quote }}\nl2: two\n{{ end }}',
    };
    const data = '  a: {{ include "one" . | trunc 4 | quote }}\n{{ include "two" . | indent 2 }}\n';
    expect((await explained(data, files, 'a')).from).toEqual([
      'web/templates/_h.tpl:1:19 {{ .Values.x.k }} < web/templates/web.yaml:6',
    ]);
    expect(await explained(data, files, 'l1')).toEqual({
      from: ['web/templates/_h.tpl:1:19 {{ .Values.x.k }} < web/templates/_h.tpl:3 < web/templates/web.yaml:7'],
      values: ['x.k="long-value" web/values.yaml:1'],
    });
    expect((await explained(data, files, 'l2')).from).toEqual([
      'web/templates/_h.tpl:4:5 l2: two < web/templates/web.yaml:7',
    ]);
  });

  it('through template, block and tpl', async () => {
    const files = {
      'values.yaml': 'x: 1\ntext: "v{{ .Values.x }}"\n',
      'templates/_h.tpl': '{{ define "t" }}t{{ .Values.x }}{{ end }}',
    };
    const data =
      '  a: {{ template "t" . }}\n  b: {{ block "bl" . }}b{{ .Values.x }}{{ end }}\n  c: {{ tpl .Values.text . }}\n';
    expect((await explained(data, files, 'a')).from[0]).toMatch(
      /^web\/templates\/_h\.tpl:1:18 .* < web\/templates\/web\.yaml:6$/,
    );
    expect((await explained(data, files, 'b')).from[0]).toMatch(
      /^web\/templates\/web\.yaml:7:\d+ .* < web\/templates\/web\.yaml:7$/,
    );
    const c = await explained(data, files, 'c');
    expect(c.from).toEqual(
      ['gotpl:1:1 v{{ .Values.x }} < web/templates/web.yaml:8'].map((text) => text.replace('1:1 v', '1:2 ')),
    );
    expect(c.values).toEqual(['x=1 web/values.yaml:1']);
  });

  it('with the entry of a map or list that toYaml printed', async () => {
    const files = { 'values.yaml': 'res:\n  limits: {cpu: 1, mem: 2}\nargs:\n- one\n- two\n' };
    const data = '  res:\n    {{- toYaml .Values.res | nindent 4 }}\n  args: {{ toJson .Values.args }}\n';
    expect((await explained(data, files, 'res.limits.mem')).values).toEqual(['res.limits.mem=2 web/values.yaml:2']);
    expect((await explained(data, files, 'args[1]')).values).toEqual(['args.1="two" web/values.yaml:5']);
  });

  it('with what loops, variables and the dot stand for', async () => {
    const files = { 'values.yaml': 'hosts: [a, b]\nmap: {k: v, l: w}\nlist:\n- name: n0\n- name: n1\nname: given\n' };
    const data = [
      '{{- $name := .Values.name | upper }}',
      '  n: {{ $name }}',
      '{{- range .Values.hosts }}',
      '  h{{ . }}: {{ . }}',
      '{{- end }}',
      '{{- range $k, $v := .Values.map }}',
      '  {{ $k }}: {{ $v }}',
      '{{- end }}',
      '{{- range $i, $e := .Values.list }}',
      '  e{{ $i }}: {{ $e.name }}',
      '{{- end }}',
      '{{- with .Values.name }}',
      '  w: {{ . }}',
      '{{- end }}',
      '',
    ].join('\n');
    const values = async (field: string): Promise<string[]> => (await explained(data, files, field)).values;
    expect(await values('n')).toEqual(['name="given" web/values.yaml:6']);
    expect(await values('hb')).toEqual(['hosts.1="b" web/values.yaml:1']);
    expect(await values('l')).toEqual(['map.l="w" web/values.yaml:2']);
    expect(await values('e1')).toEqual(['list.1.name="n1" web/values.yaml:5']);
    expect(await values('w')).toEqual(['name="given" web/values.yaml:6']);
  });

  it('with the blocks around it', async () => {
    const chart = await chartFrom({
      'values.yaml': 'enabled: true\nn: 1\n',
      'templates/web.yaml': `${CONFIG}{{- if .Values.enabled }}\ndata:\n  a: "{{ .Values.n }}"\n{{- end }}\n`,
    });
    const [field] = (await renderTraced(chart)).explain('configmap/web.data.a');
    expect(field?.origins[0]?.conditions.map(({ code, reads, location }) => [code, location.line, reads])).toEqual([
      ['{{- if .Values.enabled }}', 5, [{ path: ['enabled'], value: true }]],
    ]);
  });

  it('after values that are missing', async () => {
    const data = '  a: "{{ .Values.gone }}{{ .Values.x.gone }}x{{ .Values.x.z }}"\n';
    const files = { 'values.yaml': 'x: {z: 1}\n' };
    expect(await explained(data, files, 'a')).toEqual({
      from: [
        'web/templates/web.yaml:6:7 {{ .Values.gone }}',
        'web/templates/web.yaml:6:25 {{ .Values.x.gone }}',
        'web/templates/web.yaml:6:46 {{ .Values.x.z }}',
      ],
      values: ['gone=unset', 'x.gone=unset', 'x.z=1 web/values.yaml:1'],
    });
  });

  it('in Handlebars too', async () => {
    const chart = await chartFrom({
      'values.yaml': 'x: 1\nhosts: [a, b]\nenabled: true\n',
      'templates/_h.hbs':
        '{{#*inline "lab"}}l: {{Values.x}}\nm: {{@root.Values.x}}\n{{/inline}}{{#*inline "one"}}1{{/inline}}',
      'templates/web.yaml.hbs': `${CONFIG}data:\n  a: {{Values.x}}\n  {{> lab}}\n{{#if Values.enabled}}\n{{#each Values.hosts}}\n  h{{this}}: {{this}}\n{{/each}}\n{{/if}}\n  i: {{replace "1" "2" (include "one")}}`,
    });
    const { explain } = await renderTraced(chart);
    const one = (field: string): ReturnType<typeof summary> | undefined =>
      explain(`ConfigMap/web.data.${field}`).map(summary)[0];
    expect(one('a')).toEqual({
      from: ['web/templates/web.yaml.hbs:6:6 {{Values.x}}'],
      values: ['x=1 web/values.yaml:1'],
    });
    expect(one('m')).toEqual({
      from: ['web/templates/_h.hbs:2:4 {{@root.Values.x}} < web/templates/web.yaml.hbs:7'],
      values: ['x=1 web/values.yaml:1'],
    });
    expect(one('hb')?.values).toEqual(['hosts.1="b" web/values.yaml:2']);
    expect(one('i')?.from.at(0)).toMatch(/^web\/templates\/_h\.hbs:3:.* < web\/templates\/web\.yaml\.hbs:13$/);
  });
});

describe('a value leads to the files and flags that set it', () => {
  const sub = {
    'Chart.yaml':
      'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: 1.0.0, alias: data, import-values: [conf, {child: deep.er, parent: up}]}\n',
    'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
    'charts/db/values.yaml':
      'own: 1\nboth: 1\nglobal: {g: sub, s: sub}\nexports:\n  conf: {imported: yes}\ndeep:\n  er: {x: 9}\n',
    'charts/db/templates/db.yaml': `${CONFIG.replace('name: web', 'name: db')}data:\n  own: "{{ .Values.own }}"\n  both: "{{ .Values.both }}"\n  g: "{{ .Values.global.g }}"\n  s: "{{ .Values.global.s }}"\n`,
    'values.yaml': 'data:\n  both: 2\nglobal: {g: top}\nm: {a: 1, b: 1}\nl: [1, 2]\n',
    'templates/web.yaml': `${CONFIG}data:\n  imported: "{{ .Values.imported }}"\n  x: "{{ .Values.up.x }}"\n  a: "{{ .Values.m.a }}"\n  b: "{{ .Values.m.b }}"\n  l: "{{ index .Values.l 1 }}"\n`,
  };

  async function values(selector: string, user: UserValues = {}): Promise<string[]> {
    const fields = (await renderTraced(await chartFrom(sub), user)).explain(selector);
    return fields.flatMap((field) => summary(field).values);
  }

  it('in subcharts', async () => {
    expect(await values('ConfigMap/db.data.own')).toEqual(['data.own=1 web/charts/db/values.yaml:1']);
    expect(await values('ConfigMap/db.data.both')).toEqual(
      ['data.both=2 web/values.yaml:2 > web/charts/db/values.yaml:2'].map((t) => t.split(' > ')[0] ?? ''),
    );
    expect(await values('ConfigMap/db.data.g')).toEqual(['data.global.g="top" web/values.yaml:3']);
    expect(await values('ConfigMap/db.data.s')).toEqual(['data.global.s="sub" web/charts/db/values.yaml:3']);
  });

  it('by import-values', async () => {
    expect(await values('ConfigMap/web.data.imported')).toEqual(['imported=true web/charts/db/values.yaml:5']);
    expect(await values('ConfigMap/web.data.x')).toEqual(['up.x=9 web/charts/db/values.yaml:7']);
  });

  it('over files and flags, the last one first', async () => {
    const user = {
      files: { 'a.yaml': 'm: {a: 2}\n', 'b.yaml': '---\nm:\n  a: 3\n  b: 3\nl: [5, 6]\n' },
      set: ['m.a=4', 'l[1]=7'],
    };
    expect(await values('ConfigMap/web.data.a', user)).toEqual(['m.a=4 --set m.a=4']);
    expect(await values('ConfigMap/web.data.b', user)).toEqual(['m.b=3 b.yaml:4']);
    expect(await values('ConfigMap/web.data.l', user)).toEqual(['l.1=7 --set l[1]=7']);
    expect(await values('ConfigMap/web.data.l', { files: { 'a.yaml': 'l:\n- 1\n- 9\n' } })).toEqual(['l.1=9 a.yaml:3']);
  });
});

describe('selectors', () => {
  const object = (name: string): string =>
    `${CONFIG.replace('name: web', `name: ${name}`)}  labels: {"a.b/c": x}\ndata: {d: e}\n`;

  it('name objects with dots, keys in brackets and list entries by a field', async () => {
    const pod =
      'kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: one\n    image: i1\n  - name: two\n    image: i2\n';
    const { explain } = await renderTraced(
      await chartFrom({ 'templates/a.yaml': [object('web'), object('web.db'), pod].join('---\n') }),
    );
    expect(explain('ConfigMap/web.db.data.d').map(({ name, line }) => [name, line])).toEqual([['web.db', 6]]);
    expect(explain('ConfigMap/web.metadata.labels["a.b/c"]').map(({ value }) => value)).toEqual(['x']);
    expect(explain('pod/p.spec.containers[name=two].image').map(({ value }) => value)).toEqual(['i2']);
    expect(explain('pod/p').map(({ path }) => path)).toEqual([
      '.kind',
      '.metadata.name',
      '.spec.containers[0].name',
      '.spec.containers[0].image',
      '.spec.containers[1].name',
      '.spec.containers[1].image',
    ]);
    for (const wrong of ['Pod', 'Pod/', 'Pod/p.spec[', 'Pod/p.spec..x']) expect(() => explain(wrong)).toThrow(/cannot/);
    expect(() => explain('Pod/q')).toThrow('Pod/q: the chart renders no such object');
    expect(() => explain('Pod/p.spec.nope')).toThrow('the object has no such field');
  });

  it('explain every field of every object of the example charts', async () => {
    for (const name of ['guestbook', 'reports', 'hello-hbs']) {
      const { explain, result } = await renderTraced(await exampleChart(name));
      const objects = [...result.manifests.map(({ head }) => head), ...result.hooks];
      expect(objects.length).toBeGreaterThan(0);
      for (const { kind, name: object } of objects) {
        for (const field of explain(`${kind}/${object}`)) {
          expect([field.path, field.origins.length]).not.toEqual([field.path, 0]);
          for (const { location, code } of field.origins) {
            const line = location.source?.split('\n')[(location.line ?? 0) - 1] ?? '';
            expect(line).toContain(code.split('\n')[0]);
          }
        }
      }
    }
  });
});
