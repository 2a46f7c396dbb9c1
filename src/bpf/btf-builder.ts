/** Builds BTF: every method returns the id of its type, and asking twice for the same type gives the same id. */
import { assert, type BtfTypeId, btfTypeId, known } from '#std';
import {
  BTF_HEADER_BYTES,
  BTF_MAGIC,
  BTF_VERSION,
  type BtfEnumerator,
  type BtfKind,
  type BtfParameter,
  type BtfSectionEntry,
  infoCount,
  infoKind,
  KINDS,
  LINKAGES,
  type Linkage,
  recordWords,
} from './btf.ts';
import { StringTable } from './string-table.ts';

/** Offset in bytes, unlike the format's: the builder makes no bit fields. */
export type MemberSpec = { readonly name: string; readonly typeId: BtfTypeId; readonly offset: number };

export type IntEncoding = 'unsigned' | 'signed' | 'char' | 'bool';

const INT_ENCODING: Readonly<Record<IntEncoding, number>> = { unsigned: 0, signed: 1, char: 2, bool: 4 };

export class BtfBuilder {
  readonly #strings = new StringTable();
  readonly #records: (readonly number[] | undefined)[] = [];
  readonly #idByRecord = new Map<string, BtfTypeId>();

  /** Number of types, void not counted. */
  get typeCount(): number {
    return this.#records.length;
  }

  /** Offset of `text` in the strings, which `.BTF.ext` shares. */
  string(text: string): number {
    return this.#strings.add(text);
  }

  int(name: string, size: 1 | 2 | 4 | 8 | 16, encoding: IntEncoding): BtfTypeId {
    return this.#add('int', name, { sizeOrType: size, tail: [(INT_ENCODING[encoding] << 24) | (size * 8)] });
  }

  ptr(typeId: BtfTypeId): BtfTypeId {
    return this.#add('ptr', '', { sizeOrType: typeId });
  }

  const(typeId: BtfTypeId): BtfTypeId {
    return this.#add('const', '', { sizeOrType: typeId });
  }

  volatile(typeId: BtfTypeId): BtfTypeId {
    return this.#add('volatile', '', { sizeOrType: typeId });
  }

  typedef(name: string, typeId: BtfTypeId): BtfTypeId {
    return this.#add('typedef', name, { sizeOrType: typeId });
  }

  array(typeId: BtfTypeId, length: number): BtfTypeId {
    const indexTypeId = this.int('__ARRAY_SIZE_TYPE__', 4, 'unsigned');
    return this.#add('array', '', { sizeOrType: 0, tail: [typeId, indexTypeId, length] });
  }

  struct(name: string, size: number, members: readonly MemberSpec[]): BtfTypeId {
    return this.#aggregate('struct', name, size, members);
  }

  union(name: string, size: number, members: readonly MemberSpec[]): BtfTypeId {
    return this.#aggregate('union', name, size, members);
  }

  /** A struct or union that is only named. */
  fwd(name: string, of: 'struct' | 'union' = 'struct'): BtfTypeId {
    return this.#add('fwd', name, { sizeOrType: 0, flag: of === 'union' });
  }

  enum(name: string, enumerators: readonly BtfEnumerator[]): BtfTypeId {
    const tail = enumerators.flatMap((each) => [this.string(each.name), Number(BigInt.asUintN(32, each.value))]);
    return this.#add('enum', name, { count: enumerators.length, flag: anyNegative(enumerators), sizeOrType: 4, tail });
  }

  enum64(name: string, enumerators: readonly BtfEnumerator[]): BtfTypeId {
    const tail = enumerators.flatMap((each) => [
      this.string(each.name),
      Number(BigInt.asUintN(32, each.value)),
      Number(BigInt.asUintN(32, each.value >> 32n)),
    ]);
    return this.#add('enum64', name, {
      count: enumerators.length,
      flag: anyNegative(enumerators),
      sizeOrType: 8,
      tail,
    });
  }

  funcProto(returnTypeId: BtfTypeId, parameters: readonly BtfParameter[]): BtfTypeId {
    const tail = parameters.flatMap((each) => [this.string(each.name), each.typeId]);
    return this.#add('func_proto', '', { count: parameters.length, sizeOrType: returnTypeId, tail });
  }

  func(name: string, prototypeId: BtfTypeId, linkage: Linkage): BtfTypeId {
    return this.#add('func', name, { count: LINKAGES.indexOf(linkage), sizeOrType: prototypeId });
  }

  var(name: string, typeId: BtfTypeId, linkage: Linkage): BtfTypeId {
    return this.#add('var', name, { sizeOrType: typeId, tail: [LINKAGES.indexOf(linkage)] });
  }

  datasec(name: string, size: number, entries: readonly BtfSectionEntry[]): BtfTypeId {
    const tail = entries.flatMap((each) => [each.typeId, each.offset, each.size]);
    return this.#add('datasec', name, { count: entries.length, sizeOrType: size, tail });
  }

  /** An id whose record follows, through `record`: what a type that refers to itself needs. */
  reserve(): BtfTypeId {
    this.#records.push(undefined);
    return btfTypeId(this.#records.length);
  }

  /**
   * Takes a record in the words of the format, with string offsets and type ids of this builder.
   * It fills the `reserved` id, or is added, or found if an equal one was added before.
   */
  record(words: readonly number[], reserved?: BtfTypeId): BtfTypeId {
    const info = known(words[1], 'info word');
    const kind = known(infoKind(info), 'kind');
    const expected = recordWords(kind, infoCount(info));
    assert(words.length === expected, `a ${kind} record of ${words.length} words, not ${expected}`);
    const key = words.join();
    if (reserved !== undefined) {
      assert(reserved <= this.#records.length && this.#records[reserved - 1] === undefined, `type ${reserved}`);
      this.#records[reserved - 1] = [...words];
      if (!this.#idByRecord.has(key)) this.#idByRecord.set(key, reserved);
      return reserved;
    }
    const existing = this.#idByRecord.get(key);
    if (existing !== undefined) return existing;
    this.#records.push([...words]);
    const id = btfTypeId(this.#records.length);
    this.#idByRecord.set(key, id);
    return id;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const types = this.#records.flatMap((record, index) => known(record, `record of type ${index + 1}`));
    const typeBytes = types.length * 4;
    const strings = this.#strings.toBytes();
    const out = new Uint8Array(BTF_HEADER_BYTES + typeBytes + strings.length);
    const view = new DataView(out.buffer);
    view.setUint16(0, BTF_MAGIC, true);
    view.setUint8(2, BTF_VERSION);
    const header = [BTF_HEADER_BYTES, 0, typeBytes, typeBytes, strings.length];
    header.forEach((word, index) => {
      view.setUint32(4 + index * 4, word, true);
    });
    types.forEach((word, index) => {
      view.setUint32(BTF_HEADER_BYTES + index * 4, word, true);
    });
    out.set(strings, BTF_HEADER_BYTES + typeBytes);
    return out;
  }

  #aggregate(kind: 'struct' | 'union', name: string, size: number, members: readonly MemberSpec[]): BtfTypeId {
    const tail = members.flatMap((each) => [this.string(each.name), each.typeId, each.offset * 8]);
    return this.#add(kind, name, { count: members.length, sizeOrType: size, tail });
  }

  #add(
    kind: BtfKind,
    name: string,
    rest: {
      readonly count?: number;
      readonly flag?: boolean;
      readonly sizeOrType: number;
      readonly tail?: readonly number[];
    },
  ): BtfTypeId {
    const { count = 0, flag = false, sizeOrType, tail = [] } = rest;
    assert(count <= 0xffff, `${count} parts of ${kind} ${name}`);
    const info = ((flag ? 0x8000_0000 : 0) | (KINDS[kind].code << 24) | count) >>> 0;
    return this.record([this.string(name), info, sizeOrType, ...tail.map((word) => word >>> 0)]);
  }
}

function anyNegative(enumerators: readonly BtfEnumerator[]): boolean {
  return enumerators.some((each) => each.value < 0n);
}
