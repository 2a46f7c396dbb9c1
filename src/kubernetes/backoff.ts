/** How long to wait before the next try: longer each time, and by chance, so that 5,000 agents do not come at once. */

export type BackoffRange = { readonly first: number; readonly max: number };

export class Backoff {
  readonly #rangeMs: BackoffRange;
  readonly #random: () => number;
  #failures = 0;

  constructor(rangeMs: BackoffRange, random: () => number = Math.random) {
    this.#rangeMs = rangeMs;
    this.#random = random;
  }

  /** Of the next wait, between half of what it could be and all of it. */
  nextMs(): number {
    const { first, max } = this.#rangeMs;
    const whole = Math.min(max, first * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return whole * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
