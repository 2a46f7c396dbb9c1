/**
 * The agent is killed, started again and upgraded to another version, whose maps have another layout, while an attack
 * does not stop. Who attacks pauses for milliseconds, so that an agent gets to start on two slow CPUs; swap.test.ts
 * attacks without. RINGFENCE_SWAP_LONG=1: twenty kills and five upgrades; RINGFENCE_SWAP_PAUSE=0: no pause here either.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import { abiVersion } from '#abi';
import {
  type Agent,
  commandLine,
  nextCommandLine,
  policyText,
  Scene,
  SharedPlace,
  Siege,
  startAgent,
} from './harness/index.ts';

const long = process.env.RINGFENCE_SWAP_LONG === '1';
const pauses = process.env.RINGFENCE_SWAP_PAUSE !== '0';
const KILLS = long ? 20 : 2;
const UPGRADES = long ? 5 : 1;
const ATTEMPTS = 100_000;
/** With the processes, more than there are CPUs. */
const THREADS = 4;
const PROCESSES = 2;
const OPENING_PAUSE_US = pauses ? 5_000 : 0;
const KILLING_PAUSE_US = pauses ? 400_000 : 0;

const scene = new Scene('tmpfs');
const place = new SharedPlace('takeover');
const denied = scene.secret.path;
const killed = scene.addSecret().path;
/** What is denied is not told: that many events are for nobody. */
const args = ['--event', 'exec'];
const policies = [
  policyText({ name: 'denied', hooks: ['file_open'], rules: [{ paths: [denied], action: { override: 1 } }] }),
  policyText({ name: 'killed', hooks: ['file_open'], rules: [{ paths: [killed], action: 'Sigkill' }] }),
];

describe('an attack that does not stop', () => {
  let agent: Agent;
  let opening: Siege;
  let killing: Siege;
  before(async () => {
    agent = await startAgent({ policies, place, args });
    opening = await Siege.start({
      ...{ way: 'open', threads: THREADS, path: denied },
      pauseMicroseconds: OPENING_PAUSE_US,
    });
    killing = await Siege.start({
      ...{ way: 'kill', threads: PROCESSES, path: killed },
      pauseMicroseconds: KILLING_PAUSE_US,
    });
  });
  after(async () => {
    await opening[Symbol.asyncDispose]();
    await killing[Symbol.asyncDispose]();
    await agent.kill();
    place[Symbol.dispose]();
    scene.remove();
  });

  /** From the end of one agent until the next one is ready. */
  async function succeed(end: (agent: Agent) => Promise<unknown>, program: string, t: TestContext): Promise<void> {
    const attempts = () => [opening.counts.attempts, killing.counts.attempts] as const;
    const ended = attempts();
    await end(agent);
    const alone = attempts();
    agent = await startAgent({ policies, place, args, program });
    const ready = attempts();
    t.diagnostic(`${ready[0] - ended[0]} attempts and ${ready[1] - ended[1]} processes from one agent to the next`);
    assert.ok(ready[0] > alone[0] && ready[1] > alone[1], 'the attack went on while the next agent began');
    checkHeld();
  }

  function checkHeld(): void {
    for (const { counts } of [opening, killing]) {
      const { successes, survivors, unexpected } = counts;
      assert.deepEqual({ successes, survivors, unexpected }, { successes: 0, survivors: 0, unexpected: 0 });
    }
  }

  test(`${KILLS} times the agent is killed and started again`, async (t) => {
    for (let done = 0; done < KILLS; done += 1) await succeed((one) => one.kill(), commandLine, t);
  });

  test(`${UPGRADES} times the next agent is of another version`, async (t) => {
    assert.ok(existsSync(nextCommandLine), 'the next version is built: node test/upgrade/build.ts');
    for (let done = 0; done < UPGRADES; done += 1) {
      const [program, version] = done % 2 === 0 ? [nextCommandLine, abiVersion + 1] : [commandLine, abiVersion];
      await succeed((one) => (done % 2 === 0 ? one.stop() : one.kill()), program, t);
      const layouts = readdirSync(place.pins);
      assert.deepEqual(
        layouts.map((name) => name.split('-')[0]),
        [`${version}`],
        'nothing of the other version is left',
      );
    }
  });

  test(`of ${ATTEMPTS} attempts none succeeds`, async (t) => {
    while (opening.counts.attempts < ATTEMPTS) await opening.goOn(ATTEMPTS / 100);
    checkHeld();
    t.diagnostic(`${opening.counts.attempts} attempts, ${killing.counts.attempts} processes`);
  });

  test('the control: once the pins are taken away, both attacks succeed', async () => {
    await agent.stop();
    const { status, stderr } = spawnSync(
      process.execPath,
      [commandLine, 'detach', '--all', '--bpf-dir', place.pins, '--run-dir', place.run],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    // the kernel lets go of a link that was only pinned a little later
    for (const siege of [opening, killing]) await siege.until(({ successes }) => successes > 0);
  });
});
