/** Emits the gate of processes: one that no policy of the hook is about leaves after one lookup. */
import { processFlag, processLayout, scratchLayout } from '#abi';
import type { Assembler } from '#bpf';
import { known } from '#std';
import { emitNumbers, NUMBERS_MAX } from './emit-gate.ts';
import { emitTest } from './emit-test.ts';
import { numbersKey, type ProcessTest, type Way, waysOf } from './gate.ts';
import type { HookPlan } from './plan.ts';
import { PROCESS, SCRATCH } from './registers.ts';

export type ProcessGate = readonly Way[];

/** With more values than this the gate costs what it saves. */
const VALUES_MAX = 64;

/** Undefined when a policy may match whoever calls. What many policies ask is asked once. */
export function processGateOf(plan: HookPlan): ProcessGate | undefined {
  const ways = waysOf(plan);
  if (ways.length === 0 || ways.some(({ process }) => process.length === 0)) return undefined;
  const gate = Array.from(Map.groupBy(ways, processKey).values(), merged);
  if (gate.flatMap(({ numbers }) => numbers).length > NUMBERS_MAX) return undefined;
  return gate.flatMap(({ process }) => process.flatMap(valuesOf)).length > VALUES_MAX ? undefined : gate;
}

/** Of ways that ask the same of the process, the numbers count when they ask the same of them too. */
function merged(ways: readonly Way[]): Way {
  const first = known(ways[0], 'way');
  const alike = ways.every(({ numbers }) => numbersKey(numbers) === numbersKey(first.numbers));
  return alike ? first : { ...first, numbers: [] };
}

function processKey({ process }: Way): string {
  return process.map(testKey).join(', ');
}

function testKey(test: ProcessTest): string {
  const negated = test.negated ? 'not ' : '';
  if (test.kind === 'follow') return `${negated}${test.list} ${test.bit}`;
  return `${negated}${test.operator} ${test.values.map(({ bytes }) => bytes.join(' ')).join(', ')}`;
}

function valuesOf(test: ProcessTest): readonly unknown[] {
  return test.kind === 'follow' ? [test] : test.values;
}

/**
 * Falls through when nothing can match, else jumps to `open`, where PROCESS is the state of the process, or null when
 * it has to be made first.
 */
export function emitProcessGate(to: Assembler, plan: HookPlan, gate: ProcessGate, open: string): void {
  const exempt = to.freshLabel('exempt');
  to.at(plan.span);
  if (plan.point.kind === 'test') {
    to.move(PROCESS, SCRATCH).add(PROCESS, scratchLayout.process);
  } else {
    to.callExtern('rf_process_known').move(PROCESS, 'r0').jumpIf('eq', PROCESS, 0, open);
    to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.exempt, exempt);
  }
  for (const { numbers, process } of gate) {
    const fails = to.freshLabel('way');
    emitNumbers(to, plan, numbers, fails);
    for (const test of process) emitTest(to, plan, test, { fails, unreadable: open });
    to.at(plan.span).jump(open).label(fails);
  }
  to.label(exempt);
}
