import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineQueue } from './line-queue.ts';

test('lines come out whole, in order, as many as a batch may have', () => {
  const queue = new LineQueue({ bytesMax: 1000, batchBytesMax: 10 });
  for (const line of ['aaa', 'bbb', 'ccccccccccccccc', 'ö']) queue.push(line);
  assert.equal(queue.length, 4);
  assert.deepEqual(
    Array.from({ length: 4 }, () => queue.take().toString()),
    ['aaa\nbbb\n', 'ccccccccccccccc\n', 'ö\n', ''],
  );
  assert.equal(queue.length, 0);
});

test('the last quarter of the room is for verdicts, and what is taken makes room', () => {
  const queue = new LineQueue({ bytesMax: 40, batchBytesMax: 10 });
  const room = () => [queue.hasRoom(false), queue.hasRoom(true)];
  for (let line = 0; line < 3; line += 1) queue.push('123456789');
  assert.deepEqual(room(), [false, true]);
  queue.push('123456789');
  assert.deepEqual(room(), [false, false]);
  queue.take();
  queue.take();
  assert.deepEqual(room(), [true, true]);
});
