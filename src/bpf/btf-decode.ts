/** Turns one BTF record, given as words, into a `BtfType`. */
import { btfTypeId, known } from '#std';
import {
  type BtfEnumerator,
  type BtfMember,
  type BtfType,
  infoCount,
  infoFlag,
  infoKind,
  KINDS,
  LINKAGES,
  type Linkage,
  MalformedBtf,
  RECORD_WORDS,
} from './btf.ts';

const INT_ENCODINGS: Readonly<Record<number, 'unsigned' | 'signed' | 'char' | 'bool'>> = {
  0: 'unsigned',
  1: 'signed',
  2: 'char',
  3: 'char',
  4: 'bool',
};

type RawRecord = {
  readonly words: readonly number[];
  readonly info: number;
  readonly name: string;
  readonly string: (offset: number) => string;
};

export function decodeType(words: readonly number[], string: (offset: number) => string): BtfType {
  const [nameOffset, info, sizeOrType] = words.slice(0, RECORD_WORDS) as [number, number, number];
  const kind = infoKind(info);
  if (kind === undefined) throw new MalformedBtf('a record of no known kind');
  const record: RawRecord = { words, info, name: string(nameOffset), string };
  const { name } = record;
  const typeId = btfTypeId(sizeOrType);
  switch (kind) {
    case 'int':
      return { kind, name, size: sizeOrType, ...intEncoding(tail(record, 0)) };
    case 'ptr':
    case 'volatile':
    case 'const':
    case 'restrict':
      return { kind, typeId };
    case 'array':
      return {
        kind,
        typeId: btfTypeId(tail(record, 0)),
        indexTypeId: btfTypeId(tail(record, 1)),
        length: tail(record, 2),
      };
    case 'struct':
    case 'union':
      return { kind, name, size: sizeOrType, members: repeated(record, member) };
    case 'enum':
      return { kind, name, size: sizeOrType, enumerators: repeated(record, enumerator) };
    case 'enum64':
      return { kind, name, size: sizeOrType, enumerators: repeated(record, enumerator64) };
    case 'fwd':
      return { kind, name, of: infoFlag(info) ? 'union' : 'struct' };
    case 'typedef':
    case 'type_tag':
      return { kind, name, typeId };
    case 'func':
      return { kind, name, typeId, linkage: linkage(infoCount(info)) };
    case 'func_proto':
      return {
        kind,
        returnTypeId: typeId,
        parameters: repeated(record, ([at, type]) => ({ name: string(word(at)), typeId: btfTypeId(word(type)) })),
      };
    case 'var':
      return { kind, name, typeId, linkage: linkage(tail(record, 0)) };
    case 'datasec':
      return {
        kind,
        name,
        size: sizeOrType,
        entries: repeated(record, ([type, offset, size]) => ({
          typeId: btfTypeId(word(type)),
          offset: word(offset),
          size: word(size),
        })),
      };
    case 'float':
      return { kind, name, size: sizeOrType };
    case 'decl_tag':
      return { kind, name, typeId, component: tail(record, 0) | 0 };
  }
}

/** A record has been measured before it is decoded, so its words are there. */
function word(value: number | undefined): number {
  return known(value, 'word of a BTF record');
}

function tail({ words }: RawRecord, index: number): number {
  return word(words[RECORD_WORDS + index]);
}

function repeated<Part>(
  record: RawRecord,
  part: (words: readonly number[], record: RawRecord) => Part,
): readonly Part[] {
  const kind = known(infoKind(record.info), 'kind');
  const width = KINDS[kind].repeated.length;
  return Array.from({ length: infoCount(record.info) }, (_, index) => {
    const start = RECORD_WORDS + index * width;
    return part(record.words.slice(start, start + width), record);
  });
}

/** With the flag set, the upper 8 bits of a member's offset are the width of its bit field. */
function member([nameOffset, typeId, offset]: readonly number[], { info, string }: RawRecord): BtfMember {
  const place = word(offset);
  return {
    name: string(word(nameOffset)),
    typeId: btfTypeId(word(typeId)),
    bitOffset: infoFlag(info) ? place & 0xff_ffff : place,
    bitfieldSize: infoFlag(info) ? place >>> 24 : 0,
  };
}

function enumerator([nameOffset, value]: readonly number[], { info, string }: RawRecord): BtfEnumerator {
  const unsigned = word(value);
  return { name: string(word(nameOffset)), value: BigInt(infoFlag(info) ? unsigned | 0 : unsigned) };
}

function enumerator64([nameOffset, low, high]: readonly number[], { info, string }: RawRecord): BtfEnumerator {
  const value = (BigInt(word(high)) << 32n) | BigInt(word(low));
  return { name: string(word(nameOffset)), value: infoFlag(info) ? BigInt.asIntN(64, value) : value };
}

function intEncoding(data: number): Pick<Extract<BtfType, { kind: 'int' }>, 'bits' | 'encoding'> {
  const encoding = INT_ENCODINGS[(data >>> 24) & 0x0f];
  if (encoding === undefined) throw new MalformedBtf(`integer encoding ${data >>> 24} is not known`);
  return { bits: data & 0xff, encoding };
}

function linkage(code: number): Linkage {
  const name = LINKAGES[code];
  if (name === undefined) throw new MalformedBtf(`linkage ${code} is not known`);
  return name;
}
