import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baselineOf, type Change, changeText, compare, type Known } from './baseline.ts';

const known = (value: number, spread = 0): Known => ({ value, spread });

const table: readonly (readonly [name: string, was: Known, is: Known, kind: Change['kind']])[] = [
  ['equal', known(1_000), known(1_000), 'same'],
  ['five in a hundred', known(1_000), known(1_050), 'same'],
  ['more', known(1_000), known(1_051), 'worse'],
  ['cheaper by more', known(1_000), known(949), 'better'],
  ['less than the batches differ', known(1_000, 20), known(1_080, 90), 'same'],
  ['more than the batches differ', known(1_000, 20), known(1_100, 90), 'worse'],
  ['nothing, and the clock ticked', known(0), known(0.6), 'same'],
  ['nothing, and now two events', known(0), known(2), 'worse'],
];

for (const [name, was, is, kind] of table) {
  test(`against the baseline: ${name}`, () => {
    assert.deepEqual(
      compare({ row: was }, { row: is }, ['row']).map((change) => change.kind),
      [kind],
    );
  });
}

test('rows that one side does not have', () => {
  const changes = compare({ old: known(1) }, { new: known(2) }, ['old', 'new', 'neither']);
  assert.deepEqual(changes.map(changeText), [
    'old: not measured; it was 1',
    'new: 2, which the baseline does not have',
  ]);
});

test('what was not asked for is not missed', () => {
  assert.deepEqual(compare({ old: known(1) }, {}, []), []);
});

test('a baseline is of one column', () => {
  const columns = {
    ours: { value: 1.234, spread: 0.126, verdict: 'told' },
    off: { value: 9, spread: 0, verdict: 'told' },
  } as const;
  const results = [
    { id: 'a', title: 'a', unit: 'instructions', columns },
    { id: 'b', title: 'b', unit: 'instructions', columns: { off: columns.off } },
  ];
  assert.deepEqual(baselineOf(results, 'ours'), { a: { value: 1.23, spread: 0.13 } });
});
