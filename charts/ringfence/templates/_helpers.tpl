{{- define "ringfence.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ringfence.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "ringfence.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Cluster-scoped objects carry the namespace too: two releases of one name do not share them. */ -}}
{{- define "ringfence.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "ringfence.fullname" .) -}}
{{- end -}}

{{- define "ringfence.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ringfence.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ringfence.labels" -}}
{{ include "ringfence.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: ringfence
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "ringfence.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "ringfence.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "ringfence.image" -}}
{{- $image := .Values.ringfence.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "ringfence.priorityClassName" -}}
{{- if .Values.priorityClassName -}}
{{- .Values.priorityClassName -}}
{{- else if .Values.priorityClass.create -}}
{{- include "ringfence.clusterName" . -}}
{{- end -}}
{{- end -}}

{{- /* What a container needs to load, attach and pin, and nothing else. Used by the agent and by what takes it away. */ -}}
{{- define "ringfence.securityContext" -}}
privileged: false
# Nothing that is started in the container could gain more than it has.
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsUser: 0
runAsGroup: 0
runAsNonRoot: false
capabilities:
  drop: [ALL]
  add:
    - SYS_ADMIN # programs, maps and links by their numbers, pins: no finer one on 6.1
    - BPF # programs and maps: what newer kernels split off
    - PERFMON # attaching, kernel addresses in programs
    - SYS_RESOURCE # limits of memory, which older kernels count maps by
    - SYS_PTRACE # /proc of other processes: namespaces, executables, the root of process 1
    - DAC_READ_SEARCH # the same of users that root is not; cgroups by their numbers
    - SYSLOG # addresses of kernel symbols
{{- with .Values.ringfence.seccompProfile }}
seccompProfile:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.ringfence.seLinuxOptions }}
seLinuxOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and .Values.ringfence.appArmorProfile (semverCompare ">=1.30-0" .Capabilities.KubeVersion.Version) }}
appArmorProfile:
  {{- toYaml .Values.ringfence.appArmorProfile | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The same in the form that API servers before 1.30 know. */ -}}
{{- define "ringfence.appArmorAnnotation" -}}
{{- $profile := .root.Values.ringfence.appArmorProfile -}}
{{- if and $profile (semverCompare "<1.30-0" .root.Capabilities.KubeVersion.Version) -}}
container.apparmor.security.beta.kubernetes.io/{{ .container }}: {{ ternary "unconfined" "runtime/default" (eq $profile.type "Unconfined") }}
{{- end -}}
{{- end -}}

{{- define "ringfence.natsName" -}}
{{- printf "%s-nats" (include "ringfence.fullname" .) -}}
{{- end -}}

{{- define "ringfence.natsHost" -}}
{{- printf "%s.%s.svc" (include "ringfence.natsName" .) .Release.Namespace -}}
{{- end -}}

{{- /* How runtimes tell of containers; empty: they do not. */ -}}
{{- define "ringfence.rthooks" -}}
{{- if .Values.rthooks.enabled -}}
{{- required "rthooks.interface: oci-hooks or nri-hook, where rthooks.enabled" .Values.rthooks.interface -}}
{{- end -}}
{{- end -}}

{{- /* Puts the hook on the node, or takes it away. It writes files of root's, and needs no right beyond. */ -}}
{{- define "ringfence.hookContainer" -}}
{{- $root := .root -}}
- name: {{ .action }}-hook
  image: {{ include "ringfence.image" $root }}
  imagePullPolicy: {{ $root.Values.ringfence.image.pullPolicy }}
  args:
    - hook
    - {{ .action }}
    - --node-root=/host
    - --program={{ $root.Values.rthooks.installDir }}/ringfence-hook
    - --hooks-dir={{ $root.Values.rthooks.ociHooks.hooksPath }}
    {{- if eq .action "install" }}
    - --agent-namespace={{ $root.Release.Namespace }}
    {{- end }}
  securityContext:
    privileged: false
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    runAsUser: 0
    runAsGroup: 0
    runAsNonRoot: false
    capabilities:
      drop: [ALL]
    {{- with $root.Values.ringfence.seLinuxOptions }}
    seLinuxOptions:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    seccompProfile:
      type: RuntimeDefault
  volumeMounts:
    - name: hook-program
      mountPath: /host{{ $root.Values.rthooks.installDir }}
    - name: hooks
      mountPath: /host{{ $root.Values.rthooks.ociHooks.hooksPath }}
    {{- if eq .action "uninstall" }}
    # What hooks that still run would wait for.
    - name: run
      mountPath: /host/run/ringfence
    {{- end }}
{{- end -}}

{{- define "ringfence.hookVolumes" -}}
- name: hook-program
  hostPath:
    path: {{ .Values.rthooks.installDir }}
    type: DirectoryOrCreate
- name: hooks
  hostPath:
    path: {{ .Values.rthooks.ociHooks.hooksPath }}
    type: DirectoryOrCreate
{{- end -}}

{{- /* Every option that goes into a file of its own, by its name. */ -}}
{{- define "ringfence.options" -}}
{{- $values := .Values.ringfence -}}
{{- $options := dict "log-level" $values.logLevel "self-protection" $values.selfProtection "start-guard" $values.startGuard -}}
{{- /* The file system of the node, as its process 1 has it: nothing of it has to be mounted. */ -}}
{{- $_ := set $options "node-root" "/proc/1/root" -}}
{{- $_ := set $options "enable-k8s-api" (toString $values.enableK8sAPI) -}}
{{- $_ := set $options "enable-pod-annotations" (toString $values.enablePodAnnotations) -}}
{{- $_ := set $options "hold-unknown-pods" (toString $values.holdUnknownPods) -}}
{{- with $values.failClosedNamespaces }}{{ $_ := set $options "fail-closed-namespaces" (join "," .) }}{{ end -}}
{{- if eq (include "ringfence.rthooks" .) "nri-hook" }}{{ $_ := set $options "nri-socket" .Values.rthooks.nriHook.nriSocket }}{{ end -}}
{{- $_ := set $options "detect" (toString $values.detect) -}}
{{- $_ := set $options "strict" (toString $values.strict) -}}
{{- $_ := set $options "output" (ternary "json" "none" .Values.export.stdout.enabled) -}}
{{- with $values.clusterName }}{{ $_ := set $options "cluster-name" . }}{{ end -}}
{{- with $values.exportFilename -}}
{{- $_ := set $options "export-filename" (printf "%s/%s" $.Values.export.directory .) -}}
{{- $_ := set $options "export-file-max-size-mb" (toString (int $values.exportFileMaxSizeMB)) -}}
{{- $_ := set $options "export-file-max-backups" (toString (int $values.exportFileMaxBackups)) -}}
{{- $_ := set $options "export-file-rotation-interval" $values.exportFileRotationInterval -}}
{{- $_ := set $options "export-file-compress" (toString $values.exportFileCompress) -}}
{{- $_ := set $options "export-file-perm" (toString $values.exportFilePerm) -}}
{{- end -}}
{{- with $values.prometheus -}}
{{- $address := ternary (printf "[%s]" .address) .address (contains ":" .address) -}}
{{- if .enabled }}{{ $_ := set $options "metrics-server" (printf "%s:%d" $address (int .port)) }}{{ end -}}
{{- end -}}
{{- with .Values.nats.urls }}{{ $_ := set $options "nats" (join "," .) }}{{ end -}}
{{- if .Values.nats.credentialsSecret.name }}{{ $_ := set $options "nats-credentials" "/etc/ringfence-nats/nats.creds" }}{{ end -}}
{{- range $name, $value := $values.options -}}
{{- if kindIs "slice" $value -}}
{{- $_ := set $options $name (join "," $value) -}}
{{- else if kindIs "float64" $value -}}
{{- $_ := set $options $name (toString (int64 $value)) -}}
{{- else -}}
{{- $_ := set $options $name (toString $value) -}}
{{- end -}}
{{- end -}}
{{- toYaml $options -}}
{{- end -}}

{{- /* What is left when it fails stays to be looked at, and goes with the next try. */ -}}
{{- define "ringfence.uninstallHook" -}}
helm.sh/hook: post-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{- define "ringfence.unprivileged" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}
