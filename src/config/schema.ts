/** Every option of the agent, declared once: flags, environment, file and reference page follow from it. */
import { criticalBinaries } from './critical-binaries.ts';
import {
  binaries,
  choice,
  choices,
  count,
  duration,
  flag,
  listenAddress,
  path,
  permission,
  ringBytes,
  text,
  texts,
} from './kinds.ts';
import { type Option, option } from './option.ts';

const EVENT_KINDS = ['exec', 'exit', 'lsm', 'kprobe', 'tracepoint'] as const;
const HOUR_MS = 3_600_000;
const KIB = 1024;
const GIB = 1024 ** 3;
const BPF_FILE_SYSTEM = '/sys/fs/bpf';

/** Names are those of Tetragon where the meaning is the same. */
export const options = {
  config: option({
    kind: path('file'),
    default: '/etc/ringfence/ringfence.yaml',
    group: 'general',
    about: 'file of options; the default is read if it is there',
    locating: true,
  }),
  'config-dir': option({
    kind: path('directory'),
    default: '/etc/ringfence/ringfence.conf.d',
    group: 'general',
    about: 'directory with one file for each option, named after it; the default is read if it is there',
    locating: true,
  }),
  'node-name': option({
    kind: text('name'),
    default: '',
    defaultText: 'the name of the host',
    group: 'general',
    about: 'name of this node in events and subjects',
    variables: ['HUBBLE_NODE_NAME', 'NODE_NAME'],
  }),
  'cluster-name': option({
    kind: text('name'),
    default: '',
    group: 'general',
    about: 'name of the cluster in events and subjects',
  }),
  'log-level': option({
    kind: choice(['debug', 'info', 'warn', 'error']),
    default: 'info',
    group: 'general',
    about: 'the least that goes to the log, which is the standard error',
  }),

  'tracing-policy': option({
    kind: texts('file'),
    default: [],
    group: 'policies',
    about: 'policy file, or directory of them',
    short: 'p',
    aliases: ['policy'],
  }),
  'tracing-policy-dir': option({
    kind: path('directory'),
    default: '/etc/ringfence/ringfence.tp.d',
    group: 'policies',
    about: 'directory of policy files; the default is read if it is there',
  }),
  detect: option({
    kind: flag(),
    default: false,
    group: 'policies',
    about: 'enforce nothing, whatever policies say; events tell what would have happened',
  }),
  strict: option({
    kind: flag(),
    default: false,
    group: 'policies',
    about: 'refuse policies that another thread of the process can get around',
  }),
  'start-guard': option({
    kind: duration({ min: 0, max: HOUR_MS }),
    default: 60_000,
    group: 'policies',
    about: 'after a boot, policies only watch until the agent has been up for this time; 0 switches the guard off',
  }),
  'self-protection': option({
    kind: choice(['off', 'maps', 'agent', 'strict']),
    default: 'maps',
    group: 'policies',
    about: 'what is guarded against other processes: the maps; the agent too; from all but init',
  }),
  'critical-binaries': option({
    kind: binaries({ countMax: 128, bytesMax: 255 }),
    default: criticalBinaries,
    defaultText: 'kubelet, container runtimes, network plugins, systemd where they are usually installed',
    group: 'policies',
    about:
      'binaries that only policies which name them may kill, where root runs them on the host; `*` at the end stands for any',
  }),

  'enable-k8s-api': option({
    kind: flag(),
    default: false,
    group: 'kubernetes',
    about: 'take policies, pods and namespaces from the API server of the cluster, and report to it',
  }),
  'k8s-kubeconfig-path': option({
    kind: path('file'),
    default: '',
    defaultText: 'the service account of the pod',
    group: 'kubernetes',
    about: 'how to get at the API server',
  }),
  'node-root': option({
    kind: path('directory'),
    default: '/',
    group: 'kubernetes',
    about: 'where the file system of the node is; in a pod with hostPID, /proc/1/root',
  }),
  'fail-closed-namespaces': option({
    kind: texts('name'),
    default: [],
    group: 'kubernetes',
    about:
      'where nothing is executed in a container that is not known yet; with an API server, namespaces with the annotation ringfence.io/fail-closed: "true" too',
  }),
  'hold-unknown-pods': option({
    kind: flag(),
    default: false,
    group: 'kubernetes',
    about: 'the same in pods of which nobody has told yet in what namespace they are',
  }),

  'nri-socket': option({
    kind: path('file'),
    default: '',
    group: 'kubernetes',
    about:
      'where containerd or CRI-O speaks NRI, such as /var/run/nri/nri.sock: containers are known before they start',
  }),

  output: option({
    kind: choice(['json', 'compact', 'none']),
    default: 'compact',
    group: 'output',
    about: 'form of the events on the standard output',
    short: 'o',
  }),
  event: option({
    kind: choices(EVENT_KINDS, (written) => written.replace(/^process_/i, '').toLowerCase()),
    default: EVENT_KINDS,
    group: 'output',
    about: 'only these events on the standard output; losses are always told',
  }),
  'enable-pod-annotations': option({
    kind: flag(),
    default: false,
    group: 'general',
    about: 'tell the annotations of pods in events',
  }),

  'export-filename': option({
    kind: path('file'),
    default: '',
    group: 'export',
    about: 'write events to this file, as lines of JSON',
  }),
  'export-file-max-size-mb': option({
    kind: count({ min: 1, max: 1024 * 1024 }),
    default: 10,
    group: 'export',
    about: 'rotate the file before it is larger than this, in MiB',
  }),
  'export-file-rotation-interval': option({
    kind: duration({ min: 0, max: 30 * 24 * HOUR_MS }),
    default: 0,
    group: 'export',
    about: 'rotate the file when it is older than this; 0 for never',
  }),
  'export-file-max-backups': option({
    kind: count({ min: 1, max: 1000 }),
    default: 5,
    group: 'export',
    about: 'how many rotated files are kept',
  }),
  'export-file-compress': option({
    kind: flag(),
    default: false,
    group: 'export',
    about: 'compress rotated files with gzip',
  }),
  'export-file-perm': option({
    kind: permission(),
    default: 0o600,
    group: 'export',
    about: 'permission of the file and of rotated ones',
  }),

  nats: option({
    kind: texts('url'),
    default: [],
    group: 'nats',
    about: 'publish to this NATS server; several are tried in order',
    secret: true,
  }),
  'nats-credentials': option({
    kind: path('file'),
    default: '',
    group: 'nats',
    about: 'a .creds file for NATS',
  }),

  'metrics-server': option({
    kind: listenAddress(),
    default: undefined,
    group: 'metrics',
    about: 'where metrics are served for Prometheus, such as :2112; unless given, nowhere',
  }),

  'state-dir': option({
    kind: path('directory'),
    default: '/var/lib/ringfence',
    group: 'paths',
    about: 'what must survive a reboot: policies that were added, the notes of the start guard',
  }),
  'run-dir': option({
    kind: path('directory'),
    default: '/run/ringfence',
    group: 'paths',
    about: 'what must not survive a reboot: the control socket, the break-glass file',
  }),
  'control-socket': option({
    kind: path('file'),
    default: '',
    defaultText: 'control.sock in the run directory',
    group: 'paths',
    about: 'socket on which the agent takes commands',
  }),
  'bpf-dir': option({
    kind: path('directory', BPF_FILE_SYSTEM),
    default: `${BPF_FILE_SYSTEM}/ringfence`,
    group: 'paths',
    about: `where programs and maps are pinned; a relative name is one in ${BPF_FILE_SYSTEM}`,
  }),
  'bpf-lib': option({
    kind: path('directory'),
    default: '',
    defaultText: 'beside the program',
    group: 'paths',
    about: 'where runtime.bpf.o and base.bpf.o are',
    aliases: ['kprobes'],
  }),

  'verdict-ring-size': option({
    kind: ringBytes({ min: 64 * KIB, max: GIB }),
    default: 1024 * KIB,
    group: 'kernel',
    about: 'bytes of the ring for denials, kills, exec, fork and exit',
  }),
  'observation-ring-size': option({
    kind: ringBytes({ min: 64 * KIB, max: GIB }),
    default: 1024 * KIB,
    group: 'kernel',
    about: 'bytes of the ring for all other events',
  }),
};

export type OptionName = keyof typeof options;
export type AnyOption = Option<unknown>;

export const optionNames = Object.keys(options) as readonly OptionName[];

export function optionOf(name: OptionName): AnyOption {
  return options[name];
}

/** The environment variable of an option. */
export function variableOf(name: string): string {
  return `RINGFENCE_${name.replaceAll('-', '_').toUpperCase()}`;
}

const byAnyName: ReadonlyMap<string, OptionName> = new Map(
  optionNames.flatMap((name) => [name, ...(optionOf(name).aliases ?? [])].map((each) => [each, name] as const)),
);

/** Also by another of its names; undefined when there is no such option. */
export function findOption(name: string): OptionName | undefined {
  return byAnyName.get(name);
}

export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** `export-filename` as `exportFilename`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The value of every option, by its name in camel case. */
export type Settings = {
  readonly [Name in OptionName as CamelCase<Name>]: (typeof options)[Name] extends Option<infer Value> ? Value : never;
};
