/** The property test finds what it is for: a compiler that is wrong in one way is caught, whichever way it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from './faults.ts';
import { search } from './search.ts';
import { seed, skipReason } from './setting.ts';
import { describe, shrink } from './shrink.ts';
import { Bench } from './trial.ts';

const skip = skipReason();
/** A fault is to be found within as many calls as these are. */
const bound = { policies: 1000, observations: 100 } as const;

for (const fault of faults) {
  test(`caught: ${fault.name} (RINGFENCE_SEED=${seed})`, { skip }, (context) => {
    using bench = new Bench();
    const { disagreement, observations } = search({ seed, ...bound, fault }, bench);
    assert.ok(disagreement !== undefined, `not noticed in ${observations} calls`);
    context.diagnostic(`noticed after ${observations} calls`);
    const smallest = shrink(disagreement, bench, fault);
    assert.ok(smallest.trial.policies.length <= disagreement.trial.policies.length);
    assert.match(describe(smallest, seed), /disagree(.|\n)*meaning: (.|\n)*program: /);
  });
}
