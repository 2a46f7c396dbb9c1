/** Which policies of a program the kernel refuses, so that the others can go on without them. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import { assert } from '#std';

export type Refusal<Member, Reason> = {
  readonly member: Member;
  readonly reason: Reason;
  /** It is taken by itself, and not beside the others. */
  readonly onlyWithOthers: boolean;
};

/**
 * `attempt` says why the kernel refuses a program of these members, undefined when it takes it. Members that come
 * first are kept where only some of them go together. With one culprit of many it takes about twice their logarithm.
 */
export function findRefused<Member, Reason extends object>(
  members: readonly Member[],
  attempt: (members: readonly Member[]) => Reason | undefined,
): readonly Refusal<Member, Reason>[] {
  const refused: Refusal<Member, Reason>[] = [];
  const addTo = (taken: readonly Member[], candidates: readonly Member[]): readonly Member[] => {
    const together = attempt([...taken, ...candidates]);
    if (together === undefined) return [...taken, ...candidates];
    const [member] = candidates;
    assert(member !== undefined, 'what was taken before is taken again');
    if (candidates.length === 1) {
      const alone = taken.length === 0 ? together : attempt([member]);
      refused.push({ member, reason: alone ?? together, onlyWithOthers: alone === undefined });
      return taken;
    }
    const half = Math.ceil(candidates.length / 2);
    return addTo(addTo(taken, candidates.slice(0, half)), candidates.slice(half));
  };
  if (members.length > 0) addTo([], members);
  return refused;
}

/** What the verifier stopped at, and which line of the policy it serves. */
export type Stop = { readonly hook: string; readonly reason: string; readonly span: Diagnostic['span'] };

export function refusalDiagnostic({ hook, reason, span }: Stop, onlyWithOthers: boolean): Diagnostic {
  return diagnostic(onlyWithOthers ? 'RF2203' : 'RF2201', span, { hook, reason });
}
