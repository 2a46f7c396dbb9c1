/** What each kind of hook is resolved to, and the questions that all of them ask of a policy's hook. */
import type { AttachPoint, Target } from '#bpf';
import type { Diagnostic } from '#diagnostics';
import { type Action, type Hook, isEnforcing, type Policy } from '#policy';
import type { ResolvedPart } from './resolved.ts';

export type Scope = { readonly policy: Policy; readonly target: Target; readonly diagnostics: Diagnostic[] };

/** Where a hook is attached, and what there is to say of it. */
export type Place = {
  readonly parts: readonly ResolvedPart[];
  readonly why: string;
  readonly blind: readonly string[];
  /** The LSM hook that could deny what this place can only see. */
  readonly better: string | undefined;
};

export type PartDetails = Omit<ResolvedPart, 'hook' | 'entry'>;

export function partOf(hook: Hook, entry: number, point: AttachPoint, rest: Partial<PartDetails> = {}): ResolvedPart {
  return {
    hook,
    entry,
    point,
    phase: 'whole',
    denies: false,
    guard: undefined,
    arguments: [],
    result: undefined,
    ...rest,
  };
}

export function enforcesHook(hook: Hook): boolean {
  return hook.selectors.some(isEnforcing);
}

/** The first action of these kinds, of those done when the call comes in. */
export function actionOf(hook: Hook, ...kinds: readonly Action['kind'][]): Action | undefined {
  return hook.selectors.flatMap((selector) => selector.actions).find((action) => kinds.includes(action.kind));
}

/** The same of those done when the call returns. */
export function returnActionOf(hook: Hook, ...kinds: readonly Action['kind'][]): Action | undefined {
  return hook.selectors.flatMap((selector) => selector.returnActions).find((action) => kinds.includes(action.kind));
}

/** Whether any selector of the hook looks at the argument at this position of the policy's args. */
export function isTested(hook: Hook, position: number): boolean {
  return hook.selectors.some((selector) => selector.arguments.some((match) => match.argument === position));
}
