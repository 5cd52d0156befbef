{{/* The name of the objects: the release, and the chart where the release is not called so anyway. */}}
{{- define "guestbook.fullname" -}}
{{- $both := printf "%s-%s" .Release.Name .Chart.Name -}}
{{- ternary .Release.Name $both (contains .Chart.Name .Release.Name) | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* What the pods of one part are found by. Call: include "guestbook.selector" (list . "frontend") */}}
{{- define "guestbook.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* The labels of the objects of one part. */}}
{{- define "guestbook.labels" -}}
{{- $root := index . 0 -}}
{{ include "guestbook.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Host and port of Redis: the subchart's, or one that runs elsewhere. */}}
{{- define "guestbook.redisAddress" -}}
{{- if .Values.redis.enabled -}}
{{- include "redis.address" .Subcharts.redis -}}
{{- else -}}
{{- printf "%s:%v" (required "redis.externalHost is needed when redis.enabled is false" .Values.redis.externalHost) .Values.redis.port -}}
{{- end -}}
{{- end -}}
