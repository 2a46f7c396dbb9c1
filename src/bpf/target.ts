/** The kernel we compile for, as a value: what it is called, its types, and what it can do. */
import type { BtfView } from './btf-view.ts';

export type Architecture = 'x86_64' | 'aarch64';

/** What a kernel may or may not offer, one line each; the order is that of the report a person reads. */
export const FEATURES = {
  btf: 'types of the running kernel, in /sys/kernel/btf/vmlinux',
  'bpf-lsm': 'programs on security hooks, which can deny',
  'ring-buffer': 'records from programs to user space, in order, without copying',
  'bpf-loop': 'loops of any length that the verifier checks once',
  'task-storage': 'values kept with a task',
  'inode-storage': 'values kept with a file',
  'send-signal': 'killing the current process from a program',
  trampoline: 'programs on the entry and exit of kernel functions',
  tracefs: 'which functions and tracepoints can be traced, in /sys/kernel/tracing',
  'syscall-program': 'programs that user space runs, as the tests do',
} as const;

export type FeatureName = keyof typeof FEATURES;

/** `unknown` is not `no`: it says that the probe could not tell, and why; it is never remembered. */
export type FeatureState =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export type Target = {
  readonly arch: Architecture;
  /** As `uname -r` prints it. */
  readonly release: string;
  readonly btf: BtfView;
  readonly features: Readonly<Record<FeatureName, FeatureState>>;
  readonly functions: TraceableFunctions;
  readonly tracepoints: Tracepoints;
};

/**
 * The functions that a probe can be attached to, as ftrace lists them: neither inlined nor forbidden. Where the feature
 * `tracefs` is missing, all functions that the kernel has a symbol for.
 */
export type TraceableFunctions = {
  /** How many functions of the kernel itself (not of modules) have this very name; 0 when none can be traced. */
  count(name: string): number;
  /** Names that begin with `name.`: parts and clones that the compiler made (`.isra.0`, `.constprop.0`, `.part.0`). */
  clones(name: string): readonly string[];
  /** Up to `limit` names near to `name`, best first. */
  similar(name: string, limit: number): readonly string[];
  /** All of them, a name as often as it counts. */
  names(): readonly string[];
};

/** None where the feature `tracefs` is missing. */
export type Tracepoints = {
  /** The fields of a record, in the order of the kernel's `format` file, the four common ones first. */
  format(subsystem: string, event: string): TracepointFormat | undefined;
  /** Up to `limit` names `subsystem/event` near to this one, best first. */
  similar(name: string, limit: number): readonly string[];
  /** All of them, as `subsystem/event`. */
  names(): readonly string[];
};

export type TracepointFormat = { readonly fields: readonly TracepointField[] };

export type TracepointField = {
  readonly name: string;
  /** As the kernel declares it, such as `const char *`, `char[16]`, `__data_loc char[]`, `pid_t`. */
  readonly type: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
};
