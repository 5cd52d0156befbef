import { describe, expect, test } from 'vitest';
import { PintleError } from '../../src/base/errors.ts';
import { defaultCapabilities, parseKubeVersion } from '../../src/render/capabilities.ts';
import { ManifestError, renderChart, type RenderInput, type RenderResult } from '../../src/render/render-chart.ts';
import { SAMPLE_CHARTS } from './sample-charts.ts';
import { chartOf, chartYaml, helmTemplate, inputOf, type ChartFiles } from './support.ts';

/** What `helm template` prints for a result. */
function templateOutput(result: RenderResult, includeCrds: boolean): string {
  const hooks = result.hooks.map((hook) => `---\n# Source: ${hook.path}\n${hook.manifest}\n`).join('');
  return `${result.manifestText({ includeCrds }).trim()}\n${hooks}`;
}

function failure(input: RenderInput): PintleError {
  try {
    renderChart(input);
  } catch (error) {
    if (error instanceof PintleError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

function overridesOf(args: readonly string[]): Partial<RenderInput> {
  const flag = (name: string): string | undefined => args[args.indexOf(name) + 1];
  const capabilities = defaultCapabilities();
  if (!args.includes('--kube-version')) return {};
  return {
    capabilities: {
      ...capabilities,
      kubeVersion: parseKubeVersion(flag('--kube-version') ?? ''),
      apiVersions: [...capabilities.apiVersions, flag('--api-versions') ?? ''],
    },
  };
}

describe('charts render as with real helm', () => {
  test.each(SAMPLE_CHARTS)('$title', async ({ files, args = [] }) => {
    const run = await helmTemplate(files, args);
    expect(run.err).not.toContain('Error');
    const result = renderChart(inputOf(files, overridesOf(args)));
    expect(templateOutput(result, args.includes('--include-crds'))).toBe(run.out);
  });
});

test('hooks of unknown events are left out, and named', () => {
  const hook = (name: string, event: string): string =>
    `kind: Pod\nmetadata:\n  name: ${name}\n  annotations:\n    helm.sh/hook: ${event}\n`;
  const text = [hook('a', 'crd-install'), hook('b', 'test'), hook('c', '"pre-install,later"')].join('---\n');
  const result = renderChart(inputOf(simple({ 'templates/a.yaml': text })));
  expect(result.hooks.map(({ name }) => name)).toEqual(['b']);
  expect(result.manifests).toEqual([]);
  expect(result.skippedHooks).toEqual([
    { kind: 'Pod', name: 'a', hookTypes: 'crd-install' },
    { kind: 'Pod', name: 'c', hookTypes: 'pre-install,later' },
  ]);
});

const simple = (templates: ChartFiles, more = ''): ChartFiles => ({
  'Chart.yaml': chartYaml('web', more),
  ...templates,
});

test('the result', () => {
  const result = renderChart(
    inputOf(
      simple({
        'templates/a.yaml':
          'kind: Service\napiVersion: v1\nmetadata:\n  name: {{ .Release.Name }}\n  annotations: {a: b}\n---\nkind: Secret\napiVersion: v1\nx: 1\n',
        'templates/h.yaml':
          'kind: Job\nmetadata:\n  name: j\n  annotations:\n    helm.sh/hook: pre-install, test\n    helm.sh/hook-weight: "-3"\n    helm.sh/hook-delete-policy: Hook-Failed\n    helm.sh/hook-output-log-policy: hook-failed,hook-succeeded\n',
        'templates/NOTES.txt': 'Hello {{ .Release.Name }}',
      }),
    ),
  );
  expect([...result.templates.keys()]).toEqual([
    'web/templates/h.yaml',
    'web/templates/a.yaml',
    'web/templates/NOTES.txt',
  ]);
  expect(result.manifests.map(({ name, kind, apiVersion, head }) => [name, kind, apiVersion, head.name])).toEqual([
    ['web/templates/a.yaml', 'Secret', 'v1', ''],
    ['web/templates/a.yaml', 'Service', 'v1', 'rel'],
  ]);
  expect({ ...result.manifests[1]?.head.annotations }).toEqual({ a: 'b' });
  expect(result.notes).toBe('Hello rel');
  expect(result.hooks).toEqual([
    {
      name: 'j',
      kind: 'Job',
      path: 'web/templates/h.yaml',
      manifest: expect.stringContaining('kind: Job') as string,
      events: ['pre-install', 'test'],
      last_run: { phase: '' },
      weight: -3,
      delete_policies: ['hook-failed'],
      output_log_policies: ['hook-failed', 'hook-succeeded'],
    },
  ]);
  expect(result.manifest).toBe(
    '---\n# Source: web/templates/a.yaml\nkind: Secret\napiVersion: v1\nx: 1\n' +
      '---\n# Source: web/templates/a.yaml\nkind: Service\napiVersion: v1\nmetadata:\n  name: rel\n  annotations: {a: b}\n',
  );
  expect(result.manifestText({ hideSecrets: true })).toContain(
    '---\n# Source: web/templates/a.yaml\n# HIDDEN: The Secret output has been suppressed\n---\n',
  );
});

test('notes of subcharts only if asked for, those of the chart first', () => {
  const files = simple({
    'templates/NOTES.txt': 'root',
    'charts/a/Chart.yaml': chartYaml('a'),
    'charts/a/templates/NOTES.txt': 'sub {{ .Chart.Name }}',
  });
  expect(renderChart(inputOf(files)).notes).toBe('root');
  expect(renderChart(inputOf(files, { renderSubchartNotes: true })).notes).toBe('root\nsub a');
});

test('kubeVersion', () => {
  const error = failure(inputOf(simple({}, 'kubeVersion: "<1.30.0"\n')));
  expect([error.code, error.message]).toEqual([
    'kube-version',
    'chart requires kubeVersion: <1.30.0 which is incompatible with Kubernetes v1.35.0',
  ]);
  expect(failure(inputOf(simple({}, 'kubeVersion: "what?"\n'))).code).toBe('kube-version');
});

test('kube versions from flags', () => {
  expect(parseKubeVersion('1.29')).toEqual({ version: 'v1.29', normalized: 'v1.29', major: '1', minor: '29' });
  expect(parseKubeVersion('v1.33.4-gke.1245000').normalized).toBe('v1.33.4');
  expect(() => parseKubeVersion('abc')).toThrow('could not parse "abc" as version');
  expect(() => parseKubeVersion('1')).toThrow('illegal version string "1"');
  expect(() => parseKubeVersion('01.2')).toThrow('illegal zero-prefixed version component "01" in "01.2"');
});

test('lookup', () => {
  const calls: string[][] = [];
  const lookup = (...key: string[]): unknown => {
    calls.push(key);
    return key[3] === '' ? { items: [{ n: 1 }] } : { data: { 'a.b': 'x' }, replicas: 3 };
  };
  const files = simple({
    'templates/a.yaml':
      'a: {{ index (lookup "v1" "Secret" "ns" "s").data "a.b" }}{{ printf "%T" (lookup "v1" "Secret" "ns" "s").replicas }}\nb: {{ len (lookup "v1" "Pod" "ns" "").items }}\n',
  });
  expect(renderChart(inputOf(files, { lookup })).manifest).toContain('a: xint64\nb: 1\n');
  expect(calls).toEqual([
    ['v1', 'Secret', 'ns', 's'],
    ['v1', 'Secret', 'ns', 's'],
    ['v1', 'Pod', 'ns', ''],
  ]);
  const none = simple({ 'templates/a.yaml': 'a: {{ lookup "v1" "Secret" "ns" "s" | toJson }}\n' });
  expect(renderChart(inputOf(none)).manifest).toContain('a: {}');
});

test('lenient rendering collects what required and fail say', () => {
  const said: string[] = [];
  const files = simple({ 'templates/a.yaml': 'a: {{ required "need a" .Values.a }}\nb: {{ fail "no b" }}\n' });
  const result = renderChart(inputOf(files, { lenient: (message) => said.push(message) }));
  expect(said).toEqual(['need a', 'no b']);
  expect(result.manifest).toContain('a: \nb:');
});

test('strict rendering fails on missing keys', () => {
  const error = failure(inputOf(simple({ 'templates/a.yaml': 'a: {{ .Values.nope }}\n' }), { strict: true }));
  expect(error.message).toBe(
    'web/templates/a.yaml:1:13\n  executing "web/templates/a.yaml" at <.Values.nope>:\n    map has no entry for key "nope"',
  );
});

test('the values given stay as they are', () => {
  const files = simple({
    'values.yaml': 'm: {a: 1}\n',
    'templates/a.yaml': '{{ $_ := set .Values.m "a" 2 }}a: {{ .Values.m.a }}',
  });
  const input = inputOf(files);
  for (const _ of [1, 2]) expect(renderChart(input).manifest).toContain('a: 2');
  expect(input.values['m']).toEqual({ a: 1 });
});

test('an include without end is an error that says which', () => {
  const files = simple({
    'templates/a.yaml': 'a: {{ include "r" . }}{{ define "r" }}{{ include "r" . | indent 1 }}{{ end }}',
  });
  const { message, location } = failure(inputOf(files));
  expect(message.endsWith('rendering template has a nested reference name: r: unable to execute template')).toBe(true);
  expect(location?.file).toBe('web/templates/a.yaml');
});

test('a manifest that is none: the rendered text is at hand', () => {
  const error = failure(inputOf(simple({ 'templates/a.yaml': 'a: b: c\n', 'templates/b.yaml': 'ok: 1\n' })));
  expect(error).toBeInstanceOf(ManifestError);
  expect([error.code, error.location?.file, error.location?.line]).toEqual([
    'manifest-invalid',
    'web/templates/a.yaml',
    1,
  ]);
  expect((error as ManifestError).rendered).toContain('---\n# Source: web/templates/a.yaml\na: b: c\n\n');
});

describe('Handlebars', () => {
  test('a template by its ending', () => {
    const files = simple({
      'values.yaml': 'name: x\nlist: [a, b]\n',
      'templates/a.yaml.hbs':
        'name: {{Values.name}}-{{Release.Name}}\nitems:\n{{#each Values.list}}\n- {{this}}\n{{/each}}\n',
    });
    expect(renderChart(inputOf(files)).manifest).toBe(
      '---\n# Source: web/templates/a.yaml.hbs\nname: x-rel\nitems:\n- a\n- b\n',
    );
  });

  test('a whole chart by Chart.yaml; structs and files can be seen', () => {
    const files = simple(
      {
        'conf.txt': 'hello',
        'templates/a.yaml':
          'v: {{Capabilities.KubeVersion.Version}}\nminor: {{Capabilities.KubeVersion.Minor}}\nchart: {{Chart.Name}}\n',
      },
      'engine: handlebars\n',
    );
    expect(renderChart(inputOf(files)).manifest).toContain('v: v1.35.0\nminor: 35\nchart: web\n');
  });

  test('the languages include each other', () => {
    const files = simple({
      'templates/_go.tpl': '{{ define "go.part" }}go {{ .x }}{{ end }}',
      'templates/_hbs.hbs': 'hbs {{x}}',
      'templates/a.yaml.hbs': 'a: {{include "go.part" Values}}\n',
      'templates/b.yaml': 'b: {{ include "web/templates/_hbs.hbs" .Values }}\n',
      'values.yaml': 'x: 1\n',
    });
    const { manifest } = renderChart(inputOf(files));
    expect(manifest).toContain('a: go 1');
    expect(manifest).toContain('b: hbs 1');
  });
});

test('a recorder for each template', () => {
  const files = simple({
    'values.yaml': 'x: 12\n',
    'templates/a.yaml': 'a: {{ .Values.x }}\n',
    'templates/b.yaml': 'b: 1\n',
  });
  const parts: string[] = [];
  renderChart(
    inputOf(files, {
      recorderFor: (template) =>
        template === 'web/templates/a.yaml'
          ? { record: (start, end, source, offset) => parts.push(`${start}-${end}:${source}@${offset}`) }
          : undefined,
    }),
  );
  expect(parts).toEqual(['0-3:web/templates/a.yaml@0', '3-5:web/templates/a.yaml@6', '5-6:web/templates/a.yaml@18']);
});

test('library charts give partials only', () => {
  const chart = chartOf({
    'Chart.yaml': chartYaml('lib', 'type: Library\n'),
    'templates/a.yaml': 'a: 1',
    'templates/_p.tpl': '',
  });
  const result = renderChart({ ...inputOf({ 'Chart.yaml': chartYaml('lib') }), chart });
  expect([result.manifests.length, result.templates.size]).toEqual([0, 0]);
});
