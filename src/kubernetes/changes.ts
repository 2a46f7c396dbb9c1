/**
 * Changes on their way to someone slow: one delivery at a time, of each thing the newest only, and of so many things at
 * most. What a delivery could not do is tried again, unless there is something newer.
 */
import { Backoff, type BackoffRange } from './backoff.ts';
import { pause } from './pause.ts';

export type ChangesOptions<Value> = {
  readonly deliver: (batch: ReadonlyMap<string, Value>) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly keysMax: number;
  readonly retryMs?: BackoffRange;
};

const RETRY_MS: BackoffRange = { first: 1_000, max: 30_000 };

export class Changes<Value> {
  readonly #options: ChangesOptions<Value>;
  readonly #retry: Backoff;
  readonly #stop = new AbortController();
  #pending = new Map<string, Value>();
  #running: Promise<void> | undefined;
  #refused = 0;
  #replaced = 0;

  constructor(options: ChangesOptions<Value>) {
    this.#options = options;
    this.#retry = new Backoff(options.retryMs ?? RETRY_MS);
  }

  /** How many were refused as there was no room. */
  get refused(): number {
    return this.#refused;
  }

  /** How many nobody was told of, as a newer one of the same thing came first. */
  get replaced(): number {
    return this.#replaced;
  }

  set(key: string, value: Value): void {
    if (this.#pending.has(key)) this.#replaced += 1;
    else if (this.#pending.size >= this.#options.keysMax) {
      this.#refused += 1;
      return;
    }
    this.#pending.set(key, value);
    this.#running ??= this.#run();
  }

  /** Everything that was set before has been delivered, or has failed for good. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  stop(): void {
    this.#stop.abort();
    this.#pending.clear();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what is said in one breath is one batch
    while (this.#pending.size > 0 && !this.#stop.signal.aborted) {
      const batch = this.#pending;
      this.#pending = new Map();
      try {
        await this.#options.deliver(batch);
        this.#retry.reset();
      } catch (error) {
        this.#options.onError(error);
        // what came meanwhile is newer
        this.#pending = new Map([...batch, ...this.#pending]);
        await pause(this.#retry.nextMs(), this.#stop.signal);
      }
    }
    this.#running = undefined;
  }
}
