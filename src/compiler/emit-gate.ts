/** Emits what stands before everything else: calls that no policy can match, as their numbers say, cost ten instructions. */
import type { Assembler } from '#bpf';
import { known } from '#std';
import { emitLoadFact, emitNarrow, emitNumberTest, NUMBER } from './emit-integer.ts';
import { emitRaw } from './emit-read.ts';
import { questionOf } from './integer-question.ts';
import type { HookPlan, IntegerTest, PolicyPlan } from './plan.ts';

/** Sets of tests of which one must hold for a policy to match. */
export type Gate = readonly (readonly IntegerTest[])[];

/** With more tests than this the gate costs what it saves. */
const TESTS_MAX = 32;

/** Undefined when a policy may match whatever the numbers are. What many policies ask is asked once. */
export function gateOf(plan: HookPlan): Gate | undefined {
  const ways = plan.policies.flatMap(waysOf);
  if (ways.some((tests) => tests.length === 0)) return undefined;
  const gate = Array.from(Map.groupBy(ways, keyOf).values(), ([first]) => known(first, 'way'));
  const total = gate.flat().length;
  return total === 0 || total > TESTS_MAX ? undefined : gate;
}

/** The same for tests that say the same. */
function keyOf(tests: readonly IntegerTest[]): string {
  return tests.map(questionOf).toSorted().join(', ');
}

function waysOf(policy: PolicyPlan): readonly (readonly IntegerTest[])[] {
  if (policy.phase === 'return') return [[]];
  const guard = policy.guard === undefined ? [] : [policy.guard];
  return policy.selectors.map((selector) => [
    ...guard,
    ...selector.tests.filter((test) => test.kind === 'integer').filter(({ how }) => how.kind !== 'set'),
  ]);
}

/** Falls through when nothing can match, else jumps to `open`. */
export function emitGate(to: Assembler, plan: HookPlan, gate: Gate, open: string): void {
  for (const tests of gate) {
    const fails = to.freshLabel('gate');
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
    to.jump(open).label(fails);
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
