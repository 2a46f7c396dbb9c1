/** Writes eBPF instruction by instruction, with labels, symbols and the place in the policy that each serves. */
import type { Span } from '#diagnostics';
import { assert, known } from '#std';
import type { Code, CoreRelocation, Relocation } from './code.ts';
import {
  type AccessSize,
  ALU,
  ATOMIC,
  CALL,
  CLASS,
  type Condition,
  EXIT,
  type Instruction,
  JUMP,
  JUMP_ALWAYS,
  LOAD_IMMEDIATE_64,
  MODE,
  PSEUDO_CALL,
  type Register,
  registerNumber,
  SOURCE,
  WIDTH,
} from './instruction.ts';

/** A register or an immediate: the two forms of a second operand. */
export type Operand = Register | number;

/** A jump that its 16-bit distance cannot hold: the code is too long, which a huge policy can bring about. */
export type JumpOverflow = {
  readonly kind: 'overflow';
  readonly label: string;
  readonly instruction: number;
  readonly distance: number;
  readonly span: Span | undefined;
};

export type Assembly = { readonly kind: 'assembled'; readonly code: Code } | JumpOverflow;

const NOTHING = { dst: 0, src: 0, offset: 0, immediate: 0 } as const;

/**
 * Every method that emits returns the assembler, so that short sequences can be chained.
 * Immediates of 64-bit operations are signed 32-bit numbers that the machine extends; those of 32-bit operations
 * may also be written unsigned.
 */
export class Assembler {
  readonly #instructions: Instruction[] = [];
  readonly #spans: (Span | undefined)[] = [];
  readonly #relocations: Relocation[] = [];
  readonly #coreRelocations: CoreRelocation[] = [];
  readonly #labels = new Map<string, number>();
  readonly #jumps: { readonly instruction: number; readonly label: string }[] = [];
  #span: Span | undefined;
  #freshLabels = 0;

  /** Index of the next instruction. */
  get position(): number {
    return this.#instructions.length;
  }

  /** The instructions that follow serve this place in the policy. */
  at(span: Span | undefined): this {
    this.#span = span;
    return this;
  }

  /** Names the place of the next instruction. */
  label(name: string): this {
    assert(!this.#labels.has(name), `label ${name} is placed twice`);
    this.#labels.set(name, this.position);
    return this;
  }

  /** A label name that no other call returns. */
  freshLabel(purpose = 'L'): string {
    this.#freshLabels += 1;
    return `${purpose}.${this.#freshLabels}`;
  }

  move(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.mov, dst, operand);
  }

  /** Moves the lower half and clears the upper. */
  move32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.mov, dst, operand);
  }

  /** Takes two slots. */
  loadImmediate64(dst: Register, value: bigint): this {
    assert(value >= -(2n ** 63n) && value < 2n ** 64n, `${value} does not fit 64 bits`);
    return this.#loadImmediate64(dst, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** Loads the address of a map, a function or a byte of a data section (`.rodata`); takes two slots. */
  loadAddress(dst: Register, symbol: string, addend = 0): this {
    this.#relocations.push({ instruction: this.position, kind: 'address', symbol });
    return this.#loadImmediate64(dst, checkSigned32(addend), 0);
  }

  add(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.add, dst, operand);
  }

  add32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.add, dst, operand);
  }

  sub(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.sub, dst, operand);
  }

  sub32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.sub, dst, operand);
  }

  mul(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.mul, dst, operand);
  }

  mul32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.mul, dst, operand);
  }

  and(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.and, dst, operand);
  }

  and32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.and, dst, operand);
  }

  or(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.or, dst, operand);
  }

  or32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.or, dst, operand);
  }

  xor(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.xor, dst, operand);
  }

  xor32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.xor, dst, operand);
  }

  /** Shifts left. */
  lsh(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.lsh, dst, checkShift(operand, 64));
  }

  lsh32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.lsh, dst, checkShift(operand, 32));
  }

  /** Shifts right, filling with zeroes. */
  rsh(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.rsh, dst, checkShift(operand, 64));
  }

  rsh32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.rsh, dst, checkShift(operand, 32));
  }

  /** Shifts right, filling with the sign. */
  arsh(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu64, ALU.arsh, dst, checkShift(operand, 64));
  }

  arsh32(dst: Register, operand: Operand): this {
    return this.#alu(CLASS.alu, ALU.arsh, dst, checkShift(operand, 32));
  }

  neg(dst: Register): this {
    return this.#emit({ ...NOTHING, opcode: CLASS.alu64 | ALU.neg, dst: registerNumber(dst) });
  }

  neg32(dst: Register): this {
    return this.#emit({ ...NOTHING, opcode: CLASS.alu | ALU.neg, dst: registerNumber(dst) });
  }

  /** Between the machine's order and big-endian; clears what lies above the 16 bits. */
  be16(dst: Register): this {
    return this.#bigEndian(dst, 16);
  }

  be32(dst: Register): this {
    return this.#bigEndian(dst, 32);
  }

  be64(dst: Register): this {
    return this.#bigEndian(dst, 64);
  }

  /** Loads `size` bytes from `base + offset`, filling with zeroes above. */
  load(size: AccessSize, dst: Register, base: Register, offset: number): this {
    return this.#emit({
      opcode: CLASS.ldx | MODE.mem | WIDTH[size],
      dst: registerNumber(dst),
      src: registerNumber(base),
      offset: checkSigned16(offset),
      immediate: 0,
    });
  }

  store(size: AccessSize, base: Register, offset: number, src: Register): this {
    return this.#emit({
      opcode: CLASS.stx | MODE.mem | WIDTH[size],
      dst: registerNumber(base),
      src: registerNumber(src),
      offset: checkSigned16(offset),
      immediate: 0,
    });
  }

  /** Stores a number; 8 bytes hold its sign-extended 32 bits. */
  storeImmediate(size: AccessSize, base: Register, offset: number, value: number): this {
    return this.#emit({
      opcode: CLASS.st | MODE.mem | WIDTH[size],
      dst: registerNumber(base),
      src: 0,
      offset: checkSigned16(offset),
      immediate: size === 8 ? checkSigned32(value) : checkEither32(value),
    });
  }

  /** Adds `src` to memory, atomically. */
  atomicAdd(size: 4 | 8, base: Register, offset: number, src: Register): this {
    return this.#atomic(size, base, offset, src, ATOMIC.add);
  }

  /** Adds `src` to memory, atomically, and leaves in `src` what was there before. */
  atomicFetchAdd(size: 4 | 8, base: Register, offset: number, src: Register): this {
    return this.#atomic(size, base, offset, src, ATOMIC.add | ATOMIC.fetch);
  }

  jump(label: string): this {
    this.#jumps.push({ instruction: this.position, label });
    return this.#emit({ ...NOTHING, opcode: CLASS.jmp | JUMP_ALWAYS });
  }

  jumpIf(condition: Condition, dst: Register, operand: Operand, label: string): this {
    return this.#jumpIf(CLASS.jmp, condition, dst, operand, label);
  }

  /** Compares the lower halves. */
  jumpIf32(condition: Condition, dst: Register, operand: Operand, label: string): this {
    return this.#jumpIf(CLASS.jmp32, condition, dst, operand, label);
  }

  /** Calls a helper of the kernel by its number in `enum bpf_func_id`. */
  callHelper(id: number): this {
    assert(id > 0, `helper ${id}`);
    return this.#emit({
      ...NOTHING,
      opcode: CLASS.jmp | CALL,
      src: PSEUDO_CALL.helper,
      immediate: checkSigned32(id),
    });
  }

  /** Calls a function by symbol: one of another object, or a function of the same object. */
  callExtern(symbol: string): this {
    this.#relocations.push({ instruction: this.position, kind: 'call', symbol });
    return this.#emit({ ...NOTHING, opcode: CLASS.jmp | CALL, src: PSEUDO_CALL.function, immediate: -1 });
  }

  exit(): this {
    return this.#emit({ ...NOTHING, opcode: CLASS.jmp | EXIT });
  }

  /** The loader adjusts the next instruction to the running kernel's types. */
  relocateNext(relocation: Omit<CoreRelocation, 'instruction'>): this {
    this.#coreRelocations.push({ ...relocation, instruction: this.position });
    return this;
  }

  /** Resolves the labels. */
  assemble(): Assembly {
    const instructions = [...this.#instructions];
    this.#checkEnd();
    for (const { instruction, label } of this.#jumps) {
      const target = known(this.#labels.get(label), `label ${label}`);
      assert(target < instructions.length, `label ${label} has no instruction after it`);
      const distance = target - instruction - 1;
      if (!fitsSigned16(distance)) {
        return { kind: 'overflow', label, instruction, distance, span: this.#spans[instruction] };
      }
      instructions[instruction] = { ...known(instructions[instruction], 'jump'), offset: distance };
    }
    const code: Code = {
      instructions,
      relocations: [...this.#relocations],
      coreRelocations: [...this.#coreRelocations],
      spans: [...this.#spans],
      labels: Array.from(this.#labels, ([name, instruction]) => ({ name, instruction })),
    };
    return { kind: 'assembled', code };
  }

  #checkEnd(): void {
    const last = known(this.#instructions.at(-1), 'the last instruction');
    const ends = last.opcode === (CLASS.jmp | EXIT) || last.opcode === (CLASS.jmp | JUMP_ALWAYS);
    assert(ends, 'the code runs past its end');
    const dangling = this.#coreRelocations.find((each) => each.instruction >= this.position);
    assert(dangling === undefined, 'a relocation has no instruction after it');
  }

  #alu(width: number, operation: number, dst: Register, operand: Operand): this {
    return this.#emit({
      opcode: width | operation | sourceBit(operand),
      dst: registerNumber(dst),
      offset: 0,
      ...secondOperand(operand, width === CLASS.alu64),
    });
  }

  #jumpIf(width: number, condition: Condition, dst: Register, operand: Operand, label: string): this {
    this.#jumps.push({ instruction: this.position, label });
    return this.#emit({
      opcode: width | JUMP[condition] | sourceBit(operand),
      dst: registerNumber(dst),
      offset: 0,
      ...secondOperand(operand, width === CLASS.jmp),
    });
  }

  #bigEndian(dst: Register, bits: 16 | 32 | 64): this {
    // For byte swaps the source bit says towards which order; 1 is big-endian.
    return this.#emit({
      ...NOTHING,
      opcode: CLASS.alu | ALU.end | SOURCE.x,
      dst: registerNumber(dst),
      immediate: bits,
    });
  }

  #atomic(size: 4 | 8, base: Register, offset: number, src: Register, operation: number): this {
    return this.#emit({
      opcode: CLASS.stx | MODE.atomic | WIDTH[size],
      dst: registerNumber(base),
      src: registerNumber(src),
      offset: checkSigned16(offset),
      immediate: operation,
    });
  }

  #loadImmediate64(dst: Register, low: number, high: number): this {
    this.#emit({ ...NOTHING, opcode: LOAD_IMMEDIATE_64, dst: registerNumber(dst), immediate: low });
    return this.#emit({ ...NOTHING, opcode: 0, immediate: high });
  }

  #emit(instruction: Instruction): this {
    this.#instructions.push(instruction);
    this.#spans.push(this.#span);
    return this;
  }
}

function sourceBit(operand: Operand): number {
  return typeof operand === 'string' ? SOURCE.x : SOURCE.k;
}

function secondOperand(operand: Operand, is64: boolean): { readonly src: number; readonly immediate: number } {
  if (typeof operand === 'string') return { src: registerNumber(operand), immediate: 0 };
  return { src: 0, immediate: is64 ? checkSigned32(operand) : checkEither32(operand) };
}

/** The verifier refuses shifts by the width of the register or more. */
function checkShift(operand: Operand, bits: 32 | 64): Operand {
  assert(typeof operand === 'string' || (operand >= 0 && operand < bits), `shift by ${operand} of ${bits} bits`);
  return operand;
}

function fitsSigned16(value: number): boolean {
  return value >= -0x8000 && value <= 0x7fff;
}

function checkSigned16(value: number): number {
  assert(Number.isInteger(value) && fitsSigned16(value), `offset ${value} does not fit 16 bits`);
  return value;
}

function checkSigned32(value: number): number {
  assert((value | 0) === value, `${value} does not fit a signed 32-bit immediate`);
  return value;
}

function checkEither32(value: number): number {
  assert((value | 0) === value || value >>> 0 === value, `${value} does not fit a 32-bit immediate`);
  return value | 0;
}
