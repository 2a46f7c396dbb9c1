/**
 * When to read the rings. A wake-up per record costs the watched process 5 to 7 µs, a poll of an empty ring costs us:
 * so sleep on the descriptors while idle, and once awake drain on a timer until nothing came for a few ticks.
 */
import { assert, known } from '#std';
import { type Watch, watchReadable } from './ffi.ts';
import type { RingBuffer, VisitRecord } from './ring-buffer.ts';

/** Rings in the order of their priority: each batch of a ring is followed by another look at the ones before it. */
export type WaitedRing = {
  readonly ring: RingBuffer;
  /** The descriptor of the ring's map, which must stay open until the waiter is stopped. */
  readonly fd: number;
  readonly visit: VisitRecord;
  /** After each batch, before the kernel gets its space back. If it throws, the batch comes again. */
  readonly takeOver?: (records: number) => void;
  /** Records per batch. */
  readonly batchMax?: number;
};

export type WaiterOptions = {
  readonly drainIntervalMs?: number;
  /** Ticks without a record after which the waiter goes to sleep. */
  readonly emptyTicksMax?: number;
  /** Records after which other work of the event loop gets its turn. */
  readonly recordsPerTickMax?: number;
  /** How often a sleeping waiter looks anyway, see #sleep. */
  readonly idleCheckMs?: number;
  /** Told before the first drain: programs may stop waking us. */
  readonly onBusy?: () => void;
  /** Told before the last drain: from here on programs must wake us. */
  readonly onIdle?: () => void;
  /** A visit, a takeOver or a ring failed; the waiter goes on after retryMs. */
  readonly onError: (error: unknown) => void;
  readonly retryMs?: number;
};

const BATCH_MAX = 4096;

export class RingWaiter {
  readonly #rings: readonly WaitedRing[];
  readonly #options: Required<WaiterOptions>;
  readonly #watches: Watch[] = [];
  #state: 'stopped' | 'awake' | 'asleep' = 'stopped';
  #timer: NodeJS.Timeout | undefined;
  #emptyTicks = 0;

  constructor(rings: readonly WaitedRing[], options: WaiterOptions) {
    assert(rings.length > 0, 'there is a ring to wait for');
    this.#rings = rings;
    this.#options = {
      drainIntervalMs: 2,
      emptyTicksMax: 3,
      recordsPerTickMax: 65_536,
      idleCheckMs: 200,
      retryMs: 100,
      onBusy: () => undefined,
      onIdle: () => undefined,
      ...options,
    };
  }

  get awake(): boolean {
    return this.#state === 'awake';
  }

  /** Keeps the process alive until stop. */
  start(): void {
    assert(this.#state === 'stopped', 'a waiter is started once at a time');
    for (const { fd } of this.#rings) this.#watches.push(watchReadable(fd, () => this.#wake()));
    this.#state = 'asleep';
    this.#wake();
  }

  /** Reads no more; what is in the rings stays there. Call drainNow first to take it. */
  stop(): void {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    for (const watch of this.#watches.splice(0)) watch.close();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Takes what there is, up to `limit` records, now: returns how many. Throws what a visit throws. */
  drainNow(limit: number = this.#options.recordsPerTickMax): number {
    let records = 0;
    let index = 0;
    while (index < this.#rings.length && records < limit) {
      const { ring, visit, takeOver, batchMax = BATCH_MAX } = known(this.#rings[index], `ring ${index}`);
      const drained = ring.drain(visit, Math.min(batchMax, limit - records), takeOver);
      records += drained;
      index = drained === 0 ? index + 1 : 0;
    }
    return records;
  }

  #wake(): void {
    if (this.#state !== 'asleep') return;
    for (const watch of this.#watches) watch.disarm();
    this.#state = 'awake';
    this.#emptyTicks = 0;
    this.#guarded(() => {
      this.#options.onBusy();
      return this.#tick();
    });
  }

  /** Drains once; the result says when to come back, undefined not to. */
  #tick(): number | undefined {
    const { drainIntervalMs, emptyTicksMax, recordsPerTickMax } = this.#options;
    const records = this.drainNow();
    if (this.#state === 'stopped') return undefined; // a visit may stop us
    if (records >= recordsPerTickMax) return 0;
    this.#emptyTicks = records > 0 ? 0 : this.#emptyTicks + 1;
    return this.#emptyTicks < emptyTicksMax ? drainIntervalMs : this.#sleep();
  }

  /**
   * A record submitted without a wake-up after our last look would lie there: so say "asleep" first, look once more,
   * then sleep. What is in the ring when its descriptor is armed wakes us at once; only a program that read "awake"
   * before we said "asleep", and submits after the descriptor was armed, is missed: idleCheckMs bounds how long.
   */
  #sleep(): number | undefined {
    this.#options.onIdle();
    if (this.drainNow() > 0) {
      this.#options.onBusy();
      this.#emptyTicks = 0;
      return this.#options.drainIntervalMs;
    }
    this.#state = 'asleep';
    for (const watch of this.#watches) watch.arm();
    return undefined;
  }

  /** Runs one step of the loop and plans the next; an error is told, and does not end the loop. */
  #guarded(step: () => number | undefined): void {
    let delayMs: number | undefined;
    try {
      delayMs = step();
    } catch (error) {
      delayMs = this.#options.retryMs;
      this.#options.onError(error);
    }
    if (this.#state === 'stopped') return;
    clearTimeout(this.#timer);
    this.#timer =
      delayMs === undefined
        ? setTimeout(() => this.#idleCheck(), this.#options.idleCheckMs)
        : setTimeout(() => this.#guarded(() => this.#tick()), delayMs);
  }

  /** Asking a ring for its fill costs next to nothing; a ring that is broken says so once we are awake. */
  #idleCheck(): void {
    if (this.#rings.some(({ ring }) => !ring.idle)) this.#wake();
    else this.#timer = setTimeout(() => this.#idleCheck(), this.#options.idleCheckMs);
  }
}
