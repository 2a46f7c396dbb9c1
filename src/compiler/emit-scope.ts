/** Emits the question what runs in the cgroup of the caller, asked once, and the tests of its answer. */
import { scopesLayout, scratchLayout } from '#abi';
import type { Assembler } from '#bpf';
import type { Exits } from './emit-test.ts';
import { enforces, type HookPlan, isScope, type PolicyPlan, type ScopeTest, type SelectorPlan } from './plan.ts';
import { SCRATCH, STACK, scopeWord, WORKLOAD } from './registers.ts';

/** For all policies of the program: a caller that moves meanwhile is one or the other. The verifier asks for `never`. */
export function emitAskWorkload(to: Assembler, never: string): void {
  to.callExtern('rf_workload_scopes').store(8, STACK, WORKLOAD, 'r0').jumpIf('eq', 'r0', 0, never);
}

/** The scopes without one of which no policy is about the caller; undefined when one is about everybody. */
export function scopesOf(plan: HookPlan): readonly ScopeTest[] | undefined {
  const scopes: ScopeTest[] = [];
  for (const policy of plan.policies) {
    const own = policy.phase === 'return' ? undefined : waysInto(policy.scope, policy.selectors);
    if (own === undefined) return undefined;
    scopes.push(...own);
  }
  return scopes;
}

/** The scopes without one of which none of the selectors matches; undefined when one matches in any. */
function waysInto(scope: ScopeTest | undefined, selectors: readonly SelectorPlan[]): readonly ScopeTest[] | undefined {
  if (scope !== undefined) return [scope];
  const own = selectors.map(({ tests }) => tests.find(isScope));
  return own.every((each) => each !== undefined) ? own : undefined;
}

/** Falls through when none of them selects the caller. Whether they do may be unknown. */
export function emitAnyScope(to: Assembler, scopes: readonly ScopeTest[], holds: string): void {
  const masks = new Map<number, number>();
  for (const { bit } of scopes) {
    const { offset, mask } = scopeWord(bit);
    masks.set(offset, ((masks.get(offset) ?? 0) | mask) >>> 0);
  }
  to.load(8, 'r1', STACK, WORKLOAD).jumpIf('eq', 'r1', 0, holds);
  to.load(8, 'r2', 'r1', scopesLayout.unknown).jumpIf('ne', 'r2', 0, holds);
  for (const [offset, mask] of masks) to.load(4, 'r2', 'r1', offset).jumpIf32('set', 'r2', mask, holds);
}

/** Leaves the policy when it is not about the caller. */
export function emitPolicyScope(to: Assembler, scope: ScopeTest, done: string): void {
  const within = to.freshLabel('scope');
  emitAnyScope(to.at(scope.span), [scope], within);
  to.jump(done).label(within);
}

/** Where nobody can tell, all that a policy with a scope may match is undecided. */
export function emitScopeDoubt(to: Assembler): void {
  const told = to.freshLabel('told');
  to.load(8, 'r1', STACK, WORKLOAD).load(8, 'r2', 'r1', scopesLayout.unknown).jumpIf('eq', 'r2', 0, told);
  to.storeImmediate(8, SCRATCH, scratchLayout.undecided, 1).label(told);
}

export function emitScopeCore(to: Assembler, { bit }: ScopeTest, exits: Exits): void {
  const { offset, mask } = scopeWord(bit);
  const holds = to.freshLabel('scope');
  to.load(8, 'r1', STACK, WORKLOAD);
  to.load(8, 'r2', 'r1', scopesLayout.unknown).jumpIf('ne', 'r2', 0, exits.unreadable);
  to.load(4, 'r1', 'r1', offset).jumpIf32('set', 'r1', mask, holds).jump(exits.fails).label(holds);
}

/** Without memory to look with: `past` when nothing that the policy stops is about the caller. */
export function emitScopeOfDeniers(to: Assembler, { scope, selectors }: PolicyPlan, past: string): void {
  const scopes = waysInto(
    scope,
    selectors.filter(({ act }) => enforces(act)),
  );
  if (scopes === undefined) return;
  const concerned = to.freshLabel('concerned');
  emitAnyScope(to, scopes, concerned);
  to.jump(past).label(concerned);
}
