/** Writes code as text, in the notation of the kernel and of llvm-objdump, with labels, symbols and policy lines. */
import { printable, type Span } from '#diagnostics';
import type { Code } from './code.ts';
import {
  ALU,
  ATOMIC,
  CALL,
  CLASS,
  EXIT,
  type Instruction,
  JUMP,
  JUMP_ALWAYS,
  LOAD_IMMEDIATE_64,
  MODE,
  PSEUDO_CALL,
  SOURCE,
} from './instruction.ts';

export type DisassembleOptions = {
  /** Names of helpers by number, for readers who do not know them by heart. */
  readonly helperNames?: ReadonlyMap<number, string>;
};

type CodeToShow = Pick<Code, 'instructions'> & Partial<Pick<Code, 'relocations' | 'spans' | 'labels'>>;

/** One line per instruction, with its index; before it, where they change, a label and the line of the policy. */
export function disassemble(code: CodeToShow, options: DisassembleOptions = {}): string {
  const symbols = new Map(code.relocations?.map((each) => [each.instruction, each.symbol]));
  const labels = labelsOf(code);
  const lines: string[] = [];
  let shown: Span | undefined;
  for (let index = 0; index < code.instructions.length; index += 1) {
    const instruction = code.instructions[index];
    if (instruction === undefined) break;
    const label = labels.get(index);
    if (label !== undefined) lines.push(`${label}:`);
    const span = code.spans?.[index];
    if (span !== undefined && !(span.file === shown?.file && span.line === shown.line)) {
      lines.push(printable(`; ${span.file}:${span.line}: ${span.text.trim()}`));
      shown = span;
    }
    const next = code.instructions[index + 1];
    const target = jumpDistance(instruction);
    const text = disassembleInstruction(instruction, {
      next,
      symbol: symbols.get(index),
      label: target === undefined ? undefined : labels.get(index + 1 + target),
      helperNames: options.helperNames,
    });
    lines.push(`${String(index).padStart(6)}: ${text}`);
    if (isWide(instruction, next)) index += 1;
  }
  return `${lines.join('\n')}\n`;
}

export type InstructionContext = {
  /** The second slot of a 64-bit immediate. */
  readonly next?: Instruction | undefined;
  /** What the linker puts in. */
  readonly symbol?: string | undefined;
  /** Where a jump goes. */
  readonly label?: string | undefined;
  readonly helperNames?: ReadonlyMap<number, string> | undefined;
};

export function disassembleInstruction(instruction: Instruction, context: InstructionContext = {}): string {
  switch (instruction.opcode & 0x07) {
    case CLASS.alu:
    case CLASS.alu64:
      return arithmetic(instruction) ?? unknown(instruction);
    case CLASS.jmp:
    case CLASS.jmp32:
      return jump(instruction, context) ?? unknown(instruction);
    case CLASS.ld:
      return wideLoad(instruction, context) ?? unknown(instruction);
    default:
      return memory(instruction) ?? unknown(instruction);
  }
}

/** The names of the code where it has them; else `L1`, `L2` and so on at every target of a jump. */
function labelsOf(code: CodeToShow): ReadonlyMap<number, string> {
  const targets = new Set<number>();
  code.instructions.forEach((instruction, index) => {
    const distance = jumpDistance(instruction);
    if (distance !== undefined) targets.add(index + 1 + distance);
  });
  const labels = new Map<number, string>();
  const given = new Map(code.labels?.map((each) => [each.instruction, each.name]));
  for (const target of [...targets].sort((a, b) => a - b)) {
    if (target < 0 || target >= code.instructions.length) continue;
    labels.set(target, given.get(target) ?? `L${labels.size + 1}`);
  }
  return labels;
}

/** In instructions, from the one after the jump; undefined where `instruction` is no jump. */
function jumpDistance({ opcode, offset, immediate }: Instruction): number | undefined {
  const width = opcode & 0x07;
  const operation = opcode & 0xf0;
  if (width !== CLASS.jmp && width !== CLASS.jmp32) return undefined;
  if (operation === CALL || operation === EXIT) return undefined;
  return width === CLASS.jmp32 && operation === JUMP_ALWAYS ? immediate : offset;
}

function isWide(instruction: Instruction, next: Instruction | undefined): boolean {
  return instruction.opcode === LOAD_IMMEDIATE_64 && next?.opcode === 0;
}

const ALU_SIGNS = {
  [ALU.add]: '+=',
  [ALU.sub]: '-=',
  [ALU.mul]: '*=',
  [ALU.div]: '/=',
  [ALU.or]: '|=',
  [ALU.and]: '&=',
  [ALU.lsh]: '<<=',
  [ALU.rsh]: '>>=',
  [ALU.mod]: '%=',
  [ALU.xor]: '^=',
  [ALU.mov]: '=',
  [ALU.arsh]: 's>>=',
} as const satisfies Record<number, string>;

const JUMP_SIGNS: Readonly<Record<number, string>> = {
  [JUMP.eq]: '==',
  [JUMP.gt]: '>',
  [JUMP.ge]: '>=',
  [JUMP.set]: '&',
  [JUMP.ne]: '!=',
  [JUMP.sgt]: 's>',
  [JUMP.sge]: 's>=',
  [JUMP.lt]: '<',
  [JUMP.le]: '<=',
  [JUMP.slt]: 's<',
  [JUMP.sle]: 's<=',
};

function arithmetic({ opcode, dst, src, offset, immediate }: Instruction): string | undefined {
  const is64 = (opcode & 0x07) === CLASS.alu64;
  const register = (number: number) => `${is64 ? 'r' : 'w'}${number}`;
  const operation = opcode & 0xf0;
  if (operation === ALU.end) return byteSwap(opcode, dst, immediate);
  if (operation === ALU.neg) return `${register(dst)} = -${register(dst)}`;
  const sign = (ALU_SIGNS as Readonly<Record<number, string>>)[operation];
  if (sign === undefined) return undefined;
  const fromRegister = (opcode & SOURCE.x) !== 0;
  const operand = fromRegister ? register(src) : hex(immediate);
  if (offset === 0) return `${register(dst)} ${sign} ${operand}`;
  if (operation === ALU.mov && fromRegister) return `${register(dst)} = (s${offset})${operand}`;
  const isDivision = operation === ALU.div || operation === ALU.mod;
  return isDivision && offset === 1 ? `${register(dst)} s${sign} ${operand}` : undefined;
}

function byteSwap(opcode: number, dst: number, bits: number): string {
  if ((opcode & 0x07) === CLASS.alu64) return `r${dst} = bswap${bits} r${dst}`;
  return `r${dst} = ${(opcode & SOURCE.x) === 0 ? 'le' : 'be'}${bits} r${dst}`;
}

function jump(instruction: Instruction, context: InstructionContext): string | undefined {
  const { opcode, dst, src, immediate } = instruction;
  const is64 = (opcode & 0x07) === CLASS.jmp;
  const operation = opcode & 0xf0;
  if (operation === CALL) return is64 ? call(instruction, context) : undefined;
  if (operation === EXIT) return is64 ? 'exit' : undefined;
  const target = goto(jumpDistance(instruction) ?? 0, context.label);
  if (operation === JUMP_ALWAYS) return is64 ? `goto ${target}` : `gotol ${target}`;
  const sign = JUMP_SIGNS[operation];
  if (sign === undefined) return undefined;
  const register = (number: number) => `${is64 ? 'r' : 'w'}${number}`;
  const operand = (opcode & SOURCE.x) === 0 ? hex(immediate) : register(src);
  return `if ${register(dst)} ${sign} ${operand} goto ${target}`;
}

function goto(distance: number, label: string | undefined): string {
  const sign = distance < 0 ? '-' : '+';
  return `${sign}0x${Math.abs(distance).toString(16)}${label === undefined ? '' : ` <${label}>`}`;
}

/** Helpers go by number, as in `enum bpf_func_id`; calls within the code by distance. */
function call({ opcode, dst, src, immediate }: Instruction, { symbol, helperNames }: InstructionContext): string {
  if ((opcode & SOURCE.x) !== 0) return `callx r${dst}`;
  if (symbol !== undefined) return `call ${symbol}`;
  if (src === PSEUDO_CALL.function) return `call ${immediate < 0 ? '' : '+'}${immediate}`;
  if (src === PSEUDO_CALL.kfunc) return `call kernel function ${immediate}`;
  const name = helperNames?.get(immediate);
  return name === undefined ? `call ${immediate}` : `call ${name}#${immediate}`;
}

function wideLoad(instruction: Instruction, { next, symbol }: InstructionContext): string | undefined {
  if (!isWide(instruction, next)) return undefined;
  const { dst, immediate } = instruction;
  if (symbol !== undefined) return `r${dst} = &${symbol}${immediate === 0 ? '' : ` + ${hex(immediate)}`} ll`;
  const value = (BigInt.asUintN(32, BigInt(next?.immediate ?? 0)) << 32n) | BigInt.asUintN(32, BigInt(immediate));
  const signed = BigInt.asIntN(64, value);
  return `r${dst} = ${signed < 0n ? `-0x${(-signed).toString(16)}` : `0x${signed.toString(16)}`} ll`;
}

const WIDTH_NAMES = ['32', '16', '8', '64'] as const;

function memory(instruction: Instruction): string | undefined {
  const { opcode, dst, src, offset, immediate } = instruction;
  const mode = opcode & 0xe0;
  const width = WIDTH_NAMES[((opcode >> 3) & 0x03) as 0 | 1 | 2 | 3];
  const place = (base: number, type: string) => `*(${type} *)${indirect(base, offset)}`;
  switch (opcode & 0x07) {
    case CLASS.ldx:
      if (mode === MODE.memsx && width !== '64') return `r${dst} = ${place(src, `s${width}`)}`;
      return mode === MODE.mem ? `r${dst} = ${place(src, `u${width}`)}` : undefined;
    case CLASS.st:
      return mode === MODE.mem ? `${place(dst, `u${width}`)} = ${hex(immediate)}` : undefined;
    default:
      if (mode === MODE.mem) return `${place(dst, `u${width}`)} = r${src}`;
      return mode === MODE.atomic && (width === '32' || width === '64') ? atomic(instruction, width) : undefined;
  }
}

const ATOMIC_OPERATIONS: Readonly<Record<number, readonly [sign: string, name: string]>> = {
  [ATOMIC.add]: ['+=', 'add'],
  [ATOMIC.or]: ['|=', 'or'],
  [ATOMIC.and]: ['&=', 'and'],
  [ATOMIC.xor]: ['^=', 'xor'],
};

function atomic({ dst, src, offset, immediate }: Instruction, width: '32' | '64'): string | undefined {
  const letter = width === '64' ? 'r' : 'w';
  const suffix = width === '64' ? '_64' : '32_32';
  const value = `${letter}${src}`;
  const place = indirect(dst, offset);
  if (immediate === ATOMIC.xchg) return `${value} = xchg${suffix}${exchanged(place, value)}`;
  if (immediate === ATOMIC.cmpxchg) return `${letter}0 = cmpxchg${suffix}${exchanged(place, `${letter}0, ${value}`)}`;
  const [sign, name] = ATOMIC_OPERATIONS[immediate & ~ATOMIC.fetch] ?? [];
  if (sign === undefined) return undefined;
  if ((immediate & ATOMIC.fetch) === 0) return `lock *(u${width} *)${place} ${sign} ${value}`;
  return `${value} = atomic_fetch_${name}((u${width} *)${place}, ${value})`;
}

/** `(r1 + 0x8)` with one more argument. */
function exchanged(place: string, more: string): string {
  return `${place.slice(0, -1)}, ${more})`;
}

function indirect(base: number, offset: number): string {
  return `(r${base} ${offset < 0 ? '-' : '+'} 0x${Math.abs(offset).toString(16)})`;
}

function hex(value: number): string {
  return `${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16)}`;
}

function unknown({ opcode, dst, src, offset, immediate }: Instruction): string {
  return `unknown opcode ${hex(opcode)} (dst ${dst}, src ${src}, offset ${offset}, immediate ${hex(immediate)})`;
}
