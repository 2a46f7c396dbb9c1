/** One piece of work at a time, in the order in which it came, and no more in waiting than there may be. */
import { EnvironmentError } from '#diagnostics';

const PENDING_MAX = 64;

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  async settled(): Promise<void> {
    await this.#last;
  }

  /** Throws RF3508 when too many wait already. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#pending >= PENDING_MAX) {
      const reason = `${PENDING_MAX} changes of policies wait already`;
      return Promise.reject(new EnvironmentError('RF3508', { reason }));
    }
    this.#pending += 1;
    const result = this.#last.then(work).finally(() => {
      this.#pending -= 1;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
