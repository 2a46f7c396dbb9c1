/** Reads BTF where it lies, without making objects of its types: a kernel's is 5 MB and 150,000 types. */
import { assert, type BtfTypeId, type Bytes, btfTypeId, bytes, known } from '#std';
import {
  BTF_HEADER_BYTES,
  BTF_MAGIC,
  BTF_VERSION,
  type BtfKind,
  type BtfMember,
  type BtfParameter,
  type BtfType,
  infoCount,
  infoKind,
  KINDS,
  MalformedBtf,
  RECORD_WORDS,
  VOID,
} from './btf.ts';
import { decodeType } from './btf-decode.ts';
import { describeType } from './btf-describe.ts';
import { NameIndex } from './btf-names.ts';

/** Chains of modifiers, and arrays of arrays, are refused beyond this depth, as in the kernel. */
const DEPTH_MAX = 32; // MAX_RESOLVE_DEPTH, kernel/bpf/btf.c

const POINTER_BYTES = 8;
const WORD = 4;

/** Words of a record by kind code: `fixed` at least, and `repeated` for each that the info word counts. */
const FIXED_WORDS = new Uint8Array(32);
const REPEATED_WORDS = new Uint8Array(32);
for (const { code, tail, repeated } of Object.values(KINDS)) {
  FIXED_WORDS[code] = RECORD_WORDS + tail.length;
  REPEATED_WORDS[code] = repeated.length;
}

/** What is looked up by name, of one kind. */
type KindIndex = { readonly ids: Uint32Array; readonly names: NameIndex };

export class BtfView {
  readonly bytes: Uint8Array;
  /** Of the type section, in the order of bytes of every machine that BPF is compiled on here: little-endian. */
  readonly #words: Uint32Array;
  /** Bytes of it that make no whole word: a type is cut off there. */
  readonly #rest: number;
  readonly #strings: Uint8Array;
  #offsets: Uint32Array | undefined;
  readonly #kinds = new Map<BtfKind, KindIndex>();

  /** Throws `MalformedBtf` unless the header and its two sections lie within `source`. */
  constructor(source: Uint8Array) {
    this.bytes = source;
    const { types, strings } = readHeader(new DataView(source.buffer, source.byteOffset, source.byteLength));
    this.#words = wordsOf(source.subarray(types.start, types.end));
    this.#rest = (types.end - types.start) % WORD;
    this.#strings = source.subarray(strings.start, strings.end);
    if (this.#strings.length > 0 && this.#strings.at(-1) !== 0) throw new MalformedBtf('the strings do not end in NUL');
  }

  /** Number of types, void not counted. */
  get typeCount(): number {
    return this.#index().length - 1;
  }

  /** Frees the indexes of types and names; the next look-up makes them again. */
  dropIndex(): void {
    this.#offsets = undefined;
    this.#kinds.clear();
  }

  type(id: BtfTypeId): BtfType {
    return id === VOID ? { kind: 'void' } : decodeType(this.words(id), (offset) => this.string(offset));
  }

  /** The record of a type as it lies in the file. */
  words(id: BtfTypeId): number[] {
    const start = this.#offsetOf(id);
    return Array.from(this.#words.subarray(start, start + recordLength(this.#word(start + 1))));
  }

  string(offset: number): string {
    const end = offset < this.#strings.length ? this.#strings.indexOf(0, offset) : -1;
    if (end < 0) throw new MalformedBtf(`there is no string at ${offset}`);
    return decoder.decode(this.#strings.subarray(offset, end));
  }

  /** The name of a type without the rest of it; empty where it has none. */
  name(id: BtfTypeId): string {
    return id === VOID ? '' : this.string(this.#word(this.#offsetOf(id)));
  }

  /** The first type of this kind and name. */
  find(kind: BtfKind, name: string): BtfTypeId | undefined {
    const { ids, names } = this.#kindIndex(kind);
    const entry = names.find(name);
    return entry === undefined ? undefined : btfTypeId(known(ids[entry], 'type'));
  }

  /** All types of this kind, in order. */
  *ids(kind: BtfKind): Generator<BtfTypeId> {
    const { code } = KINDS[kind];
    const offsets = this.#index();
    for (let id = 1; id < offsets.length; id += 1) {
      if (kindCode(this.#word(known(offsets[id], 'record') + 1)) === code) yield btfTypeId(id);
    }
  }

  findFunction(name: string): BtfTypeId | undefined {
    return this.find('func', name);
  }

  findStruct(name: string): BtfTypeId | undefined {
    return this.find('struct', name);
  }

  /** Of a `func` or a `func_proto`. */
  functionParameters(id: BtfTypeId): readonly BtfParameter[] {
    return this.#prototype(id).parameters;
  }

  functionReturn(id: BtfTypeId): BtfTypeId {
    return this.#prototype(id).returnTypeId;
  }

  /** Of a struct or union, in order; those of anonymous structs within are not unfolded. */
  members(id: BtfTypeId): readonly BtfMember[] {
    const type = this.type(id);
    assert(type.kind === 'struct' || type.kind === 'union', `type ${id} is a ${type.kind} and has no members`);
    return type.members;
  }

  /** Finds a member by name as C does, through anonymous structs and unions; its offset counts from the outermost. */
  findMember(id: BtfTypeId, name: string): BtfMember | undefined {
    return this.#findMember(id, name, new Set());
  }

  /** What remains without typedef, const, volatile, restrict and type tags. */
  skipModifiers(id: BtfTypeId): BtfTypeId {
    let current = id;
    for (let depth = 0; depth <= DEPTH_MAX; depth += 1) {
      const next = this.#modified(current);
      if (next === undefined) return current;
      current = next;
    }
    throw new MalformedBtf(`type ${id} has too many modifiers, or a cycle of them`);
  }

  /** Size in memory; void, functions and what is only named have none. */
  sizeOf(id: BtfTypeId): Bytes | undefined {
    let elements = 1;
    let current = this.skipModifiers(id);
    for (let depth = 0; depth <= DEPTH_MAX; depth += 1) {
      const type = this.type(current);
      if (type.kind === 'array') {
        elements *= type.length;
        current = this.skipModifiers(type.typeId);
      } else if (type.kind === 'var') {
        current = this.skipModifiers(type.typeId);
      } else {
        const size = type.kind === 'ptr' ? POINTER_BYTES : 'size' in type ? type.size : undefined;
        if (size === undefined) return undefined;
        if (!Number.isSafeInteger(size * elements)) throw new MalformedBtf(`type ${id} has no sensible size`);
        return bytes(size * elements);
      }
    }
    throw new MalformedBtf(`type ${id} is nested too deeply, or in a cycle`);
  }

  /** As C would write it: `const struct path *`. */
  describe(id: BtfTypeId): string {
    return describeType(this, id);
  }

  #prototype(id: BtfTypeId): Extract<BtfType, { kind: 'func_proto' }> {
    const type = this.type(id);
    assert(type.kind === 'func' || type.kind === 'func_proto', `type ${id} is a ${type.kind}, not a function`);
    if (type.kind === 'func_proto') return type;
    const prototype = this.type(type.typeId);
    if (prototype.kind !== 'func_proto') throw new MalformedBtf(`function ${id} has no prototype`);
    return prototype;
  }

  /** A type that was searched in vain is not searched again, which also ends circles in malformed BTF. */
  #findMember(id: BtfTypeId, name: string, searched: Set<BtfTypeId>): BtfMember | undefined {
    searched.add(id);
    for (const member of this.members(id)) {
      if (member.name === name) return member;
      if (member.name !== '') continue;
      const innerId = this.skipModifiers(member.typeId);
      const kind = this.#kind(innerId);
      if (searched.has(innerId) || (kind !== 'struct' && kind !== 'union')) continue;
      const inner = this.#findMember(innerId, name, searched);
      if (inner !== undefined) return { ...inner, bitOffset: inner.bitOffset + member.bitOffset };
    }
    return undefined;
  }

  #kind(id: BtfTypeId): BtfKind | undefined {
    return id === VOID ? undefined : infoKind(this.#word(this.#offsetOf(id) + 1));
  }

  /** What a modifier modifies; undefined where `id` is not a modifier. */
  #modified(id: BtfTypeId): BtfTypeId | undefined {
    switch (this.#kind(id)) {
      case 'typedef':
      case 'const':
      case 'volatile':
      case 'restrict':
      case 'type_tag':
        return btfTypeId(this.#word(this.#offsetOf(id) + 2));
      default:
        return undefined;
    }
  }

  #offsetOf(id: BtfTypeId): number {
    const offset = id > 0 ? this.#index()[id] : undefined;
    if (offset === undefined) throw new MalformedBtf(`there is no type ${id}`);
    return offset;
  }

  #word(at: number): number {
    return known(this.#words[at], 'word of a record');
  }

  /** Where in the words the record of each type starts, by id; entry 0 stands for void. */
  #index(): Uint32Array {
    this.#offsets ??= recordOffsets(this.#words, this.#rest);
    return this.#offsets;
  }

  #kindIndex(kind: BtfKind): KindIndex {
    const before = this.#kinds.get(kind);
    if (before !== undefined) return before;
    const index = this.#makeKindIndex(KINDS[kind].code);
    this.#kinds.set(kind, index);
    return index;
  }

  #makeKindIndex(code: number): KindIndex {
    const offsets = this.#index();
    const words = this.#words;
    const ids = new Uint32Array(offsets.length);
    const names = new Uint32Array(offsets.length);
    let count = 0;
    for (let id = 1; id < offsets.length; id += 1) {
      const start = offsets[id] ?? 0;
      if (kindCode(words[start + 1] ?? 0) !== code) continue;
      ids[count] = id;
      names[count] = words[start] ?? 0;
      count += 1;
    }
    return { ids: ids.slice(0, count), names: new NameIndex(this.#strings, names.slice(0, count)) };
  }
}

/** A view of `section` where its place in memory allows that, else of a copy; bytes after the last whole word are left out. */
function wordsOf(section: Uint8Array): Uint32Array {
  const count = Math.floor(section.length / WORD);
  const aligned = section.byteOffset % WORD === 0 ? section : section.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, count);
}

/** Throws where a record is of no known kind or reaches beyond the end. */
function recordOffsets(words: Uint32Array, rest: number): Uint32Array {
  const offsets = new Uint32Array(Math.floor(words.length / RECORD_WORDS) + 1);
  let count = 1;
  let at = 0;
  while (at < words.length) {
    const length = recordLength(words[at + 1] ?? 0);
    if (at + RECORD_WORDS > words.length) throw new MalformedBtf(`type ${count} is cut off`);
    if (length === 0) throw new MalformedBtf(`type ${count} is of no known kind`);
    if (at + length > words.length) throw new MalformedBtf(`type ${count} is cut off`);
    offsets[count] = at;
    count += 1;
    at += length;
  }
  if (rest > 0) throw new MalformedBtf(`type ${count} is cut off`);
  return offsets.slice(0, count);
}

const decoder = new TextDecoder();

type Range = { readonly start: number; readonly end: number };

function readHeader(view: DataView): { readonly types: Range; readonly strings: Range } {
  if (view.byteLength < BTF_HEADER_BYTES) throw new MalformedBtf('shorter than a header');
  if (view.getUint16(0, true) !== BTF_MAGIC) throw new MalformedBtf('not little-endian BTF: the magic number differs');
  if (view.getUint8(2) !== BTF_VERSION) throw new MalformedBtf(`version ${view.getUint8(2)} is not known`);
  const headerBytes = view.getUint32(4, true);
  if (headerBytes < BTF_HEADER_BYTES) throw new MalformedBtf(`a header of ${headerBytes} bytes`);
  const range = (what: string, at: number): Range => {
    const start = headerBytes + view.getUint32(at, true);
    const end = start + view.getUint32(at + WORD, true);
    if (end > view.byteLength) throw new MalformedBtf(`the ${what} reach beyond the end`);
    return { start, end };
  };
  return { types: range('types', 8), strings: range('strings', 16) };
}

/** Words of a record with this info word; 0 where its kind is not known. */
function recordLength(info: number): number {
  const code = kindCode(info);
  return (FIXED_WORDS[code] ?? 0) + (REPEATED_WORDS[code] ?? 0) * infoCount(info);
}

function kindCode(info: number): number {
  return (info >>> 24) & 0x1f;
}
