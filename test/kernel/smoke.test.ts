/** The shortest whole story, for every kernel, by the form that is shipped: a kill, a denial, and all others go on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attackDirectly,
  checkOthersUntouched,
  commandLine,
  pathsOf,
  policyText,
  Scene,
  startAgent,
} from './harness/index.ts';

test('it is the form that is shipped', () => assert.match(commandLine, /\/dist\//));

const killed = new Scene('tmpfs');
const denied = new Scene('ext4');

const text = policyText({
  name: 'smoke',
  hooks: ['file_open'],
  rules: [
    { paths: [killed.secret.path], except: [killed.reader], action: 'Sigkill' },
    { paths: [denied.secret.path], except: [denied.reader], action: { override: 1 } },
  ],
});

after(() => {
  killed.remove();
  denied.remove();
});

for (const enforced of [true, false]) {
  describe(enforced ? 'smoke: enforced' : 'smoke: detected only', () => {
    let agent: Agent;
    before(async () => {
      agent = await startAgent({ policies: [text], detect: !enforced });
    });
    after(async () => {
      const { status } = await agent.stop();
      assert.equal(status, 0, 'the agent ends cleanly');
    });

    for (const [scene, verdict] of [
      [killed, 'killed'],
      [denied, 'denied'],
    ] as const) {
      test(`${scene.fileSystem}: ${enforced ? verdict : 'the control obtains the secret'}`, async () => {
        const outcome = await attackDirectly(scene, { way: 'openat', path: scene.secret.path });
        assert.deepEqual(outcome.evidence, enforced ? Buffer.alloc(0) : scene.secret.content);
        assert.equal(outcome.signal, enforced && verdict === 'killed' ? 'SIGKILL' : null);

        const [event] = await agent.eventsWhere(
          'about the intruder',
          ({ process_lsm }) => process_lsm?.process?.pid === outcome.pid,
        );
        const lsm = event?.process_lsm ?? {};
        assert.equal(event?.ringfence?.verdict, enforced ? verdict : 'would');
        assert.equal(lsm.policy_name, 'smoke');
        assert.equal(lsm.function_name, 'file_open');
        assert.equal(lsm.action, verdict === 'killed' ? 'KPROBE_ACTION_SIGKILL' : 'KPROBE_ACTION_OVERRIDE');
        assert.deepEqual(pathsOf(lsm), [scene.secret.path]);
        assert.equal(lsm.process?.binary, scene.intruder);
        assert.match(lsm.process?.arguments ?? '', /^openat .* --direct$/);
        assert.equal(lsm.parent?.pid, process.pid);
        assert.equal(lsm.parent?.binary, process.execPath);
      });

      test(`${scene.fileSystem}: others are left alone`, () => checkOthersUntouched(scene, scene));
    }
  });
}
