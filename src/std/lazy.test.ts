/** Nothing is made before it is asked for, and nothing twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazy, lazyRecord } from './lazy.ts';

test('a value is made once, when it is asked for', () => {
  let calls = 0;
  const value = lazy(() => {
    calls += 1;
    return undefined;
  });
  assert.equal(calls, 0);
  assert.equal(value(), undefined);
  value();
  assert.equal(calls, 1);
});

test('what fails is tried again', () => {
  let calls = 0;
  const value = lazy(() => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return calls;
  });
  assert.throws(value, /not yet/);
  assert.equal(value(), 2);
});

test('of a record, only what is read is made; it looks like any other', () => {
  const made: string[] = [];
  const make = (name: string) => () => {
    made.push(name);
    return name.length;
  };
  const record = lazyRecord({ one: make('one'), three: make('three') });
  assert.deepEqual(Object.keys(record), ['one', 'three']);
  assert.deepEqual(made, []);
  assert.equal(record.three, 5);
  assert.deepEqual(made, ['three']);
  assert.equal(JSON.stringify(record), '{"one":3,"three":5}');
  assert.deepEqual({ ...record }, { one: 3, three: 5 });
  assert.deepEqual(made, ['three', 'one']);
});
