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
};
