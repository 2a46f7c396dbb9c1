/** Emits one program per attach point: the verdicts of all its policies, specialised to what they say. */
import { processFlag, processLayout, scratchLayout } from '#abi';
import { Assembler, type Assembly, withoutUnreachable } from '#bpf';
import { emitGate, type Gate, gateOf } from './emit-gate.ts';
import { emitGroups } from './emit-group.ts';
import { emitFailClosed, emitPolicy } from './emit-policy.ts';
import { emitRawFacts } from './emit-read.ts';
import { emitAnyScope, emitAskWorkload, scopesOf } from './emit-scope.ts';
import { hookNumber } from './hook-number.ts';
import { asksWorkload, type HookPlan, testsProcess } from './plan.ts';
import { CONTEXT, PROCESS, SCRATCH } from './registers.ts';

/** The verdict on its way out; the path of a test and the word of a match are done with by then. */
const VERDICT = 'r9';

/**
 * The shape of a program:
 *
 *   leave when no policy can match, as far as the numbers that were passed say
 *   leave when no policy is about what runs in the cgroup of the caller
 *   claim scratch, or fail closed
 *   write down what was passed
 *   for each policy: for each selector: tests; the first selector that holds acts
 *   release scratch; return the first error that a policy asked for
 *
 * No jump crosses the policies: there may be more of them than a jump reaches over.
 */
export function emitHook(plan: HookPlan): Assembly {
  const to = new Assembler();
  const isTest = plan.point.kind === 'test';
  const gate = gateOf(plan);
  to.at(plan.span).move(CONTEXT, 'r1');
  if (gate !== undefined && !isTest) {
    emitGate(to, plan, gate, 'open');
    to.at(plan.span).move('r0', 0).exit().label('open');
  }
  if (asksWorkload(plan) && !isTest) {
    emitWorkload(to, plan, { concerned: 'concerned', never: 'failed' });
    to.at(plan.span).move('r0', 0).exit().label('concerned');
  }
  if (isTest) to.move('r1', CONTEXT).callExtern('rf_test_begin');
  else to.callExtern('rf_scratch_claim');
  to.jumpIf('ne', 'r0', 0, 'scratch').label('failed').move(VERDICT, 0);
  if (!isTest && plan.denies) emitFailClosed(to, plan, VERDICT);
  emitReturn(to.at(plan.span), plan);
  emitRelease(to.label('release'), plan);

  to.label('scratch').move(SCRATCH, 'r0');
  if (isTest) emitTestBegin(to, plan, gate);
  else emitBegin(to, plan);
  emitGroups(to, plan, (policy) => emitPolicy(to, plan, policy));
  emitRelease(to.at(plan.span), plan);
  const assembly = to.assemble();
  // behind a selector that matches everything nothing is reached
  return assembly.kind === 'overflow' ? assembly : { ...assembly, code: withoutUnreachable(assembly.code) };
}

type WorkloadExits = { readonly concerned: string; readonly never: string };

/** Falls through when no policy is about the caller, else jumps to `concerned`. */
function emitWorkload(to: Assembler, plan: HookPlan, { concerned, never }: WorkloadExits): void {
  emitAskWorkload(to.at(plan.span), never);
  const scopes = scopesOf(plan);
  if (scopes === undefined) to.jump(concerned);
  else emitAnyScope(to, scopes, concerned);
}

/** The numbers that the gate looks at are in the scratch, so it stands behind it. */
function emitTestBegin(to: Assembler, plan: HookPlan, gate: Gate | undefined): void {
  to.move(PROCESS, SCRATCH).add(PROCESS, scratchLayout.process);
  if (gate !== undefined) {
    emitGate(to, plan, gate, 'open');
    to.at(plan.span).jump('release').label('open');
  }
  if (!asksWorkload(plan)) return;
  emitWorkload(to, plan, { concerned: 'concerned', never: 'release' });
  to.at(plan.span).jump('release').label('concerned');
}

function emitBegin(to: Assembler, plan: HookPlan): void {
  to.storeImmediate(8, SCRATCH, scratchLayout.verdict, 0).storeImmediate(8, SCRATCH, scratchLayout.rowsReady, 0);
  to.storeImmediate(4, SCRATCH, scratchLayout.hook, hookNumber(plan.point));
  if (testsProcess(plan)) {
    to.move('r1', SCRATCH).callExtern('rf_process_current').move(PROCESS, 'r0');
    to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.exempt, 'release');
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
