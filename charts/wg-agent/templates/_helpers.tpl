{{- define "wg-agent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "wg-agent.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "wg-agent.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "wg-agent.selector" -}}
app.kubernetes.io/name: {{ include "wg-agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "wg-agent.labels" -}}
{{ include "wg-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ .Values.mode }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "wg-agent.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "wg-agent.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "wg-agent.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "wg-agent.configSecret" -}}
{{- .Values.config.existingSecret | default (printf "%s-config" (include "wg-agent.fullname" .)) -}}
{{- end -}}

{{- define "wg-agent.keySecret" -}}
{{- if .Values.keys.existingSecret -}}
{{- .Values.keys.existingSecret -}}
{{- else if .Values.keys.inline -}}
{{- printf "%s-keys" (include "wg-agent.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* What the schema cannot say, because it concerns two values at once. */}}
{{- define "wg-agent.check" -}}
{{- if not (or .Values.config.existingSecret .Values.config.inline) -}}
{{- fail "config: set config.existingSecret to the name of a Secret that holds config.toml, or config.inline to the text (--set-file config.inline=config.toml)" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled .Values.podMonitor.enabled -}}
{{- fail "serviceMonitor.enabled, podMonitor.enabled: enable one of the two, or Prometheus scrapes everything twice" -}}
{{- end -}}
{{- if and (eq .Values.mode "sidecar") (not .Values.sidecar.containers) -}}
{{- fail "sidecar.containers: mode sidecar needs the containers of your application" -}}
{{- end -}}
{{- if and (eq .Values.state.type "claim") (not .Values.state.claimName) -}}
{{- fail "state.claimName: state.type claim needs the name of a PersistentVolumeClaim" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (eq .Values.mode "daemonset") .Values.hostNetwork -}}
{{- fail "networkPolicy.enabled: a NetworkPolicy does not hold for pods in the node's network; use the node's firewall, or set hostNetwork=false" -}}
{{- end -}}
{{- if and .Values.wireguard.service.enabled (ne .Values.mode "deployment") -}}
{{- fail "wireguard.service.enabled: only mode deployment has a Service for the UDP port" -}}
{{- end -}}
{{- end -}}

{{/* The agent's container, without the dash. */}}
{{- define "wg-agent.container" -}}
name: wg-agent
image: {{ include "wg-agent.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [up, --config, /etc/wg-agent/config/config.toml]
env:
  - name: WG_AGENT_HTTP_BIND_ADDRESS
    valueFrom:
      fieldRef:
        fieldPath: status.podIP
  - name: WG_AGENT_HTTP_BIND_PORT
    value: {{ .Values.http.port | quote }}
  {{- range $name, $value := .Values.env }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
ports:
  - name: http
    containerPort: {{ .Values.http.port }}
    protocol: TCP
  - name: wireguard
    containerPort: {{ .Values.wireguard.port }}
    protocol: UDP
startupProbe:
  httpGet:
    path: /actuator/health/liveness
    port: http
  {{- toYaml .Values.probes.startup | nindent 2 }}
livenessProbe:
  httpGet:
    path: /actuator/health/liveness
    port: http
  {{- toYaml .Values.probes.liveness | nindent 2 }}
readinessProbe:
  httpGet:
    path: /actuator/health/readiness
    port: http
  {{- toYaml .Values.probes.readiness | nindent 2 }}
resources:
  {{- $resources := deepCopy .Values.resources }}
  {{- if eq .Values.tun.source "devicePlugin" }}
  {{- $limits := merge (dict .Values.tun.resource 1) ($resources.limits | default dict) }}
  {{- $resources = merge (dict "limits" $limits) $resources }}
  {{- end }}
  {{- toYaml $resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /etc/wg-agent/config
    readOnly: true
  {{- if include "wg-agent.keySecret" . }}
  - name: keys
    mountPath: /etc/wg-agent/keys
    readOnly: true
  {{- end }}
  - name: state
    mountPath: /var/lib/wg-agent
  # The agent makes its directories there itself: others may not write to them.
  - name: run
    mountPath: /run
  - name: tmp
    mountPath: /tmp
  {{- if eq .Values.tun.source "hostPath" }}
  - name: tun
    mountPath: /dev/net/tun
  {{- end }}
{{- end -}}

{{- define "wg-agent.volumes" -}}
- name: config
  secret:
    secretName: {{ include "wg-agent.configSecret" . }}
    defaultMode: 0400
    items:
      - key: {{ if .Values.config.existingSecret }}{{ .Values.config.key }}{{ else }}config.toml{{ end }}
        path: config.toml
{{- with include "wg-agent.keySecret" . }}
- name: keys
  secret:
    secretName: {{ . }}
    defaultMode: 0400
{{- end }}
- name: state
  {{- if eq .Values.state.type "hostPath" }}
  hostPath:
    path: {{ .Values.state.hostPath }}
    type: DirectoryOrCreate
  {{- else if eq .Values.state.type "claim" }}
  persistentVolumeClaim:
    claimName: {{ .Values.state.claimName }}
  {{- else }}
  emptyDir: {}
  {{- end }}
- name: run
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
- name: tmp
  emptyDir:
    sizeLimit: 16Mi
{{- if eq .Values.tun.source "hostPath" }}
- name: tun
  hostPath:
    path: /dev/net/tun
    type: CharDevice
{{- end }}
{{- end -}}

{{/* Metadata and specification of the pod. */}}
{{- define "wg-agent.pod" -}}
metadata:
  labels:
    {{- include "wg-agent.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A new configuration starts new pods.
    checksum/config: {{ printf "%s%s" .Values.config.inline (toYaml .Values.keys.inline) | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "wg-agent.serviceAccountName" . }}
  automountServiceAccountToken: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and (eq .Values.mode "daemonset") .Values.hostNetwork }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  securityContext:
    {{- $context := deepCopy .Values.podSecurityContext }}
    {{- if .Values.sysctls }}
    {{- $context = merge (dict "sysctls" .Values.sysctls) $context }}
    {{- end }}
    {{- toYaml $context | nindent 4 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- if eq .Values.mode "sidecar" }}
  initContainers:
    # A sidecar: starts before the application, ends after it.
    - restartPolicy: Always
      {{- include "wg-agent.container" . | nindent 6 }}
  containers:
    {{- toYaml .Values.sidecar.containers | nindent 4 }}
  {{- else }}
  containers:
    -
      {{- include "wg-agent.container" . | nindent 6 }}
  {{- end }}
  volumes:
    {{- include "wg-agent.volumes" . | nindent 4 }}
    {{- if and (eq .Values.mode "sidecar") .Values.sidecar.volumes }}
    {{- toYaml .Values.sidecar.volumes | nindent 4 }}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
