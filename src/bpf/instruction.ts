/** The eBPF instruction set as values: opcode constants, one `Instruction` per 8-byte slot, encode and decode. */
import { assert } from '#std';

export const INSTRUCTION_BYTES = 8;

/** Low three bits of an opcode. */
export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;

/** Bit 3 of arithmetic and jump opcodes: the second operand is the immediate (k) or the source register (x). */
export const SOURCE = { k: 0x00, x: 0x08 } as const;

/** Bits 3 and 4 of load and store opcodes, by bytes accessed. */
export const WIDTH = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 } as const;

/** High three bits of load and store opcodes. `memsx` (sign-extending load) came with instruction set v4. */
export const MODE = { imm: 0x00, mem: 0x60, memsx: 0x80, atomic: 0xc0 } as const;

/** High four bits of arithmetic opcodes. */
export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
  end: 0xd0,
} as const;

/** High four bits of conditional jump opcodes; `ge` and its kin compare unsigned, `sge` and its kin signed. */
export const JUMP = {
  eq: 0x10,
  gt: 0x20,
  ge: 0x30,
  set: 0x40,
  ne: 0x50,
  sgt: 0x60,
  sge: 0x70,
  lt: 0xa0,
  le: 0xb0,
  slt: 0xc0,
  sle: 0xd0,
} as const;

/** High four bits of the jump opcodes that are not conditions. */
export const JUMP_ALWAYS = 0x00;
export const CALL = 0x80;
export const EXIT = 0x90;

/** Immediate of atomic instructions. */
export const ATOMIC = { add: 0x00, or: 0x40, and: 0x50, xor: 0xa0, fetch: 0x01, xchg: 0xe1, cmpxchg: 0xf1 } as const;

/** What `src` means in calls: a helper by number, a function by distance, a kernel function by BTF id. */
export const PSEUDO_CALL = { helper: 0, function: 1, kfunc: 2 } as const;

/** The whole opcode of the only two-slot instruction, `dst = 64-bit immediate`. */
export const LOAD_IMMEDIATE_64 = CLASS.ld | MODE.imm | WIDTH[8];

/** One 8-byte slot. A 64-bit immediate takes two: the second has opcode 0 and the upper 32 bits as its immediate. */
export type Instruction = {
  readonly opcode: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly immediate: number;
};

export type AccessSize = keyof typeof WIDTH;
export type Condition = keyof typeof JUMP;

const REGISTERS = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8', 'r9', 'r10'] as const;

/** Registers are names, not numbers, so that `move('r1', 6)` and `move('r1', 'r6')` cannot be confused. */
export type Register = (typeof REGISTERS)[number];

export function registerNumber(register: Register): number {
  return REGISTERS.indexOf(register);
}

/** Encodes little-endian, one slot per instruction. */
export function encode(instructions: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const code = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(code.buffer);
  instructions.forEach((each, index) => {
    const at = index * INSTRUCTION_BYTES;
    view.setUint8(at, each.opcode);
    view.setUint8(at + 1, each.dst | (each.src << 4));
    view.setInt16(at + 2, each.offset, true);
    view.setInt32(at + 4, each.immediate, true);
  });
  return code;
}

/** Decodes what `encode` wrote, or any little-endian BPF code; never judges whether an opcode exists. */
export function decode(code: Uint8Array): Instruction[] {
  assert(code.length % INSTRUCTION_BYTES === 0, `${code.length} bytes of code are not whole instructions`);
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  return Array.from({ length: code.length / INSTRUCTION_BYTES }, (_, index) => {
    const at = index * INSTRUCTION_BYTES;
    const registers = view.getUint8(at + 1);
    return {
      opcode: view.getUint8(at),
      dst: registers & 0x0f,
      src: registers >> 4,
      offset: view.getInt16(at + 2, true),
      immediate: view.getInt32(at + 4, true),
    };
  });
}
