/** What the compiler hands over: one object, and for each of its programs what attaches it and what it serves. */
import type { Span } from '#diagnostics';

export type SensorImage = {
  /** A relocatable BPF object, still to be linked with the runtime library. */
  readonly object: Uint8Array;
  readonly hooks: readonly HookImage[];
  /** Maps that the object defines: to be filled after it is loaded and before a program is attached, then frozen. */
  readonly sets: readonly SetImage[];
};

/** Where a program is attached. */
export type AttachPoint =
  | { readonly kind: 'lsm'; readonly hook: string }
  /** Entry and exit of a function, by trampoline: typed arguments; skipped while the program runs on that CPU. */
  | { readonly kind: 'fentry' | 'fexit'; readonly function: string }
  /** The same by breakpoint, for functions that no trampoline can serve. */
  | { readonly kind: 'kprobe' | 'kretprobe'; readonly function: string }
  | { readonly kind: 'tp_btf'; readonly event: string }
  | { readonly kind: 'tracepoint'; readonly subsystem: string; readonly event: string }
  /** Run by hand (BPF_PROG_RUN), with its facts in the context: how programs are tested. */
  | { readonly kind: 'test' };

/** As libbpf wants it: the name of the section says what the program is and where it goes. */
export function sectionOf(point: AttachPoint): string {
  switch (point.kind) {
    case 'lsm':
      return `lsm/${point.hook}`;
    case 'tp_btf':
      return `tp_btf/${point.event}`;
    case 'tracepoint':
      return `tracepoint/${point.subsystem}/${point.event}`;
    case 'test':
      return 'raw_tp';
    default:
      return `${point.kind}/${point.function}`;
  }
}

/** One program: all policies of one attach point. */
export type HookImage = {
  readonly id: number;
  readonly point: AttachPoint;
  readonly program: string;
  readonly section: string;
  /** By instruction index, so that a complaint of the verifier leads to a line of a policy. */
  readonly spans: readonly (Span | undefined)[];
  /** `entry`: the position of the hook in the policy. */
  readonly policies: readonly { readonly name: string; readonly slot: number; readonly entry: number }[];
  /** Whether any policy of the hook denies or kills. */
  readonly enforces: boolean;
};

/** A BPF_MAP_TYPE_LPM_TRIE of the object. */
export type SetImage = {
  readonly map: string;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly entries: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
};
