/** Each change of a letter counts one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance } from './edit-distance.ts';

const table = [
  ['open', 'open', 0],
  ['', 'open', 4],
  ['open', 'opens', 1],
  ['open', 'pen', 1],
  ['open', 'oven', 1],
  ['opne', 'open', 1],
  ['sitting', 'kitten', 3],
] as const;

for (const [from, to, distance] of table) {
  test(`edit distance: "${from}" and "${to}"`, () => {
    assert.equal(editDistance(from, to), distance);
    assert.equal(editDistance(to, from), distance);
  });
}
