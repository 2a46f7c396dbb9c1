/** A set of programs of policies that an earlier agent left running: it enforces until it is detached. */
import { Link, pinsIn, programInfoById, unpinAll } from '#kernel';
import type { PinnedLayout } from './pins.ts';

export class FoundImage {
  readonly #path: string;
  readonly #links: readonly Link[];

  constructor(layout: PinnedLayout, epoch: number) {
    this.#path = layout.epochPath(epoch);
    using undo = new DisposableStack();
    this.#links = pinsIn(this.#path).map(({ name }) => undo.use(Link.openPinned(`${this.#path}/${name}`)));
    undo.move();
  }

  /** As of LoadedImage. */
  skipped(): bigint {
    return this.#links.reduce((sum, link) => {
      const { programId, missed } = link.info();
      return sum + (programInfoById(programId).recursionMisses ?? 0n) + (missed ?? 0n);
    }, 0n);
  }

  detach(): void {
    unpinAll(this.#path);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const link of this.#links) link.destroy();
  }
}
