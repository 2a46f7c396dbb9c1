/** Changes for someone slow: one delivery at a time, the newest wins, nothing is lost but what a bound refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from './backoff.ts';
import { Changes } from './changes.ts';

function unexpected(error: unknown): void {
  assert.fail(String(error));
}

const RETRY_MS = { first: 1, max: 2 };

test('what comes during a delivery waits, and of each thing only the newest', async () => {
  const batches: (readonly (readonly [string, number])[])[] = [];
  const first = Promise.withResolvers<void>();
  const changes = new Changes<number>({
    deliver: async (batch) => {
      batches.push([...batch]);
      if (batches.length === 1) await first.promise;
    },
    onError: unexpected,
    keysMax: 10,
  });
  changes.set('a', 1);
  changes.set('b', 1);
  await Promise.resolve().then(() => undefined);
  for (let value = 2; value <= 100; value++) changes.set('a', value);
  first.resolve();
  await changes.settled();
  assert.deepEqual(batches, [
    [
      ['a', 1],
      ['b', 1],
    ],
    [['a', 100]],
  ]);
  assert.equal(changes.replaced, 98);
});

test('what failed is tried again, but not what there is something newer of', async () => {
  const batches: ReadonlyMap<string, string>[] = [];
  const errors: unknown[] = [];
  const changes = new Changes<string>({
    deliver: async (batch) => {
      batches.push(batch);
      if (batches.length > 1) return;
      changes.set('a', 'newer');
      throw new Error('busy');
    },
    onError: (error) => errors.push(error),
    keysMax: 10,
    retryMs: RETRY_MS,
  });
  changes.set('a', 'old');
  changes.set('b', 'old');
  await changes.settled();
  assert.deepEqual(Object.fromEntries(batches[1] ?? []), { a: 'newer', b: 'old' });
  assert.equal(errors.length, 1);
});

test('more things than there is room for are refused and counted; a known one is not', async () => {
  const told: string[] = [];
  const changes = new Changes<number>({
    deliver: async (batch) => void told.push(...batch.keys()),
    onError: unexpected,
    keysMax: 2,
  });
  for (const key of ['a', 'b', 'c', 'a']) changes.set(key, 1);
  await changes.settled();
  assert.deepEqual(told, ['a', 'b']);
  assert.equal(changes.refused, 1);
});

test('after a stop nothing is delivered', async () => {
  const changes = new Changes<number>({ deliver: () => assert.fail(), onError: unexpected, keysMax: 2 });
  changes.set('a', 1);
  changes.stop();
  await changes.settled();
  changes.set('b', 1);
  await changes.settled();
});

test('each wait is longer, never all of it alike, and has an end', () => {
  const low = new Backoff({ first: 100, max: 1_000 }, () => 0);
  const high = new Backoff({ first: 100, max: 1_000 }, () => 1);
  const five = (backoff: Backoff) => Array.from({ length: 5 }, () => backoff.nextMs());
  assert.deepEqual(five(low), [50, 100, 200, 400, 500]);
  assert.deepEqual(five(high), [100, 200, 400, 800, 1_000]);
  low.reset();
  assert.equal(low.nextMs(), 50);
});
