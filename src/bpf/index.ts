/** bpf: instructions, assembler, BTF, ELF objects, and the two values the compiler stands between. */
export { Assembler, type Assembly, type JumpOverflow, type Operand } from './assembler.ts';
export {
  type BtfEnumerator,
  type BtfKind,
  type BtfMember,
  type BtfParameter,
  type BtfSectionEntry,
  type BtfType,
  type Linkage,
  MalformedBtf,
  VOID,
} from './btf.ts';
export { BtfBuilder, type IntEncoding, type MemberSpec } from './btf-builder.ts';
export { type CopyOptions, copyTypes, type Pointees } from './btf-copy.ts';
export type { BtfExtView, CoreInfo, FuncInfo, LineInfo, SectionInfo } from './btf-ext-view.ts';
export { declareExterns } from './btf-extern.ts';
export { BtfView } from './btf-view.ts';
export type { Code, CoreRelocation, CoreRelocationKind, Relocation } from './code.ts';
export {
  type DisassembleOptions,
  disassemble,
  disassembleInstruction,
  type InstructionContext,
} from './disassemble.ts';
export { MalformedElf, RODATA_SECTION, SUBPROGRAM_SECTION } from './elf.ts';
export { type ElfFunction, readFunctions } from './elf-functions.ts';
export { type ElfRelocation, type ElfSection, type ElfSymbol, ElfView } from './elf-view.ts';
export { type ObjectDescription, type ObjectFunction, writeObject } from './elf-writer.ts';
export { functionList, functionsOfText } from './functions.ts';
export {
  type AccessSize,
  type Condition,
  decode,
  encode,
  type Instruction,
  type Register,
} from './instruction.ts';
export type { MapDefinition } from './map-definition.ts';
export { namesNear } from './names-near.ts';
export { type AttachPoint, type HookImage, type SensorImage, type SetImage, sectionOf } from './sensor-image.ts';
export {
  type Architecture,
  FEATURES,
  type FeatureName,
  type FeatureState,
  type Target,
  type TraceableFunctions,
  type TracepointField,
  type TracepointFormat,
  type Tracepoints,
} from './target.ts';
export { MalformedTarget, parseTarget, serialiseTarget } from './target-file.ts';
export { parseTracepointFormat } from './tracepoint-format.ts';
export { COMMON_FIELDS, tracepointList } from './tracepoints.ts';
export { withoutUnreachable } from './unreachable.ts';
