/** Assembled code: instructions and, beside them, what the linker, the loader and the reader of a log need to know. */
import type { Span } from '#diagnostics';
import type { BtfTypeId } from '#std';
import type { Instruction } from './instruction.ts';

/** The linker fills in `symbol` at `instruction`: the target of a call, or an address to load. */
export type Relocation = {
  readonly instruction: number;
  readonly kind: 'call' | 'address';
  readonly symbol: string;
};

/** The values are the kernel's `enum bpf_core_relo_kind`. */
export const CORE_RELOCATION = {
  fieldByteOffset: 0,
  fieldByteSize: 1,
  fieldExists: 2,
  fieldSigned: 3,
  fieldShiftLeft64: 4,
  fieldShiftRight64: 5,
  typeIdLocal: 6,
  typeIdTarget: 7,
  typeExists: 8,
  typeSize: 9,
  enumValueExists: 10,
  enumValue: 11,
  typeMatches: 12,
} as const;

export type CoreRelocationKind = keyof typeof CORE_RELOCATION;

/**
 * The loader adjusts one instruction to the running kernel's types.
 * `access` is a path of member and array indices that starts with the array index of the root, such as `0:2:1`.
 */
export type CoreRelocation = {
  readonly instruction: number;
  readonly kind: CoreRelocationKind;
  readonly typeId: BtfTypeId;
  readonly access: string;
};

/** All indices count 8-byte slots, as the verifier does. */
export type Code = {
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly Relocation[];
  readonly coreRelocations: readonly CoreRelocation[];
  /** Where in the policy each instruction comes from. */
  readonly spans: readonly (Span | undefined)[];
  /** Names of jump targets, for reading only; several names at one place are possible. */
  readonly labels: readonly { readonly name: string; readonly instruction: number }[];
};
