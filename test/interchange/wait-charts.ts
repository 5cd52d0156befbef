/** A bad one is an image that there is not. */
const IMAGE = '{{ if .Values.bad }}registry.invalid/none:1{{ else }}nginx:1.27{{ end }}';

/** What runs for ever, of a kind of apps/v1. */
function workload(kind: string, more: string): string {
  const labels = `{app: {{ .Release.Name }}-${kind}}`;
  return `apiVersion: apps/v1
kind: ${kind}
metadata: {name: {{ .Release.Name }}}
spec:
  ${more}
  selector: {matchLabels: ${labels}}
  template:
    metadata: {labels: ${labels}}
    spec: {containers: [{name: main, image: ${IMAGE}}]}
`;
}

/** What a release can wait for, by kind; `bad` is what never gets ready. */
const KINDS: Readonly<Record<string, string>> = {
  pod: `apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}}
spec: {containers: [{name: main, image: ${IMAGE}}]}
`,
  deployment: workload('Deployment', 'replicas: 2'),
  replicaset: workload('ReplicaSet', 'replicas: 2'),
  statefulset: workload('StatefulSet', 'replicas: 2\n  serviceName: none'),
  daemonset: workload('DaemonSet', 'minReadySeconds: 1'),
  job: `apiVersion: batch/v1
kind: Job
metadata: {name: {{ .Release.Name }}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.36", command: [sh, -c, {{ if .Values.bad }}exit 3{{ else }}exit 0{{ end }}]}]
`,
  claim: `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: {{ .Release.Name }}}
spec:
  accessModes: [ReadWriteOnce]
  {{- if .Values.bad }}
  storageClassName: none
  {{- end }}
  resources: {requests: {storage: 1Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: {{ .Release.Name }}-consumer}
spec:
  containers: [{name: main, image: "nginx:1.27", volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: {{ .Release.Name }}}}]
`,
  balancer: `apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec:
  type: LoadBalancer
  {{- if .Values.bad }}
  loadBalancerClass: example.org/none
  {{- end }}
  selector: {app: {{ .Release.Name }}}
  ports: [{port: 80}]
`,
  // A bad one wants the name of PROBE_DEFINITION.
  definition: `{{- $group := printf "%s.example.org" (ternary "waits" .Release.Namespace .Values.bad) }}
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: "{{ .Release.Namespace }}s.{{ $group }}"}
spec:
  group: {{ $group }}
  names: {kind: Probe, plural: "{{ .Release.Namespace }}s", singular: "{{ .Release.Namespace }}"}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`,
  custom: `apiVersion: waits.example.org/v1
kind: Probe
metadata: {name: {{ .Release.Name }}}
status:
  conditions:
  - {type: Ready, status: {{ if .Values.bad }}"False"{{ else }}"True"{{ end }}, reason: Told, message: as the chart says}
`,
};

/** Kinds of {@link KINDS}. */
export const WAITED = Object.keys(KINDS);

/** The definition of what `custom` is. */
export const PROBE_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'probes.waits.example.org' },
  spec: {
    group: 'waits.example.org',
    names: { kind: 'Probe', plural: 'probes', singular: 'probe' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

function chart(name: string, templates: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
    'values.yaml': 'bad: false\n',
    ...Object.fromEntries(Object.entries(templates).map(([file, text]) => [`templates/${file}.yaml`, text])),
  };
}

/** Charts `wait-KIND`, each with one kind of object, and `wait-all`; `--set bad=true` makes what never gets ready. */
export const WAIT_CHARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    Object.entries(KINDS).map(([kind, text]) => [`wait-${kind}`, chart(`wait-${kind}`, { it: text })]),
  ),
  'wait-all': chart('wait-all', KINDS),
};
