/** The clocks of this machine. */
import type { ClockReading } from '#process';

export function readClocks(): ClockReading {
  const beforeNs = process.hrtime.bigint();
  return { beforeNs, wallNs: wallNs(), afterNs: process.hrtime.bigint() };
}

/** Nanoseconds since 1970. */
export function wallNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
