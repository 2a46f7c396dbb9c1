/** The ways to keep policies from enforcing, with an agent that is real: kernel argument, start guard, detection. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ControlClient } from '#control';
import { type Agent, launchAgent, policyText, Scene, SharedPlace, startAgent, statusOnce } from './harness/index.ts';

const scene = new Scene('tmpfs');
const place = new SharedPlace('way-out');
const journal = join(place.state, 'start-guard.json');
const client = new ControlClient({ path: join(place.run, 'control.sock') });
const NOBODY = 65_534;

const policies = [
  policyText({ name: 'fence', hooks: ['file_open'], rules: [{ paths: [scene.secret.path], action: { override: 1 } }] }),
];
/** Longer than this test takes. */
const guarded = ['--start-guard', '1h', '--event', 'lsm'];

const isDenied = () => spawnSync('cat', [scene.secret.path], { stdio: 'ignore' }).status !== 0;

function mount(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

describe('a way out', () => {
  let agent: Agent | undefined;
  after(async () => {
    await agent?.kill();
    spawnSync('umount', ['/proc/cmdline']);
    place[Symbol.dispose]();
    scene.remove();
  });

  test('the kernel argument ringfence=off: nothing is attached for as long as it is there', async () => {
    const commandLine = join(place.directory, 'cmdline');
    writeFileSync(commandLine, `${readFileSync('/proc/cmdline', 'utf8').trim()} ringfence=off\n`);
    mount('--bind', commandLine, '/proc/cmdline');
    agent = launchAgent({ policies, place, args: guarded });
    const { agent: said } = await statusOnce(client);
    assert.deepEqual(said.startGuard, { enforcement: 'off', reason: 'the kernel argument ringfence=off' });
    assert.deepEqual([isDenied(), existsSync(place.pins), existsSync(journal)], [false, false, false]);
    assert.equal(spawnSync('umount', ['/proc/cmdline']).status, 0);
  });

  test('after a boot policies watch first, and status says until when', async () => {
    const { agent: said, policies: loaded } = await statusOnce(
      client,
      ({ policies: some }) => some[0]?.state === 'loaded',
    );
    assert.equal(said.startGuard.enforcement, 'monitor');
    assert.match(said.startGuard.reason, /first start/);
    assert.ok((said.startGuard.untilMs ?? 0) > Date.now());
    assert.equal(loaded[0]?.mode, 'enforce');
    assert.equal(isDenied(), false);
    assert.equal(JSON.parse(readFileSync(journal, 'utf8')).phase, 'watching');
  });

  test('a boot that died after policies were attached: they only watch, until somebody who is there says more', async () => {
    await agent?.kill();
    const left = JSON.parse(readFileSync(journal, 'utf8'));
    writeFileSync(journal, JSON.stringify({ ...left, boot: 'that-died' }), { mode: 0o600 });
    writeFileSync(join(place.run, 'off'), '');
    chownSync(join(place.run, 'off'), NOBODY, NOBODY);
    agent = await startAgent({ policies, place, args: guarded });
    const { agent: said } = await client.status();
    assert.deepEqual(said.startGuard, {
      enforcement: 'monitor',
      reason: 'boot that-died died soon after policies were attached',
    });
    assert.match(agent.log, /RF5101.*user 65534/, 'a break-glass file of somebody else is not obeyed, and told of');
    assert.equal(isDenied(), false);
    await agent.eventsWhere('what would have been denied', ({ process_lsm }) => process_lsm?.policy_name === 'fence');
    const change = await client.setMode({ name: 'fence', namespace: undefined }, 'enforce');
    assert.equal(change.kind, 'done');
    assert.equal((await client.status()).agent.startGuard.enforcement, 'enforce');
    assert.equal(isDenied(), true);
    rmSync(join(place.run, 'off'));
    assert.equal((await agent.stop()).status, 0);
  });

  test('--detect: whatever policies say, nothing is enforced, and status says so', async () => {
    agent = await startAgent({ policies, place, args: guarded, detect: true });
    const { agent: said, policies: loaded } = await client.status();
    assert.deepEqual([said.mode, loaded[0]?.state, loaded[0]?.mode], ['detect', 'loaded', 'enforce']);
    assert.equal(isDenied(), false);
    await agent.eventsWhere('what would have been denied', ({ process_lsm }) => process_lsm?.policy_name === 'fence');
    assert.ok(((await client.status()).policies[0]?.counts?.monitored ?? 0) > 0);
    assert.equal((await agent.stop()).status, 0);
    agent = undefined;
  });
});
