/** Which of many are refused, so that the others can go on without them. */
import { assert } from '#std';
import type { Steps } from './steps.ts';

export type Refusal<Member, Reason> = {
  readonly member: Member;
  readonly reason: Reason;
  /**
   * - `alone`: it is refused whatever is beside it
   * - `with others`: it is taken by itself, and not beside the others
   * - `untried`: some of those that it was tried with are refused, and it was not tried by itself
   */
  readonly how: 'alone' | 'with others' | 'untried';
};

/** With one culprit of 1024 it takes 22; a program of 25 policies takes tens of milliseconds each time. */
const ATTEMPTS_MAX = 40;

/**
 * A step is one attempt. `attempt` says why a set of these members is refused, undefined when it is taken. Members that come first are kept
 * where only some of them go together. With one culprit of many it takes about twice their logarithm; where there are
 * so many culprits that it takes more than it may, those that are left are refused with them.
 */
export function* refusedAmong<Member, Reason extends object>(
  members: readonly Member[],
  attempt: (members: readonly Member[]) => Reason | undefined,
  attemptsMax = ATTEMPTS_MAX,
): Steps<readonly Refusal<Member, Reason>[]> {
  const refused: Refusal<Member, Reason>[] = [];
  let attempts = 0;
  let last: Reason | undefined;
  function* tryThese(some: readonly Member[]): Steps<Reason | undefined> {
    yield;
    attempts += 1;
    const reason = attempt(some);
    last = reason ?? last;
    return reason;
  }
  function* addTo(taken: readonly Member[], candidates: readonly Member[]): Steps<readonly Member[]> {
    if (attempts >= attemptsMax) {
      const reason = last;
      assert(reason !== undefined, 'what is looked for has been refused once');
      refused.push(...candidates.map((member) => ({ member, reason, how: 'untried' as const })));
      return taken;
    }
    const together = yield* tryThese([...taken, ...candidates]);
    if (together === undefined) return [...taken, ...candidates];
    const [member] = candidates;
    assert(member !== undefined, 'what was taken before is taken again');
    if (candidates.length === 1) {
      const alone = taken.length === 0 ? together : yield* tryThese([member]);
      refused.push({ member, reason: alone ?? together, how: alone === undefined ? 'with others' : 'alone' });
      return taken;
    }
    const half = Math.ceil(candidates.length / 2);
    return yield* addTo(yield* addTo(taken, candidates.slice(0, half)), candidates.slice(half));
  }
  if (members.length > 0) yield* addTo([], members);
  return refused;
}
