/** Reads relocatable BPF objects, ours and clang's: sections, symbols, relocations. */
import { BtfExtView } from './btf-ext-view.ts';
import { BtfView } from './btf-view.ts';
import {
  BTF_EXT_SECTION,
  BTF_SECTION,
  ELF_HEADER_BYTES,
  ELF_MAGIC,
  ELFCLASS64,
  ELFDATA2LSB,
  EM_BPF,
  ET_REL,
  EV_CURRENT,
  MalformedElf,
  RELOCATION_BYTES,
  SECTION_HEADER_BYTES,
  SHN_LORESERVE,
  SHT,
  STT,
  SYMBOL_BYTES,
} from './elf.ts';

/** Real objects have some dozens. */
const SECTIONS_MAX = 4096;

export type ElfSection = {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly link: number;
  readonly info: number;
  readonly data: Uint8Array;
};

export type ElfSymbol = {
  /** That of its section, where the symbol stands for one. */
  readonly name: string;
  readonly binding: number;
  readonly type: number;
  readonly visibility: number;
  /** Index of a section, or one of the reserved numbers; 0 where another object defines it. */
  readonly section: number;
  readonly value: number;
  readonly size: number;
};

export type ElfRelocation = { readonly offset: number; readonly type: number; readonly symbol: ElfSymbol };

export class ElfView {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];

  /** Throws `MalformedElf` unless `source` is a little-endian relocatable BPF object that keeps within its bounds. */
  constructor(source: Uint8Array) {
    this.sections = readSections(source);
    this.symbols = readSymbols(this.sections);
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((each) => each.name === name);
  }

  /** What applies to `section`, in the order of the file. */
  relocations(section: ElfSection): readonly ElfRelocation[] {
    return this.sections
      .filter((each) => each.type === SHT.rel && each.info === section.index)
      .flatMap((table) => readRelocations(table, section, this.symbols));
  }

  btf(): BtfView | undefined {
    const section = this.section(BTF_SECTION);
    return section === undefined ? undefined : new BtfView(section.data);
  }

  btfExt(): BtfExtView | undefined {
    const section = this.section(BTF_EXT_SECTION);
    return section === undefined ? undefined : new BtfExtView(section.data);
  }
}

function readSections(source: Uint8Array): readonly ElfSection[] {
  const view = viewOf(source);
  const { start, count, names } = readHeader(view);
  const headers = Array.from({ length: count }, (_, index) => start + index * SECTION_HEADER_BYTES);
  const nameHeader = headers[names];
  if (nameHeader === undefined) throw new MalformedElf(`there is no section ${names} to hold names`);
  const strings = contents(source, view, nameHeader);
  const sections = headers.map((header, index) => ({
    index,
    name: readString(strings, view.getUint32(header, true)),
    type: view.getUint32(header + 4, true),
    flags: number64(view, header + 8),
    link: view.getUint32(header + 40, true),
    info: view.getUint32(header + 44, true),
    data: contents(source, view, header),
  }));
  // Sections of real objects lie side by side. If they may overlap, a small file can claim to be a very large one.
  const claimed = sections.reduce((total, each) => total + each.data.length, 0);
  if (claimed > source.length) throw new MalformedElf('the sections overlap');
  return sections;
}

function readHeader(view: DataView): { readonly start: number; readonly count: number; readonly names: number } {
  if (view.byteLength < ELF_HEADER_BYTES) throw new MalformedElf('shorter than a header');
  if (ELF_MAGIC.some((byte, index) => view.getUint8(index) !== byte)) throw new MalformedElf('not an ELF file');
  const expected: readonly (readonly [what: string, found: number, wanted: number])[] = [
    ['class', view.getUint8(4), ELFCLASS64],
    ['byte order', view.getUint8(5), ELFDATA2LSB],
    ['version', view.getUint8(6), EV_CURRENT],
    ['type', view.getUint16(16, true), ET_REL],
    ['machine', view.getUint16(18, true), EM_BPF],
    ['section header size', view.getUint16(58, true), SECTION_HEADER_BYTES],
  ];
  for (const [what, found, wanted] of expected) {
    if (found !== wanted) throw new MalformedElf(`${what} ${found}, not ${wanted}`);
  }
  const start = number64(view, 40);
  const count = view.getUint16(60, true);
  if (count > SECTIONS_MAX) throw new MalformedElf(`${count} sections`);
  if (start + count * SECTION_HEADER_BYTES > view.byteLength) throw new MalformedElf('the section headers are cut off');
  return { start, count, names: view.getUint16(62, true) };
}

/** Bytes of a section; those of one that takes no room in the file are none. */
function contents(source: Uint8Array, view: DataView, header: number): Uint8Array {
  const type = view.getUint32(header + 4, true);
  if (type === SHT.null || type === SHT.nobits) return source.subarray(0, 0);
  const start = number64(view, header + 24);
  const size = number64(view, header + 32);
  if (start + size > source.length) throw new MalformedElf(`a section reaches ${start + size - source.length} too far`);
  return source.subarray(start, start + size);
}

function readSymbols(sections: readonly ElfSection[]): readonly ElfSymbol[] {
  const table = sections.find((each) => each.type === SHT.symtab);
  if (table === undefined) return [];
  const strings = sections[table.link];
  if (strings?.type !== SHT.strtab) throw new MalformedElf('the symbols have no names');
  const view = viewOf(table.data);
  return Array.from({ length: wholeEntries(table, SYMBOL_BYTES) }, (_, index) => {
    const at = index * SYMBOL_BYTES;
    const info = view.getUint8(at + 4);
    const type = info & 0x0f;
    const section = view.getUint16(at + 6, true);
    const own = section < SHN_LORESERVE ? sections[section] : undefined;
    if (own === undefined && section < SHN_LORESERVE) throw new MalformedElf(`symbol ${index} is in no section`);
    const name = readString(strings.data, view.getUint32(at, true));
    return {
      name: name === '' && type === STT.section && own !== undefined ? own.name : name,
      binding: info >> 4,
      type,
      visibility: view.getUint8(at + 5) & 0x03,
      section,
      value: number64(view, at + 8),
      size: number64(view, at + 16),
    };
  });
}

function readRelocations(
  table: ElfSection,
  target: ElfSection,
  symbols: readonly ElfSymbol[],
): readonly ElfRelocation[] {
  const view = viewOf(table.data);
  return Array.from({ length: wholeEntries(table, RELOCATION_BYTES) }, (_, index) => {
    const at = index * RELOCATION_BYTES;
    const offset = number64(view, at);
    const type = view.getUint32(at + 8, true);
    const symbolIndex = view.getUint32(at + 12, true);
    const symbol = symbols[symbolIndex];
    if (symbol === undefined) throw new MalformedElf(`relocation ${index} names symbol ${symbolIndex}`);
    if (offset >= target.data.length) throw new MalformedElf(`relocation ${index} lies outside ${target.name}`);
    return { offset, type, symbol };
  });
}

function wholeEntries(section: ElfSection, entryBytes: number): number {
  if (section.data.length % entryBytes !== 0) throw new MalformedElf(`${section.name} ends within an entry`);
  return section.data.length / entryBytes;
}

function readString(table: Uint8Array, offset: number): string {
  const end = offset < table.length ? table.indexOf(0, offset) : -1;
  if (end < 0) throw new MalformedElf(`there is no string at ${offset}`);
  return decoder.decode(table.subarray(offset, end));
}

const decoder = new TextDecoder();

/** Numbers above 2^53 can only be lies: no file is that long. */
function number64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedElf(`the number at ${at} is out of bounds`);
  return Number(value);
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
