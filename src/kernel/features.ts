/** Reads the target off the running kernel: its types, and by trying, never by its version, what it can do. */
import { readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { type Architecture, BtfView, FEATURES, type FeatureName, type FeatureState, type Target } from '#bpf';
import { EnvironmentError } from '#diagnostics';
import { codeOf, lazyRecord } from '#std';
import { errnoName, missingCapabilities } from './errno.ts';
import { type Libbpf, listening, loadLibbpf } from './ffi.ts';
import { mapTypes } from './map.ts';
import { probeLsm, probeTrampoline } from './probe-program.ts';
import { findTracefs, kernelFunctions, kernelTracepoints, type Tracefs } from './tracefs.ts';

export const VMLINUX_BTF = '/sys/kernel/btf/vmlinux';
const ACTIVE_LSMS = '/sys/kernel/security/lsm';

/**
 * The types are read at once; the rest when it is first asked for, so that a command that needs only types and names
 * probes nothing. Needs root to say more than `unknown` of most features.
 */
export function probeTarget(): Target {
  const btf = readVmlinuxBtf(VMLINUX_BTF);
  const tracefs = findTracefs();
  return {
    arch: architecture(machine()),
    release: release(),
    btf,
    features: lazyRecord(featureProbes(btf, tracefs)),
    functions: kernelFunctions(tracefs),
    tracepoints: kernelTracepoints(tracefs),
  };
}

/** What policies of today need, whichever they are. */
export const FEATURES_NEEDED: readonly FeatureName[] = [
  'btf',
  'bpf-lsm',
  'trampoline',
  'ring-buffer',
  'bpf-loop',
  'task-storage',
  'send-signal',
];

/** Throws RF3005 when the kernel does not describe its types: without them nothing can be compiled for it. */
export function readVmlinuxBtf(path: string): BtfView {
  try {
    return new BtfView(readFileSync(path));
  } catch (cause) {
    const reason = codeOf(cause);
    throw new EnvironmentError('RF3005', { path, reason }, { cause });
  }
}

export function architecture(name: string): Architecture {
  if (name === 'x86_64' || name === 'aarch64') return name;
  throw new EnvironmentError('RF3009', { platform: name });
}

// enum bpf_prog_type and the numbers of helpers, include/uapi/linux/bpf.h
const RAW_TRACEPOINT = 17; // knows every helper that tracing programs have, and needs nothing to load
const SYSCALL = 31;
const SEND_SIGNAL = 109;
const LOOP = 181;

function featureProbes(btf: BtfView, tracefs: Tracefs): Readonly<Record<FeatureName, () => FeatureState>> {
  const privileged = (probe: () => FeatureState) => () => {
    const missing = missingCapabilities();
    if (missing.length === 0) return probe();
    return { kind: 'unknown', reason: `probing needs root (${missing.join(', ')})` } as const;
  };
  const map = (type: number) => privileged(() => ask((libbpf) => libbpf.libbpf_probe_bpf_map_type(type, null)));
  const helper = (id: number) =>
    privileged(() => ask((libbpf) => libbpf.libbpf_probe_bpf_helper(RAW_TRACEPOINT, id, null)));
  return {
    btf: () => ({ kind: 'yes' }),
    'bpf-lsm': privileged(() => probeLsm(btf, activeLsms())),
    'ring-buffer': map(mapTypes.ringBuffer),
    'bpf-loop': helper(LOOP),
    'task-storage': map(mapTypes.taskStorage),
    'inode-storage': map(mapTypes.inodeStorage),
    'send-signal': helper(SEND_SIGNAL),
    trampoline: privileged(() => probeTrampoline(btf)),
    tracefs: () => tracefs.state,
    'syscall-program': privileged(() => ask((libbpf) => libbpf.libbpf_probe_bpf_prog_type(SYSCALL, null))),
  };
}

/** libbpf's probes answer 1, 0, or -errno for "could not tell". */
function ask(probe: (libbpf: Libbpf) => number): FeatureState {
  const libbpf = loadLibbpf();
  const answer = listening(() => probe(libbpf));
  if (answer > 0) return { kind: 'yes' };
  if (answer === 0) return { kind: 'no', reason: 'the kernel does not know it' };
  return { kind: 'unknown', reason: `the probe failed with ${errnoName(-answer)}` };
}

/** Undefined where securityfs is not mounted, as in most containers. */
function activeLsms(): string | undefined {
  try {
    return readFileSync(ACTIVE_LSMS, 'utf8').trim();
  } catch {
    return undefined;
  }
}

const HINTS: Readonly<Record<FeatureName, string>> = {
  btf: 'use a kernel with CONFIG_DEBUG_INFO_BTF=y',
  'bpf-lsm': 'use a kernel with CONFIG_BPF_LSM=y and add bpf to its lsm= boot parameter',
  'ring-buffer': 'use Linux 5.8 or newer',
  'bpf-loop': 'use Linux 5.17 or newer',
  'task-storage': 'use Linux 5.11 or newer',
  'inode-storage': 'use Linux 5.10 or newer with CONFIG_BPF_LSM=y',
  'send-signal': 'use Linux 5.3 or newer',
  trampoline: 'use a kernel with CONFIG_FUNCTION_TRACER=y and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y',
  tracefs: 'mount -t tracefs nodev /sys/kernel/tracing, and use a kernel with CONFIG_FUNCTION_TRACER=y',
  'syscall-program': 'use Linux 5.14 or newer',
};

/** Throws RF3010 when this process may not load programs at all: no feature could be told then. */
export function requirePrivileges(): void {
  const missing = missingCapabilities();
  if (missing.length > 0) throw new EnvironmentError('RF3010', { missing: missing.join(', ') });
}

/** Throws one error that names all that is missing. What could not be told counts as missing: better said than met. */
export function requireFeatures(target: Pick<Target, 'features'>, names: readonly FeatureName[]): void {
  const missing: string[] = [];
  const hints: string[] = [];
  for (const name of names) {
    const state = target.features[name];
    if (state.kind === 'yes') continue;
    const reason = state.kind === 'no' ? state.reason : `could not tell, ${state.reason}`;
    missing.push(`${name} (${FEATURES[name]}: ${reason})`);
    hints.push(HINTS[name]);
  }
  if (missing.length > 0) {
    throw new EnvironmentError('RF3007', { missing: missing.join('; '), hints: hints.join('; ') });
  }
}
