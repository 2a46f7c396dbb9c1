/** The constants of ELF64 that BPF objects use, by the names of the ELF specification. */
import { printable } from '#diagnostics';

export const ELF_HEADER_BYTES = 64;
export const SECTION_HEADER_BYTES = 64;
export const SYMBOL_BYTES = 24;
export const RELOCATION_BYTES = 16;

export const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const EV_CURRENT = 1;
export const ET_REL = 1;
export const EM_BPF = 247;

export const SHT = { null: 0, progbits: 1, symtab: 2, strtab: 3, nobits: 8, rel: 9 } as const;
export const SHF = { write: 1, alloc: 2, execinstr: 4, infoLink: 0x40 } as const;
export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;

export const STB = { local: 0, global: 1, weak: 2 } as const;
export const STT = { notype: 0, object: 1, func: 2, section: 3, file: 4 } as const;
export const STV = { default: 0, hidden: 2 } as const;

/** Relocation types: a 64-bit immediate load, and a call. */
export const R_BPF_64_64 = 1;
export const R_BPF_64_32 = 10;

export const BTF_SECTION = '.BTF';
export const BTF_EXT_SECTION = '.BTF.ext';
export const RODATA_SECTION = '.rodata';

/** Where functions stand that are called rather than attached. */
export const SUBPROGRAM_SECTION = '.text';

/** The bytes are not an object we can read, or contradict themselves. */
export class MalformedElf extends Error {
  override readonly name = 'MalformedElf';

  /** A message may quote names from the bytes, and those may hold anything. */
  constructor(message: string) {
    super(printable(message));
  }
}
