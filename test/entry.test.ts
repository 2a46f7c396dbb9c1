/** The way in: exit codes and signals of what it starts are its own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const entry = join(import.meta.dirname, '../src/entry.js');

test('the exit code of a command comes through', () => {
  assert.equal(spawnSync(process.execPath, [entry, '--version']).status, 0);
  assert.equal(spawnSync(process.execPath, [entry, 'policy', 'check', '/nonexistent']).status, 1);
  assert.equal(spawnSync(process.execPath, [entry, 'no-such-command']).status, 2);
});

test('what ends the entry ends the command too', async () => {
  // reads a policy from its standard input, which stays open: it runs until it is ended
  const child = spawn(process.execPath, [entry, 'policy', 'check', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const started = Date.now();
  const childrenOf = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  while (childrenOf() === '' && Date.now() - started < 30_000) await new Promise((wake) => setTimeout(wake, 50));
  const command = Number(childrenOf());
  assert.ok(command > 0, 'the command runs');
  child.kill('SIGTERM');
  const [status] = await once(child, 'exit');
  assert.equal(status, 128 + 15);
  assert.throws(() => process.kill(command, 0), { code: 'ESRCH' });
});
