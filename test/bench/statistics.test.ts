import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, summarise } from './statistics.ts';

const table: readonly (readonly [name: string, values: readonly number[], median: number, spread: number])[] = [
  ['one batch', [7], 7, 0],
  ['five, one of them far away', [10, 11, 12, 13, 900], 12, 2],
  ['an even number', [1, 2, 3, 4], 2.5, 1.5],
  ['in any order', [13, 10, 900, 12, 11], 12, 2],
];

for (const [name, values, median, spread] of table) {
  test(`batches: ${name}`, () => assert.deepEqual(summarise(values), { median, spread }));
}

test('a difference is as unsure as both together', () => {
  assert.deepEqual(difference({ median: 10, spread: 2 }, { median: 4, spread: 1 }), { median: 6, spread: 3 });
});

test('no batch is no number', () => {
  assert.throws(() => summarise([]));
});
