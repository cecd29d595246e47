{{/* The service's configuration, and what follows from it. */}}

{{/* Bytes of a quantity of Kubernetes: 512Mi, 1G, 1.5Gi, 1000000. */}}
{{- define "tributary.bytes" -}}
{{- $units := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $text := toString . -}}
{{- if kindIs "float64" . -}}{{- $text = printf "%.0f" . -}}{{- end -}}
{{- $number := regexFind "^[0-9.]+" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- if or (not $number) (not (hasKey $units $unit)) -}}
{{- fail (printf "resources.limits.memory: %s is not understood; write 512Mi or 1Gi" $text) -}}
{{- end -}}
{{- mulf (float64 $number) (get $units $unit) | int64 -}}
{{- end -}}

{{/* Bytes that the container may have; empty: no limit. */}}
{{- define "tributary.memoryLimit" -}}
{{- with .Values.resources.limits -}}
{{- with .memory -}}{{- include "tributary.bytes" . -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/*
memory.bytesMax: a quarter of what the container has beyond 256 MiB, since a byte in work costs about three
(docs/reliability.md); never less than the largest body of the default limits, or it could never be put.
*/}}
{{- define "tributary.budget" -}}
{{- $limit := include "tributary.memoryLimit" . -}}
{{- if $limit -}}
{{- if lt (int64 $limit) 201326592 -}}
{{- fail "resources.limits.memory: 192Mi is the least that the service can live with" -}}
{{- end -}}
{{- max 16777216 (div (sub (int64 $limit) 268435456) 4) -}}
{{- end -}}
{{- end -}}

{{/* Half of the container's memory for Node's heap, in MiB; the other half holds sockets, buffers and Node itself. */}}
{{- define "tributary.heap" -}}
{{- $limit := include "tributary.memoryLimit" . -}}
{{- if $limit -}}{{- div (int64 $limit) 2097152 -}}{{- end -}}
{{- end -}}

{{/* The longest that a client waits for an answer, in ms: what a drain must outlast. */}}
{{- define "tributary.longestAnswerMs" -}}
{{- $longest := 0 -}}
{{- range $name, $ms := dict "kinesis" 15000 "yandex" 15000 "dis" 30000 "v3io" 15000 -}}
{{- $longest = max $longest (dig "dialects" $name "answerWithinMs" $ms $.Values.config | int64) -}}
{{- end -}}
{{- $longest -}}
{{- end -}}

{{/* Brokers, TLS and SASL, as keys of the service. */}}
{{- define "tributary.kafka" -}}
{{- $kafka := .Values.kafka -}}
{{- $strimzi := $kafka.strimzi -}}
{{- $brokers := $kafka.brokers -}}
{{- if and (not $brokers) $strimzi.cluster -}}
{{- $brokers = list (printf "%s-kafka-bootstrap:%d" $strimzi.cluster (int64 $strimzi.port)) -}}
{{- end -}}
{{- $brokers = dig "kafka" "brokers" $brokers .Values.config -}}
{{- if not $brokers -}}
{{- fail "kafka.brokers: name the brokers, such as --set 'kafka.brokers={my-kafka:9092}', or a Strimzi cluster by kafka.strimzi.cluster" -}}
{{- end -}}
brokers: {{- toYaml $brokers | nindent 2 }}
{{- $mounts := include "tributary.kafkaSecrets" . | fromYaml }}
{{- if or $kafka.tls.enabled $mounts.ca $mounts.client }}
tls:
  enabled: true
  {{- with $mounts.ca }}
  ca: /etc/tributary/kafka-ca/{{ .key }}
  {{- end }}
  {{- with $mounts.client }}
  cert: /etc/tributary/kafka-client/{{ .certKey }}
  key: /etc/tributary/kafka-client/{{ .keyKey }}
  {{- end }}
{{- end }}
{{- with $mounts.sasl }}
sasl:
  mechanism: {{ .mechanism }}
  {{- with .username }}
  username: {{ . | quote }}
  {{- end }}
  passwordFile: /etc/tributary/kafka-sasl/{{ .passwordKey }}
{{- end }}
{{- end -}}

{{/*
Where the Secrets for Kafka are: ca, client and sasl, each where there is one. Strimzi's cluster CA is in
CLUSTER-cluster-ca-cert; the Secret of a KafkaUser is named as the user, and has user.crt and user.key, or password.
*/}}
{{- define "tributary.kafkaSecrets" -}}
{{- $kafka := .Values.kafka -}}
{{- $strimzi := $kafka.strimzi -}}
{{- $scram := and $strimzi.user (eq $strimzi.authentication "scram-sha-512") -}}
{{- if $kafka.tls.ca.existingSecret }}
ca: { name: {{ $kafka.tls.ca.existingSecret }}, key: {{ $kafka.tls.ca.key }} }
{{- else if $strimzi.cluster }}
ca: { name: {{ $strimzi.cluster }}-cluster-ca-cert, key: ca.crt }
{{- end }}
{{- if $kafka.tls.client.existingSecret }}
client: { name: {{ $kafka.tls.client.existingSecret }}, certKey: {{ $kafka.tls.client.certKey }}, keyKey: {{ $kafka.tls.client.keyKey }} }
{{- else if and $strimzi.user (not $scram) }}
client: { name: {{ $strimzi.user }}, certKey: user.crt, keyKey: user.key }
{{- end }}
{{- if $scram }}
sasl: { mechanism: SCRAM-SHA-512, username: {{ $strimzi.user }}, name: {{ $strimzi.user }}, passwordKey: password }
{{- else if ne $kafka.sasl.mechanism "none" }}
{{- with $kafka.sasl }}
sasl:
  mechanism: {{ .mechanism }}
  username: {{ .username | quote }}
  name: {{ required "kafka.sasl.existingSecret: a Secret with the password is needed" .existingSecret }}
  usernameKey: {{ .usernameKey }}
  passwordKey: {{ .passwordKey }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The whole configuration: what the chart derives, and over it what `config` says. */}}
{{- define "tributary.config" -}}
{{- $derived := include "tributary.derived" . | fromYaml -}}
{{- toYaml (mergeOverwrite $derived (deepCopy .Values.config)) -}}
{{- end -}}

{{- define "tributary.derived" -}}
port: {{ if and .Values.tls.enabled .Values.tls.only }}"off"{{ else }}8080{{ end }}
adminPort: 8081
{{- if .Values.tls.enabled }}
tls:
  port: {{ int64 .Values.tls.port }}
  cert: /etc/tributary/tls/tls.crt
  key: /etc/tributary/tls/tls.key
{{- end }}
identity: {{ .Values.identity.mode }}
{{- if eq .Values.identity.mode "verify" }}
credentials: /etc/tributary/credentials/{{ .Values.identity.key }}
{{- end }}
kafka:
  # Until then it is alive, not ready, and says what it waits for.
  connectTimeoutMs: 600000
  {{- include "tributary.kafka" . | nindent 2 }}
{{- with include "tributary.budget" . }}
memory:
  bytesMax: {{ . }}
{{- end }}
shutdown:
  # Endpoints and load balancers need a moment to notice.
  graceMs: 10000
  drainMs: {{ add (include "tributary.longestAnswerMs" . | int64) 10000 }}
log:
  format: json
{{- end -}}

{{/* Data ports that the container listens on: a list of name, port and appProtocol. */}}
{{- define "tributary.dataPorts" -}}
{{- $config := include "tributary.config" . | fromYaml -}}
{{- if eq (include "tributary.isOn" $config.port) "yes" }}
- { name: http, port: {{ int64 $config.port }}, servicePort: {{ int64 (.Values.service.port | default $config.port) }}, appProtocol: {{ .Values.service.appProtocol | quote }} }
{{- end }}
{{- if eq (include "tributary.isOn" (dig "tls" "port" "off" $config)) "yes" }}
- { name: https, port: {{ int64 $config.tls.port }}, servicePort: {{ int64 (.Values.service.tlsPort | default $config.tls.port) }}, appProtocol: {{ .Values.service.tlsAppProtocol | quote }} }
{{- end }}
{{- range $name, $dialect := $config.dialects }}
{{- $port := $dialect.port | default "off" }}
{{- if eq (include "tributary.isOn" $port) "yes" }}
- { name: {{ $name }}, port: {{ int64 $port }}, servicePort: {{ int64 $port }}, appProtocol: {{ $.Values.service.appProtocol | quote }} }
{{- end }}
{{- end }}
{{- end -}}

{{/* YAML reads a bare off as false. */}}
{{- define "tributary.isOn" -}}
{{- if not (has (toString .) (list "off" "false")) -}}yes{{- end -}}
{{- end -}}

{{/* The port of the data Service that routes lead to: in plain text where there is one. */}}
{{- define "tributary.mainPort" -}}
{{- $ports := include "tributary.dataPorts" . | fromYamlArray -}}
{{- (first $ports).servicePort -}}
{{- end -}}

{{- define "tributary.adminPort" -}}
{{- $port := (include "tributary.config" . | fromYaml).adminPort -}}
{{- if ne (include "tributary.isOn" $port) "yes" -}}
{{- fail "config.adminPort: probes need the admin port" -}}
{{- end -}}
{{- int64 $port -}}
{{- end -}}

{{/* Grace, drain and ten seconds for Kafka's connections and the log. */}}
{{- define "tributary.terminationGracePeriodSeconds" -}}
{{- $shutdown := (include "tributary.config" . | fromYaml).shutdown -}}
{{- $needed := add 10 (divf (add (int64 $shutdown.graceMs) (int64 $shutdown.drainMs)) 1000 | ceil | int64) -}}
{{- if le (int64 $shutdown.drainMs) (include "tributary.longestAnswerMs" . | int64) -}}
{{- fail "config.shutdown.drainMs: must be longer than every dialects.*.answerWithinMs, or a rolling update fails calls in flight" -}}
{{- end -}}
{{- $wanted := int64 .Values.terminationGracePeriodSeconds -}}
{{- if and $wanted (lt $wanted $needed) -}}
{{- fail (printf "terminationGracePeriodSeconds: %d is too short; shutdown.graceMs and shutdown.drainMs need %d" $wanted $needed) -}}
{{- end -}}
{{- $wanted | default $needed -}}
{{- end -}}

{{/* NODE_OPTIONS. */}}
{{- define "tributary.nodeOptions" -}}
{{- $words := list -}}
{{- with include "tributary.heap" . -}}{{- $words = append $words (printf "--max-old-space-size=%s" .) -}}{{- end -}}
{{- with .Values.nodeOptions -}}{{- $words = append $words . -}}{{- end -}}
{{- join " " $words -}}
{{- end -}}
