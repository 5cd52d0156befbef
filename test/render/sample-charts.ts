import { chartYaml, type ChartFiles } from './support.ts';

/** A chart that Helm renders, with the arguments it is rendered with. */
export interface SampleChart {
  readonly title: string;
  readonly files: ChartFiles;
  readonly args?: readonly string[];
}

const CONFIG_MAP = (name: string, body: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${body}`;

/** A text as the value of a key, indented by the template itself. */
const shown = (key: string, expression: string): string => `  ${key}: {{ ${expression} | toJson }}\n`;

/** Charts that exercise what a renderer does besides running templates; the output must be helm's to the byte. */
export const SAMPLE_CHARTS: readonly SampleChart[] = [
  {
    title: 'built-in objects',
    files: {
      'Chart.yaml': chartYaml(
        'objects',
        'description: d\nappVersion: "1.2"\ntype: application\nkeywords: [a, b]\nhome: https://h\nsources: [s]\nicon: i\nmaintainers:\n- name: nn\n  email: e\nannotations: {k: v}\nkubeVersion: ">=1.20.0-0"\n',
      ),
      'values.yaml': 'a: 1\nb: {c: x}\n',
      'templates/all.yaml': CONFIG_MAP(
        'all',
        [
          shown('chart', '.Chart'),
          shown(
            'types',
            'printf "%T %T %T %T %T %T" .Chart .Chart.Annotations .Chart.Keywords .Chart.Maintainers .Release.Revision .Template',
          ),
          shown('plain', 'printf "%v %v %v" .Chart .Release .Template'),
          shown('release', '.Release'),
          shown('template', '.Template'),
          shown('caps', '.Capabilities.APIVersions'),
          shown('kube', 'printf "%v" .Capabilities.KubeVersion'),
          shown('helm', 'printf "%v" .Capabilities.HelmVersion'),
          shown(
            'kubeText',
            'printf "%s %s %s %s" .Capabilities.KubeVersion.Version .Capabilities.KubeVersion.GitVersion .Capabilities.KubeVersion.String .Capabilities.KubeVersion.Minor',
          ),
          shown(
            'kubeStruct',
            'printf "%v %+v %T" .Capabilities.KubeVersion .Capabilities.KubeVersion .Capabilities.KubeVersion',
          ),
          shown('has', 'list (.Capabilities.APIVersions.Has "apps/v1") (.Capabilities.APIVersions.Has "x/v1")'),
          shown(
            'capsTypes',
            'printf "%T %T %T %T" .Capabilities .Capabilities.APIVersions .Capabilities.HelmVersion .Capabilities.Copy',
          ),
          shown('values', '.Values'),
          shown('valueTypes', 'printf "%T %T %T %T" .Values .Values.b .Subcharts .Files'),
          shown('keys', 'keys . | sortAlpha'),
          shown('kinds', 'list (kindOf .Capabilities) (kindOf .Files) (kindOf .Values) (kindOf .Chart)'),
          '  printed: "{{ .Capabilities.KubeVersion }} {{ .Release.Revision }}"\n',
          shown('missing', 'printf "%v|%v" .Chart.None .Release.Time'),
          shown('yaml', '.Capabilities | toYaml'),
        ].join(''),
      ),
    },
  },
  {
    title: 'capabilities from flags',
    files: {
      'Chart.yaml': chartYaml('caps', 'kubeVersion: ">= 1.28.0-0"\n'),
      'templates/a.yaml': CONFIG_MAP(
        'a',
        shown(
          'v',
          'printf "%s %s %s" .Capabilities.KubeVersion.Version .Capabilities.KubeVersion.Major .Capabilities.KubeVersion.Minor',
        ) +
          '  s: "{{ .Capabilities.KubeVersion }}"\n' +
          shown('has', '.Capabilities.APIVersions.Has "my/v1"'),
      ),
    },
    args: ['--kube-version', '1.29.3-gke.5+x', '--api-versions', 'my/v1', '--namespace', 'default'],
  },
  {
    title: 'files',
    files: {
      'Chart.yaml': chartYaml('files'),
      'README.md': 'read me\n',
      'conf/a.txt': 'A\nB\n',
      'conf/b.txt': 'no newline',
      'conf/deep/c.json': '{"x": 1}',
      'conf/[x].txt': 'brackets',
      'templates/a.yaml': CONFIG_MAP(
        'a',
        [
          shown('get', '.Files.Get "conf/a.txt"'),
          shown('none', 'printf "%v|%v" (.Files.Get "none") (.Files.GetBytes "none")'),
          shown('bytes', 'printf "%v %T" (.Files.GetBytes "conf/b.txt") (.Files.GetBytes "conf/b.txt")'),
          shown('lines', 'list (.Files.Lines "conf/a.txt") (.Files.Lines "conf/b.txt") (.Files.Lines "none")'),
          shown('glob', 'include "names" (.Files.Glob "conf/**")'),
          shown('glob1', 'include "names" (.Files.Glob "conf/*.txt")'),
          shown('glob2', 'include "names" (.Files.Glob "{README.md,conf/deep/*}")'),
          shown('glob3', 'include "names" (.Files.Glob "conf/[ab].txt")'),
          shown('glob4', 'include "names" (.Files.Glob "conf/[!a].t?t")'),
          shown('glob5', 'include "names" (.Files.Glob "**.txt")'),
          shown('glob6', 'include "names" (.Files.Glob "[")'),
          shown('glob7', 'include "names" (.Files.Glob "conf/\\\\[x\\\\].txt")'),
          shown('glob8', 'include "names" (.Files.Glob "nothing/*")'),
          shown('range', 'include "each" .'),
          shown('index', 'printf "%s" (index .Files "conf/b.txt")'),
          '  config: |-\n{{ (.Files.Glob "conf/*").AsConfig | indent 4 }}\n',
          '  secrets: |-\n{{ (.Files.Glob "conf/**").AsSecrets | indent 4 }}\n',
          shown('type', 'printf "%T" (.Files.Glob "x")'),
        ].join(''),
      ),
      'templates/_each.tpl':
        '{{ define "each" }}{{ range $n, $c := .Files.Glob "conf/*.txt" }}{{ $n }}={{ $c | toString | len }};{{ end }}{{ end }}{{ define "names" }}{{ range $n, $_ := . }}{{ $n }};{{ end }}{{ end }}',
    },
  },
  {
    title: 'subcharts see their own values',
    files: {
      'Chart.yaml': chartYaml('parent', 'dependencies:\n- name: child\n  version: "*"\n- name: lib\n  version: "*"\n'),
      'values.yaml':
        'own: 1\nglobal: {g: G}\nchild:\n  x: from parent\n  global: {g: G}\n  grand: {y: 2, global: {g: G}}\nlib: {global: {g: G}}\n',
      'templates/a.yaml': CONFIG_MAP(
        'parent',
        shown('v', '.Values') +
          shown('sub', '.Subcharts.child.Values.x') +
          shown('inc', 'include "child.name" .Subcharts.child') +
          shown('lib', 'include "lib.part" .'),
      ),
      'charts/child/Chart.yaml': chartYaml('child', 'dependencies:\n- name: grand\n  version: "*"\n'),
      'charts/child/templates/b.yaml': CONFIG_MAP(
        'child',
        shown('v', '.Values') +
          shown('c', '.Chart.Name') +
          shown('root', '.Chart.IsRoot') +
          shown('t', '.Template') +
          shown('files', '.Files.Get "own.txt"') +
          shown('subs', 'keys .Subcharts'),
      ),
      'charts/child/templates/_n.tpl': '{{ define "child.name" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end }}',
      'charts/child/own.txt': 'own file',
      'charts/child/charts/grand/Chart.yaml': chartYaml('grand'),
      'charts/child/charts/grand/templates/c.yaml': CONFIG_MAP(
        'grand',
        shown('v', '.Values') + shown('t', '.Template'),
      ),
      'charts/lib/Chart.yaml': chartYaml('lib', 'type: library\n'),
      'charts/lib/templates/_part.tpl': '{{ define "lib.part" }}part {{ .Values.own }}{{ end }}',
      'charts/lib/templates/ignored.yaml': '{{ fail "library templates are not run" }}',
    },
  },
  {
    title: 'order, documents and odd files',
    files: {
      'Chart.yaml': chartYaml('order'),
      'templates/z.yaml':
        'kind: Namespace\napiVersion: v1\nmetadata: {name: z}\n---\nkind: Zebra\napiVersion: x/v1\n---\n\n---\n# comment only\n---\nkind: Service\napiVersion: v1\nmetadata: {name: s}\n',
      'templates/a.yaml':
        '\n\n---\nkind: Deployment\napiVersion: apps/v1\n...\n---\nkind: Alpaca\napiVersion: x/v1\n---  \nkind: Secret\napiVersion: v1\nstringData:\n  x: |\n    a\n    --- b\n\n\n',
      'templates/m.yml': 'kind: Ingress\napiVersion: networking.k8s.io/v1\n',
      'templates/empty.yaml': '  \n{{- /* nothing */ -}}\n',
      'templates/only-comment.yaml': '# only a comment\n',
      'templates/sub/deep.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: deep}\n',
      'templates/text.txt': 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: text}\n',
      'templates/_partial.yaml': 'kind: Never\n',
      'templates/crlf.yaml': 'kind: ConfigMap\r\napiVersion: v1\r\n---\r\nkind: Role\r\napiVersion: v1\r\n',
      'templates/NOTES.txt': 'Notes are not shown',
    },
  },
  {
    title: 'hooks',
    files: {
      'Chart.yaml': chartYaml('hooks'),
      'templates/a.yaml': [
        'kind: Job\nmetadata:\n  name: post\n  annotations:\n    helm.sh/hook: post-install,post-upgrade\n    helm.sh/hook-weight: "5"\n',
        'kind: ConfigMap\nmetadata:\n  name: pre\n  annotations:\n    "helm.sh/hook": Pre-Install\n    "helm.sh/hook-delete-policy": before-hook-creation, hook-succeeded\n',
        'kind: Pod\nmetadata:\n  name: test\n  annotations:\n    helm.sh/hook: test-success\n',
        'kind: Pod\nmetadata:\n  name: unknown\n  annotations:\n    helm.sh/hook: what\n',
        'kind: Pod\nmetadata:\n  name: none\n  annotations:\n    other: "1"\n',
        'kind: Secret\nmetadata:\n  annotations:\n    helm.sh/hook: pre-delete\n    n: 1\n    f: 1.0\n    t: true\n    e: null\n',
      ].join('---\n'),
    },
  },
  {
    title: 'values that templates change stay changed',
    files: {
      'Chart.yaml': chartYaml('mutate'),
      'values.yaml': 'm: {a: 1}\n',
      'templates/z.yaml':
        '{{- $_ := set .Values.m "b" 2 }}{{ $_ := set .Values "new" "n" }}{{ $_ := set $ "top" 3 }}a: {{ toJson .Values }}\n',
      'templates/a.yaml': 'b: {{ toJson .Values }} # {{ .top }}\n',
    },
  },
  {
    title: 'names and text',
    files: {
      'Chart.yaml': chartYaml('text'),
      'templates/a.yaml':
        'a: "{{ .Values.none }}|{{ .none }}|{{ tpl "{{ .Values.x }}" . }}|{{ "<no value>" }}"\nb: "é😀 \\u00e9"\nc: {{ tpl (.Files.Get "t.tpl") . | quote }}\n',
      't.tpl': '{{ .Release.Name }}-{{ include "n" . }}',
      'templates/_n.tpl': '{{- define "n" -}}{{ .Chart.Name | trunc 3 }}{{- end -}}',
    },
  },
  {
    title: 'custom resource definitions',
    files: {
      'Chart.yaml': chartYaml('crds', 'dependencies:\n- name: kid\n  version: "*"\n'),
      'crds/a.yml': 'kind: CustomResourceDefinition\nmetadata: {name: a}',
      'crds/b.yaml': 'kind: CustomResourceDefinition\nmetadata: {name: b}\n',
      'crds/README.md': 'not a manifest',
      'templates/a.yaml': 'kind: ConfigMap\nfile: {{ .Files.Get "crds/a.yml" | toJson }}\n',
      'charts/kid/Chart.yaml': chartYaml('kid'),
      'charts/kid/crds/k.json': '{"kind": "CustomResourceDefinition"}\n',
    },
    args: ['--include-crds'],
  },
  {
    title: 'a new chart of helm create',
    files: {
      'Chart.yaml': chartYaml('demo', 'appVersion: "1.16.0"\n'),
      'values.yaml':
        'replicaCount: 1\nimage: {repository: nginx, tag: "", pullPolicy: IfNotPresent}\nserviceAccount: {create: true, annotations: {}, name: ""}\nservice: {type: ClusterIP, port: 80}\nresources: {}\nnodeSelector: {}\n',
      'templates/_helpers.tpl':
        '{{/*\nName\n*/}}\n{{- define "demo.name" -}}\n{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}\n{{- end }}\n\n{{- define "demo.fullname" -}}\n{{- if contains (include "demo.name" .) .Release.Name }}\n{{- .Release.Name | trunc 63 | trimSuffix "-" }}\n{{- else }}\n{{- printf "%s-%s" .Release.Name (include "demo.name" .) | trunc 63 | trimSuffix "-" }}\n{{- end }}\n{{- end }}\n\n{{- define "demo.labels" -}}\nhelm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}\napp.kubernetes.io/name: {{ include "demo.name" . }}\n{{- if .Chart.AppVersion }}\napp.kubernetes.io/version: {{ .Chart.AppVersion | quote }}\n{{- end }}\napp.kubernetes.io/managed-by: {{ .Release.Service }}\n{{- end }}\n',
      'templates/deployment.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include "demo.fullname" . }}\n  labels:\n    {{- include "demo.labels" . | nindent 4 }}\nspec:\n  replicas: {{ .Values.replicaCount }}\n  template:\n    spec:\n      containers:\n        - name: {{ .Chart.Name }}\n          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"\n          ports:\n            - containerPort: {{ .Values.service.port }}\n          {{- with .Values.resources }}\n          resources:\n            {{- toYaml . | nindent 12 }}\n          {{- end }}\n      {{- with .Values.nodeSelector }}\n      nodeSelector:\n        {{- toYaml . | nindent 8 }}\n      {{- end }}\n',
      'templates/service.yaml':
        'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include "demo.fullname" . }}\nspec:\n  type: {{ .Values.service.type }}\n  ports:\n    - port: {{ .Values.service.port }}\n',
    },
  },
];
