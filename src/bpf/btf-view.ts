/** Reads BTF where it lies, without making objects of its types: a kernel's is 5 MB and 150,000 types. */
import { assert, type BtfTypeId, type Bytes, btfTypeId, bytes } from '#std';
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

/** Chains of modifiers, and arrays of arrays, are refused beyond this depth, as in the kernel. */
const DEPTH_MAX = 32; // MAX_RESOLVE_DEPTH, kernel/bpf/btf.c

/** Answers to remember: a compiler asks for the same few names again and again, and each search reads everything. */
const FOUND_MAX = 1024;

const POINTER_BYTES = 8;
const WORD = 4;

/** Words of a record by kind code: `fixed` at least, and `repeated` for each that the info word counts. */
const FIXED_WORDS = new Uint8Array(32);
const REPEATED_WORDS = new Uint8Array(32);
for (const { code, tail, repeated } of Object.values(KINDS)) {
  FIXED_WORDS[code] = RECORD_WORDS + tail.length;
  REPEATED_WORDS[code] = repeated.length;
}

export class BtfView {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #types: { readonly start: number; readonly end: number };
  readonly #strings: Uint8Array;
  readonly #found = new Map<string, BtfTypeId | undefined>();
  #offsets: Uint32Array | undefined;

  /** Throws `MalformedBtf` unless the header and its two sections lie within `source`. */
  constructor(source: Uint8Array) {
    this.bytes = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    const { types, strings } = readHeader(this.#view);
    this.#types = types;
    this.#strings = source.subarray(strings.start, strings.end);
    if (this.#strings.length > 0 && this.#strings.at(-1) !== 0) throw new MalformedBtf('the strings do not end in NUL');
  }

  /** Number of types, void not counted. */
  get typeCount(): number {
    return this.#index().length - 1;
  }

  /** Frees the index of types; the next look-up by id makes it again. */
  dropIndex(): void {
    this.#offsets = undefined;
  }

  type(id: BtfTypeId): BtfType {
    return id === VOID ? { kind: 'void' } : decodeType(this.words(id), (offset) => this.string(offset));
  }

  /** The record of a type as it lies in the file. */
  words(id: BtfTypeId): number[] {
    const start = this.#offsetOf(id);
    const count = recordBytes(this.#view, start) / WORD;
    return Array.from({ length: count }, (_, index) => this.#view.getUint32(start + index * WORD, true));
  }

  string(offset: number): string {
    const end = offset < this.#strings.length ? this.#strings.indexOf(0, offset) : -1;
    if (end < 0) throw new MalformedBtf(`there is no string at ${offset}`);
    return decoder.decode(this.#strings.subarray(offset, end));
  }

  /** The first type of this kind and name. */
  find(kind: BtfKind, name: string): BtfTypeId | undefined {
    const key = `${kind} ${name}`;
    if (this.#found.has(key)) return this.#found.get(key);
    const id = this.#search(kind, name);
    if (this.#found.size === FOUND_MAX) this.#found.clear();
    this.#found.set(key, id);
    return id;
  }

  /** All types of this kind, in order. */
  *ids(kind: BtfKind): Generator<BtfTypeId> {
    for (const { id } of this.#recordsOf(kind)) yield id;
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
    return id === VOID ? undefined : infoKind(this.#view.getUint32(this.#offsetOf(id) + WORD, true));
  }

  /** What a modifier modifies; undefined where `id` is not a modifier. */
  #modified(id: BtfTypeId): BtfTypeId | undefined {
    switch (this.#kind(id)) {
      case 'typedef':
      case 'const':
      case 'volatile':
      case 'restrict':
      case 'type_tag':
        return btfTypeId(this.#view.getUint32(this.#offsetOf(id) + 2 * WORD, true));
      default:
        return undefined;
    }
  }

  #offsetOf(id: BtfTypeId): number {
    const offset = id > 0 ? this.#index()[id] : undefined;
    if (offset === undefined) throw new MalformedBtf(`there is no type ${id}`);
    return offset;
  }

  /** Offsets of records by type id; entry 0 stands for void. */
  #index(): Uint32Array {
    if (this.#offsets === undefined) {
      let count = 1;
      for (const _ of this.#records()) count += 1;
      const offsets = new Uint32Array(count);
      let id = 1;
      for (const offset of this.#records()) {
        offsets[id] = offset;
        id += 1;
      }
      this.#offsets = offsets;
    }
    return this.#offsets;
  }

  /** Where each record starts. Throws where one is of no known kind or reaches beyond the types. */
  *#records(): Generator<number> {
    const { start, end } = this.#types;
    for (let offset = start; offset < end; ) {
      if (offset + RECORD_WORDS * WORD > end) throw new MalformedBtf(`the type at ${offset} is cut off`);
      const length = recordBytes(this.#view, offset);
      if (length === 0) throw new MalformedBtf(`the type at ${offset} is of no known kind`);
      if (offset + length > end) throw new MalformedBtf(`the type at ${offset} is cut off`);
      yield offset;
      offset += length;
    }
  }

  #search(kind: BtfKind, name: string): BtfTypeId | undefined {
    const names = this.#offsetsOf(name);
    if (names.size === 0) return undefined;
    for (const { id, offset } of this.#recordsOf(kind)) {
      if (names.has(this.#view.getUint32(offset, true))) return id;
    }
    return undefined;
  }

  *#recordsOf(kind: BtfKind): Generator<{ readonly id: BtfTypeId; readonly offset: number }> {
    const { code } = KINDS[kind];
    let id = 1;
    for (const offset of this.#records()) {
      const isKind = ((this.#view.getUint32(offset + WORD, true) >>> 24) & 0x1f) === code;
      if (isKind) yield { id: btfTypeId(id), offset };
      id += 1;
    }
  }

  /**
   * Everywhere a name may start: a string may also be the end of a longer one.
   * One character per byte keeps offsets, and lets the engine's own search do the work (2 ms for a kernel, not 8).
   */
  #offsetsOf(name: string): ReadonlySet<number> {
    const wanted = `${byteDecoder.decode(new TextEncoder().encode(name))}\0`;
    const strings = byteDecoder.decode(this.#strings);
    const found = new Set<number>();
    for (let at = strings.indexOf(wanted); at >= 0; at = strings.indexOf(wanted, at + 1)) found.add(at);
    return found;
  }
}

const byteDecoder = new TextDecoder('latin1');
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

/** Length of the record at `offset`; 0 where its kind is not known. */
function recordBytes(view: DataView, offset: number): number {
  const info = view.getUint32(offset + WORD, true);
  const code = (info >>> 24) & 0x1f;
  const fixed = FIXED_WORDS[code] ?? 0;
  const repeated = REPEATED_WORDS[code] ?? 0;
  return WORD * (fixed + repeated * infoCount(info));
}
