/** Work that takes seconds in the worst case, in steps: done at once, or with all else that waits in between. */
import { setImmediate as others } from 'node:timers/promises';

export type Steps<Result> = Generator<void, Result, void>;

export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

export async function inPieces<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await others();
  }
}
