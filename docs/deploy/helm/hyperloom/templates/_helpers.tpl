{{- define "hyperloom.name" -}}
{{- default .Release.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "hyperloom.selector" -}}
app.kubernetes.io/name: hyperloom
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hyperloom.labels" -}}
{{ include "hyperloom.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "hyperloom.checked" -}}
{{- if not (has .Values.journal.kind (list "embedded" "jetstream")) }}
{{- fail (printf "journal.kind is embedded or jetstream, not %q" .Values.journal.kind) }}
{{- end }}
{{- if not (or .Values.insecureBehindMesh (and .Values.tls.secretName .Values.access.secretName)) }}
{{- fail "the broker refuses to listen for strangers: set tls.secretName and access.secretName, or insecureBehindMesh where a mesh or a network policy keeps them out" }}
{{- end }}
{{- end }}

{{/* What is under way when a pod has to go may take so long. */}}
{{- define "hyperloom.graceSeconds" -}}
{{- add (div (add .Values.drain.noticeMs .Values.drain.msMax 999) 1000) 15 }}
{{- end }}

{{- define "hyperloom.probe" -}}
{{- if .Values.tls.secretName }}
exec: { command: [node, /app/healthcheck.mjs] }
timeoutSeconds: 5
{{- else }}
grpc: { port: 7400 }
timeoutSeconds: 5
{{- end }}
{{- end }}

{{- define "hyperloom.pod" -}}
metadata:
  labels:
    {{- include "hyperloom.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "hyperloom.name" . }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ include "hyperloom.graceSeconds" . }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: hyperloom
      image: {{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      ports:
        - { name: grpc, containerPort: 7400 }
      env:
        - { name: HYPERLOOM_LISTEN, value: '0.0.0.0:7400' }
        - { name: HYPERLOOM_JOURNAL, value: {{ ternary "embedded" .Values.journal.url (eq .Values.journal.kind "embedded") | quote }} }
        - { name: HYPERLOOM_DATA, value: /data/journal }
        - { name: HYPERLOOM_DRAIN_NOTICE_MS, value: {{ .Values.drain.noticeMs | int64 | quote }} }
        - { name: HYPERLOOM_DRAIN_MS_MAX, value: {{ .Values.drain.msMax | int64 | quote }} }
        - { name: HYPERLOOM_CONNECTION_AGE_MS_MAX, value: {{ .Values.connectionAgeMsMax | int64 | quote }} }
        {{- if .Values.tls.secretName }}
        - { name: HYPERLOOM_TLS_CERT, value: /etc/hyperloom/tls/tls.crt }
        - { name: HYPERLOOM_TLS_KEY, value: /etc/hyperloom/tls/tls.key }
        {{- end }}
        {{- if .Values.access.secretName }}
        - { name: HYPERLOOM_ACCESS, value: /etc/hyperloom/access/access.yaml }
        - { name: HYPERLOOM_TOKENS, value: /etc/hyperloom/access/tokens.json }
        {{- end }}
        {{- if .Values.insecureBehindMesh }}
        - { name: HYPERLOOM_INSECURE_BEHIND_MESH, value: 'true' }
        {{- end }}
        {{- range $name, $value := .Values.settings }}
        - { name: {{ printf "HYPERLOOM_%s" ($name | upper | replace "-" "_") }}, value: {{ $value | toString | quote }} }
        {{- end }}
      # Recovery reads the newest snapshot and what came behind it: seconds as a rule, minutes with tens of millions of nodes.
      startupProbe:
        {{- include "hyperloom.probe" . | nindent 8 }}
        periodSeconds: 2
        failureThreshold: 300
      readinessProbe:
        {{- include "hyperloom.probe" . | nindent 8 }}
        periodSeconds: 2
        failureThreshold: 1
      # Only whether it listens: a broker whose disk is full is not ready, and a restart would not help it.
      livenessProbe:
        tcpSocket: { port: grpc }
        timeoutSeconds: 5
        periodSeconds: 10
        failureThreshold: 6
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: data, mountPath: /data }
        {{- if .Values.tls.secretName }}
        - { name: tls, mountPath: /etc/hyperloom/tls, readOnly: true }
        {{- end }}
        {{- if .Values.access.secretName }}
        - { name: access, mountPath: /etc/hyperloom/access, readOnly: true }
        {{- end }}
  {{- if or .Values.tls.secretName .Values.access.secretName (ne .Values.journal.kind "embedded") }}
  volumes:
    {{- if ne .Values.journal.kind "embedded" }}
    - { name: data, emptyDir: {} }
    {{- end }}
    {{- with .Values.tls.secretName }}
    - { name: tls, secret: { secretName: {{ . }} } }
    {{- end }}
    {{- with .Values.access.secretName }}
    - { name: access, secret: { secretName: {{ . }} } }
    {{- end }}
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
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
