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

const scenes = fileSystemNames.flatMap((fileSystem) => [
  { scene: new Scene(fileSystem), action: 'kill' as const },
  { scene: new Scene(fileSystem), action: 'deny' as const },
]);

const textOf = (name: string, byInode: boolean): string =>
  policyText({
    name,
    hooks: ['file_open'],
    byInode,
    rules: scenes.map(({ scene, action }) => ({
      paths: [scene.secret.path],
      except: [scene.reader],
      action: action === 'kill' ? 'Sigkill' : { override: 1 },
    })),
  });

after(() => {
  for (const { scene } of scenes) scene.remove();
});

for (const enforced of [true, false]) {
  describe(enforced ? 'names by inode: enforced' : 'names by inode: detected only', () => {
    const policy = 'names';
    let agent: Agent;
    before(async () => {
      agent = await startAgent({ policies: [textOf(policy, true)], detect: !enforced });
    });
    after(() => agent.stop());

    for (const { scene, action } of scenes) {
      for (const way of ways) {
        test(`${action} ${scene.fileSystem}: ${way}`, async () => {
          const outcome = await attack(scene, { way, path: scene.secret.path, rounds: 2 });
          const expected: Expected = { scene, way, policy, action, hook: 'file_open' };
          if (enforced) checkNothingObtained(outcome, expected);
          else checkObtained(outcome, scene.secret.content);
          await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
        });
      }
      test(`${action} ${scene.fileSystem}: others are left alone`, () => checkOthersUntouched(scene, scene));
    }
  });
}

describe('names by path alone', () => {
  let agent: Agent;
  before(async () => {
    agent = await startAgent({ policies: [textOf('paths', false)] });
  });
  after(() => agent.stop());

  for (const { scene, action } of scenes) {
    for (const way of waysPastThePath) {
      test(`${action} ${scene.fileSystem}: ${way} passes, as the policy says`, async () => {
        checkObtained(await attack(scene, { way, path: scene.secret.path }), scene.secret.content);
      });
    }
  }

  test('policy check warns of it', () => {
    const [stage] = scenes;
    assert.ok(stage);
    const file = join(stage.scene.scratch, 'policy.yaml');
    writeFileSync(file, textOf('paths', false));
    const { status, stdout, stderr } = spawnSync(process.execPath, [commandLine, 'policy', 'check', file], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, `a warning is no error: ${stderr}`);
    assert.match(stdout + stderr, /warning RF\d{4}/);
    assert.match(stdout + stderr, /ringfence\.io\/file-identity/, 'it names the way out');
  });
});
