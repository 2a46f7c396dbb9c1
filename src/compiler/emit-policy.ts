/** Emits what one policy makes of a call: its selectors in order, and what the first that matches does. */
import { action, scratchLayout } from '#abi';
import type { Assembler, Register } from '#bpf';
import { namesWord } from './emit-named.ts';
import { emitFindProcess } from './emit-process.ts';
import { emitReturned, emitReturnOf, hasReturnPlan } from './emit-return.ts';
import { emitPolicyScope, emitScopeDoubt, emitScopeOfDeniers } from './emit-scope.ts';
import { emitTell, emitTellResult } from './emit-tell.ts';
import { canBeUnreadable, emitTest } from './emit-test.ts';
import {
  type Act,
  enforces,
  type HookPlan,
  type PolicyPlan,
  policyEnforces,
  type SelectorPlan,
  type Test,
  testsProcess,
} from './plan.ts';
import { ERROR, PROCESS, SCRATCH, STACK, UNDECIDED_BIT, WHERE } from './registers.ts';

export function emitPolicy(to: Assembler, plan: HookPlan, policy: PolicyPlan): void {
  const done = to.freshLabel('policy');
  const here: Here = { plan, policy, done, act: to.freshLabel('act') };
  to.at(policy.span);
  if (policy.guard !== undefined) emitTest(to, plan, policy.guard, { fails: done, unreadable: done });
  if (policy.scope !== undefined) emitPolicyScope(to, policy.scope, done);
  to.at(policy.span);
  if (policy.phase === 'return') {
    emitReturned(to, plan, policy, done);
  } else {
    for (const selector of policy.selectors) emitSelector(to, here, selector);
    to.at(policy.span).jump(done).label(here.act);
    emitAct(to, here);
  }
  to.at(policy.span).label(done);
}

/** The policy at hand, where its acts stand, and where it ends. */
type Here = { readonly plan: HookPlan; readonly policy: PolicyPlan; readonly act: string; readonly done: string };

/**
 * A test that cannot be told does not end the selector: a later one that fails makes it no match all the same. Only
 * when all others hold is the selector undecided: an enforcing one then denies, another one is counted.
 */
function emitSelector(to: Assembler, here: Here, selector: SelectorPlan): void {
  const fails = to.freshLabel('selector');
  const doubts: Doubt[] = [];
  const scoped = here.policy.scope !== undefined;
  const doubtful = scoped || selector.tests.some(canBeUnreadable);
  to.at(selector.span);
  if (doubtful) to.storeImmediate(8, SCRATCH, scratchLayout.undecided, 0);
  if (scoped) emitScopeDoubt(to);
  for (const test of selector.tests) {
    const doubt = { unreadable: to.freshLabel('unreadable'), next: to.freshLabel('next'), test };
    emitTest(to, here.plan, test, { fails, unreadable: doubt.unreadable });
    to.label(doubt.next);
    if (canBeUnreadable(test)) doubts.push(doubt);
  }
  to.at(selector.act.span).loadImmediate64(WHERE, whereOf(here, selector, false));
  to.storeImmediate(8, STACK, ERROR, selector.act.error);
  if (!doubtful) {
    to.jump(here.act);
  } else {
    to.load(8, 'r1', SCRATCH, scratchLayout.undecided).jumpIf('eq', 'r1', 0, here.act);
    emitUndecided(to, here, selector, fails);
  }
  for (const { unreadable, next, test } of doubts) {
    to.at(test.span).label(unreadable).storeImmediate(8, SCRATCH, scratchLayout.undecided, 1).jump(next);
  }
  to.at(selector.span).label(fails);
}

type Doubt = { readonly unreadable: string; readonly next: string; readonly test: Test };

function emitUndecided(to: Assembler, here: Here, selector: SelectorPlan, fails: string): void {
  if (enforces(selector.act)) {
    to.loadImmediate64(WHERE, whereOf(here, selector, true)).jump(here.act);
  } else {
    to.move('r1', here.policy.slot).callExtern('rf_undecided').jump(fails);
  }
}

/** As rf_match() takes it: selector, place of the hook in the policy, actions, whether undecided, signal, whether to deny, whom it names. */
function whereOf({ plan, policy }: Here, { index, act, names }: SelectorPlan, undecided: boolean): bigint {
  return (
    BigInt(index) |
    (BigInt(policy.entry) << 16n) |
    (BigInt(actionBits(act)) << 32n) |
    ((undecided ? 1n : 0n) << BigInt(UNDECIDED_BIT)) |
    (BigInt(act.signal) << 49n) |
    ((plan.denies ? 0n : 1n) << 56n) |
    (BigInt(namesWord(names)) << 57n)
  );
}

function actionBits(act: Act): number {
  return (
    (act.post ? action.post : action.nopost) |
    (act.kill ? action.sigkill : 0) |
    (act.override ? action.override : 0) |
    (act.signal === 0 ? 0 : action.signal)
  );
}

/** Shared by the selectors of a policy; WHERE says which it was. */
function emitAct(to: Assembler, { plan, policy, done }: Here): void {
  if (!testsProcess(plan)) emitFindProcess(to, plan, done);
  to.move('r1', SCRATCH).move('r2', PROCESS).move('r3', policy.slot).move('r4', WHERE);
  to.load(8, 'r5', STACK, ERROR).callExtern('rf_match');
  if (policyEnforces(policy)) emitKeepVerdict(to);
  to.load(4, 'r1', SCRATCH, scratchLayout.cursor).jumpIf('eq', 'r1', 0, done);
  for (const argument of policy.told) emitTell(to, argument);
  if (policy.phase === 'entry') {
    to.move('r1', SCRATCH).move('r2', policy.slot).move('r3', policy.entry).callExtern('rf_call_wait');
    return;
  }
  if (hasReturnPlan(policy)) emitReturnOf(to, plan, policy, { selected: WHERE, done });
  if (policy.result !== undefined) emitTellResult(to, policy.result);
  to.move('r1', SCRATCH).callExtern('rf_tell_end');
}

/** Of several policies the first error stands. */
function emitKeepVerdict(to: Assembler): void {
  const kept = to.freshLabel('kept');
  to.load(8, 'r1', SCRATCH, scratchLayout.verdict).jumpIf('ne', 'r1', 0, kept);
  to.store(8, SCRATCH, scratchLayout.verdict, 'r0').label(kept);
}

/** There is no memory to look at anything with: what enforces, denies. */
export function emitFailClosed(to: Assembler, plan: HookPlan, verdict: Register): void {
  for (const policy of plan.policies) {
    const denier = policy.selectors.find(({ act }) => enforces(act));
    if (denier === undefined) continue;
    const kept = to.freshLabel('kept');
    to.at(policy.span);
    if (policy.guard !== undefined) emitGuardAgain(to, policy.guard, kept);
    emitScopeOfDeniers(to, policy, kept);
    to.move('r1', policy.slot).move('r2', denier.act.error).callExtern('rf_fail_closed');
    to.jumpIf('ne', verdict, 0, kept).move(verdict, 'r0').label(kept);
  }
}

/** Without scratch the number of the call has to be asked for. */
function emitGuardAgain(to: Assembler, { how }: NonNullable<PolicyPlan['guard']>, fails: string): void {
  const number = how.kind === 'ranges' ? how.ranges[0]?.minimum : undefined;
  if (number === undefined) return;
  to.callExtern('rf_syscall_current').loadImmediate64('r1', number).jumpIf('ne', 'r0', 'r1', fails);
}
