/** The capabilities that the systemd unit leaves to the agent are enough: it attaches, denies and tells with them alone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serviceCapabilities } from './harness/capabilities.ts';
import { commandLine, Lines, policyText, repository, Scene } from './harness/index.ts';

const READY_TIMEOUT_MS = 180_000;
const EVENT_TIMEOUT_MS = 30_000;

const kept: readonly number[] = Object.values(serviceCapabilities);

/** Gives up what the unit takes away, then becomes the agent. */
const CONFINED = `
  import koffi from 'koffi';
  const prctl = koffi.load('libc.so.6').func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');
  const PR_CAPBSET_DROP = 24;
  const PR_SET_NO_NEW_PRIVS = 38;
  for (let bit = 0; bit < 64; bit += 1) if (!${JSON.stringify(kept)}.includes(bit)) prctl(PR_CAPBSET_DROP, bit, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new Error('no_new_privs');
  process.execve(process.execPath, [process.execPath, ...process.argv.slice(1)]);
`;

const scene = new Scene('tmpfs');
const directory = mkdtempSync(join(tmpdir(), 'ringfence-unit-'));
let agent: ChildProcess | undefined;

after(async () => {
  if (agent !== undefined && agent.exitCode === null) {
    agent.kill('SIGTERM');
    await once(agent, 'exit');
  }
  rmSync(directory, { recursive: true });
  scene.remove();
});

test('with the capabilities of the unit, and no way to get more, the agent enforces', async () => {
  const policy = join(directory, 'policy.yaml');
  writeFileSync(
    policy,
    policyText({
      name: 'unit',
      hooks: ['file_open'],
      rules: [{ paths: [scene.secret.path], action: { override: 1 } }],
    }),
  );
  const run = [commandLine, 'run', '--policy', policy, '--output', 'json', '--start-guard', '0'];
  const child = spawn(process.execPath, ['--input-type=module', '-e', CONFINED, ...run], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  agent = child;
  const events = new Lines(child.stdout);
  const log = new Lines(child.stderr);
  const ready = await log.until(() => log.seen.find((line) => line.includes('"msg":"ready"')), READY_TIMEOUT_MS);
  assert.ok(ready !== undefined, log.seen.join('\n'));
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  const expected = kept.reduce((set, bit) => set | (1n << BigInt(bit)), 0n);
  assert.equal(BigInt(`0x${/^CapBnd:\s*(\w+)$/m.exec(status)?.[1]}`), expected, 'it has no more than the unit gives');
  assert.match(status, /^NoNewPrivs:\s*1$/m);

  assert.throws(() => readFileSync(scene.secret.path), { code: 'EPERM' });
  const told = await events.until(
    () => events.seen.find((line) => line.includes('process_lsm') && line.includes('"denied"')),
    EVENT_TIMEOUT_MS,
  );
  assert.ok(told !== undefined, events.seen.slice(-3).join('\n'));
});
