/** Sets of integers as intervals agree with the sets themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complement, type Interval, type Intervals, intersection, union } from './intervals.ts';

const all: Interval = { minimum: 0n, maximum: 7n };

/** Each subset of 0 to 7, as one interval for each number, the last first. */
function pointsOf(bits: number): Intervals {
  const numbers = [7, 6, 5, 4, 3, 2, 1, 0].filter((number) => (bits >> number) & 1);
  return numbers.map((number) => ({ minimum: BigInt(number), maximum: BigInt(number) }));
}

function bitsOf(intervals: Intervals): number {
  let bits = 0;
  for (const { minimum, maximum } of intervals) for (let at = minimum; at <= maximum; at += 1n) bits |= 1 << Number(at);
  return bits;
}

function isNormal(intervals: Intervals): boolean {
  return intervals.every(({ minimum, maximum }, at) => {
    const next = intervals[at + 1];
    return minimum <= maximum && (next === undefined || next.minimum > maximum + 1n);
  });
}

test('the union, the complement and the intersection of all subsets of eight numbers', () => {
  for (let left = 0; left < 256; left += 1) {
    const one = union(pointsOf(left));
    assert.ok(isNormal(one), `union of ${left}`);
    assert.equal(bitsOf(one), left);
    assert.equal(bitsOf(complement(one, all)), 255 & ~left);
    for (let right = 0; right < 256; right += 1) {
      assert.equal(bitsOf(intersection(one, union(pointsOf(right)))), left & right, `${left} and ${right}`);
    }
  }
});

test('intervals that hold one another, and bounds of 64 bits', () => {
  const most = 2n ** 64n - 1n;
  const wide = union([
    { minimum: 5n, maximum: 6n },
    { minimum: 0n, maximum: 10n },
    { minimum: most, maximum: most },
  ]);
  assert.deepEqual(wide, [
    { minimum: 0n, maximum: 10n },
    { minimum: most, maximum: most },
  ]);
  assert.deepEqual(complement(wide, { minimum: 0n, maximum: most }), [{ minimum: 11n, maximum: most - 1n }]);
  assert.deepEqual(complement([{ minimum: 0n, maximum: most }], { minimum: 0n, maximum: most }), []);
});
