{{/* Names, labels, references. */}}

{{- define "tributary.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "tributary.fullname" -}}
{{- $name := include "tributary.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tributary.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tributary.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tributary.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tributary.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{/* Labels that belong to the chart; the caller's own come from tributary.metadata. */}}
{{- define "tributary.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "tributary.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/*
The metadata of an object. A dict: root; and, where wanted, name or suffix, namespace, labels, annotations.
*/}}
{{- define "tributary.metadata" -}}
{{- $root := .root -}}
name: {{ .name | default (include "tributary.fullname" $root) }}{{ with .suffix }}-{{ . }}{{ end }}
namespace: {{ .namespace | default $root.Release.Namespace }}
{{- $labels := merge (dict) (include "tributary.labels" $root | fromYaml) (.labels | default dict) $root.Values.commonLabels }}
labels: {{- toYaml $labels | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) $root.Values.commonAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "tributary.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names of the Service in the cluster. */}}
{{- define "tributary.hosts" -}}
{{- $name := include "tributary.fullname" . -}}
{{- $space := .Release.Namespace -}}
{{- toYaml (list $name (printf "%s.%s" $name $space) (printf "%s.%s.svc" $name $space) (printf "%s.%s.svc.cluster.local" $name $space)) -}}
{{- end -}}

{{/* The Secret with the certificate of the data port. */}}
{{- define "tributary.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled -}}
{{- default (printf "%s-tls" (include "tributary.fullname" .)) .Values.tls.existingSecret -}}
{{- else -}}
{{- required "tls.enabled needs tls.existingSecret or tls.certManager.enabled" .Values.tls.existingSecret -}}
{{- end -}}
{{- end -}}
