/** Emits what stands before everything else: calls that no policy can match, as their numbers say, cost ten instructions. */
import type { Assembler } from '#bpf';
import { known } from '#std';
import { emitLoadFact, emitNarrow, emitNumberTest, NUMBER } from './emit-integer.ts';
import { emitRaw } from './emit-read.ts';
import { numbersKey, waysOf } from './gate.ts';
import type { HookPlan, IntegerTest } from './plan.ts';

/** Sets of tests of which one must hold for a policy to match. */
export type Gate = readonly (readonly IntegerTest[])[];

/** With more tests than this the gate costs what it saves. */
export const NUMBERS_MAX = 32;

/** Undefined when a policy may match whatever the numbers are. What many policies ask is asked once. */
export function gateOf(plan: HookPlan): Gate | undefined {
  const ways = waysOf(plan).map(({ numbers }) => numbers);
  if (ways.some((tests) => tests.length === 0)) return undefined;
  const gate = Array.from(Map.groupBy(ways, numbersKey).values(), ([first]) => known(first, 'way'));
  const total = gate.flat().length;
  return total === 0 || total > NUMBERS_MAX ? undefined : gate;
}

/** Falls through when nothing can match, else jumps to `open`. */
export function emitGate(to: Assembler, plan: HookPlan, gate: Gate, open: string): void {
  for (const tests of gate) {
    const fails = to.freshLabel('gate');
    emitNumbers(to, plan, tests, fails);
    to.jump(open).label(fails);
  }
}

/** Falls through when all of them hold. */
export function emitNumbers(to: Assembler, plan: HookPlan, tests: readonly IntegerTest[], fails: string): void {
  for (const test of tests) {
    to.at(test.span);
    emitNumber(to, plan, test);
    if (!test.negated) {
      emitNumberTest(to, test, fails);
      continue;
    }
    const holds = to.freshLabel('not');
    emitNumberTest(to, test, holds);
    to.jump(fails).label(holds);
  }
}

/** A program under test has its numbers in the scratch from the start. */
function emitNumber(to: Assembler, plan: HookPlan, { fact, shape }: IntegerTest): void {
  if (plan.point.kind === 'test') {
    emitLoadFact(to, NUMBER, fact, shape);
    return;
  }
  emitRaw(to, plan, fact.source, NUMBER);
  emitNarrow(to, NUMBER, shape);
}
