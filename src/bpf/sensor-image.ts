/** What the compiler hands over: one object, and for each of its programs what attaches it and what it serves. */
import type { Span } from '#diagnostics';

export type SensorImage = {
  /** A relocatable BPF object, still to be linked with the runtime library. */
  readonly object: Uint8Array;
  readonly hooks: readonly HookImage[];
};

/** One program: all policies of one hook. */
export type HookImage = {
  readonly id: number;
  readonly kind: 'lsm';
  /** Such as `file_open`. */
  readonly hook: string;
  readonly program: string;
  readonly section: string;
  /** By instruction index, so that a complaint of the verifier leads to a line of a policy. */
  readonly spans: readonly (Span | undefined)[];
  readonly policies: readonly { readonly name: string; readonly slot: number }[];
  /** Whether any policy of the hook denies or kills. */
  readonly enforces: boolean;
};
