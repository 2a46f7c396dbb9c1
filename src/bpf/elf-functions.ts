/** Reads the functions of an object back, with what its relocations and its line info say about their instructions. */
import type { Span } from '#diagnostics';
import type { BtfTypeId } from '#std';
import type { CoreInfo, FuncInfo, LineInfo, SectionInfo } from './btf-ext-view.ts';
import type { BtfView } from './btf-view.ts';
import { CORE_RELOCATION, type Code, type CoreRelocation, type CoreRelocationKind, type Relocation } from './code.ts';
import { MalformedElf, R_BPF_64_32, R_BPF_64_64, SHF, STT } from './elf.ts';
import type { ElfRelocation, ElfSection, ElfSymbol, ElfView } from './elf-view.ts';
import { decode, INSTRUCTION_BYTES, type Instruction } from './instruction.ts';

export type ElfFunction = {
  readonly name: string;
  readonly section: string;
  /** Its `func` in the object's BTF; undefined where the object has no function info. */
  readonly functionTypeId: BtfTypeId | undefined;
  readonly code: Code;
};

/** In the order of sections and, within them, of addresses. Throws `MalformedElf` or `MalformedBtf`. */
export function readFunctions(elf: ElfView): readonly ElfFunction[] {
  const info = new SourceInfo(elf);
  const functions = elf.symbols.filter((each) => each.type === STT.func);
  const names = new Map(functions.map((each) => [addressKey(each.section, each.value), each.name]));
  const bySection = Map.groupBy(functions, (each) => each.section);
  return elf.sections
    .filter((each) => (each.flags & SHF.execinstr) !== 0)
    .flatMap((section) => {
      const relocations = new Map(elf.relocations(section).map((each) => [each.offset, each]));
      const symbols = bySection.get(section.index) ?? [];
      checkPlaces(section, symbols);
      return symbols.map((symbol) => readFunction(section, symbol, { relocations, names, info }));
    });
}

type Surroundings = {
  /** Of the section, by offset. */
  readonly relocations: ReadonlyMap<number, ElfRelocation>;
  /** Of all functions, by section and offset. */
  readonly names: ReadonlyMap<string, string>;
  readonly info: SourceInfo;
};

const addressKey = (section: number, offset: number): string => `${section}:${offset}`;

/** Sorts the functions of a section and makes sure that each stands alone. */
function checkPlaces(section: ElfSection, symbols: ElfSymbol[]): void {
  let free = 0;
  for (const { name, value, size } of symbols.sort((a, b) => a.value - b.value)) {
    const isWhole = value % INSTRUCTION_BYTES === 0 && size % INSTRUCTION_BYTES === 0 && size > 0;
    if (!isWhole || value < free || value + size > section.data.length) {
      throw new MalformedElf(`function ${name} does not lie well in ${section.name}`);
    }
    free = value + size;
  }
}

function readFunction(section: ElfSection, symbol: ElfSymbol, { relocations, names, info }: Surroundings): ElfFunction {
  const start = symbol.value;
  const instructions = decode(section.data.subarray(start, start + symbol.size));
  const found: Relocation[] = [];
  const coreRelocations: CoreRelocation[] = [];
  const spans: (Span | undefined)[] = [];
  instructions.forEach((each, instruction) => {
    const offset = start + instruction * INSTRUCTION_BYTES;
    const elfRelocation = relocations.get(offset);
    const relocation = elfRelocation && readRelocation(elfRelocation, each, names);
    if (relocation !== undefined) found.push({ instruction, ...relocation });
    const core = info.coreRelocation(section.name, offset);
    if (core !== undefined) coreRelocations.push({ instruction, ...core });
    // A line holds until the next one.
    spans.push(info.span(section.name, offset) ?? spans.at(-1));
  });
  return {
    name: symbol.name,
    section: section.name,
    functionTypeId: info.functionType(section.name, start),
    code: { instructions, relocations: found, coreRelocations, spans, labels: [] },
  };
}

/** Only what concerns code; debug information has other relocations. */
function readRelocation(
  { type, symbol }: ElfRelocation,
  instruction: Instruction,
  names: ReadonlyMap<string, string>,
): Omit<Relocation, 'instruction'> | undefined {
  if (type === R_BPF_64_64) return { kind: 'address', symbol: symbol.name };
  if (type !== R_BPF_64_32) return undefined;
  if (symbol.type !== STT.section) return { kind: 'call', symbol: symbol.name };
  // Clang calls a static function by its section and the distance in the immediate.
  const offset = (instruction.immediate + 1) * INSTRUCTION_BYTES;
  return { kind: 'call', symbol: names.get(addressKey(symbol.section, offset)) ?? symbol.name };
}

type BySection<Entry> = ReadonlyMap<string, ReadonlyMap<number, Entry>>;

/** What `.BTF.ext` says, by section and by byte offset in it. */
class SourceInfo {
  readonly #btf: BtfView | undefined;
  readonly #functions: BySection<FuncInfo>;
  readonly #lines: BySection<LineInfo>;
  readonly #coreRelocations: BySection<CoreInfo>;

  constructor(elf: ElfView) {
    this.#btf = elf.btf();
    const ext = this.#btf === undefined ? undefined : elf.btfExt();
    this.#functions = this.#group(ext?.functions ?? []);
    this.#lines = this.#group(ext?.lines ?? []);
    this.#coreRelocations = this.#group(ext?.coreRelocations ?? []);
  }

  functionType(section: string, offset: number): BtfTypeId | undefined {
    return this.#functions.get(section)?.get(offset)?.typeId;
  }

  span(section: string, offset: number): Span | undefined {
    const info = this.#lines.get(section)?.get(offset);
    if (info === undefined) return undefined;
    const { line, column } = info;
    const file = this.#string(info.file);
    return { file, line, column, endLine: line, endColumn: column, text: this.#string(info.text) };
  }

  coreRelocation(section: string, offset: number): Omit<CoreRelocation, 'instruction'> | undefined {
    const info = this.#coreRelocations.get(section)?.get(offset);
    if (info === undefined) return undefined;
    return { kind: coreKind(info.kind), typeId: info.typeId, access: this.#string(info.access) };
  }

  #group<Entry extends { readonly offset: number }>(sections: readonly SectionInfo<Entry>[]): BySection<Entry> {
    const grouped = new Map<string, Map<number, Entry>>();
    for (const { section, entries } of sections) {
      const name = this.#string(section);
      const byOffset = grouped.get(name) ?? new Map<number, Entry>();
      grouped.set(name, byOffset);
      for (const each of entries) byOffset.set(each.offset, each);
    }
    return grouped;
  }

  #string(offset: number): string {
    return this.#btf?.string(offset) ?? '';
  }
}

const CORE_KINDS = new Map<number, CoreRelocationKind>(
  (Object.keys(CORE_RELOCATION) as CoreRelocationKind[]).map((name) => [CORE_RELOCATION[name], name]),
);

function coreKind(code: number): CoreRelocationKind {
  const kind = CORE_KINDS.get(code);
  if (kind === undefined) throw new MalformedElf(`CO-RE relocation ${code} is not known`);
  return kind;
}
