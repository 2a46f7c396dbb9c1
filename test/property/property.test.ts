/** Compiled programs do what src/policy says that their policies mean: random policies, random calls, no disagreement. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coverage } from './coverage.ts';
import { search } from './search.ts';
import { seed, setting, skipReason } from './setting.ts';
import { describe, shrink } from './shrink.ts';
import { Bench } from './trial.ts';

const policies = setting('RINGFENCE_POLICIES', 2000);
const observations = setting('RINGFENCE_OBSERVATIONS', 1000);

/** So often each filter is to answer each of its answers, when so many calls are made at least. */
const answersMin = 100;
const callsForAnswers = 150_000;

test(`programs and the meaning of their policies agree (RINGFENCE_SEED=${seed})`, { skip: skipReason() }, (context) => {
  using bench = new Bench();
  const coverage = new Coverage();
  const found = search({ seed, policies, observations, coverage }, bench);
  if (found.disagreement !== undefined) {
    assert.fail(describe(shrink(found.disagreement, bench, undefined), seed));
  }
  context.diagnostic(`${coverage}`);
  const { policies: tried, observations: made, matched, sets, groups } = found;
  context.diagnostic(
    `seed ${seed}: ${tried} policies, ${made} calls of which ${matched} match, ${groups} trials with groups, sets: ${JSON.stringify(sets)}`,
  );
  assert.ok(matched > made / 5, 'one call of five matches');
  assert.ok(groups > 0, 'some programs look into a set for many policies at once');
  if (made < callsForAnswers) return;
  assert.ok(!Object.values(sets).includes(0), 'programs look into sets of all kinds');
  assert.deepEqual(coverage.below(answersMin), []);
});
