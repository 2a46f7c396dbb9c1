/** A policy as this node has it, as far as a cluster is told of it. */
import type { Diagnostic } from '#diagnostics';

export type ObservedHook = {
  /** Sections of its programs, such as `lsm/file_open`. */
  readonly attached: readonly string[];
  readonly effect: 'blocks' | 'may complete' | 'observes';
  readonly racy: boolean;
  readonly mayBeSkipped: boolean;
  readonly cost: 'low' | 'medium' | 'high';
  /** Of its programs, which other policies may share: as the verifier walked them, and what the kernel counted. */
  readonly instructions?: number;
  readonly runs?: number;
  readonly runNs?: number;
};

export type ObservedCounts = {
  readonly matches: number;
  readonly denied: number;
  readonly killed: number;
  readonly unreadable: number;
};

/** What the registry of policies lists. */
export type ObservedPolicy = {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Where it is from: other policies than those of the API server are nobody's business there. */
  readonly origin: string;
  readonly state: 'loaded' | 'disabled' | 'refused' | 'skipped';
  /** What it comes to on this node, by nodeSelector and canary; absent: what it says. */
  readonly placement?: 'watch' | 'elsewhere' | 'unknown';
  readonly mode: 'enforce' | 'monitor';
  /** It has spent its kill budget: `mode` is what the kernel made of it. */
  readonly demoted?: boolean;
  readonly hooks: readonly ObservedHook[];
  readonly counts: ObservedCounts | undefined;
  readonly memoryBytes: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly revision?: string;
  readonly stale?: true;
  /** What should have taken its place, and could not. */
  readonly refusedVersion?: { readonly revision: string; readonly diagnostics: readonly Diagnostic[] };
  /** It is refused, and what an agent of another version left in the kernel enforces it as it was. */
  readonly olderEnforces?: true;
};

/** Of the agent, beside its policies. */
export type ObservedAgent = {
  readonly version: string;
  readonly kernel: string;
  /** Why nothing enforces at the moment, in a word; undefined when policies do what they say. */
  readonly held: string | undefined;
  readonly source: 'Synced' | 'Cached' | 'Waiting';
};
