/** Which emulators are trusted with code that changes while it runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standsWrites } from './emulator.ts';

test('from QEMU 8.1 on', () => {
  const versions = [
    [7, 2],
    [8, 0],
    [8, 1],
    [8, 2],
    [10, 0],
  ] as const;
  assert.deepEqual(versions.map(standsWrites), [false, false, true, true, true]);
});
