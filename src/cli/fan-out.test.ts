/** Many at once, but no more than said; reported in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fanOut } from './fan-out.ts';

test('at most so many at once, and results in the order of the items', async () => {
  const waiting: (() => void)[] = [];
  const reported: number[] = [];
  let most = 0;
  const whenDone = fanOut(
    [0, 1, 2, 3, 4],
    2,
    (item) => new Promise<number>((resolve) => waiting.push(() => resolve(item * 10))),
    (item, result) => reported.push(item, result),
  );
  while (reported.length < 10) {
    most = Math.max(most, waiting.length);
    waiting.pop()?.(); // the last one first
    await new Promise((resolve) => setImmediate(resolve));
  }
  await whenDone;
  assert.equal(most, 2);
  assert.deepEqual(reported, [0, 0, 1, 10, 2, 20, 3, 30, 4, 40]);
});

test('after one that throws nothing more is begun', async () => {
  let begun = 0;
  const work = async () => {
    begun += 1;
    throw new Error('no');
  };
  await assert.rejects(
    fanOut([1, 2, 3], 1, work, () => undefined),
    /no/,
  );
  assert.equal(begun, 1);
});
