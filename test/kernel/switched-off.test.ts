/** A machine that was booted with ringfence=off: the agent is there, says so, and attaches nothing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ControlClient } from '#control';
import { type Agent, launchAgent, policyText, Scene, SharedPlace, statusOnce } from './harness/index.ts';

const scene = new Scene('tmpfs');
const place = new SharedPlace('switched-off');
const client = new ControlClient({ path: join(place.run, 'control.sock') });
const policies = [
  policyText({ name: 'fence', hooks: ['file_open'], rules: [{ paths: [scene.secret.path], action: { override: 1 } }] }),
];

describe('a boot with ringfence=off', () => {
  let agent: Agent | undefined;
  after(async () => {
    await agent?.kill();
    place[Symbol.dispose]();
    scene.remove();
  });

  test('the kernel was booted so', () => {
    assert.match(readFileSync('/proc/cmdline', 'utf8'), /(^|\s)ringfence=off(\s|$)/);
  });

  test('status says why nothing is enforced, and nothing is', async () => {
    agent = launchAgent({ policies, place, args: [] });
    const status = await statusOnce(client);
    assert.deepEqual(status.agent.startGuard, { enforcement: 'off', reason: 'the kernel argument ringfence=off' });
    assert.deepEqual(status.policies, []);
    assert.equal(existsSync(place.pins), false);
    assert.ok(readFileSync(scene.secret.path).length > 0, 'the file of the policy is read');
  });

  test('it ends as it is told to, and leaves nothing', async () => {
    assert.equal((await agent?.stop())?.status, 0);
    agent = undefined;
    assert.equal(existsSync(place.pins), false);
  });
});
