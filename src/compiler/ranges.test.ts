import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, disjoint, orderedKey, prefixesOf } from './ranges.ts';

const span = { file: 'policy.yaml', line: 1, column: 1, endLine: 1, endColumn: 2, text: 'x' };
const range = (minimum: bigint, maximum: bigint) => ({ minimum, maximum, span });

test('ranges that touch or overlap become one, those outside of the bounds none', () => {
  const bounds = boundsOf({ bits: 8, signed: false });
  const given = [
    range(10n, 12n),
    range(300n, 400n),
    range(13n, 13n),
    range(0n, 0n),
    range(11n, 20n),
    range(250n, 999n),
  ];
  assert.deepEqual(
    disjoint(given, bounds).map(({ minimum, maximum }) => [minimum, maximum]),
    [
      [0n, 0n],
      [10n, 20n],
      [250n, 255n],
    ],
  );
  assert.deepEqual(disjoint([range(5n, 4n), range(-7n, -1n)], bounds), []);
});

test('a range is the fewest prefixes, and all of its numbers', () => {
  const texts = (minimum: bigint, maximum: bigint) =>
    prefixesOf({ minimum, maximum }).map(({ value, bits }) => `${value}/${bits}`);
  assert.deepEqual(texts(7n, 7n), ['7/64']);
  assert.deepEqual(texts(0n, 2n ** 64n - 1n), ['0/0']);
  assert.deepEqual(texts(1n, 8n), ['1/64', '2/63', '4/62', '8/64']);
  assert.equal(texts(1n, 2n ** 64n - 2n).length, 126);
  for (const [minimum, maximum] of [
    [3n, 77n],
    [64n, 127n],
    [0n, 100n],
  ] as const) {
    const covered = prefixesOf({ minimum, maximum }).reduce((sum, { bits }) => sum + (1n << BigInt(64 - bits)), 0n);
    assert.equal(covered, maximum - minimum + 1n);
  }
});

test('keys of signed numbers are in the order of the numbers', () => {
  const keys = [-(2n ** 63n), -2n, -1n, 0n, 1n, 2n ** 63n - 1n].map((value) => orderedKey(value, true));
  assert.deepEqual(
    keys,
    keys.toSorted((a, b) => (a < b ? -1 : 1)),
  );
  assert.equal(orderedKey(5n, false), 5n);
});
