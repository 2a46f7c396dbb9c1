/** Emits what is done when a call returns: the tests of its result, and the actions that wait for them. */
import { action } from '#abi';
import type { Assembler, Register } from '#bpf';
import { namesWord } from './emit-named.ts';
import { emitFindProcess } from './emit-process.ts';
import { emitTellResult } from './emit-tell.ts';
import { emitTest } from './emit-test.ts';
import type { Act, HookPlan, Named, PolicyPlan, ReturnPlan } from './plan.ts';
import { PROCESS, SCRATCH, UNDECIDED_BIT, WHERE } from './registers.ts';

/** Whether anything depends on the result; else it is only told. */
export function hasReturnPlan(policy: PolicyPlan): boolean {
  return policy.result !== undefined && policy.selectors.some(({ returned }) => isPlan(returned));
}

function isPlan({ tests, act }: ReturnPlan): boolean {
  return tests.length > 0 || act.kill || act.signal !== 0 || !act.post;
}

/** A program of its own, behind the call: goes on with the record that waits, if one does. */
export function emitReturned(to: Assembler, plan: HookPlan, policy: PolicyPlan, done: string): void {
  to.move('r1', SCRATCH).move('r2', policy.slot).move('r3', policy.entry).callExtern('rf_call_return');
  to.jumpIf('eq', 'r0', 0, done);
  to.sub('r0', 1);
  if (hasReturnPlan(policy)) emitReturnOf(to, plan, policy, { selected: 'r0', done });
  if (policy.result !== undefined) emitTellResult(to, policy.result);
  to.move('r1', SCRATCH).callExtern('rf_tell_end');
}

/** The lower 16 bits of `selected` are the selector. Falls through to have it told, or goes to `done`. */
export function emitReturnOf(
  to: Assembler,
  plan: HookPlan,
  policy: PolicyPlan,
  { selected, done }: { readonly selected: Register; readonly done: string },
): void {
  const tell = to.freshLabel('tell');
  // one that could not be decided is no match: there is nothing to do, and it is told of
  if (selected === WHERE) to.move('r1', WHERE).rsh('r1', UNDECIDED_BIT).and('r1', 1).jumpIf('ne', 'r1', 0, tell);
  to.move('r1', selected).and('r1', 0xffff);
  const planned = policy.selectors.filter(({ returned }) => isPlan(returned));
  const labels = planned.map(({ index }) => {
    const label = to.freshLabel('returned');
    to.jumpIf('eq', 'r1', index, label);
    return label;
  });
  to.jump(tell);
  for (const [at, { returned, names }] of planned.entries()) {
    to.at(returned.act.span).label(labels[at] ?? tell);
    // a result is a number: it can always be told
    for (const test of returned.tests) emitTest(to, plan, test, { fails: done, unreadable: done });
    emitActOnReturn(to, plan, policy, { act: returned.act, names, done });
    to.jump(returned.act.post ? tell : done);
  }
  to.at(policy.span).label(tell);
}

type ActOnReturn = { readonly act: Act; readonly names: Named; readonly done: string };

/** Who matched is at hand, unless that was in the program at the entry. */
function emitActOnReturn(to: Assembler, plan: HookPlan, policy: PolicyPlan, { act, names, done }: ActOnReturn): void {
  const actions = (act.kill ? action.sigkill : 0) | (act.signal === 0 ? 0 : action.signal);
  if (actions === 0) return;
  if (policy.phase === 'return') emitFindProcess(to, plan, done);
  to.move('r1', SCRATCH).move('r2', PROCESS).move('r3', policy.slot).move('r4', actions);
  to.move('r5', act.signal | (namesWord(names) << 8)).callExtern('rf_return_act');
}
