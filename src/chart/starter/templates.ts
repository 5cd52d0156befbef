/** Stands for the chart's name. */
const NAME = '@@';

const HELPERS = `{{/* Names and labels that the templates share. */}}

{{/* The application's name: nameOverride, or the name of the chart; short enough for a label. */}}
{{- define "@@.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/*
The name of the objects: fullnameOverride, or the release and the application, or the release alone where it has the
application's name in it. DNS names have at most 63 characters.
*/}}
{{- define "@@.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $both := printf "%s-%s" .Release.Name $name -}}
{{- $full := ternary .Release.Name $both (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Name and version of the chart; a label takes no "+". */}}
{{- define "@@.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What pods are found by. It must never change: selectors of workloads cannot be updated. */}}
{{- define "@@.selectorLabels" -}}
app.kubernetes.io/name: {{ include "@@.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of every object. */}}
{{- define "@@.labels" -}}
helm.sh/chart: {{ include "@@.chart" . }}
{{ include "@@.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ quote . }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* The service account of the pods. */}}
{{- define "@@.serviceAccountName" -}}
{{- $created := ternary (include "@@.fullname" .) "default" .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default $created -}}
{{- end -}}
`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "@@.fullname" . }}
  labels: {{- include "@@.labels" . | nindent 4 }}
spec:
  {{- /* With autoscaling the number of pods is the autoscaler's affair. */}}
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels: {{- include "@@.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      {{- with .Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
      labels: {{- include "@@.labels" . | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      serviceAccountName: {{ include "@@.serviceAccountName" . }}
      {{- with .Values.podSecurityContext }}
      securityContext: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          {{- with .Values.securityContext }}
          securityContext: {{- toYaml . | nindent 12 }}
          {{- end }}
          image: "{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
              protocol: TCP
          {{- /* Settings that the container takes as they are. */}}
          {{- range $key := list "livenessProbe" "readinessProbe" "resources" "volumeMounts" }}
          {{- with index $.Values $key }}
          {{ $key }}: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- end }}
      {{- /* And those that the pod takes. */}}
      {{- range $key := list "volumes" "nodeSelector" "affinity" "tolerations" }}
      {{- with index $.Values $key }}
      {{ $key }}: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "@@.fullname" . }}
  labels: {{- include "@@.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: http
      protocol: TCP
      name: http
  selector: {{- include "@@.selectorLabels" . | nindent 4 }}
`;

const SERVICE_ACCOUNT = `{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "@@.serviceAccountName" . }}
  labels: {{- include "@@.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
{{- end }}
`;

const AUTOSCALER = `{{- with .Values.autoscaling }}
{{- if .enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "@@.fullname" $ }}
  labels: {{- include "@@.labels" $ | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "@@.fullname" $ }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    {{- range $name, $target := dict "cpu" .targetCPUUtilizationPercentage "memory" .targetMemoryUtilizationPercentage }}
    {{- if $target }}
    - type: Resource
      resource:
        name: {{ $name }}
        target:
          type: Utilization
          averageUtilization: {{ $target }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
`;

const INGRESS = `{{- with .Values.ingress -}}
{{- if .enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "@@.fullname" $ }}
  labels: {{- include "@@.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .tls }}
  tls:
    {{- range . }}
    - hosts:
        {{- range .hosts }}
        - {{ quote . }}
        {{- end }}
      secretName: {{ .secretName }}
    {{- end }}
  {{- end }}
  rules:
    {{- range .hosts }}
    - host: {{ quote .host }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            {{- with .pathType }}
            pathType: {{ . }}
            {{- end }}
            backend:
              service:
                name: {{ include "@@.fullname" $ }}
                port:
                  number: {{ $.Values.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
{{- end }}
`;

const HTTP_ROUTE = `{{- with .Values.httpRoute -}}
{{- if .enabled -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "@@.fullname" $ }}
  labels: {{- include "@@.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  parentRefs:
    {{- with .parentRefs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .hostnames }}
  hostnames: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range .rules }}
    {{- with .matches }}
    - matches: {{- toYaml . | nindent 8 }}
    {{- end }}
    {{- with .filters }}
      filters: {{- toYaml . | nindent 8 }}
    {{- end }}
      backendRefs:
        - name: {{ include "@@.fullname" $ }}
          port: {{ $.Values.service.port }}
          weight: 1
    {{- end }}
{{- end }}
{{- end }}
`;

const TEST_CONNECTION = `{{- /* Run by "helm test": succeeds if the service answers. */ -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ printf "%s-test-connection" (include "@@.fullname" .) | quote }}
  labels: {{- include "@@.labels" . | nindent 4 }}
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: busybox
      command: ['wget']
      args: ['{{ include "@@.fullname" . }}:{{ .Values.service.port }}']
  restartPolicy: Never
`;

const NOTES = `{{- $name := include "@@.fullname" . -}}
{{- $namespace := .Release.Namespace -}}
{{ .Chart.Name }} is installed as {{ .Release.Name }}. This is how you reach it:
{{- if .Values.httpRoute.enabled }}
{{- $gateway := first .Values.httpRoute.parentRefs }}
{{- with .Values.httpRoute.hostnames }}
{{- range . }}
  http://{{ . }}
{{- end }}
{{- else }}
  kubectl get gateway {{ $gateway.name }} --namespace {{ $gateway.namespace | default $namespace }} -o jsonpath="{.spec.listeners[0].hostname}"
{{- end }}
Which paths are routed, and on which ports, depends on the rules of the route and on the gateway "{{ $gateway.name }}".
{{- else if .Values.ingress.enabled }}
{{- range $host := .Values.ingress.hosts }}
{{- range .paths }}
  http{{ if $.Values.ingress.tls }}s{{ end }}://{{ $host.host }}{{ .path }}
{{- end }}
{{- end }}
{{- else if eq .Values.service.type "NodePort" }}
  PORT=$(kubectl get service {{ $name }} --namespace {{ $namespace }} -o jsonpath="{.spec.ports[0].nodePort}")
  NODE=$(kubectl get nodes -o jsonpath="{.items[0].status.addresses[0].address}")
  echo http://$NODE:$PORT
{{- else if eq .Values.service.type "LoadBalancer" }}
  kubectl get service {{ $name }} --namespace {{ $namespace }} --watch
shows the address once the load balancer has one, which may take minutes; the port is {{ .Values.service.port }}.
{{- else }}
  kubectl port-forward service/{{ $name }} --namespace {{ $namespace }} 8080:{{ .Values.service.port }}
and open http://127.0.0.1:8080
{{- end }}
`;

const FILES: readonly (readonly [string, string])[] = [
  ['ingress.yaml', INGRESS],
  ['httproute.yaml', HTTP_ROUTE],
  ['deployment.yaml', DEPLOYMENT],
  ['service.yaml', SERVICE],
  ['serviceaccount.yaml', SERVICE_ACCOUNT],
  ['hpa.yaml', AUTOSCALER],
  ['NOTES.txt', NOTES],
  ['_helpers.tpl', HELPERS],
  ['tests/test-connection.yaml', TEST_CONNECTION],
];

/** The templates of a new chart by path. */
export function starterTemplates(name: string): (readonly [string, string])[] {
  return FILES.map(([path, text]) => [`templates/${path}`, text.replaceAll(NAME, name)]);
}
