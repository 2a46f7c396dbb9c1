import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REORDER_WINDOW, type SequenceLoss, SequenceTracker } from './sequence.ts';
import { random } from './testing.ts';

const HOLD = 100n;

/** `from-to:count` of each loss. */
function brief(losses: readonly SequenceLoss[]): string {
  return losses.map(({ from, to, count }) => `${from}-${to}:${count}`).join(' ');
}

function feed(tracker: SequenceTracker, ...sequences: number[]): void {
  for (const sequence of sequences) tracker.observe(0, 0, sequence, BigInt(sequence));
}

const rows = [
  ['in order', 'one', [1, 2, 3], ''],
  ['out of order', 'one', [2, 1, 4, 3], ''],
  ['a hole', 'one', [1, 4], '2-3:2'],
  ['two holes are told together', 'one', [1, 3, 6], '2-5:3'],
  ['missing at the start of a new ring', 'one', [3], '1-2:2'],
  ['the start of a ring that was found running', 'first', [500, 501], ''],
  ['a hole in one that was found running', 'first', [500, 502], '501-501:1'],
  ['further than the window', 'one', [1, 1_000_000], `2-999999:${999_998}`],
  ['one beyond the window', 'one', [1, REORDER_WINDOW + 2, 3], `2-${REORDER_WINDOW + 1}:${REORDER_WINDOW - 1}`],
  ['the window exactly', 'one', [1, REORDER_WINDOW + 1, 2], `3-${REORDER_WINDOW}:${REORDER_WINDOW - 2}`],
] as const;

for (const [name, begin, sequences, expected] of rows) {
  test(`sequence: ${name}`, () => {
    const tracker = new SequenceTracker({ begin });
    feed(tracker, ...sequences);
    assert.equal(brief(tracker.finish()), expected);
    assert.equal(brief(tracker.finish()), '', 'told once');
  });
}

test('sequence: a hole is held before it is declared', () => {
  const tracker = new SequenceTracker({ begin: 'one', holdNs: HOLD });
  assert.equal(brief(tracker.tick(0n)), '');
  feed(tracker, 1, 3);
  assert.equal(brief(tracker.tick(HOLD)), '', 'noticed');
  assert.equal(brief(tracker.tick(HOLD + HOLD / 2n)), '', 'held');
  feed(tracker, 5);
  assert.equal(brief(tracker.tick(2n * HOLD)), '2-2:1', 'declared; the later hole is still held');
  feed(tracker, 4);
  assert.equal(brief(tracker.tick(3n * HOLD)), '');
  assert.deepEqual(tracker.totals, { lost: 1, late: 0, untracked: 0 });
});

test('sequence: what arrives after it was declared is late, as is a repeat', () => {
  const tracker = new SequenceTracker({ begin: 'one' });
  feed(tracker, 1, 3);
  tracker.finish();
  feed(tracker, 2, 3, 5, 5);
  assert.deepEqual(tracker.totals, { lost: 1, late: 3, untracked: 0 });
});

test('sequence: rings and CPUs count apart', () => {
  const tracker = new SequenceTracker({ begin: 'one' });
  for (const [ring, cpu] of [
    [0, 0],
    [0, 1],
    [1, 0],
  ] as const)
    tracker.observe(ring, cpu, 1, 0n);
  tracker.observe(1, 1, 2, 0n);
  assert.deepEqual(
    tracker.finish().map(({ ring, cpu, count }) => [ring, cpu, count]),
    [[1, 1, 1]],
  );
});

test('sequence: numbers that the kernel gave out and no record brought are lost', () => {
  const tracker = new SequenceTracker({ begin: 'one' });
  feed(tracker, 1, 2);
  tracker.reached(0, 0, 5);
  assert.equal(brief(tracker.finish()), '3-5:3');
});

test('sequence: the interval spans from the last whole record to the newest', () => {
  const tracker = new SequenceTracker({ begin: 'one' });
  for (const [sequence, timeNs] of [
    [1, 10n],
    [2, 20n],
    [5, 50n],
    [6, 60n],
  ] as const)
    tracker.observe(0, 0, sequence, timeNs);
  const [loss] = tracker.finish();
  assert.deepEqual([loss?.fromNs, loss?.toNs], [20n, 60n]);
});

test('property: what is declared lost is what did not arrive', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const { below } = random(seed);
  for (let round = 0; round < 200; round++) {
    const total = 1 + below(3000);
    const dropped = below(4);
    const arriving: number[] = [];
    for (let sequence = 1; sequence < total; sequence++) if (below(10) >= dropped) arriving.push(sequence);
    arriving.push(total);
    // Each record is late by a distance below the window.
    const order = new Map(arriving.map((sequence) => [sequence, sequence + below(500)]));
    arriving.sort((a, b) => (order.get(a) ?? a) - (order.get(b) ?? b));
    const tracker = new SequenceTracker({ begin: 'one', holdNs: 1_000_000n });
    const losses: SequenceLoss[] = [];
    arriving.forEach((sequence, index) => {
      feed(tracker, sequence);
      if (index % 97 === 0) losses.push(...tracker.tick(BigInt(index)));
    });
    losses.push(...tracker.finish());
    const lost = losses.reduce((sum, { count }) => sum + count, 0);
    assert.equal(lost, total - arriving.length, `seed ${seed} round ${round}`);
    assert.equal(tracker.totals.lost, lost);
    assert.equal(tracker.totals.late, 0);
  }
});
