/** Emits one program per attach point: the verdicts of all its policies, specialised to what they say. */
import { processFlag, processLayout, scratchLayout } from '#abi';
import { Assembler, type Assembly, withoutUnreachable } from '#bpf';
import { emitGates, type Gate, gatesOf } from './emit-gates.ts';
import { emitGroups } from './emit-group.ts';
import { emitFailClosed, emitPolicy } from './emit-policy.ts';
import { emitRawFacts } from './emit-read.ts';
import { hookNumber } from './hook-number.ts';
import { type HookPlan, type PolicyPlan, testsProcess } from './plan.ts';
import { CONTEXT, PROCESS, SCRATCH } from './registers.ts';

/** The verdict on its way out; the path of a test and the word of a match are done with by then. */
const VERDICT = 'r9';

export type EmitOptions = {
  /** Without, whatever only saves work is left out: programs mean the same. */
  readonly optimise?: boolean;
  /** Without, the program looks at each call with all it has; see emit-gates.ts. */
  readonly gates?: boolean;
};

/**
 * The shape of a program:
 *
 *   leave when no policy can match, as far as can be told without memory to look with; see emit-gates.ts
 *   claim scratch, or fail closed
 *   write down what was passed
 *   for each policy: for each selector: tests; the first selector that holds acts
 *   release scratch; return the first error that a policy asked for
 *
 * No jump crosses the policies: there may be more of them than a jump reaches over.
 */
export function emitHook(plan: HookPlan, { optimise = true, gates: gated = true }: EmitOptions = {}): Assembly {
  const to = new Assembler();
  const isTest = plan.point.kind === 'test';
  const gates = gatesOf(plan, optimise && gated);
  to.at(plan.span).move(CONTEXT, 'r1');
  if (!isTest) emitEntry(to, plan, gates);
  if (isTest) to.move('r1', CONTEXT).callExtern('rf_test_begin');
  else to.callExtern('rf_scratch_claim');
  to.jumpIf('ne', 'r0', 0, 'scratch').label('failed').move(VERDICT, 0);
  if (!isTest && plan.denies) emitFailClosed(to, plan, VERDICT);
  emitReturn(to.at(plan.span), plan);
  emitRelease(to.label('release'), plan);

  to.label('scratch').move(SCRATCH, 'r0');
  if (isTest) emitTestBegin(to, plan, gates);
  else emitBegin(to, plan, gates);
  const emit = (policy: PolicyPlan) => emitPolicy(to, plan, policy);
  if (optimise) emitGroups(to, plan, emit);
  else for (const policy of plan.policies) emit(policy);
  emitRelease(to.at(plan.span), plan);
  const assembly = to.assemble();
  // behind a selector that matches everything nothing is reached
  return assembly.kind === 'overflow' ? assembly : { ...assembly, code: withoutUnreachable(assembly.code) };
}

/** In front of the scratch. */
function emitEntry(to: Assembler, plan: HookPlan, gates: readonly Gate[]): void {
  if (gates.length === 0) return;
  emitGates(to, plan, gates, { past: 'past', never: 'failed' });
  to.at(plan.span).jump('in').label('past').move('r0', 0).exit().label('in');
}

/** What the gates look at is in the scratch, so they stand behind it. */
function emitTestBegin(to: Assembler, plan: HookPlan, gates: readonly Gate[]): void {
  to.move(PROCESS, SCRATCH).add(PROCESS, scratchLayout.process);
  emitGates(to, plan, gates, { past: 'release', never: 'release' });
}

function emitBegin(to: Assembler, plan: HookPlan, gates: readonly Gate[]): void {
  to.storeImmediate(8, SCRATCH, scratchLayout.verdict, 0).storeImmediate(8, SCRATCH, scratchLayout.rowsReady, 0);
  to.storeImmediate(4, SCRATCH, scratchLayout.hook, hookNumber(plan.point));
  if (testsProcess(plan)) {
    if (gates.some(({ name }) => name === 'process')) to.jumpIf('ne', PROCESS, 0, 'known');
    to.move('r1', SCRATCH).callExtern('rf_process_current').move(PROCESS, 'r0');
    to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.exempt, 'release').label('known');
  }
  emitRawFacts(to, plan);
}

/** Stands before the policies and behind them: from one end to the other no jump reaches. */
function emitRelease(to: Assembler, plan: HookPlan): void {
  to.load(8, VERDICT, SCRATCH, scratchLayout.verdict).move('r1', SCRATCH);
  if (plan.point.kind === 'test') to.move('r2', CONTEXT).move('r3', VERDICT).callExtern('rf_test_end');
  else to.callExtern('rf_scratch_release');
  emitReturn(to, plan);
}

/** The verifier wants to see that the result is 0 or an error number. */
function emitReturn(to: Assembler, plan: HookPlan): void {
  if (!plan.denies) {
    to.move('r0', 0).exit();
    return;
  }
  const clamp = to.freshLabel('clamp');
  to.move('r0', VERDICT).lsh('r0', 32).arsh('r0', 32);
  to.jumpIf('sgt', 'r0', 0, clamp).jumpIf('slt', 'r0', -4095, clamp).exit();
  to.label(clamp).move('r0', -1).exit();
}
