/** Emits tests of numbers: ranges are found by halving. */
import { scratchLayout } from '#abi';
import type { Assembler, Register } from '#bpf';
import type { IntegerShape } from '#policy';
import { known } from '#std';
import { emitInSet } from './emit-row.ts';
import type { Exits } from './emit-test.ts';
import type { Fact, HookPlan, IntegerTest, Range } from './plan.ts';
import { boundsOf } from './ranges.ts';
import { SCRATCH } from './registers.ts';

export const NUMBER: Register = 'r2';
const LITERAL: Register = 'r5';

/** Loads a fact as a number of `shape`: what is above its width is cleared or, for signed ones, extended. */
export function emitLoadFact(to: Assembler, into: Register, { number }: Fact, { bits, signed }: IntegerShape): void {
  const bytes = { 8: 1, 16: 2, 32: 4, 64: 8 } as const;
  to.load(bytes[bits], into, SCRATCH, scratchLayout.arguments + 8 * number);
  if (signed) emitExtend(to, into, bits);
}

/** Narrows what a register holds to `shape`. */
export function emitNarrow(to: Assembler, register: Register, { bits, signed }: IntegerShape): void {
  if (signed) emitExtend(to, register, bits);
  else if (bits < 64) to.lsh(register, 64 - bits).rsh(register, 64 - bits);
}

function emitExtend(to: Assembler, register: Register, bits: IntegerShape['bits']): void {
  if (bits < 64) to.lsh(register, 64 - bits).arsh(register, 64 - bits);
}

/** Falls through when the value is one of those listed, whether or not the test is negated. */
export function emitIntegerCore(to: Assembler, plan: HookPlan, test: IntegerTest, exits: Exits): void {
  if (test.how.kind === 'set') {
    emitInSet(to, plan, test.how, exits.fails);
    return;
  }
  emitLoadFact(to, NUMBER, test.fact, test.shape);
  emitNumberTest(to, test, exits.fails);
}

/** The test of a number that NUMBER holds. */
export function emitNumberTest(to: Assembler, { how, shape }: IntegerTest, fails: string): void {
  if (how.kind === 'ranges') emitRanges(to, how.ranges, shape, fails);
  if (how.kind !== 'mask') return;
  const mask = how.masks.reduce((all, { value }) => all | BigInt.asUintN(64, value), 0n);
  const holds = to.freshLabel('mask');
  to.loadImmediate64(LITERAL, mask).jumpIf('set', NUMBER, LITERAL, holds).jump(fails).label(holds);
}

/** Falls through when NUMBER is in one of the ranges, which are sorted and apart. */
export function emitRanges(to: Assembler, ranges: readonly Range[], shape: IntegerShape, fails: string): void {
  if (ranges.length === 0) {
    to.jump(fails);
    return;
  }
  const holds = to.freshLabel('range');
  emitHalves(to, ranges, shape, { holds, fails });
  to.label(holds);
}

type Ends = { readonly holds: string; readonly fails: string };

function emitHalves(to: Assembler, ranges: readonly Range[], shape: IntegerShape, ends: Ends): void {
  const middle = ranges.length >> 1;
  const range = known(ranges[middle], 'range');
  const [below, above] = [ranges.slice(0, middle), ranges.slice(middle + 1)];
  const bounds = boundsOf(shape);
  to.at(range.span);
  if (below.length === 0 && above.length === 0 && range.minimum === range.maximum) {
    emitCompare(to, 'ne', range.minimum, ends.fails);
    to.jump(ends.holds);
    return;
  }
  const left = below.length === 0 ? ends.fails : to.freshLabel('below');
  if (range.minimum > bounds.minimum) emitCompare(to, shape.signed ? 'slt' : 'lt', range.minimum, left);
  if (range.maximum < bounds.maximum) emitCompare(to, shape.signed ? 'sle' : 'le', range.maximum, ends.holds);
  else to.jump(ends.holds);
  if (range.maximum < bounds.maximum) {
    if (above.length === 0) to.jump(ends.fails);
    else emitHalves(to, above, shape, ends);
  }
  if (below.length > 0) emitHalves(to.label(left), below, shape, ends);
}

function emitCompare(to: Assembler, condition: 'ne' | 'lt' | 'slt' | 'le' | 'sle', value: bigint, label: string): void {
  const wide = BigInt.asIntN(64, value);
  if (wide >= -(2n ** 31n) && wide < 2n ** 31n) to.jumpIf(condition, NUMBER, Number(wide), label);
  else to.loadImmediate64(LITERAL, wide).jumpIf(condition, NUMBER, LITERAL, label);
}
