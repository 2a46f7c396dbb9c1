/** Programs of others on the same hooks, and in a cgroup: they run on whatever ours do, and are all that stays. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from '#control';
import {
  type Agent,
  commandLine,
  Foreigners,
  kernelObjects,
  launchAgent,
  openFunction,
  policyOf,
  policyText,
  Scene,
  SharedPlace,
  startAgent,
} from './harness/index.ts';

const scene = new Scene('tmpfs');
const place = new SharedPlace('foreign');
const glass = join(place.run, 'off');
const client = new ControlClient({ path: join(place.run, 'control.sock') });
const WAIT_MS = 60_000;

/** Each on a hook that a foreign program has too. */
const policies = [
  policyText({ name: 'fence', hooks: ['file_open'], rules: [{ paths: [scene.secret.path], action: { override: 1 } }] }),
  policyOf('function', { kprobes: [{ call: openFunction, syscall: false, args: [{ index: 0, type: 'int' }] }] }),
  policyOf('tracepoint', { tracepoints: [{ subsystem: 'syscalls', event: 'sys_enter_openat', args: [] }] }),
];
const quiet = ['--event', 'lsm'];

const isDenied = () => spawnSync('cat', [scene.secret.path], { stdio: 'ignore' }).status !== 0;

/** The kernel frees what is let go of a little later. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what);
    await sleep(200);
  }
}

const ids = () =>
  new Set((['link', 'prog', 'map'] as const).flatMap((what) => kernelObjects(what).map(({ id }) => `${what} ${id}`)));

describe('beside the programs of others', () => {
  let foreigners: Foreigners;
  let untouched: unknown;
  let theirs: ReadonlySet<string>;
  let agent: Agent | undefined;
  before(() => {
    foreigners = new Foreigners();
    untouched = foreigners.whole;
    theirs = ids();
  });
  after(async () => {
    await agent?.kill();
    place[Symbol.dispose]();
    foreigners[Symbol.dispose]();
    scene.remove();
  });

  function checkForeigners(): void {
    assert.deepEqual(foreigners.whole, untouched);
    assert.deepEqual(foreigners.blind(), []);
  }

  async function checkNothingOfOurs(): Promise<void> {
    await until('nothing of ours is in the kernel', () => [...ids()].every((each) => theirs.has(each)));
    assert.deepEqual(ids(), theirs);
    assert.ok(!existsSync(place.pins), `${place.pins} is gone`);
    assert.ok(!readdirSync('/sys/fs/bpf').some((name) => name.includes('ringfence')));
    assert.equal(isDenied(), false);
  }

  test('they run before ours come', () => checkForeigners());

  test('they run while ours are attached, and while ours are replaced', async () => {
    agent = await startAgent({ policies, place, args: quiet });
    assert.equal(isDenied(), true);
    checkForeigners();
    const more = policyText({ name: 'more', hooks: ['file_open'], rules: [{ paths: ['/none'], action: 'Post' }] });
    assert.equal((await client.add({ text: more, source: 'more.yaml' })).kind, 'done');
    assert.equal((await client.remove({ name: 'more', namespace: undefined })).kind, 'done');
    checkForeigners();
  });

  test('the glass is broken while the agent runs: all that is ours goes, theirs stays, and status says so', async () => {
    writeFileSync(glass, '');
    await until('the agent takes everything down', async () => !existsSync(place.pins));
    await checkNothingOfOurs();
    checkForeigners();
    await until('the agent answers', async () => (await client.status().catch(() => undefined)) !== undefined);
    const status = await client.status();
    assert.deepEqual([status.agent.startGuard.enforcement, status.policies], ['off', []]);
    assert.match(status.agent.startGuard.reason, /break-glass file .*\/off$/);
    const refused = await client.add({ text: policies[0] ?? '', source: 'fence.yaml' });
    assert.deepEqual([refused.kind, refused.diagnostics.map(({ code }) => code)], ['refused', ['RF3509']]);
  });

  test('when the file is gone, the agent comes back by itself', async () => {
    rmSync(glass);
    await until('it enforces again', isDenied);
    const status = async () => await client.status().catch(() => undefined);
    await until('it says so', async () => (await status())?.agent.startGuard.enforcement === 'enforce');
    assert.deepEqual((await client.status()).policies.map(({ name, state }) => `${name} ${state}`).toSorted(), [
      'fence loaded',
      'function loaded',
      'tracepoint loaded',
    ]);
    checkForeigners();
  });

  test('the glass is broken before a start: what an earlier agent left goes, and nothing is attached', async () => {
    await agent?.kill();
    assert.equal(isDenied(), true, 'what is pinned goes on');
    writeFileSync(glass, '');
    agent = launchAgent({ policies, place, args: quiet });
    await until('the agent answers', async () => (await client.status().catch(() => undefined)) !== undefined);
    assert.equal((await client.status()).agent.startGuard.enforcement, 'off');
    await checkNothingOfOurs();
    checkForeigners();
    const { status, log } = await agent.stop();
    assert.equal(status, 0, log);
    agent = undefined;
    rmSync(glass);
  });

  test('after detach --all only theirs is left', async () => {
    agent = await startAgent({ policies, place, args: quiet });
    await agent.kill();
    agent = undefined;
    assert.equal(isDenied(), true);
    checkForeigners();
    const flags = ['--bpf-dir', place.pins, '--run-dir', place.run];
    const { status, stderr } = spawnSync(process.execPath, [commandLine, 'detach', '--all', ...flags], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    await checkNothingOfOurs();
    checkForeigners();
  });
});
