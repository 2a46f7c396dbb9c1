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
