/** The wall-clock time of a CLOCK_MONOTONIC reading. */

/** The kernel stamps records with CLOCK_MONOTONIC; events tell the time of day. */
export type BootClock = {
  /** Nanoseconds since 1970 of `monotonicNs`. */
  wallNs(monotonicNs: bigint): bigint;
};

/** A clock for which the epoch lies `offsetNs` before the start of CLOCK_MONOTONIC. */
export function bootClock(offsetNs: bigint): BootClock {
  return { wallNs: (monotonicNs) => monotonicNs + offsetNs };
}

/** Below this, two measurements of the offset differ by how they were taken, not because the time was set. */
const STEP_NS = 10_000_000n;

/** What the two clocks read: the wall clock between two readings of CLOCK_MONOTONIC, all in nanoseconds. */
export type ClockReading = { readonly beforeNs: bigint; readonly wallNs: bigint; readonly afterNs: bigint };

/**
 * A clock that follows the wall clock when it is set. Of several readings the one that took the shortest counts: a task
 * that is preempted between two clocks would be off by as long for all its life.
 */
export class FollowingClock implements BootClock {
  readonly #read: () => ClockReading;
  #offsetNs: bigint;

  constructor(read: () => ClockReading) {
    this.#read = read;
    this.#offsetNs = this.#measure();
  }

  wallNs(monotonicNs: bigint): bigint {
    return monotonicNs + this.#offsetNs;
  }

  /** Call it now and then. */
  follow(): void {
    const offsetNs = this.#measure();
    const stepNs = offsetNs - this.#offsetNs;
    if (stepNs > STEP_NS || stepNs < -STEP_NS) this.#offsetNs = offsetNs;
  }

  #measure(): bigint {
    let best = this.#read();
    for (let more = 0; more < 7; more += 1) {
      const reading = this.#read();
      if (reading.afterNs - reading.beforeNs < best.afterNs - best.beforeNs) best = reading;
    }
    return best.wallNs - (best.beforeNs + best.afterNs) / 2n;
  }
}
