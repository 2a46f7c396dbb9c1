/** The intermediate form: hooks resolved against a kernel's types, selectors reduced to tests and one act. */
import type { Span } from '#diagnostics';
import type { PathType } from '#policy';

/** One program: all policies of one hook, in the order of their slots. */
export type HookPlan = {
  readonly id: number;
  readonly hook: string;
  readonly span: Span;
  /** False for hooks without a result: what they are told of has been decided. */
  readonly denies: boolean;
  readonly policies: readonly PolicyPlan[];
};

export type PolicyPlan = {
  readonly name: string;
  readonly slot: number;
  readonly span: Span;
  readonly arguments: readonly ArgumentPlan[];
  readonly selectors: readonly SelectorPlan[];
};

export type ArgumentPlan = PathArgument | IntegerArgument;

/** `slot`: of the scratch that the path is resolved into; shared by all policies of the hook. */
export type PathArgument = {
  readonly kind: 'path';
  readonly parameter: number;
  readonly type: PathType;
  readonly slot: number;
};

/** `bits`: the narrower of what the policy declares and what the kernel passes; above them a register holds garbage. */
export type IntegerArgument = {
  readonly kind: 'integer';
  readonly parameter: number;
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
};

export type SelectorPlan = {
  readonly index: number;
  readonly span: Span;
  /** All must hold; ordered by cost. */
  readonly tests: readonly Test[];
  readonly act: Act;
};

export type Test = BinaryTest | PathTest | IntegerTest;

export type BytesValue = { readonly bytes: Uint8Array; readonly span: Span };
export type FileIdentity = { readonly inode: bigint; readonly device: number };

export type BinaryTest = {
  readonly kind: 'binary';
  readonly negated: boolean;
  readonly values: readonly BytesValue[];
  readonly span: Span;
};

export type PathTest = {
  readonly kind: 'path';
  readonly argument: PathArgument;
  readonly operator: 'Equal' | 'Prefix' | 'Postfix';
  readonly values: readonly BytesValue[];
  /** Files that match whatever their name is. */
  readonly identities: readonly FileIdentity[];
  readonly span: Span;
};

export type IntegerTest = {
  readonly kind: 'integer';
  readonly argument: IntegerArgument;
  readonly values: readonly { readonly value: bigint; readonly span: Span }[];
  readonly span: Span;
};

/** `error`: what a denial returns, from -4095 to -1. */
export type Act = {
  readonly post: boolean;
  readonly kill: boolean;
  readonly override: boolean;
  readonly error: number;
  readonly span: Span;
};

export function enforces(act: Act): boolean {
  return act.kill || act.override;
}

export function hookEnforces(plan: HookPlan): boolean {
  return plan.policies.some((policy) => policy.selectors.some((selector) => enforces(selector.act)));
}
