/** Holes in the sequence numbers: each one is a loss, once it can no longer be a record that is merely late. */
import { assert } from '#std';

/** What one ring and CPU lost, of the numbers from `from` to `to`. */
export type SequenceLoss = {
  readonly ring: number;
  readonly cpu: number;
  readonly from: number;
  readonly to: number;
  /** Not `to - from + 1` when records between did arrive. */
  readonly count: number;
  /** CLOCK_MONOTONIC: of the last record before the hole, and of the newest record when it was declared. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
};

export type SequenceTotals = {
  /** Declared lost. */
  lost: number;
  /** Arrived after they had been declared lost, or a second time. */
  late: number;
  /** Records of more rings and CPUs than are followed. */
  untracked: number;
};

export type SequenceTrackerOptions = {
  /**
   * `one`: the rings are new, so a number that is missing at the start is a loss. `first`: the rings were found
   * running, and what came before the first record seen belongs to an earlier reader.
   */
  readonly begin: 'one' | 'first';
  /** How long a hole may still be filled: the number is taken first, and the task may then be preempted. */
  readonly holdNs?: bigint;
};

/** Records that may overtake a missing one. */
export const REORDER_WINDOW = 1024;
const HOLD_NS = 1_000_000_000n;
const STREAMS_MAX = 16_384;
const CPUS_MAX = 65_536;

export class SequenceTracker {
  readonly totals: SequenceTotals = { lost: 0, late: 0, untracked: 0 };
  readonly #begin: 'one' | 'first';
  readonly #holdNs: bigint;
  readonly #streams = new Map<number, Stream>();
  #lastTickNs: bigint | undefined;

  constructor(options: SequenceTrackerOptions) {
    this.#begin = options.begin;
    this.#holdNs = options.holdNs ?? HOLD_NS;
  }

  /** A record arrived. */
  observe(ring: number, cpu: number, sequence: number, timeNs: bigint): void {
    const stream = this.#stream(ring, cpu, sequence);
    if (stream === undefined) this.totals.untracked += 1;
    else if (!stream.observe(sequence, timeNs)) this.totals.late += 1;
  }

  /** The kernel has given out the numbers up to `sequence`: those that no record brings are lost too. */
  reached(ring: number, cpu: number, sequence: number): void {
    this.#stream(ring, cpu, sequence + 1)?.reached(sequence);
  }

  /**
   * Declares the holes that have been open for the hold time, at most one loss per ring and CPU. Call it often: a hole
   * is declared between one and two hold times after it was noticed, or when the reorder window is overrun.
   */
  tick(nowNs: bigint): SequenceLoss[] {
    const held = this.#lastTickNs !== undefined && nowNs - this.#lastTickNs >= this.#holdNs;
    if (held || this.#lastTickNs === undefined) this.#lastTickNs = nowNs;
    return this.#collect((stream) => {
      if (held) stream.declareMarked();
    });
  }

  /** Declares every hole: nothing more will arrive. */
  finish(): SequenceLoss[] {
    return this.#collect((stream) => stream.declareAll());
  }

  #collect(declare: (stream: Stream) => void): SequenceLoss[] {
    const losses: SequenceLoss[] = [];
    for (const stream of this.#streams.values()) {
      declare(stream);
      const loss = stream.takeLoss();
      if (loss === undefined) continue;
      this.totals.lost += loss.count;
      losses.push(loss);
    }
    return losses;
  }

  #stream(ring: number, cpu: number, sequence: number): Stream | undefined {
    const key = ring * CPUS_MAX + cpu;
    const found = this.#streams.get(key);
    if (found !== undefined) return found;
    if (this.#streams.size >= STREAMS_MAX || cpu >= CPUS_MAX) return undefined;
    const stream = new Stream(ring, cpu, this.#begin === 'one' ? 1 : sequence);
    this.#streams.set(key, stream);
    return stream;
  }
}

/** The numbers of one ring and CPU. All below `#next` are settled: arrived or lost. */
class Stream {
  readonly #ring: number;
  readonly #cpu: number;
  /** Which of the numbers from `#next` on have arrived, by number modulo the window. */
  readonly #seen = new Uint8Array(REORDER_WINDOW);
  #next: number;
  #highest: number;
  /** The highest number at the last hold: holes up to it have had their time. */
  #marked: number;
  /** Of the newest record, and of the newest while there was no hole. */
  #newestNs = 0n;
  #wholeNs = 0n;
  #lost = 0;
  #lostFrom = 0;
  #lostTo = 0;
  #lostFromNs = 0n;

  constructor(ring: number, cpu: number, next: number) {
    this.#ring = ring;
    this.#cpu = cpu;
    this.#next = next;
    this.#highest = next - 1;
    this.#marked = next - 1;
  }

  /** Returns false for a number that is settled already. */
  observe(sequence: number, timeNs: bigint): boolean {
    if (sequence < this.#next) return false;
    const slot = sequence % REORDER_WINDOW;
    if (sequence - this.#next >= REORDER_WINDOW) this.#declareUpTo(sequence - REORDER_WINDOW);
    else if (this.#seen[slot] === 1) return false;
    this.#seen[slot] = 1;
    if (sequence > this.#highest) this.#highest = sequence;
    if (this.#newestNs === 0n) this.#wholeNs = timeNs;
    if (timeNs > this.#newestNs) this.#newestNs = timeNs;
    this.#settle();
    return true;
  }

  reached(sequence: number): void {
    if (sequence <= this.#highest) return;
    this.#highest = sequence;
  }

  declareMarked(): void {
    this.#declareUpTo(this.#marked);
    this.#marked = this.#highest;
  }

  declareAll(): void {
    this.#declareUpTo(this.#highest);
    this.#marked = this.#highest;
  }

  takeLoss(): SequenceLoss | undefined {
    if (this.#lost === 0) return undefined;
    const loss = {
      ring: this.#ring,
      cpu: this.#cpu,
      from: this.#lostFrom,
      to: this.#lostTo,
      count: this.#lost,
      fromNs: this.#lostFromNs,
      toNs: this.#newestNs,
    };
    this.#lost = 0;
    return loss;
  }

  /** Moves past what has arrived. */
  #settle(): void {
    while (this.#seen[this.#next % REORDER_WINDOW] === 1) {
      this.#seen[this.#next % REORDER_WINDOW] = 0;
      this.#next += 1;
    }
    if (this.#next > this.#highest) this.#wholeNs = this.#newestNs;
  }

  #declareUpTo(last: number): void {
    // Beyond the window nothing has arrived, so a long hole needs no step per number.
    const windowEnd = Math.min(last, this.#next + REORDER_WINDOW - 1);
    while (this.#next <= windowEnd) {
      const slot = this.#next % REORDER_WINDOW;
      if (this.#seen[slot] === 0) this.#lose(this.#next, this.#next);
      this.#seen[slot] = 0;
      this.#next += 1;
    }
    if (this.#next <= last) {
      this.#lose(this.#next, last);
      this.#next = last + 1;
    }
    this.#settle();
  }

  #lose(from: number, to: number): void {
    assert(from <= to, 'a hole has a size');
    if (this.#lost === 0) {
      this.#lostFrom = from;
      this.#lostFromNs = this.#wholeNs;
    }
    this.#lost += to - from + 1;
    this.#lostTo = to;
  }
}
