// Charts that are too large to keep: written when they are measured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

const chartYaml = (name) => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\nappVersion: "2.3"\n`;

const helpers = `{{- define "large.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "large.fullname" -}}
{{- printf "%s-%s" .Release.Name (include "large.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "large.labels" -}}
app.kubernetes.io/name: {{ include "large.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
`;

/** A template with what charts are made of; `part` is its key in the values. */
function workload(part) {
  return `{{- if .Values.${part}.enabled }}
{{- $name := printf "%s-${part}" (include "large.fullname" .) }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace | quote }}
  labels:
    {{- include "large.labels" . | nindent 4 }}
  {{- with .Values.${part}.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  replicas: {{ .Values.${part}.replicas | default 1 }}
  selector:
    matchLabels:
      app: {{ $name }}
  template:
    metadata:
      labels:
        app: {{ $name }}
    spec:
      containers:
        - name: main
          image: "{{ .Values.${part}.image.repository }}:{{ .Values.${part}.image.tag | default .Chart.AppVersion }}"
          {{- if and .Values.${part}.ports (not .Values.hostNetwork) }}
          ports:
            {{- range $i, $port := .Values.${part}.ports }}
            - name: {{ $port.name | default (printf "port-%d" $i) }}
              containerPort: {{ $port.number }}
            {{- end }}
          {{- end }}
          {{- if .Values.${part}.resources }}
          resources: {{- toYaml .Values.${part}.resources | nindent 12 }}
          {{- else if eq (.Values.profile | default "small") "large" }}
          resources: { requests: { cpu: "1", memory: 1Gi } }
          {{- end }}
{{- end }}
`;
}

function workloadValues(part, enabled) {
  return `# What runs as ${part}.
${part}:
  enabled: ${enabled}
  replicas: 2
  annotations: {}
  image:
    repository: registry.example.org/team/${part}
    tag: ""
  ports:
    - name: http
      number: 8080
    - number: 9090
  resources:
    limits:
      cpu: 500m
      memory: 256Mi
`;
}

/** Rules as a monitoring chart has them: each behind a switch, with braces that are not the template's. */
function rules(group) {
  let text = `{{- if and .Values.rules.enabled .Values.rules.groups.group${group} }}
apiVersion: monitoring.example.org/v1
kind: Rule
metadata:
  name: {{ printf "%s-%s" (include "large.fullname" .) "group${group}" | trunc 63 | trimSuffix "-" }}
  labels:
    {{- include "large.labels" . | nindent 4 }}
spec:
  rules:
`;
  for (let rule = 0; rule < 12; rule += 1) {
    text += `{{- if not (.Values.rules.disabled.Alert${rule} | default false) }}
  - alert: Alert${rule}
    annotations:
{{- if .Values.rules.annotations }}
{{ toYaml .Values.rules.annotations | indent 6 }}
{{- end }}
      description: 'Pod {{\`{{\`}} $labels.namespace {{\`}}\`}}/{{\`{{\`}} $labels.pod {{\`}}\`}} is not well.'
      runbook: {{ .Values.rules.runbooks }}/group${group}/alert${rule}
    expr: sum(rate(requests_total{job="group${group}", namespace=~"{{ .Values.rules.namespaces }}"}[5m])) > ${rule}
    for: {{ dig "Alert${rule}" "for" "15m" .Values.rules.custom }}
    labels:
      severity: {{ dig "Alert${rule}" "severity" "warning" .Values.rules.custom }}
{{- end }}
`;
  }
  return `${text}{{- end }}\n`;
}

/** A file of 60 KB that holds a dashboard, switched off or on. */
function dashboard(name) {
  const panels = Array.from({ length: 250 }, (_, i) => ({
    id: i,
    title: `Panel ${i}`,
    targets: [{ expr: `sum by (pod) (rate(metric_${i}{cluster="$cluster"}[5m]))`, legend: '{{`{{`}}pod{{`}}`}}' }],
  }));
  return `{{- if .Values.dashboards.enabled }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "large.fullname" . }}-${name}
  labels:
    {{- include "large.labels" . | nindent 4 }}
data:
  ${name}.json: |-
    ${JSON.stringify({ title: name, panels })}
{{- end }}
`;
}

/** A monitoring stack: workloads, half of them off, 40 files of rules, 25 dashboards and a long file of values. */
export function writeLargeChart(folder) {
  const files = { 'Chart.yaml': chartYaml('large'), 'templates/_helpers.tpl': helpers };
  let values = 'nameOverride: ""\ncommonLabels: { team: platform }\ndashboards: { enabled: true }\n';
  for (let i = 0; i < 80; i += 1) {
    files[`templates/parts/part${i}.yaml`] = workload(`part${i}`);
    values += workloadValues(`part${i}`, i % 2 === 0);
  }
  values +=
    'rules:\n  enabled: true\n  annotations: {}\n  runbooks: https://runbooks.example.org\n  namespaces: ".*"\n';
  values += '  disabled: {}\n  custom: {}\n  groups:\n';
  for (let i = 0; i < 40; i += 1) {
    files[`templates/rules/group${i}.yaml`] = rules(i);
    values += `    group${i}: true\n`;
  }
  for (let i = 0; i < 25; i += 1) files[`templates/dashboards/board${i}.yaml`] = dashboard(`board${i}`);
  files['values.yaml'] = values;
  write(folder, files);
}

function definition(kind, fields) {
  const plural = `${kind.toLowerCase()}s`;
  let text = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.example.org
  annotations:
    {{- if .Values.keep }}
    "helm.sh/resource-policy": keep
    {{- end }}
spec:
  group: example.org
  names: { kind: ${kind}, plural: ${plural} }
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
`;
  for (let i = 0; i < fields; i += 1) {
    text += `              field${i}:
                description: |-
                  Field ${i} says how the thing behaves: it is looked at whenever the thing changes,
                  and again after the time that another field gives.
                type: object
                properties:
                  name:
                    description: 'What it is called: unique among its like.'
                    type: string
                  amount:
                    anyOf:
                    - type: integer
                    - type: string
                    x-kubernetes-int-or-string: true
                required:
                - name
`;
  }
  return text;
}

/** Six definitions of custom resources, 1.9 MB of templates. */
export function writeDefinitionsChart(folder) {
  const files = { 'Chart.yaml': chartYaml('definitions'), 'values.yaml': 'keep: true\n' };
  for (const kind of ['Apple', 'Birch', 'Cedar', 'Daisy', 'Elder', 'Fern']) {
    files[`templates/crds/${kind.toLowerCase()}.yaml`] = definition(kind, 470);
  }
  write(folder, files);
}
