/** Writes relocatable BPF objects that libbpf's linker and loader take. */
import { assert, type BtfTypeId, known } from '#std';
import type { BtfBuilder } from './btf-builder.ts';
import { btfExt, type PlacedSection } from './btf-ext-writer.ts';
import { BtfView } from './btf-view.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Code } from './code.ts';
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
  R_BPF_64_32,
  R_BPF_64_64,
  RELOCATION_BYTES,
  RODATA_SECTION,
  SECTION_HEADER_BYTES,
  SHF,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHT,
  STB,
  STT,
  STV,
  SUBPROGRAM_SECTION,
  SYMBOL_BYTES,
} from './elf.ts';
import { encode, INSTRUCTION_BYTES } from './instruction.ts';
import { addMapTypes, DEFINITION_BYTES, MAPS_SECTION, type MapDefinition } from './map-definition.ts';
import { StringTable } from './string-table.ts';

/** What libbpf attaches by its section, or, in `.text`, what other code calls. */
export type ObjectFunction = {
  readonly name: string;
  /** Such as `lsm/file_open`. Functions of the same section follow one another in it. */
  readonly section: string;
  readonly code: Code;
  /** A `func` of the same name in the object's BTF. */
  readonly functionTypeId: BtfTypeId;
  /**
   * `global`, the default, for programs, and for functions that the verifier checks once, on their own. `hidden` for
   * functions that it checks at each call, with what the caller knows, and for callbacks. Either kind can be called
   * from other objects, so names must differ across all that are linked; and the `func` in the BTF is a global one:
   * the loader itself makes hidden functions static.
   */
  readonly visibility?: 'global' | 'hidden';
};

export type ObjectDescription = {
  readonly programs: readonly ObjectFunction[];
  /** Maps that are made with the object; `loadAddress(dst, name)` finds them. */
  readonly maps?: readonly MapDefinition[];
  /** Constant bytes, which `loadAddress(dst, '.rodata', offset)` finds. */
  readonly rodata?: Uint8Array;
  /** Gets the strings of `.BTF.ext` added. */
  readonly btf: BtfBuilder;
  /** Functions and maps that another object defines; each needs its `func` or `var` of linkage `extern` in the BTF. */
  readonly externs: readonly string[];
  /** Of linked objects one has a licence. */
  readonly license?: string;
};

type Section = {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly data: Uint8Array;
  readonly alignment: number;
  readonly link?: number;
  readonly info?: number;
  readonly entryBytes?: number;
};

type SymbolEntry = {
  readonly name: string;
  readonly binding: number;
  readonly type: number;
  readonly visibility?: number;
  readonly section: number;
  readonly value?: number;
  readonly size?: number;
};

type PlacedFunction = PlacedSection['functions'][number] & { readonly function: ObjectFunction };
type CodeSection = { readonly name: string; readonly functions: readonly PlacedFunction[] };

const STRTAB_INDEX = 1;
const LICENSE_SECTION = 'license';

export function writeObject(object: ObjectDescription): Uint8Array<ArrayBuffer> {
  const maps = mapsOf(object);
  addMapTypes(maps, object.btf);
  const codeSections = placeFunctions(object.programs);
  const plan = planSections(codeSections, object);
  const symbols = symbolsOf(codeSections, object, plan);
  const symbolIndex = new Map(symbols.map((each, index) => [each.name, index]));

  const sections: Section[] = [];
  for (const each of codeSections) {
    sections.push(codeSection(each));
    if (hasRelocations(each)) sections.push(relocationSection(each, symbolIndex, plan));
  }
  if (maps.length > 0) {
    sections.push(data(MAPS_SECTION, SHF.alloc | SHF.write, new Uint8Array(maps.length * DEFINITION_BYTES), 8));
  }
  if (object.rodata !== undefined) sections.push(data(RODATA_SECTION, SHF.alloc, object.rodata, 8));
  if (object.license !== undefined) {
    const text = new TextEncoder().encode(`${object.license}\0`);
    sections.push(data(LICENSE_SECTION, SHF.alloc | SHF.write, text, 1));
  }
  const ext = btfExt(codeSections, object.btf);
  const btf = object.btf.toBytes();
  checkTypes(object, new BtfView(btf));
  sections.push(data(BTF_SECTION, 0, btf, 4), data(BTF_EXT_SECTION, 0, ext, 4));

  const names = new StringTable();
  sections.push(symbolSection(symbols, names));
  return layOut(sections, names);
}

function mapsOf({ maps = [] }: ObjectDescription): readonly MapDefinition[] {
  return maps;
}

/** Says plainly what libbpf would refuse with a riddle: a function or an extern without its type. */
function checkTypes(object: ObjectDescription, btf: BtfView): void {
  for (const { name, functionTypeId } of object.programs) {
    const type = btf.type(functionTypeId);
    assert(type.kind === 'func' && type.name === name, `type ${functionTypeId} is not that of the function ${name}`);
  }
  for (const name of object.externs) {
    const id = btf.find('func', name) ?? btf.find('var', name);
    const type = id === undefined ? undefined : btf.type(id);
    const isExtern = (type?.kind === 'func' || type?.kind === 'var') && type.linkage === 'extern';
    assert(isExtern, `the extern ${name} has no type of linkage extern`);
  }
}

/** Groups functions by section, in the order in which sections first appear. */
function placeFunctions(functions: readonly ObjectFunction[]): readonly CodeSection[] {
  const bySection = Map.groupBy(functions, (each) => each.section);
  return Array.from(bySection, ([name, members]) => {
    let start = 0;
    const placed = members.map((each) => {
      const here = start;
      start += each.code.instructions.length * INSTRUCTION_BYTES;
      return {
        function: each,
        name: each.name,
        start: here,
        typeId: each.functionTypeId,
        spans: each.code.spans,
        coreRelocations: each.code.coreRelocations,
      };
    });
    return { name, functions: placed };
  });
}

type Plan = {
  /** Section header indices; sections that only the file needs are not in it. */
  readonly index: ReadonlyMap<string, number>;
  readonly symtab: number;
};

/** Section indices are needed before the sections exist: symbols name them, and relocations name symbols. */
function planSections(codeSections: readonly CodeSection[], object: ObjectDescription): Plan {
  const index = new Map<string, number>();
  let next = STRTAB_INDEX + 1;
  for (const each of codeSections) {
    index.set(each.name, next);
    next += hasRelocations(each) ? 2 : 1;
  }
  for (const [name, present] of [
    [MAPS_SECTION, mapsOf(object).length > 0],
    [RODATA_SECTION, object.rodata !== undefined],
    [LICENSE_SECTION, object.license !== undefined],
    [BTF_SECTION, true],
    [BTF_EXT_SECTION, true],
  ] as const) {
    if (!present) continue;
    assert(!index.has(name), `${name} is not a section for code`);
    index.set(name, next);
    next += 1;
  }
  assert(next < SHN_LORESERVE, `${next} sections`);
  return { index, symtab: next };
}

function hasRelocations(section: CodeSection): boolean {
  return section.functions.some((each) => each.function.code.relocations.length > 0);
}

/**
 * Local symbols come first, as the format demands. The licence has none: libbpf finds it by its section, and a symbol
 * would have to have a type.
 */
function symbolsOf(
  codeSections: readonly CodeSection[],
  object: ObjectDescription,
  plan: Plan,
): readonly SymbolEntry[] {
  const indexOf = (section: string) => known(plan.index.get(section), section);
  const symbols: SymbolEntry[] = [{ name: '', binding: STB.local, type: STT.notype, section: SHN_UNDEF }];
  const sections = [...codeSections.map((each) => each.name), ...(object.rodata === undefined ? [] : [RODATA_SECTION])];
  for (const name of sections) {
    symbols.push({ name, binding: STB.local, type: STT.section, section: indexOf(name) });
  }
  for (const section of codeSections) {
    for (const each of section.functions) symbols.push(functionSymbol(each, indexOf(section.name)));
  }
  for (const [index, { name }] of mapsOf(object).entries()) {
    const value = index * DEFINITION_BYTES;
    const place = { section: indexOf(MAPS_SECTION), value, size: DEFINITION_BYTES };
    symbols.push({ name, binding: STB.global, type: STT.object, ...place });
  }
  for (const name of object.externs) {
    symbols.push({ name, binding: STB.global, type: STT.notype, section: SHN_UNDEF });
  }
  const names = new Set(symbols.map((each) => each.name));
  assert(names.size === symbols.length, 'two symbols have the same name');
  return symbols.sort((a, b) => a.binding - b.binding);
}

function functionSymbol({ function: each, start }: PlacedFunction, section: number): SymbolEntry {
  const visibility = each.visibility ?? 'global';
  assert(visibility === 'global' || each.section === SUBPROGRAM_SECTION, `${each.name}: programs are global`);
  return {
    name: each.name,
    binding: STB.global,
    type: STT.func,
    visibility: visibility === 'hidden' ? STV.hidden : STV.default,
    section,
    value: start,
    size: each.code.instructions.length * INSTRUCTION_BYTES,
  };
}

function codeSection(section: CodeSection): Section {
  const out = new ByteWriter();
  for (const each of section.functions) out.bytes(encode(each.function.code.instructions));
  return data(section.name, SHF.alloc | SHF.execinstr, out.toBytes(), INSTRUCTION_BYTES);
}

function relocationSection(section: CodeSection, symbolIndex: ReadonlyMap<string, number>, plan: Plan): Section {
  const out = new ByteWriter();
  for (const { function: each, start } of section.functions) {
    for (const { instruction, kind, symbol } of each.code.relocations) {
      const index = known(symbolIndex.get(symbol), `symbol ${symbol}, neither defined nor declared extern,`);
      const type = kind === 'call' ? R_BPF_64_32 : R_BPF_64_64;
      out.u64(start + instruction * INSTRUCTION_BYTES).u64((BigInt(index) << 32n) | BigInt(type));
    }
  }
  return {
    name: `.rel${section.name}`,
    type: SHT.rel,
    flags: SHF.infoLink,
    data: out.toBytes(),
    alignment: 8,
    link: plan.symtab,
    info: known(plan.index.get(section.name), section.name),
    entryBytes: RELOCATION_BYTES,
  };
}

function symbolSection(symbols: readonly SymbolEntry[], names: StringTable): Section {
  const out = new ByteWriter();
  for (const each of symbols) {
    // A section symbol goes by the name of its section.
    out.u32(each.type === STT.section ? 0 : names.add(each.name));
    out.u8((each.binding << 4) | each.type).u8(each.visibility ?? STV.default);
    out
      .u16(each.section)
      .u64(each.value ?? 0)
      .u64(each.size ?? 0);
  }
  return {
    name: '.symtab',
    type: SHT.symtab,
    flags: 0,
    data: out.toBytes(),
    alignment: 8,
    link: STRTAB_INDEX,
    info: symbols.filter((each) => each.binding === STB.local).length,
    entryBytes: SYMBOL_BYTES,
  };
}

function data(name: string, flags: number, bytes: Uint8Array, alignment: number): Section {
  return { name, type: SHT.progbits, flags, data: bytes, alignment };
}

/** File header, contents, section headers. `.strtab` comes first and holds section and symbol names alike. */
function layOut(contents: readonly Section[], names: StringTable): Uint8Array<ArrayBuffer> {
  const headers: [name: number, section: Section][] = contents.map((each) => [names.add(each.name), each]);
  const strtabName = names.add('.strtab');
  const strtab = { name: '.strtab', type: SHT.strtab, flags: 0, data: names.toBytes(), alignment: 1 };
  headers.unshift([strtabName, strtab]);

  const body = new ByteWriter();
  const table = new ByteWriter().bytes(new Uint8Array(SECTION_HEADER_BYTES));
  for (const [name, section] of headers) {
    body.pad(8);
    table.u32(name).u32(section.type).u64(section.flags).u64(0);
    table.u64(ELF_HEADER_BYTES + body.length).u64(section.data.length);
    table.u32(section.link ?? 0).u32(section.info ?? 0);
    table.u64(section.alignment).u64(section.entryBytes ?? 0);
    body.bytes(section.data);
  }
  body.pad(8);

  return new ByteWriter()
    .bytes(fileHeader(ELF_HEADER_BYTES + body.length, headers.length + 1))
    .bytes(body.toBytes())
    .bytes(table.toBytes())
    .toBytes();
}

function fileHeader(sectionHeaders: number, sectionCount: number): Uint8Array {
  const out = new ByteWriter().bytes(Uint8Array.from(ELF_MAGIC));
  out.u8(ELFCLASS64).u8(ELFDATA2LSB).u8(EV_CURRENT).bytes(new Uint8Array(9));
  out.u16(ET_REL).u16(EM_BPF).u32(EV_CURRENT).u64(0).u64(0).u64(sectionHeaders);
  // Flags, then the sizes of this header, of program headers (none) and of section headers.
  out.u32(0).u16(ELF_HEADER_BYTES).u16(0).u16(0).u16(SECTION_HEADER_BYTES);
  return out.u16(sectionCount).u16(STRTAB_INDEX).toBytes();
}
