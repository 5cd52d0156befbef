import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WAIT_CHARTS } from './wait-charts.ts';

/** A chart as its files. */
type Files = Readonly<Record<string, string>>;

const APP: Files = {
  'Chart.yaml': `apiVersion: v2
name: app
version: 1.2.3
appVersion: "9.8"
description: what a team deploys
annotations: {team: shop, tier: front}
dependencies:
- {name: child, version: 0.1.0, repository: ""}
`,
  'values.yaml': 'greeting: hello\nreplicas: 1\nextra: {}\nsecret: hunter2\nfail: false\n',
  'values.schema.json': '{"properties": {"replicas": {"type": "integer", "minimum": 0}}}\n',
  'ci/more.yaml': 'greeting: from a file\nextra: {a: 1, b: [x, y]}\n',
  'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
  labels: {chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}
data:
  greeting: {{ .Values.greeting | quote }}
  revision: "{{ .Release.Revision }} {{ .Release.IsUpgrade }} {{ .Release.IsInstall }}"
  {{- if .Values.extra }}
  extra: {{ toJson .Values.extra | quote }}
  {{- end }}
  {{- if .Values.literal }}
  literal: {{ .Values.literal | quote }}
  {{- end }}
`,
  'templates/secret.yaml': `apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-secret}
stringData: {password: {{ .Values.secret | quote }}}
`,
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-web}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80, targetPort: 80}]}
`,
  'templates/optional.yaml': `{{- if .Values.optional }}
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-optional}
data: {a: b}
{{- end }}
{{- if .Values.fail }}{{ fail "the chart refuses" }}{{ end }}
`,
  'templates/NOTES.txt': 'Say {{ .Values.greeting }} to {{ .Release.Name }} ({{ .Release.Revision }}).\n',
  'templates/tests/ok.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-ok
  annotations: {helm.sh/hook: test, helm.sh/hook-weight: "1"}
spec:
  restartPolicy: Never
  containers: [{name: main, image: "busybox:1.36", command: [echo, fine]}]
`,
  'charts/child/Chart.yaml': 'apiVersion: v2\nname: child\nversion: 0.1.0\n',
  'charts/child/values.yaml': 'size: small\n',
  'charts/child/templates/NOTES.txt': 'The child is {{ .Values.size }}.\n',
  'charts/child/templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-child}
data: {size: {{ .Values.size }}}
`,
};

function job(name: string, on: string, more = ''): string {
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-${name}
  annotations:
    helm.sh/hook: ${on}
${more}spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.36", command: [sh, -c, "echo ${name}; exit {{ .Values.exit | default 0 }}"]}]
`;
}

function configHook(name: string, on: string, more = ''): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-${name}
  annotations:
    helm.sh/hook: ${on}
${more}data: {a: b}
`;
}

const HOOKS: Files = {
  'Chart.yaml': 'apiVersion: v2\nname: hooks\nversion: 0.1.0\n',
  'values.yaml': 'x: 1\n',
  'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-main}
data: {x: "{{ .Values.x }}"}
`,
  'templates/hooks.yaml': [
    configHook('first', 'pre-install,pre-upgrade', '    helm.sh/hook-weight: "-5"\n'),
    configHook('last', 'post-install,post-upgrade', '    helm.sh/hook-weight: "5"\n'),
    job('job', 'pre-install', '    helm.sh/hook-delete-policy: hook-succeeded\n'),
    job('back', 'pre-rollback,post-rollback', '    helm.sh/hook-delete-policy: before-hook-creation\n'),
    configHook('gone', 'pre-delete,post-delete', '    helm.sh/hook-delete-policy: hook-succeeded\n'),
  ].join('---\n'),
  'templates/tests.yaml': [
    job('good', 'test', '    helm.sh/hook-weight: "1"\n'),
    `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-bad
  annotations: {helm.sh/hook: test, helm.sh/hook-weight: "2"}
spec:
  restartPolicy: Never
  containers: [{name: main, image: "busybox:1.36", command: [sh, -c, "echo no; exit 3"]}]
`,
  ].join('---\n'),
};

function plain(name: string, files: Files = {}, more = ''): Files {
  return {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${more}`,
    'values.yaml': 'data: one\n',
    'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-config}
data: {value: {{ .Values.data | quote }}}
`,
    ...files,
  };
}

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: NAME.example.org}
spec:
  group: example.org
  names: {kind: KIND, plural: NAME, singular: SINGULAR}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {sails: {type: integer}}}}}
`;

function definition(plural: string): string {
  const singular = plural.slice(0, -1);
  const kind = singular.charAt(0).toUpperCase() + singular.slice(1);
  return DEFINITION.replaceAll('NAME', plural).replaceAll('KIND', kind).replaceAll('SINGULAR', singular);
}

/** The charts of the comparisons, by folder. */
const CHARTS: Readonly<Record<string, Files>> = {
  ...WAIT_CHARTS,
  app: APP,
  hooks: HOOKS,
  plain: plain('plain'),
  old: plain('old', {}, 'deprecated: true\n'),
  lib: plain('lib', {}, 'type: library\n'),
  missing: plain(
    'missing',
    {},
    'dependencies:\n- {name: gone, version: 1.0.0, repository: "https://charts.example.org"}\n',
  ),
  future: plain('future', {}, 'kubeVersion: ">=9.0.0"\n'),
  fleet: plain('fleet', {
    'crds/ship.yaml': definition('ships'),
    'templates/ship.yaml':
      'apiVersion: example.org/v1\nkind: Ship\nmetadata: {name: {{ .Release.Name }}}\nspec: {sails: {{ .Values.sails | default 3 }}}\n',
  }),
  yachts: plain('yachts', {
    'crds/yacht.yaml': definition('yachts'),
    'templates/yacht.yaml': 'apiVersion: example.org/v1\nkind: Yacht\nmetadata: {name: {{ .Release.Name }}}\n',
  }),
  boats: plain('boats', { 'crds/boat.yaml': definition('boats') }),
  keeper: plain('keeper', {
    'templates/kept.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-kept
  annotations: {helm.sh/resource-policy: keep}
data: {a: b}
`,
  }),
  invalid: plain('invalid', {
    'templates/bad.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: 1
  selector: {matchLabels: {app: one}}
  template:
    metadata: {labels: {app: other}}
    spec: {containers: [{name: a, image: "nginx:1.27"}]}
`,
  }),
  unknown: plain('unknown', {
    'templates/bad.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-bad}\ndata: {a: b}\nspice: 1\n',
  }),
  nokind: plain('nokind', {
    'templates/bad.yaml': 'apiVersion: example.org/v9\nkind: Spaceship\nmetadata: {name: x}\n',
  }),
  broken: plain('broken', { 'templates/bad.yaml': 'a: {{ .Values.nothing.at.all }}\n' }),
  notyaml: plain('notyaml', { 'templates/bad.yaml': 'a: b: c\n' }),
  stuck: plain('stuck', {
    'templates/pod.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-web}
spec:
  replicas: 1
  progressDeadlineSeconds: 86400
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: {{ .Values.image | default "nginx:1.27" }}}]}
`,
  }),
  fixed: plain('fixed', {
    'templates/job.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: {{ .Release.Name }}-job}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.36", command: [echo, "{{ .Values.data }}"]}]
`,
  }),
  looker: plain('looker', {
    'templates/look.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-look}
data: {found: "{{ (lookup "v1" "ServiceAccount" .Release.Namespace "default").metadata.name }}"}
`,
  }),
  dns: plain('dns', {
    'templates/dns.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-dns}
data: {address: "{{ getHostByName "localhost" }}"}
`,
  }),
  shared: plain('shared', {
    'templates/shared.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {of: {{ .Release.Name }}}\n',
  }),
  'helm-data': {
    'plugins/suffix/plugin.yaml': `apiVersion: v1
type: postrenderer/v1
name: suffix
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
  - command: \${HELM_PLUGIN_DIR}/suffix
`,
    'plugins/suffix/suffix': '#!/bin/sh\nexec sed "s/one/two$1/"\n',
  },
  other: {
    'plain.yaml': 'data: from a file\n',
    'second.yaml': 'data: from a second file\n',
    'content.txt': 'a text\nof two lines',
    'bad.yaml': 'a: b: c\n',
  },
};

/** Writes the charts of the comparisons into a folder. */
export function writeCharts(folder: string): void {
  for (const [chart, files] of Object.entries(CHARTS)) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, chart, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (text.startsWith('#!')) chmodSync(path, 0o755);
    }
  }
}
