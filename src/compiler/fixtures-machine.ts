/** Runs emitted programs in a test: the instructions that the compiler uses, over one flat memory. */
import { bound, pathFlag, pathLayout, processFlag, processLayout, scratchLayout } from '#abi';
import { type Code, decode, encode, type Instruction } from '#bpf';
import { assert, known } from '#std';

export type PathObject = {
  readonly kind: 'path';
  readonly name: Uint8Array | 'unreadable' | 'truncated';
  readonly inode: bigint;
  readonly device: number;
};
export type Call = { readonly where: bigint; readonly slot: number; readonly error: number };
export type Outcome = { readonly result: number; readonly matches: readonly Call[]; readonly released: boolean };

export type Situation = {
  /** The hook's arguments, as the kernel would pass them; a path object is passed as an address. */
  readonly arguments: readonly (bigint | PathObject)[];
  readonly binary: Uint8Array | 'unreadable';
  readonly exempt?: boolean;
  readonly scratch?: boolean;
};

const STACK_TOP = 512;
const CONTEXT = 1024;
const SCRATCH = 4096;
const PROCESS = SCRATCH + scratchLayout.bytes;
const OBJECTS = PROCESS + processLayout.bytes;
const MEMORY_BYTES = OBJECTS + 4096;
const STEPS_MAX = 200_000;

export function runProgram(code: Code, situation: Situation): Outcome {
  return new Machine(code, situation).run();
}

class Machine {
  readonly #instructions: readonly Instruction[];
  readonly #symbols: ReadonlyMap<number, string>;
  readonly #situation: Situation;
  readonly #registers = new BigUint64Array(11);
  readonly #memory = new DataView(new ArrayBuffer(MEMORY_BYTES));
  readonly #matches: Call[] = [];
  #released = false;

  constructor(code: Code, situation: Situation) {
    this.#instructions = decode(encode(code.instructions)); // what the kernel gets, not what we meant
    this.#symbols = new Map(code.relocations.map((each) => [each.instruction, each.symbol]));
    this.#situation = situation;
    // what is not written must not matter
    new Uint8Array(this.#memory.buffer).fill(0xa5);
    this.#registers[1] = BigInt(CONTEXT);
    this.#registers[10] = BigInt(STACK_TOP);
    for (const [index, argument] of situation.arguments.entries()) {
      const value = typeof argument === 'bigint' ? argument : BigInt(OBJECTS + index * 8);
      this.#memory.setBigUint64(CONTEXT + index * 8, BigInt.asUintN(64, value), true);
    }
    this.#writeProcess();
  }

  run(): Outcome {
    let at = 0;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const instruction = known(this.#instructions[at], `instruction ${at}`);
      if (instruction.opcode === 0x95) {
        const result = Number(BigInt.asIntN(32, this.#registers[0] ?? 0n));
        return { result, matches: this.#matches, released: this.#released };
      }
      at += 1 + this.#step(instruction, at);
    }
    throw new Error('the program does not end');
  }

  /** Returns how many slots to skip. */
  #step(instruction: Instruction, at: number): number {
    const { opcode, dst, src, offset, immediate } = instruction;
    const kind = opcode & 7;
    if (opcode === 0x18) {
      const high = known(this.#instructions[at + 1], 'second slot').immediate;
      this.#registers[dst] = BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(immediate)));
      return 1;
    }
    if (opcode === 0x85) {
      this.#registers[0] = BigInt.asUintN(64, this.#call(known(this.#symbols.get(at), 'called symbol')));
      for (let each = 1; each <= 5; each += 1) this.#registers[each] = 0xdead_beefn;
      return 0;
    }
    const operand = opcode & 8 ? (this.#registers[src] ?? 0n) : BigInt.asUintN(64, BigInt(immediate));
    if (kind === 1) this.#registers[dst] = this.#load(opcode, Number(this.#registers[src]) + offset);
    else if (kind === 2) this.#store(opcode, Number(this.#registers[dst]) + offset, BigInt(immediate));
    else if (kind === 3) this.#store(opcode, Number(this.#registers[dst]) + offset, this.#registers[src] ?? 0n);
    else if (kind === 4 || kind === 7) this.#arithmetic(opcode, dst, operand, kind === 7 ? 64 : 32);
    else if (this.#jumps(opcode, this.#registers[dst] ?? 0n, operand, kind === 5 ? 64 : 32)) return offset;
    return 0;
  }

  #load(opcode: number, address: number): bigint {
    switch (opcode & 0x18) {
      case 0x18:
        return this.#memory.getBigUint64(address, true);
      case 0x00:
        return BigInt(this.#memory.getUint32(address, true));
      case 0x08:
        return BigInt(this.#memory.getUint16(address, true));
      default:
        return BigInt(this.#memory.getUint8(address));
    }
  }

  #store(opcode: number, address: number, value: bigint): void {
    assert((opcode & 0x18) === 0x18, 'the compiler stores eight bytes at a time');
    this.#memory.setBigUint64(address, BigInt.asUintN(64, value), true);
  }

  #arithmetic(opcode: number, dst: number, operand: bigint, bits: 32 | 64): void {
    const value = this.#registers[dst] ?? 0n;
    const results: Readonly<Record<number, () => bigint>> = {
      0: () => value + operand,
      96: () => value << operand,
      112: () => BigInt.asUintN(bits, value) >> operand,
      176: () => operand,
      192: () => BigInt.asIntN(bits, value) >> operand,
    };
    this.#registers[dst] = BigInt.asUintN(bits, known(results[opcode & 0xf0], `arithmetic ${opcode}`)());
  }

  #jumps(opcode: number, left: bigint, right: bigint, bits: 32 | 64): boolean {
    const [a, b] = [BigInt.asUintN(bits, left), BigInt.asUintN(bits, right)];
    const [signedA, signedB] = [BigInt.asIntN(bits, left), BigInt.asIntN(bits, right)];
    const answers: Readonly<Record<number, boolean>> = {
      0: true,
      16: a === b,
      32: a > b,
      64: (a & b) !== 0n,
      80: a !== b,
      96: signedA > signedB,
      160: a < b,
      192: signedA < signedB,
    };
    return known(answers[opcode & 0xf0], `jump ${opcode}`);
  }

  #call(symbol: string): bigint {
    const [, , second = 0n, third = 0n, fourth = 0n, fifth = 0n] = this.#registers;
    switch (symbol) {
      case 'rf_scratch_claim':
        return this.#situation.scratch === false ? 0n : BigInt(SCRATCH);
      case 'rf_scratch_release':
        this.#released = true;
        return 0n;
      case 'rf_process_current':
        return BigInt(PROCESS);
      case 'rf_path_of_file':
      case 'rf_path_of_path':
      case 'rf_path_of_binprm':
        return this.#resolve(Number(second), Number(third));
      case 'rf_match': {
        const error = Number(BigInt.asIntN(32, fifth));
        this.#matches.push({ slot: Number(third), where: fourth, error });
        return (fourth >> 32n) & 6n ? BigInt(error) : 0n;
      }
      case 'rf_fail_closed':
        return -1n;
      default:
        assert(symbol.startsWith('rf_tell_'), symbol);
        return 0n;
    }
  }

  #resolve(slot: number, address: number): bigint {
    const object = known(this.#situation.arguments[(address - OBJECTS) / 8], 'object');
    assert(typeof object !== 'bigint', 'a path parameter is an object');
    const base = SCRATCH + scratchLayout.paths + slot * pathLayout.bytes;
    const readable = object.name !== 'unreadable' && object.name !== 'truncated';
    const bytes = readable ? (object.name as Uint8Array) : new Uint8Array();
    const flags = { unreadable: pathFlag.unstable, truncated: pathFlag.truncated };
    this.#memory.setUint32(
      base + pathLayout.flags,
      pathFlag.read | (readable ? 0 : flags[object.name as keyof typeof flags]),
      true,
    );
    const length = object.name === 'truncated' ? bound.pathMax : bytes.length;
    this.#memory.setUint32(base + pathLayout.start, bound.pathMax - length, true);
    this.#memory.setUint32(base + pathLayout.length, length, true);
    this.#memory.setBigUint64(base + pathLayout.inode, object.inode, true);
    this.#memory.setUint32(base + pathLayout.device, object.device, true);
    new Uint8Array(this.#memory.buffer, base + pathLayout.text + bound.pathMax - bytes.length).set(bytes);
    return object.name === 'unreadable' ? -1n : 0n;
  }

  #writeProcess(): void {
    const { binary, exempt } = this.#situation;
    const unknown = binary === 'unreadable' ? processFlag.binaryUnknown : 0;
    this.#memory.setUint32(PROCESS + processLayout.flags, unknown | (exempt ? processFlag.exempt : 0), true);
    const bytes = binary === 'unreadable' ? new Uint8Array() : binary;
    this.#memory.setUint32(PROCESS + processLayout.binaryLength, bytes.length, true);
    new Uint8Array(this.#memory.buffer, PROCESS + processLayout.binary).set(bytes.subarray(0, bound.binaryMax));
  }
}
