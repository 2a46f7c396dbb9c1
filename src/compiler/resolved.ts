/** What the resolver found: each hook of each policy with its place in this kernel, and why it is that one. */
import type { AttachPoint } from '#bpf';
import type { Argument, Hook, IntegerShape, Policy } from '#policy';
import type { Phase, SocketReader, Source, TextReader, ToldKind } from './plan.ts';

/** A policy, the slot of the policies map that is its own, and its programs' parts as this kernel has them. */
export type ResolvedPolicy = {
  readonly policy: Policy;
  readonly slot: number;
  readonly parts: readonly ResolvedPart[];
};

/** One hook of a policy at one attach point; a hook that waits for a return may have two. */
export type ResolvedPart = {
  readonly hook: Hook;
  /** Position of the hook in the policy. */
  readonly entry: number;
  readonly point: AttachPoint;
  readonly phase: Phase;
  readonly denies: boolean;
  /** The call must be of this system call, as rf_syscall_current() numbers it. */
  readonly guard: bigint | undefined;
  /** One for each of the hook's arguments, in order; undefined for one of type `nop`. */
  readonly arguments: readonly (ResolvedArgument | undefined)[];
  /** With `phase` return, or whole on a point that sees the result: what the call returned. */
  readonly result: ResolvedArgument | undefined;
};

export type ResolvedArgument = {
  readonly declared: Argument;
  readonly source: Source;
  readonly told: ToldKind;
  /** `auto` resolved: how the event calls it. */
  readonly type: string;
  readonly value:
    | ({ readonly kind: 'integer' } & IntegerShape)
    | {
        readonly kind: 'text';
        readonly reader: TextReader;
        readonly isPath: boolean;
        readonly size: Length | undefined;
      }
    | { readonly kind: 'socket'; readonly reader: SocketReader; readonly size: Length | undefined }
    | { readonly kind: 'credentials' };
};

/** How many bytes there are, and as what number the kernel takes that. */
export type Length = { readonly source: Source; readonly shape: IntegerShape };

/**
 * - `blocks`: the call does not happen
 * - `may complete`: a signal is sent, and the call at hand goes on
 * - `observes`: nothing is stopped
 */
export type Effect = 'blocks' | 'may complete' | 'observes';

/** What is known of one hook of a policy on this kernel: the substance of `explain` and of the status. */
export type HookReport = {
  readonly policy: string;
  readonly hook: Hook;
  readonly entry: number;
  readonly points: readonly AttachPoint[];
  /** Why these and no others: a sentence. */
  readonly why: string;
  readonly effect: Effect;
  /** What the verdict looks at. `user memory` can be changed by another thread between the look and the use. */
  readonly decidesOn: 'kernel objects' | 'kernel copy' | 'user memory' | 'registers';
  /** A verdict on user memory: the policy holds against the careless only. */
  readonly racy: boolean;
  /** The kernel does not run the program while it runs on the same CPU already. */
  readonly mayBeSkipped: boolean;
  readonly cost: 'low' | 'medium' | 'high';
  /** Why it costs that: a sentence. */
  readonly costs: string;
  /** What it does not see, each a sentence. */
  readonly blind: readonly string[];
};
