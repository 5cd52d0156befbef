/** A chart for the rules, as files; a text of `undefined` takes a file of the base away, a name that ends in `/` is a folder. */
export interface LintCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string | undefined>>;
  /** Flags of `helm lint`. */
  readonly flags?: readonly string[];
}

const METADATA = 'apiVersion: v2\nname: demo\nversion: 1.2.3\nicon: https://example.com/icon.png\n';
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: demo\ndata:\n  a: {{ .Values.a | quote }}\n';

/** A chart without fault. */
export const BASE: Readonly<Record<string, string>> = {
  'Chart.yaml': METADATA,
  'values.yaml': 'a: 1\n',
  'templates/config.yaml': CONFIG,
};

function metadata(name: string, text: string): LintCase {
  return { name: `Chart.yaml ${name}`, files: { 'Chart.yaml': text } };
}

function field(name: string, lines: string): LintCase {
  return metadata(name, METADATA + lines);
}

function template(name: string, text: string, flags: readonly string[] = []): LintCase {
  return { name: `template ${name}`, files: { 'templates/t.yaml': text }, flags };
}

function object(apiVersion: string, kind: string, name = 'a', more = ''): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${more}`;
}

const SUB = 'apiVersion: v2\nname: sub\nversion: 0.1.0\n';
const CRD =
  'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\n';

/** Charts with one fault each, and what else must come out as it does with helm. */
export const CASES: readonly LintCase[] = [
  { name: 'without fault', files: {} },
  { name: 'without fault, quiet', files: {}, flags: ['--quiet'] },
  { name: 'without icon', files: { 'Chart.yaml': METADATA.replace(/icon.*\n/, '') } },
  { name: 'without icon, quiet', files: { 'Chart.yaml': METADATA.replace(/icon.*\n/, '') }, flags: ['--quiet'] },
  { name: 'without Chart.yaml', files: { 'Chart.yaml': undefined } },
  { name: 'with a folder for Chart.yaml', files: { 'Chart.yaml': undefined, 'Chart.yaml/x': 'y' } },
  { name: 'without templates', files: { 'templates/config.yaml': undefined } },
  { name: 'without templates, strict', files: { 'templates/config.yaml': undefined }, flags: ['--strict'] },
  { name: 'with templates that are a file', files: { 'templates/config.yaml': undefined, templates: 'x' } },
  { name: 'without values', files: { 'values.yaml': undefined } },
  { name: 'with broken values', files: { 'values.yaml': 'a: [1\nb: 2\n' } },
  { name: 'with values that are a list', files: { 'values.yaml': '- 1\n' } },
  { name: 'with tabs in values', files: { 'values.yaml': 'a:\n\t- 1\n' } },
  { name: 'with a user value', files: {}, flags: ['--set', 'a=2'] },

  metadata('empty', ''),
  metadata('broken', 'name: [x\n'),
  metadata('of another shape', '- a\n'),
  metadata('with a text', 'hello\n'),
  metadata('with a list as name', METADATA.replace('demo', '[demo]')),
  metadata('without apiVersion', METADATA.replace('apiVersion: v2\n', '')),
  metadata('of version v3', METADATA.replace('v2', 'v3')),
  metadata('of version v9', METADATA.replace('v2', 'v9')),
  metadata('without name', METADATA.replace('name: demo\n', '')),
  metadata('with a path as name', METADATA.replace('demo', 'a/b')),
  metadata('with a dot as name', METADATA.replace('demo', '.')),
  metadata('without version', METADATA.replace('version: 1.2.3\n', '')),
  metadata('with a short version', METADATA.replace('1.2.3', '1.2')),
  metadata('with a number as version', METADATA.replace('1.2.3', '1.20')),
  metadata('with a loose version', METADATA.replace('1.2.3', 'v1.2.3')),
  metadata('with no version', METADATA.replace('1.2.3', 'latest')),
  metadata('with the version zero', METADATA.replace('1.2.3', '0.0.0')),
  metadata('with less than zero', METADATA.replace('1.2.3', '0.0.0-0')),
  metadata('with build metadata', METADATA.replace('1.2.3', '1.2.3-rc.1+x.y')),
  metadata('with a key twice', `${METADATA}name: again\n`),
  field('with an unknown field', 'foo: bar\nbar: 1\n'),
  field('with an unknown field of a maintainer', 'maintainers:\n  - name: a\n    phone: "1"\n'),
  field('with a number as appVersion', 'appVersion: 1.16\n'),
  field('with a flag as appVersion', 'appVersion: true\n'),
  field('without an appVersion', 'appVersion:\n'),
  field('of type library', 'type: library\n'),
  field('of an unknown type', 'type: other\n'),
  metadata('v1 with a type', `${METADATA.replace('v2', 'v1')}type: application\n`),
  metadata('v1 with dependencies', `${METADATA.replace('v2', 'v1')}dependencies:\n  - name: sub\n    version: 0.1.0\n`),
  field('with an empty maintainer', 'maintainers:\n  -\n'),
  field('with a nameless maintainer', 'maintainers:\n  - email: a@b.c\n'),
  ...[
    'not an address',
    'a@b',
    'a@b.c',
    'a.b+c@d-e.fgh',
    'a@b..c',
    '@b.c',
    'a@b.c1',
    '"a b"@c.de',
    '"ab"@c.de',
    '"a\\"b"@c.de',
    'ä@ö.de',
    'a@b.c.',
    'a@b_c.de',
    'a@b-.-c.de',
    'a@-b.c',
  ].map((email) =>
    field(`with the address ${email}`, `maintainers:\n  - name: ann\n    email: ${JSON.stringify(email)}\n`),
  ),
  ...[
    'https://example.com',
    'example.com',
    'example',
    'http://localhost:8080/x?y#z',
    'ftp://a.b',
    'mailto:a@b.c',
    'http://a b.c',
    'http://.a.b',
    'http://user:pass@host.de/',
    'http://1.2.3.4',
    'http://[::1]:80',
    'foo.bar/baz',
    'http://a_b.example.com',
    'http://-a.b',
    'gopher://x.y',
    'a:80',
    'http://exa mple',
    '//example.com',
  ].map((url) => field(`with the page ${url}`, `maintainers:\n  - name: ann\n    url: ${JSON.stringify(url)}\n`)),
  ...[
    'https://example.com/src',
    'example.com',
    'git@github.com:a/b.git',
    'ssh://git@github.com/a',
    '/a/b',
    '',
    'https://a b.com',
    'https://exa%zzmple.com',
    'https://a.com/%zz',
    'https://a.com:port/',
    'urn:x:y',
    ':x',
    '1a:b',
    'https://[::1',
    'https://a.com/a b',
    'https://a.com?x=%zz',
  ].map((url) => field(`with the source ${url}`, `sources: [${JSON.stringify(url)}]\n`)),
  metadata('with an icon that is a path', METADATA.replace('https://example.com/icon.png', 'icon.png')),
  metadata('with an icon as data', METADATA.replace('https://example.com/icon.png', '"data:image/png;base64,AAAA"')),

  template('with an error of syntax', '{{ if }}\n'),
  template('with an error', 'a: {{ fail "no" | upper | nothing }}\n'),
  template('that fails', 'a: {{ template "nothing" . }}\n'),
  template('that needs a value', object('v1', 'ConfigMap', '{{ required "need it" .Values.nothing | default "x" }}')),
  template('that says fail', `{{ fail "stop" }}${object('v1', 'ConfigMap')}`),
  template(
    'that looks up',
    object('v1', 'ConfigMap', 'a', 'data:\n  x: {{ (lookup "v1" "Secret" "a" "b") | toJson | quote }}\n'),
  ),
  template('with a missing table', 'a: {{ .Values.nothing.at.all }}\n'),
  template('with indented start', `\n\n  ${object('v1', 'ConfigMap')}`),
  template('with indented start alone', '  a: 1\n'),
  template('with broken YAML', 'a: [1\n'),
  template('with tabs', 'a:\n\t- b\n'),
  template('of a list', '- a\n'),
  template('of a text', 'hello\n'),
  template('of JSON', '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}\n'),
  template('of JSON twice', '{"kind": "A"}{"kind": "B"}\n---\nkind: C\n'),
  template('of JSON and YAML', '{"kind": "A", "metadata": {"name": 1}}\n---\n{kind: C}\n'),
  template('of broken JSON', '{"kind": "A"\n'),
  template('of JSON with an error', '\n {"kind": ["ä", ]}]\n'),
  template('of JSON of another type', '{"kind": []}\n'),
  template('of flow YAML', '{kind: A, metadata: {name: B}}\n'),
  template('without content', '{{- if false }}a: 1{{ end }}\n'),
  template('with two documents', `${object('v1', 'ConfigMap')}---\n${object('v1', 'ConfigMap', 'B_C')}`),
  template('with a marked separator', `${object('v1', 'ConfigMap')}--- # more\n${object('v1', 'ConfigMap')}`),
  template('with a wrong separator', `${object('v1', 'ConfigMap')}--- more\n${object('v1', 'ConfigMap')}`),
  template('with comments alone', '# nothing\n---\n# here\n'),
  template('without a name', 'apiVersion: v1\nkind: ConfigMap\n'),
  template('with metadata of a wrong type', 'apiVersion: v1\nkind: ConfigMap\nmetadata: x\n'),
  template('with a name of a wrong type', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [a]\n'),
  template('with a number as name', object('v1', 'ConfigMap', '12')),
  template('with a bad name', object('v1', 'ConfigMap', 'A_b')),
  template('with a long name', object('v1', 'ConfigMap', 'a'.repeat(254))),
  template('of a Service with digits first', object('v1', 'Service', '1a')),
  template('of a Service with a long name', object('v1', 'Service', 'a'.repeat(64))),
  template('of a Namespace with a dot', object('v1', 'Namespace', 'a.b')),
  template('of a ServiceAccount', object('v1', 'ServiceAccount', 'A')),
  template('of a Role with a path', object('rbac.authorization.k8s.io/v1', 'Role', 'a/b%c')),
  template('of a Role with a colon', object('rbac.authorization.k8s.io/v1', 'Role', 'system:a')),
  template('of a signing request', object('certificates.k8s.io/v1', 'CertificateSigningRequest', 'A/b')),
  template('of a workload without selector', object('apps/v1', 'Deployment', 'a', 'spec: {}\n')),
  template(
    'of a workload with selector',
    object('apps/v1', 'StatefulSet', 'a', 'spec:\n  selector:\n    matchLabels: {a: b}\n'),
  ),
  template(
    'of a list that is kept',
    'apiVersion: v1\nkind: List\nmetadata: {name: a}\nitems:\n  - metadata:\n      annotations:\n        helm.sh/resource-policy: keep\n',
  ),
  ...[
    ['extensions/v1beta1', 'Deployment'],
    ['extensions/v1beta1', 'Ingress'],
    ['apps/v1beta2', 'DaemonSet'],
    ['batch/v1beta1', 'CronJob'],
    ['batch/v1beta1', 'CronJobList'],
    ['policy/v1beta1', 'PodDisruptionBudget'],
    ['autoscaling/v2beta1', 'HorizontalPodAutoscaler'],
    ['autoscaling/v2beta1', 'HorizontalPodAutoscalerList'],
    ['autoscaling/v2beta2', 'HorizontalPodAutoscalerList'],
    ['v1', 'Endpoints'],
    ['v1', 'EndpointsList'],
    ['v1', 'ComponentStatus'],
    ['networking.k8s.io/v1beta1', 'IngressClass'],
    ['storage.k8s.io/v1beta1', 'CSINodeList'],
    ['storage.k8s.io/v1alpha1', 'VolumeAttributesClass'],
    ['discovery.k8s.io/v1beta1', 'EndpointSliceList'],
    ['flowcontrol.apiserver.k8s.io/v1beta3', 'FlowSchema'],
    ['resource.k8s.io/v1beta1', 'DeviceClass'],
    ['resource.k8s.io/v1beta2', 'DeviceClass'],
    ['scheduling.k8s.io/v1beta1', 'PriorityClass'],
    ['admissionregistration.k8s.io/v1alpha1', 'MutatingAdmissionPolicy'],
    ['policy/v1beta1', 'PodSecurityPolicy'],
    ['constructor', 'toString'],
  ].map(([version = '', kind = '']) =>
    template(`of ${version} ${kind}`, object(version, kind, 'a', 'x: matchLabels\n')),
  ),
  template('of a kind deprecated later', object('batch/v1beta1', 'CronJob'), ['--kube-version', '1.20']),
  template('of a kind deprecated by then', object('batch/v1beta1', 'CronJob'), ['--kube-version', 'v1.21.3']),
  template('that asks for capabilities', object('v1', 'ConfigMap', 'v{{ .Capabilities.KubeVersion.Minor }}'), [
    '--kube-version',
    '1.29.1',
  ]),
  template(
    'that asks for the release',
    object(
      'v1',
      'ConfigMap',
      '{{ .Release.Name }}-{{ .Release.Namespace }}-{{ .Release.Revision }}-{{ .Release.IsInstall }}',
    ),
    ['-n', 'NS'],
  ),
  template('for another Kubernetes', object('v1', 'ConfigMap')),
  { name: 'that wants another Kubernetes', files: { 'Chart.yaml': `${METADATA}kubeVersion: ">=9.9.9"\n` } },
  {
    name: 'with an odd extension',
    files: { 'templates/x.json': '{}', 'templates/README': 'x', 'templates/a.b.YML': 'a: 1\n' },
  },
  {
    name: 'with notes and helpers',
    files: { 'templates/NOTES.txt': 'hi', 'templates/_h.tpl': '{{ define "x" }}{{ end }}' },
  },
  { name: 'with folders in templates', files: { 'templates/a/b.yaml': object('v1', 'ConfigMap', 'X') } },
  { name: 'with two broken templates', files: { 'templates/a.yaml': 'a: [\n', 'templates/b.yaml': 'b: [\n' } },

  { name: 'with an undeclared dependency', files: { 'charts/sub/Chart.yaml': SUB } },
  {
    name: 'with a declared dependency',
    files: {
      'Chart.yaml': `${METADATA}dependencies:\n  - {name: sub, version: 0.1.0, repository: "https://x.y"}\n`,
      'charts/sub/Chart.yaml': SUB,
      'charts/sub/templates/t.yaml': object('v1', 'ConfigMap', 'BAD'),
    },
  },
  {
    name: 'with a missing dependency',
    files: {
      'Chart.yaml': `${METADATA}dependencies:\n  - {name: sub, version: 0.1.0}\n  - {name: more, version: 0.1.0}\n`,
    },
  },
  {
    name: 'with a dependency twice',
    files: {
      'Chart.yaml': `${METADATA}dependencies:\n  - {name: sub, version: 0.1.0}\n  - {name: sub, version: 0.2.0}\n`,
    },
  },
  {
    name: 'with an alias twice',
    files: {
      'Chart.yaml': `${METADATA}dependencies:\n  - {name: sub, version: 0.1.0}\n  - {name: x, alias: sub, version: 0.2.0}\n`,
      'charts/sub/Chart.yaml': SUB,
    },
  },
  { name: 'with a broken dependency', files: { 'charts/sub/Chart.yaml': 'name: [\n' } },
  {
    name: 'with subcharts',
    files: {
      'Chart.yaml': `${METADATA}dependencies:\n  - {name: sub, version: 0.1.0}\n`,
      'charts/sub/Chart.yaml': SUB,
      'charts/sub/charts/deep/Chart.yaml': SUB.replace('sub', 'deep'),
    },
    flags: ['--with-subcharts'],
  },

  { name: 'with crds', files: { 'crds/a.yaml': CRD } },
  { name: 'with crds that are a file', files: { crds: 'x' } },
  { name: 'with crds that are something else', files: { 'crds/a.yaml': object('v1', 'ConfigMap') } },
  {
    name: 'with crds that are templates',
    files: { 'crds/a.yaml': '{{ if x }}\na: b\n{{ end }}\n', 'crds/b.yaml': 'x' },
  },
  { name: 'with crds of two documents', files: { 'crds/a.yaml': `---\n${CRD}---\n${object('v1', 'X')}` } },
  { name: 'with other files in crds', files: { 'crds/README.md': '# x\n' } },

  field('of an engine that Helm has given up', 'engine: gotpl\n'),
  // One fault each: helm tells of several in any order.
  {
    name: 'with a schema and a null among the defaults',
    files: {
      'values.yaml': 'a: 1\nb: null\n',
      'values.schema.json': '{"properties":{"b":{"type":"string"}},"required":["b"]}',
    },
  },
  {
    name: 'with a schema and a null within the defaults',
    files: {
      'values.yaml': 'a: 1\nc: {d: null, e: 1}\n',
      'values.schema.json': '{"properties":{"c":{"properties":{"d":{"type":"string"}},"required":["d"]}}}',
    },
  },
  { name: 'with a schema that fits', files: { 'values.schema.json': '{"type":"object"}' } },
  {
    name: 'with a schema that does not fit',
    files: { 'values.schema.json': '{"type":"object","properties":{"a":{"type":"string"},"b":{}},"required":["b"]}' },
  },
  {
    name: 'with a schema that is not looked at',
    files: { 'values.schema.json': '{"type":"object","required":["b"]}' },
    flags: ['--skip-schema-validation'],
  },
  { name: 'with a schema that is no JSON', files: { 'values.schema.json': '{' } },
  { name: 'with an empty schema', files: { 'values.schema.json': '' } },
  {
    name: 'with a schema and a value of the user',
    files: { 'values.schema.json': '{"properties":{"a":{"maximum":1}}}' },
    flags: ['--set', 'a=5'],
  },
];
