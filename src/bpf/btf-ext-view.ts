/** Reads `.BTF.ext`: per section, the types of functions and the source lines of instructions. */
import { type BtfTypeId, btfTypeId } from '#std';
import { BTF_MAGIC, BTF_VERSION, MalformedBtf } from './btf.ts';

/** Offsets count bytes from the start of the section; names and texts are offsets into the strings of `.BTF`. */
export type FuncInfo = { readonly offset: number; readonly typeId: BtfTypeId };

export type LineInfo = {
  readonly offset: number;
  readonly file: number;
  readonly text: number;
  readonly line: number;
  readonly column: number;
};

export type CoreInfo = {
  readonly offset: number;
  readonly typeId: BtfTypeId;
  readonly access: number;
  /** As in the kernel's `enum bpf_core_relo_kind`. */
  readonly kind: number;
};

export type SectionInfo<Entry> = { readonly section: number; readonly entries: readonly Entry[] };

const HEADER_BYTES_MIN = 24;
const HEADER_BYTES_WITH_CORE = 32;

/** `read` gets the offset of an entry; entries may be longer than we know. */
type EntryReader<Entry> = { readonly bytesMin: number; readonly read: (view: DataView, at: number) => Entry };

export class BtfExtView {
  readonly functions: readonly SectionInfo<FuncInfo>[];
  readonly lines: readonly SectionInfo<LineInfo>[];
  readonly coreRelocations: readonly SectionInfo<CoreInfo>[];

  constructor(source: Uint8Array) {
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    const headerBytes = readHeaderBytes(view);
    this.functions = readPart(view, part(view, headerBytes, 8), funcInfo);
    this.lines = readPart(view, part(view, headerBytes, 16), lineInfo);
    this.coreRelocations =
      headerBytes < HEADER_BYTES_WITH_CORE ? [] : readPart(view, part(view, headerBytes, 24), coreInfo);
  }
}

const funcInfo: EntryReader<FuncInfo> = {
  bytesMin: 8,
  read: (view, at) => ({ offset: view.getUint32(at, true), typeId: btfTypeId(view.getUint32(at + 4, true)) }),
};

const lineInfo: EntryReader<LineInfo> = {
  bytesMin: 16,
  read: (view, at) => {
    const place = view.getUint32(at + 12, true);
    return {
      offset: view.getUint32(at, true),
      file: view.getUint32(at + 4, true),
      text: view.getUint32(at + 8, true),
      line: place >>> 10,
      column: place & 0x3ff,
    };
  },
};

const coreInfo: EntryReader<CoreInfo> = {
  bytesMin: 16,
  read: (view, at) => ({
    offset: view.getUint32(at, true),
    typeId: btfTypeId(view.getUint32(at + 4, true)),
    access: view.getUint32(at + 8, true),
    kind: view.getUint32(at + 12, true),
  }),
};

function readHeaderBytes(view: DataView): number {
  if (view.byteLength < HEADER_BYTES_MIN) throw new MalformedBtf('.BTF.ext is shorter than a header');
  if (view.getUint16(0, true) !== BTF_MAGIC || view.getUint8(2) !== BTF_VERSION) {
    throw new MalformedBtf('.BTF.ext has another magic number or version');
  }
  const headerBytes = view.getUint32(4, true);
  if (headerBytes < HEADER_BYTES_MIN || headerBytes > view.byteLength) {
    throw new MalformedBtf(`.BTF.ext has a header of ${headerBytes} bytes`);
  }
  return headerBytes;
}

type Range = { readonly start: number; readonly end: number };

function part(view: DataView, headerBytes: number, at: number): Range {
  const start = headerBytes + view.getUint32(at, true);
  const end = start + view.getUint32(at + 4, true);
  if (end > view.byteLength) throw new MalformedBtf('a part of .BTF.ext reaches beyond the end');
  return { start, end };
}

function readPart<Entry>(
  view: DataView,
  { start, end }: Range,
  { bytesMin, read }: EntryReader<Entry>,
): readonly SectionInfo<Entry>[] {
  if (start === end) return [];
  const word = (at: number): number => {
    if (at + 4 > end) throw new MalformedBtf('a part of .BTF.ext is cut off');
    return view.getUint32(at, true);
  };
  const entryBytes = word(start);
  if (entryBytes < bytesMin) throw new MalformedBtf(`entries of .BTF.ext have ${entryBytes} bytes`);
  const sections: SectionInfo<Entry>[] = [];
  for (let at = start + 4; at < end; ) {
    const section = word(at);
    const count = word(at + 4);
    const first = at + 8;
    if (first + count * entryBytes > end) throw new MalformedBtf('a part of .BTF.ext is cut off');
    sections.push({
      section,
      entries: Array.from({ length: count }, (_, each) => read(view, first + each * entryBytes)),
    });
    at = first + count * entryBytes;
  }
  return sections;
}
