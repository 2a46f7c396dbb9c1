/** The BPF Type Format: the shape of each kind of record, in one table that reader, builder and copier share. */
import { printable } from '#diagnostics';
import { type BtfTypeId, btfTypeId } from '#std';

export const BTF_MAGIC = 0xeb9f;
export const BTF_VERSION = 1;
export const BTF_HEADER_BYTES = 24;

/** Type 0, which has no record. */
export const VOID: BtfTypeId = btfTypeId(0);

/** A record starts with three words: name, info (kind, count, flag), and a size or a type. */
export const RECORD_WORDS = 3;

/** The bytes are not BTF, or contradict themselves. */
export class MalformedBtf extends Error {
  override readonly name = 'MalformedBtf';

  /** A message may quote names from the bytes, and those may hold anything. */
  constructor(message: string) {
    super(printable(message));
  }
}

/** What a word of a record holds: an offset into the strings, the id of a type, or neither. */
export type Field = 'name' | 'type' | 'value';

type Shape = {
  readonly code: number;
  /** The third word. */
  readonly sizeOrType: Field;
  /** What follows the first three words once, */
  readonly tail: readonly Field[];
  /** and what then follows as often as the count in the info word says. */
  readonly repeated: readonly Field[];
};

const shape = (
  code: number,
  sizeOrType: Field,
  tail: readonly Field[] = [],
  repeated: readonly Field[] = [],
): Shape => ({ code, sizeOrType, tail, repeated });

/** By the kernel's names (`BTF_KIND_*`). */
export const KINDS = {
  int: shape(1, 'value', ['value']),
  ptr: shape(2, 'type'),
  array: shape(3, 'value', ['type', 'type', 'value']),
  struct: shape(4, 'value', [], ['name', 'type', 'value']),
  union: shape(5, 'value', [], ['name', 'type', 'value']),
  enum: shape(6, 'value', [], ['name', 'value']),
  fwd: shape(7, 'value'),
  typedef: shape(8, 'type'),
  volatile: shape(9, 'type'),
  const: shape(10, 'type'),
  restrict: shape(11, 'type'),
  func: shape(12, 'type'),
  func_proto: shape(13, 'type', [], ['name', 'type']),
  var: shape(14, 'type', ['value']),
  datasec: shape(15, 'value', [], ['type', 'value', 'value']),
  float: shape(16, 'value'),
  decl_tag: shape(17, 'type', ['value']),
  type_tag: shape(18, 'type'),
  enum64: shape(19, 'value', [], ['name', 'value', 'value']),
} as const satisfies Record<string, Shape>;

export type BtfKind = keyof typeof KINDS;

/** Kind names by code; code 0 is void, which has no record. */
export const KIND_BY_CODE: readonly (BtfKind | undefined)[] = [
  undefined,
  ...(Object.keys(KINDS) as BtfKind[]).sort((a, b) => KINDS[a].code - KINDS[b].code),
];

export const infoKind = (info: number): BtfKind | undefined => KIND_BY_CODE[(info >>> 24) & 0x1f];
export const infoFlag = (info: number): boolean => info >>> 31 === 1;

/** In a `func` the count is its linkage and nothing repeats. */
export const infoCount = (info: number): number => info & 0xffff;

/** Words of a record of this kind, all in all. */
export function recordWords(kind: BtfKind, count: number): number {
  const { tail, repeated } = KINDS[kind];
  return RECORD_WORDS + tail.length + repeated.length * count;
}

/** What the word at `index` of a record of this kind holds. */
export function fieldAt(kind: BtfKind, index: number): Field {
  const { sizeOrType, tail, repeated } = KINDS[kind];
  if (index === 0) return 'name';
  if (index === 1) return 'value';
  if (index === 2) return sizeOrType;
  const beyond = index - RECORD_WORDS;
  return (beyond < tail.length ? tail[beyond] : repeated[(beyond - tail.length) % repeated.length]) ?? 'value';
}

export const LINKAGES = ['static', 'global', 'extern'] as const;

export type Linkage = (typeof LINKAGES)[number];

export type BtfParameter = { readonly name: string; readonly typeId: BtfTypeId };

/** `bitfieldSize` is 0 for a member that is not a bit field. */
export type BtfMember = {
  readonly name: string;
  readonly typeId: BtfTypeId;
  readonly bitOffset: number;
  readonly bitfieldSize: number;
};

export type BtfEnumerator = { readonly name: string; readonly value: bigint };

export type BtfSectionEntry = { readonly typeId: BtfTypeId; readonly offset: number; readonly size: number };

export type BtfType =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'int';
      readonly name: string;
      readonly size: number;
      readonly bits: number;
      readonly encoding: 'unsigned' | 'signed' | 'char' | 'bool';
    }
  | { readonly kind: 'ptr' | 'volatile' | 'const' | 'restrict'; readonly typeId: BtfTypeId }
  | { readonly kind: 'array'; readonly typeId: BtfTypeId; readonly indexTypeId: BtfTypeId; readonly length: number }
  | {
      readonly kind: 'struct' | 'union';
      readonly name: string;
      readonly size: number;
      readonly members: readonly BtfMember[];
    }
  | {
      readonly kind: 'enum' | 'enum64';
      readonly name: string;
      readonly size: number;
      readonly enumerators: readonly BtfEnumerator[];
    }
  | { readonly kind: 'fwd'; readonly name: string; readonly of: 'struct' | 'union' }
  | { readonly kind: 'typedef' | 'type_tag'; readonly name: string; readonly typeId: BtfTypeId }
  | { readonly kind: 'func'; readonly name: string; readonly typeId: BtfTypeId; readonly linkage: Linkage }
  | { readonly kind: 'func_proto'; readonly returnTypeId: BtfTypeId; readonly parameters: readonly BtfParameter[] }
  | { readonly kind: 'var'; readonly name: string; readonly typeId: BtfTypeId; readonly linkage: Linkage }
  | {
      readonly kind: 'datasec';
      readonly name: string;
      readonly size: number;
      readonly entries: readonly BtfSectionEntry[];
    }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  | { readonly kind: 'decl_tag'; readonly name: string; readonly typeId: BtfTypeId; readonly component: number };
