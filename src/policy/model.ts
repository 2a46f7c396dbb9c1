/** The policy as the compiler takes it: validated, supported, and with the place of everything that can still be wrong. */
import type { Diagnostic, Span } from '#diagnostics';

/** A value and where it stands in the policy file. */
export type Spanned<Value> = { readonly value: Value; readonly span: Span };

export type Policy = {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Where the name of the policy stands. */
  readonly span: Span;
  readonly mode: PolicyMode;
  readonly fileIdentity: FileIdentityMode;
  readonly hooks: readonly LsmHook[];
  /** The file that the policy was read from. */
  readonly source: string;
};

/** `monitor` reports what `enforce` would do, and does none of it. */
export type PolicyMode = 'enforce' | 'monitor';

/**
 * `inode`: an `Equal` value on a file, path or linux_binprm argument also matches by device and inode of the file that
 * has that name when the policy is loaded, so that another name of the same file (hard link, bind mount, rename) counts.
 */
export type FileIdentityMode = 'path' | 'inode';

export type LsmHook = {
  readonly kind: 'lsm';
  /** The name of the hook without its `bpf_lsm_` prefix, such as `file_open`. */
  readonly name: Spanned<string>;
  readonly span: Span;
  readonly message: string | undefined;
  readonly tags: readonly string[];
  readonly arguments: readonly Argument[];
  /** Never empty: a hook that has none written has one that matches everything and posts. */
  readonly selectors: readonly Selector[];
};

export type Argument = {
  /** The position among the parameters of the hook, from 0. */
  readonly index: Spanned<number>;
  /** `auto` is resolved from BTF, by the compiler. */
  readonly type: Spanned<ArgumentType>;
  readonly label: string | undefined;
  readonly span: Span;
};

export const pathTypes = ['file', 'path', 'linux_binprm'] as const;

/** Width in bits and signedness of each spelling of an integer type. */
export const integerTypes = {
  int: { bits: 32, signed: true },
  sint8: { bits: 8, signed: true },
  int8: { bits: 8, signed: true },
  uint8: { bits: 8, signed: false },
  sint16: { bits: 16, signed: true },
  int16: { bits: 16, signed: true },
  uint16: { bits: 16, signed: false },
  sint32: { bits: 32, signed: true },
  int32: { bits: 32, signed: true },
  uint32: { bits: 32, signed: false },
  long: { bits: 64, signed: true },
  sint64: { bits: 64, signed: true },
  int64: { bits: 64, signed: true },
  ulong: { bits: 64, signed: false },
  uint64: { bits: 64, signed: false },
  size_t: { bits: 64, signed: false },
} as const satisfies Record<string, IntegerShape>;

export type IntegerShape = { readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean };
export type PathType = (typeof pathTypes)[number];
export type IntegerType = keyof typeof integerTypes;
export type ArgumentType = 'auto' | PathType | IntegerType;

export function isPathType(type: string): type is PathType {
  return (pathTypes as readonly string[]).includes(type);
}

export function isIntegerType(type: string): type is IntegerType {
  return Object.hasOwn(integerTypes, type);
}

/** Filters are ANDed, the values of one filter are ORed; of the selectors of a hook the first that matches wins. */
export type Selector = {
  readonly label: string | undefined;
  readonly span: Span;
  readonly binaries: BinaryMatch | undefined;
  readonly arguments: readonly ArgumentMatch[];
  /** Never empty: a selector that has none written posts. */
  readonly actions: readonly Action[];
};

export type ArgumentOperator = 'Equal' | 'Prefix' | 'Postfix';

export type ArgumentMatch = {
  /** The position in the `arguments` of the hook (not the index of the hook's parameter). */
  readonly argument: number;
  readonly operator: Spanned<ArgumentOperator>;
  /** Never empty, all of one kind, no two equal. The kind fits the declared type; for `auto` it follows the spelling. */
  readonly values: readonly ArgumentValue[];
  readonly span: Span;
};

export type ArgumentValue = StringValue | IntegerValue;
export type StringValue = {
  readonly kind: 'string';
  readonly text: string;
  /** UTF-8, without a terminating NUL. */
  readonly bytes: Uint8Array;
  readonly span: Span;
};
export type IntegerValue = { readonly kind: 'integer'; readonly value: bigint; readonly span: Span };

export type BinaryMatch = {
  readonly operator: Spanned<'In' | 'NotIn'>;
  /** Never empty, absolute paths, no two equal. */
  readonly values: readonly Spanned<string>[];
  readonly span: Span;
};

export type Action =
  | { readonly kind: 'post'; readonly span: Span }
  | { readonly kind: 'nopost'; readonly span: Span }
  | { readonly kind: 'sigkill'; readonly span: Span }
  /** `error` as written, from -4095 to -1: what the hook returns. */
  | { readonly kind: 'override'; readonly error: number; readonly span: Span };

/** A selector that stops something, rather than only telling of it. */
export function isEnforcing(selector: Selector): boolean {
  return selector.actions.some((action) => action.kind === 'sigkill' || action.kind === 'override');
}

/** `policies` are those documents that have no error; `diagnostics` are about all of them. */
export type ParseResult = {
  readonly policies: readonly Policy[];
  readonly diagnostics: readonly Diagnostic[];
};
