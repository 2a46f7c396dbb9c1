/** What a publisher could not take, gathered until it can say so. */
import type { Event, LossEvent, LossStage } from '#events';

export class Overflow {
  readonly #stage: LossStage;
  readonly #nodeName: string;
  #count = 0;
  #fromNs = 0n;
  #toNs = 0n;

  constructor(stage: LossStage, nodeName: string) {
    this.#stage = stage;
    this.#nodeName = nodeName;
  }

  add(event: Event): void {
    if (event.kind === 'loss') this.addAt(event.timeNs, event.count);
    else this.addAt(event.timeNs, 1);
  }

  addAt(timeNs: bigint, count: number): void {
    if (this.#count === 0 || timeNs < this.#fromNs) this.#fromNs = timeNs;
    if (this.#count === 0 || timeNs > this.#toNs) this.#toNs = timeNs;
    this.#count += count;
  }

  /** The loss since the last call, as an event; undefined when there was none. */
  take(): LossEvent | undefined {
    if (this.#count === 0) return undefined;
    const count = this.#count;
    this.#count = 0;
    return {
      kind: 'loss',
      nodeName: this.#nodeName,
      timeNs: this.#toNs,
      stage: this.#stage,
      count,
      fromNs: this.#fromNs,
      toNs: this.#toNs,
      hole: undefined,
    };
  }
}
