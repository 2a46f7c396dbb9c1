/** A small generator with a seed (splitmix32): the same seed makes the same policies and observations. */
import { known } from '#std';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return this.#next() % limit;
  }

  /** From `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<Value>(values: readonly Value[]): Value {
    return known(values[this.below(values.length)], 'choice');
  }

  bits64(): bigint {
    return (BigInt(this.#next()) << 32n) | BigInt(this.#next());
  }

  shuffled<Value>(values: readonly Value[]): readonly Value[] {
    const order = [...values];
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      const [a, b] = [known(order[last], 'value'), known(order[other], 'value')];
      [order[last], order[other]] = [b, a];
    }
    return order;
  }

  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}

/** A deck of cards: each is drawn once before any is drawn again. */
export class Deck<Card> {
  readonly #cards: readonly Card[];
  readonly #random: Random;
  #left: Card[] = [];

  constructor(cards: readonly Card[], random: Random) {
    this.#cards = cards;
    this.#random = random;
  }

  draw(): Card {
    if (this.#left.length === 0) this.#left = [...this.#random.shuffled(this.#cards)];
    return known(this.#left.pop(), 'card');
  }

  putBack(card: Card): void {
    this.#left.unshift(card);
  }
}
