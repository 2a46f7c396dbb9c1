/** Writes `.BTF.ext`: which function has which type, which instruction which source line, and what CO-RE adjusts. */
import { printable, type Span } from '#diagnostics';
import { assert, type BtfTypeId, known } from '#std';
import { BTF_MAGIC, BTF_VERSION } from './btf.ts';
import type { BtfBuilder } from './btf-builder.ts';
import { ByteWriter } from './byte-writer.ts';
import { CORE_RELOCATION, type CoreRelocation } from './code.ts';
import { INSTRUCTION_BYTES } from './instruction.ts';

const HEADER_BYTES = 32;
const FUNC_INFO_BYTES = 8;
const LINE_INFO_BYTES = 16;
const CORE_RELOCATION_BYTES = 16;

/** A line and a column share a word, 22 and 10 bits. */
const LINE_MAX = 0x3f_ffff;
const COLUMN_MAX = 0x3ff;

/** The kernel prints a source line through a 1,024-byte buffer; what is longer says nothing more. */
const LINE_TEXT_MAX = 256;

/** One function as it lies in its section, `start` in bytes. */
export type PlacedFunction = {
  readonly name: string;
  readonly start: number;
  readonly typeId: BtfTypeId;
  readonly spans: readonly (Span | undefined)[];
  readonly coreRelocations: readonly CoreRelocation[];
};

export type PlacedSection = { readonly name: string; readonly functions: readonly PlacedFunction[] };

type Line = { readonly offset: number; readonly span: Span };

/** Adds its strings to `btf`, so it must run before `btf` is written out. */
export function btfExt(sections: readonly PlacedSection[], btf: BtfBuilder): Uint8Array<ArrayBuffer> {
  const funcInfo = subsection(sections, FUNC_INFO_BYTES, btf, (each, out) => {
    out.u32(each.start).u32(each.typeId);
    return 1;
  });
  const lineInfo = subsection(sections, LINE_INFO_BYTES, btf, (each, out) => {
    const lines = linesOf(each);
    for (const { offset, span } of lines) {
      const line = Math.min(span.line, LINE_MAX);
      const column = Math.min(span.column, COLUMN_MAX);
      out
        .u32(offset)
        .u32(btf.string(lineText(span.file)))
        .u32(btf.string(lineText(span.text)));
      out.u32(((line << 10) | column) >>> 0);
    }
    return lines.length;
  });
  const coreInfo = subsection(sections, CORE_RELOCATION_BYTES, btf, (each, out) => {
    for (const { instruction, kind, typeId, access } of each.coreRelocations) {
      out.u32(each.start + instruction * INSTRUCTION_BYTES).u32(typeId);
      out.u32(btf.string(access)).u32(CORE_RELOCATION[kind]);
    }
    return each.coreRelocations.length;
  });

  const out = new ByteWriter().u16(BTF_MAGIC).u8(BTF_VERSION).u8(0).u32(HEADER_BYTES);
  let offset = 0;
  for (const part of [funcInfo, lineInfo, coreInfo]) {
    out.u32(offset).u32(part.length);
    offset += part.length;
  }
  return out.bytes(funcInfo).bytes(lineInfo).bytes(coreInfo).toBytes();
}

/** An empty subsection has length 0, without even its record size: libbpf refuses one that has only that. */
function subsection(
  sections: readonly PlacedSection[],
  recordBytes: number,
  btf: BtfBuilder,
  writeRecords: (each: PlacedFunction, out: ByteWriter) => number,
): Uint8Array {
  const out = new ByteWriter().u32(recordBytes);
  let total = 0;
  for (const section of sections) {
    const records = new ByteWriter();
    let count = 0;
    for (const each of section.functions) count += writeRecords(each, records);
    if (count > 0) out.u32(btf.string(section.name)).u32(count).bytes(records.toBytes());
    total += count;
  }
  return total === 0 ? new Uint8Array(0) : out.toBytes();
}

/** Where the span changes. The kernel wants every function's first instruction covered, so the first span reaches up. */
function linesOf(each: PlacedFunction): readonly Line[] {
  const first = each.spans.find((span) => span !== undefined) ?? nowhere(each.name);
  const lines: Line[] = [{ offset: each.start, span: first }];
  each.spans.forEach((span, index) => {
    const last = known(lines.at(-1), 'line').span;
    if (span === undefined || sameLine(span, last)) return;
    lines.push({ offset: each.start + index * INSTRUCTION_BYTES, span });
  });
  return lines;
}

function sameLine(a: Span, b: Span): boolean {
  return a === b || (a.file === b.file && a.line === b.line && a.column === b.column && a.text === b.text);
}

/** A function that serves no place in a policy still needs a line; it shows its own name. */
function nowhere(name: string): Span {
  assert(name !== '', 'a function needs a name');
  return { file: name, line: 0, column: 0, endLine: 0, endColumn: 0, text: name };
}

/** What comes from a policy may hold anything; the log of the verifier and a terminal should not. */
function lineText(text: string): string {
  return printable(text.trim()).slice(0, LINE_TEXT_MAX);
}
