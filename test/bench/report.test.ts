import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Measurement, Samples } from './measurement.ts';
import { resultsOf, resultTable } from './report.ts';
import { chosenRows, rows } from './rows.ts';
import type { SetName } from './sets.ts';

const wanted = chosenRows(['open-5-short']);

function samples(condition: Condition, costs: readonly number[], set?: SetName): Samples {
  return { condition, set, work: 'open-short', costs };
}

function measurement(ours: readonly number[]): Measurement {
  const floors = [samples('none', [100, 100, 100]), samples('empty', [200, 200, 200]), samples('minimal', [900])];
  return { samples: [...floors, samples('agent:ours', ours, 'open x 1')], figures: [], missing: [] };
}

const table: readonly (readonly [name: string, ours: readonly number[], verdict: string])[] = [
  ['within the limit', [1_300, 1_300, 1_300], 'kept'],
  ['at the limit', [1_450, 1_450.4, 1_450], 'kept'],
  ['above', [1_451, 1_451, 1_451], 'missed'],
  ['too far apart to say', [1_000, 1_300, 1_600], 'unsure'],
];

for (const [name, ours, verdict] of table) {
  test(`a row: ${name}`, () => {
    const [row] = resultsOf(wanted, ['ours'], measurement(ours));
    assert.deepEqual([row?.alone, row?.empty, row?.minimal], [100, 100, 800]);
    assert.equal(row?.columns.ours?.verdict, verdict);
  });
}

test('batches that are too far apart give way to the statistics of the programs', () => {
  const apart = measurement([1_000, 1_300, 1_600]);
  const told = apart.samples.map((each) => (each.set === undefined ? each : { ...each, inPrograms: 1_400 }));
  const [row] = resultsOf(wanted, ['ours'], { ...apart, samples: told });
  assert.deepEqual(row?.columns.ours, { value: 1_400, spread: 0, verdict: 'missed', byPrograms: true });
  const [near] = resultsOf(wanted, ['ours'], measurement([1_300, 1_300, 1_300]));
  assert.equal(near?.columns.ours?.value, 1_200);
});

test('what was not measured has no row', () => {
  assert.deepEqual(resultsOf(wanted, ['ours'], { samples: [], figures: [], missing: [] }), []);
});

test('without the agent, its column is empty', () => {
  const results = resultsOf(wanted, ['off'], measurement([1_300]));
  assert.deepEqual(results[0]?.columns, {});
});

test('by a clock of time there is no limit', () => {
  const [row] = resultsOf(wanted, ['ours'], measurement([9_000]), 'ns');
  assert.deepEqual(
    [row?.unit, row?.limit, row?.peer, row?.columns.ours?.verdict],
    ['ns', undefined, undefined, 'told'],
  );
});

test('a figure of the agent has its own unit', () => {
  const figures = [{ column: 'ours', name: 'rss', value: 101 }];
  const results = resultsOf(chosenRows(['memory']), ['ours'], { samples: [], figures, missing: [] });
  assert.equal(results.length, 1);
  assert.equal(results[0]?.columns.ours?.verdict, 'missed');
  assert.match(resultTable(results, ['ours']), /\(MiB\).*101.*MISSED.*100.*112-176/);
});

test('rows are told apart, and found by name and by group', () => {
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  assert.deepEqual(
    chosenRows(['getpid', 'read-5']).map(({ id }) => id),
    ['read-5', 'getpid'],
  );
  assert.equal(chosenRows([]).length, rows.length);
});
