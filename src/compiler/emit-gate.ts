/** Emits what stands before everything else: calls that no policy can match, as their numbers say, cost ten instructions. */
import type { Assembler } from '#bpf';
import { emitLoadFact, emitNarrow, emitNumberTest, NUMBER } from './emit-integer.ts';
import { emitRaw } from './emit-read.ts';
import type { HookPlan, IntegerTest, PolicyPlan } from './plan.ts';

/** For each policy the sets of tests of which one must hold. */
export type Gate = readonly (readonly (readonly IntegerTest[])[])[];

/** With more tests than this the gate costs what it saves. */
const TESTS_MAX = 32;

/** Undefined when a policy may match whatever the numbers are. */
export function gateOf(plan: HookPlan): Gate | undefined {
  const gate = plan.policies.map(waysOf);
  if (gate.some((ways) => ways.some((tests) => tests.length === 0))) return undefined;
  const total = gate.flat(2).length;
  return total === 0 || total > TESTS_MAX ? undefined : gate;
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
  for (const tests of gate.flat()) {
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
