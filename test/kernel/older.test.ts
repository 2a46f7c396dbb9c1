/** An agent of another version refuses a policy that the last one enforced: the fence stays until somebody takes it down. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Agent,
  commandLine,
  nextCommandLine,
  policyText,
  Scene,
  SharedPlace,
  startAgent,
} from './harness/index.ts';

const scene = new Scene('tmpfs');
const place = new SharedPlace('older');
const made = join(place.directory, 'made');

const shield = policyText({
  name: 'shield',
  hooks: ['file_open'],
  rules: [{ paths: [scene.secret.path], action: { override: 1 } }],
});
/** Another thread can get around it, which an agent with --strict refuses. */
const racy = JSON.stringify({
  apiVersion: 'cilium.io/v1alpha1',
  kind: 'TracingPolicy',
  metadata: { name: 'racy' },
  spec: {
    kprobes: [
      {
        ...{ call: 'sys_mkdir', args: [{ index: 0, type: 'string' }] },
        selectors: [
          {
            matchArgs: [{ index: 0, operator: 'Equal', values: [made] }],
            matchActions: [{ action: 'Sigkill' }],
          },
        ],
      },
    ],
  },
});

function ringfence(...args: readonly string[]): string {
  const env = { ...process.env, RINGFENCE_CONTROL_SOCKET: join(place.run, 'control.sock') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [nextCommandLine, ...args], { encoding: 'utf8', env });
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

function fileWith(name: string, text: string): string {
  const path = join(place.directory, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

const isDenied = () => spawnSync('cat', [scene.secret.path], { stdio: 'ignore' }).status !== 0;
const isKilled = () => {
  const { signal } = spawnSync('mkdir', [made], { stdio: 'ignore' });
  rmSync(made, { recursive: true, force: true });
  return signal === 'SIGKILL';
};
const layouts = () => readdirSync(place.pins).length;

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    if (isSo()) return;
    await sleep(500);
  }
  assert.fail(`${what} did not come`);
}

describe('the next version refuses what is enforced', () => {
  let agent: Agent;
  before(async () => {
    assert.ok(existsSync(nextCommandLine), 'the next version is built: node test/upgrade/build.ts');
    agent = await startAgent({ policies: [], place });
    ringfence('policy', 'add', fileWith('shield', shield));
    ringfence('policy', 'add', fileWith('racy', racy));
    assert.deepEqual([isDenied(), isKilled()], [true, true]);
    await agent.stop();
    assert.deepEqual([isDenied(), isKilled()], [true, true], 'while no agent runs');
    agent = await startAgent({ policies: [], place, program: nextCommandLine, args: ['--strict'] });
  });
  after(async () => {
    await agent.kill();
    place[Symbol.dispose]();
    scene.remove();
  });

  test('what the last version left goes on with it, and status and log say so', () => {
    assert.deepEqual([isDenied(), isKilled(), layouts()], [true, true, 2]);
    assert.match(ringfence('policy', 'list'), /^racy .*refused, older enforces/m);
    assert.match(ringfence('policy', 'list'), /^shield .*loaded/m);
    assert.match(ringfence('status'), /^older version .* enforces racy$/m);
    assert.match(agent.log, /"code":"RF2407"/);
  });

  test('what it tells is counted, as nobody knows its form', async () => {
    assert.equal(isKilled(), true);
    const isLoss = (event: object) => JSON.stringify(event).includes('"stage":"upgrade"');
    await agent.eventsWhere('loss of the older programs', isLoss);
  });

  test('a policy that this version enforces is not enforced by the other one: deleting it ends it', async () => {
    ringfence('policy', 'delete', 'shield');
    assert.deepEqual([isDenied(), isKilled(), layouts()], [false, true, 2]);
  });

  test('killed and started again, it still knows', async () => {
    await agent.kill();
    assert.equal(isKilled(), true);
    agent = await startAgent({ policies: [], place, program: nextCommandLine, args: ['--strict'] });
    assert.deepEqual([isDenied(), isKilled(), layouts()], [false, true, 2]);
  });

  test('the refused policy is deleted: nothing of the other version is left', async () => {
    ringfence('policy', 'delete', 'racy');
    await until('its end', () => layouts() === 1);
    assert.equal(isKilled(), false);
    assert.equal(ringfence('status').includes('older version'), false);
    assert.deepEqual(
      readdirSync(place.run).filter((name) => name.startsWith('loaded-')).length,
      1,
      'and only its own policies are written down',
    );
  });

  test('without --strict, the version before takes all over', async () => {
    ringfence('policy', 'add', fileWith('shield', shield));
    await agent.stop();
    agent = await startAgent({ policies: [], place, program: commandLine });
    assert.deepEqual([isDenied(), layouts()], [true, 1]);
  });
});
