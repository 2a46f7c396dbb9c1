/** Other names of the same file: open by design for a policy on the path alone, which is warned of; closed by the inode. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attack,
  checkEvents,
  checkNothingObtained,
  checkObtained,
  checkOthersUntouched,
  commandLine,
  type Expected,
  fileSystemNames,
  policyText,
  Scene,
  startAgent,
  verdictOf,
} from './harness/index.ts';

const ways = [
  'hard-link',
  'bind-mount',
  'bound-directory',
  'moved-mount',
  'detached-mount',
  'rename',
  'handle-cold',
  'handle',
  'openat',
] as const;

/** Gives the file a name that a path policy can not know; the others leave a path that one may or may not see through. */
const waysPastThePath = ['hard-link', 'bind-mount', 'bound-directory', 'moved-mount', 'rename'] as const;

/** By inode, enforced and only watched; and by path alone. */
const policies = ['names', 'watched', 'paths'] as const;
type PolicyName = (typeof policies)[number];

const stages = policies.flatMap((policy) =>
  fileSystemNames.flatMap((fileSystem) =>
    (['kill', 'deny'] as const).map((action) => ({ policy, action, scene: new Scene(fileSystem) })),
  ),
);

function textOf(name: PolicyName): string {
  return policyText({
    ...{ name, hooks: ['file_open'], byInode: name !== 'paths', mode: name === 'watched' ? 'monitor' : 'enforce' },
    rules: stages
      .filter(({ policy }) => policy === name)
      .map(({ scene, action }) => ({
        paths: [scene.secret.path],
        except: [scene.reader],
        action: action === 'kill' ? 'Sigkill' : { override: 1 },
      })),
  });
}

describe('names', () => {
  let agent: Agent;
  before(async () => {
    agent = await startAgent({ policies: policies.map(textOf) });
  });
  after(async () => {
    await agent.stop();
    for (const { scene } of stages) scene.remove();
  });

  for (const { policy, scene, action } of stages) {
    const name = `${policy} ${action} ${scene.fileSystem}`;
    if (policy === 'paths') {
      for (const way of waysPastThePath) {
        test(`${name}: ${way} passes, as the policy says`, async () => {
          checkObtained(await attack(scene, { way, path: scene.secret.path }), scene.secret.content);
        });
      }
      continue;
    }
    const enforced = policy === 'names';
    for (const way of ways) {
      test(`${name}: ${way}`, async () => {
        const outcome = await attack(scene, { way, path: scene.secret.path, rounds: 2 });
        const expected: Expected = { scene, way, policy, action, hook: 'file_open' };
        if (enforced) checkNothingObtained(outcome, expected);
        else checkObtained(outcome, scene.secret.content);
        await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
      });
    }
    test(`${name}: others are left alone`, () => checkOthersUntouched(scene, scene));
  }

  test('policy check warns of it', () => {
    const [stage] = stages;
    assert.ok(stage);
    const file = join(stage.scene.scratch, 'policy.yaml');
    writeFileSync(file, textOf('paths'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [commandLine, 'policy', 'check', file], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, `a warning is no error: ${stderr}`);
    assert.match(stdout + stderr, /warning RF\d{4}/);
    assert.match(stdout + stderr, /ringfence\.io\/file-identity/, 'it names the way out');
  });
});
