/** The clock holds still while readings jitter, and follows when the time is set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClockReading, FollowingClock } from './boot-clock.ts';

const MS = 1_000_000n;

/** Readings one after the other; the last one goes on. */
function readings(list: readonly ClockReading[]): () => ClockReading {
  let next = 0;
  return () => {
    const reading = list[Math.min(next, list.length - 1)];
    next += 1;
    assert.ok(reading !== undefined);
    return reading;
  };
}

const prompt = (offsetMs: bigint): ClockReading => ({ beforeNs: 100n, wallNs: offsetMs * MS + 101n, afterNs: 102n });

test('a reading that was interrupted does not count', () => {
  const interrupted = { beforeNs: 100n, wallNs: 500n * MS, afterNs: 900n * MS };
  const clock = new FollowingClock(readings([interrupted, prompt(7n), interrupted]));
  assert.equal(clock.wallNs(5n), 7n * MS + 5n);
});

test('jitter is not followed, a step is', () => {
  const clock = new FollowingClock(
    readings([
      ...Array.from({ length: 8 }, () => prompt(7n)),
      ...Array.from({ length: 8 }, () => prompt(9n)),
      prompt(60_000n),
    ]),
  );
  clock.follow();
  assert.equal(clock.wallNs(0n), 7n * MS);
  clock.follow();
  assert.equal(clock.wallNs(0n), 60_000n * MS);
});
