/** Leaves out instructions that nothing leads to: the verifier refuses a program that has any. */
import type { Code } from './code.ts';
import { CALL, CLASS, EXIT, type Instruction, JUMP_ALWAYS, LOAD_IMMEDIATE_64 } from './instruction.ts';

export function withoutUnreachable(code: Code): Code {
  const reached = reachedFrom(code.instructions);
  if (!reached.includes(false)) return code;
  /** Where each instruction ends up; for one that is left out, where the next one does. */
  const moved: number[] = [];
  let kept = 0;
  for (const each of reached) {
    moved.push(kept);
    if (each) kept += 1;
  }
  const at = (index: number): number => moved[index] ?? kept;
  const isKept = ({ instruction }: { readonly instruction: number }): boolean => reached[instruction] === true;
  const follow = <Place extends { readonly instruction: number }>(place: Place): Place => ({
    ...place,
    instruction: at(place.instruction),
  });
  return {
    instructions: code.instructions.flatMap((instruction, index) => {
      if (reached[index] !== true) return [];
      if (!isJump(instruction)) return [instruction];
      return [{ ...instruction, offset: at(index + 1 + instruction.offset) - at(index) - 1 }];
    }),
    relocations: code.relocations.filter(isKept).map(follow),
    coreRelocations: code.coreRelocations.filter(isKept).map(follow),
    spans: code.spans.filter((_, index) => reached[index] === true),
    labels: code.labels.filter(isKept).map(follow),
  };
}

function reachedFrom(instructions: readonly Instruction[]): readonly boolean[] {
  const reached = instructions.map(() => false);
  const waiting = [0];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const instruction = instructions[index];
    if (instruction === undefined || reached[index] === true) continue;
    reached[index] = true;
    waiting.push(...followers(instruction, index));
    if (instruction.opcode === LOAD_IMMEDIATE_64) reached[index + 1] = true;
  }
  return reached;
}

function followers(instruction: Instruction, index: number): readonly number[] {
  if (instruction.opcode === LOAD_IMMEDIATE_64) return [index + 2];
  if (instruction.opcode === (CLASS.jmp | EXIT)) return [];
  if (!isJump(instruction)) return [index + 1];
  const target = index + 1 + instruction.offset;
  return instruction.opcode === (CLASS.jmp | JUMP_ALWAYS) ? [target] : [index + 1, target];
}

const OPERATION = 0xf0;

function isJump({ opcode }: Instruction): boolean {
  const family = opcode & 7;
  if (family !== CLASS.jmp && family !== CLASS.jmp32) return false;
  return (opcode & OPERATION) !== CALL && (opcode & OPERATION) !== EXIT;
}
