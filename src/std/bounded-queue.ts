/** A first-in first-out queue with a limit: what does not fit is refused and counted, never silently lost. */
import { assert } from './assert.ts';

export class BoundedQueue<Item> {
  readonly #items: (Item | undefined)[];
  #head = 0;
  #length = 0;
  #refused = 0;

  readonly capacity: number;

  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, `queue capacity ${capacity}`);
    this.capacity = capacity;
    this.#items = new Array<Item | undefined>(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** How many items were refused since the queue was made. */
  get refused(): number {
    return this.#refused;
  }

  /** Appends `item`; returns false, and counts it, when the queue is full. */
  push(item: Item): boolean {
    if (this.#length === this.capacity) {
      this.#refused += 1;
      return false;
    }
    this.#items[(this.#head + this.#length) % this.capacity] = item;
    this.#length += 1;
    return true;
  }

  /** Removes and returns the oldest item, or undefined when empty. */
  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.capacity;
    this.#length -= 1;
    return item;
  }
}
