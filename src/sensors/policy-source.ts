/** A source of policies that is elsewhere, such as the API server: what it says, and what it is told. */
import type { Diagnostic } from '#diagnostics';
import type { HookStatus } from './policy-entry.ts';
import type { PolicyName } from './policy-sensor.ts';

export type SourceOrigin = 'kubernetes';

/** A policy that there should be: it is new, takes the place of the one before, or is the same again. */
export type PolicyPut = PolicyName & {
  /** One policy, of that name. */
  readonly text: string;
  /** Where it is from, for diagnostics: each policy has its own, such as `tracingpolicies/no-shells`. */
  readonly source: string;
  /** The source's word for this version; it comes back in what is said of the policy. */
  readonly revision: string;
};

/** Made as one: compiled once, and attached once. */
export type SourceChange = {
  readonly origin: SourceOrigin;
  readonly put: readonly PolicyPut[];
  readonly remove: readonly PolicyName[];
};

/** What became of one that was put. */
export type PolicyOutcome = PolicyName & {
  /** See keyOf. */
  readonly key: string;
  /** The version that was put. */
  readonly revision: string;
  /**
   * - `disabled`: somebody on this node has switched it off; it is kept for when it is enabled
   * - `skipped`: it is for other nodes
   */
  readonly kind: 'loaded' | 'refused' | 'disabled' | 'skipped';
  /** Why it is refused; otherwise warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of what is loaded by that name now, the former version too. */
  readonly hooks: readonly HookStatus[];
  /** It is refused, and the version before it goes on. */
  readonly formerEnforces: boolean;
};

/** A version that is refused, while the one before it goes on. */
export type RefusedVersion = { readonly revision: string; readonly diagnostics: readonly Diagnostic[] };
