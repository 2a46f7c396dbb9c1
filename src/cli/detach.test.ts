/** `ringfence detach` while an agent still runs: it waits as long as it is told to. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockNode } from '#sensors';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-detach-'));
after(() => rmSync(directory, { recursive: true }));

async function detach(...args: readonly string[]) {
  const flags = ['--bpf-dir', join(directory, 'pins'), '--run-dir', directory];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'detach', '--all', ...args, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (bytes) => {
    errors += String(bytes);
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, errors };
}

const skip = process.getuid?.() === 0 ? false : 'only root may detach';

test('it is refused while the lock of the node is held, and done once that is free', { skip }, async () => {
  const lock = lockNode(directory);
  assert.match((await detach()).errors, /RF3021/);
  const waiting = detach('--wait', '120');
  const early = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 1500, 'waits'))]);
  assert.equal(early, 'waits');
  lock[Symbol.dispose]();
  assert.deepEqual(await waiting, { status: 0, errors: '' });
});

test('a time that is none is refused', async () => {
  const { status, errors } = await detach('--wait', 'long');
  assert.equal(status, 2);
  assert.match(errors, /number of seconds/);
});
