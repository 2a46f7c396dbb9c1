/** Emits one program per hook: the verdicts of all its policies, specialised to what they say. */
import { action, processFlag, processLayout } from '#abi';
import { Assembler, type Assembly } from '#bpf';
import type { Span } from '#diagnostics';
import { assertNever } from '#std';
import { emitLoadInteger, emitResolve, emitTest } from './emit-test.ts';
import {
  type Act,
  type ArgumentPlan,
  enforces,
  type HookPlan,
  type PolicyPlan,
  type SelectorPlan,
  type Test,
} from './plan.ts';
import { CONTEXT, PROCESS, SCRATCH, UNREADABLE, VERDICT } from './registers.ts';

const STACK = 'r10';

/**
 * The shape of a program:
 *
 *   claim scratch, or fail closed
 *   leave when the process is the agent itself
 *   for each policy: for each selector: tests; the first selector that holds acts
 *   release scratch; return the first error that a policy asked for
 */
export function emitHook(plan: HookPlan): Assembly {
  const to = new Assembler();
  to.at(plan.span).move(CONTEXT, 'r1').storeImmediate(8, STACK, VERDICT, 0);
  to.callExtern('rf_scratch_claim').jumpIf('eq', 'r0', 0, 'no scratch').move(SCRATCH, 'r0');
  to.move('r1', SCRATCH).callExtern('rf_process_current').move(PROCESS, 'r0');
  to.load(4, 'r1', PROCESS, processLayout.flags).jumpIf('set', 'r1', processFlag.exempt, 'release');
  for (const policy of plan.policies) emitPolicy(to, plan, policy);
  to.at(plan.span).label('release').move('r1', SCRATCH).callExtern('rf_scratch_release').jump('leave');
  to.label('no scratch');
  emitFailClosed(to, plan);
  to.at(plan.span).label('leave');
  emitReturn(to, plan);
  return to.assemble();
}

function emitPolicy(to: Assembler, plan: HookPlan, policy: PolicyPlan): void {
  const done = to.freshLabel('policy');
  for (const selector of policy.selectors) emitSelector(to, plan, policy, selector, done);
  to.at(policy.span).label(done);
}

/**
 * A test that cannot be told does not end the selector: a later one that fails makes it no match all the same. Only
 * when all others hold is the selector undecided: an enforcing one then denies, another one is counted.
 */
function emitSelector(to: Assembler, plan: HookPlan, policy: PolicyPlan, selector: SelectorPlan, done: string): void {
  const fails = to.freshLabel('selector');
  const undecided = to.freshLabel('undecided');
  const doubts: Doubt[] = [];
  const doubtful = selector.tests.some(canBeUnreadable);
  to.at(selector.span);
  if (doubtful) to.storeImmediate(8, STACK, UNREADABLE, 0);
  for (const test of selector.tests) {
    const doubt = { unreadable: to.freshLabel('unreadable'), next: to.freshLabel('next'), span: test.span };
    emitTest(to, test, { fails, unreadable: doubt.unreadable });
    to.label(doubt.next);
    if (canBeUnreadable(test)) doubts.push(doubt);
  }
  to.at(selector.act.span);
  if (doubtful) to.load(8, 'r1', STACK, UNREADABLE).jumpIf('ne', 'r1', 0, undecided);
  emitAct(to, { plan, policy, selector, undecided: false });
  to.jump(done);
  for (const { unreadable, next, span } of doubts) {
    to.at(span).label(unreadable).storeImmediate(8, STACK, UNREADABLE, 1).jump(next);
  }
  if (doubtful) {
    to.at(selector.act.span).label(undecided);
    emitAct(to, { plan, policy, selector, undecided: true });
    if (enforces(selector.act)) to.jump(done);
  }
  to.at(selector.span).label(fails);
}

/** Where a test goes that cannot be told, and where it goes on from there. */
type Doubt = { readonly unreadable: string; readonly next: string; readonly span: Span };

function canBeUnreadable(test: Test): boolean {
  return test.kind !== 'integer';
}

type Matched = {
  readonly plan: HookPlan;
  readonly policy: PolicyPlan;
  readonly selector: SelectorPlan;
  readonly undecided: boolean;
};

function emitAct(to: Assembler, { plan, policy, selector, undecided }: Matched): void {
  const { act } = selector;
  const tells = act.post && (!undecided || enforces(act));
  const actions = undecided && !enforces(act) ? 0 : actionBits(act);
  const where =
    BigInt(selector.index) | (BigInt(plan.id) << 16n) | (BigInt(actions) << 32n) | ((undecided ? 1n : 0n) << 48n);
  to.move('r1', SCRATCH).move('r2', PROCESS).move('r3', policy.slot).loadImmediate64('r4', where);
  to.move('r5', act.error).callExtern('rf_match');
  if (enforces(act)) emitKeepVerdict(to);
  if (!tells) return;
  for (const [position, argument] of policy.arguments.entries()) emitTell(to, position, argument);
  to.move('r1', SCRATCH).callExtern('rf_tell_end');
}

function actionBits(act: Act): number {
  return (
    (act.post ? action.post : action.nopost) | (act.kill ? action.sigkill : 0) | (act.override ? action.override : 0)
  );
}

/** Of several policies the first error stands. */
function emitKeepVerdict(to: Assembler): void {
  const kept = to.freshLabel('kept');
  to.load(8, 'r1', STACK, VERDICT).jumpIf('ne', 'r1', 0, kept).store(8, STACK, VERDICT, 'r0').label(kept);
}

function emitTell(to: Assembler, position: number, argument: ArgumentPlan): void {
  switch (argument.kind) {
    case 'integer':
      to.move('r1', SCRATCH).move('r2', position);
      emitLoadInteger(to, 'r3', argument);
      to.callExtern('rf_tell_integer');
      return;
    case 'path':
      emitResolve(to, argument);
      to.move('r1', SCRATCH).move('r2', position).move('r3', argument.slot).callExtern('rf_tell_path');
      return;
    default:
      assertNever(argument);
  }
}

function emitFailClosed(to: Assembler, plan: HookPlan): void {
  for (const policy of plan.policies) {
    if (!policy.selectors.some((selector) => enforces(selector.act))) continue;
    to.at(policy.span).move('r1', policy.slot).callExtern('rf_fail_closed');
    emitKeepVerdict(to);
  }
}

/** The verifier wants to see that the result is 0 or an error number. */
function emitReturn(to: Assembler, plan: HookPlan): void {
  if (!plan.denies) {
    to.move('r0', 0).exit();
    return;
  }
  to.load(8, 'r0', STACK, VERDICT).lsh('r0', 32).arsh('r0', 32);
  to.jumpIf('sgt', 'r0', 0, 'clamp').jumpIf('slt', 'r0', -4095, 'clamp').exit();
  to.label('clamp').move('r0', -1).exit();
}
