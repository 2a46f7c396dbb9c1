/** A forbidden program never reaches its first instruction, whichever way it is started. */
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attack,
  checkEvents,
  checkNothingObtained,
  checkObtained,
  type Expected,
  fileSystemNames,
  policyText,
  randomName,
  Scene,
  startAgent,
  verdictOf,
} from './harness/index.ts';

const hook = 'bprm_check_security';

const waysToTheName = [
  'exec',
  'exec-relative',
  'exec-at',
  'exec-descriptor',
  'exec-symlink',
  'exec-proc-fd',
  'exec-script',
  'exec-chroot',
  'exec-thread',
  'exec-compat',
] as const;
const waysToTheInode = ['exec', 'exec-script', 'exec-hard-link', 'exec-bind-mount'] as const;

const scenes = fileSystemNames.map((fileSystem) => new Scene(fileSystem));

const modes = ['enforce', 'monitor'] as const;
const identities = ['path', 'inode'] as const;

/** One program per action, identity and mode, so that each has rules of its own. */
const stages = scenes.flatMap((scene) =>
  (['kill', 'deny'] as const).flatMap((action) =>
    identities.flatMap((identity) =>
      modes.map((mode) => ({
        ...{ scene, action, identity, mode, policy: `by-${identity}-${mode}` },
        target: scene.copyProgram('target', join(scene.directory, randomName())),
      })),
    ),
  ),
);

const policies = identities.flatMap((identity) =>
  modes.map((mode) => {
    const name = `by-${identity}-${mode}`;
    return policyText({
      ...{ name, hooks: [hook], byInode: identity === 'inode', mode },
      rules: stages
        .filter(({ policy }) => policy === name)
        .map(({ target, action }) => ({ paths: [target], action: action === 'kill' ? 'Sigkill' : { override: 1 } })),
    });
  }),
);

/** The one byte that the program's first instructions write. */
const mark = Buffer.of(0xee);

after(() => {
  for (const scene of scenes) scene.remove();
});

describe('exec', () => {
  let agent: Agent;
  before(async () => {
    agent = await startAgent({ policies });
  });
  after(() => agent.stop());

  for (const { scene, action, identity, mode, policy, target } of stages) {
    const enforced = mode === 'enforce';
    for (const way of identity === 'inode' ? waysToTheInode : waysToTheName) {
      test(`${action} ${policy} ${scene.fileSystem}: ${way}`, async () => {
        const outcome = await attack(scene, { way, path: target, rounds: 3 });
        const expected: Expected = {
          ...{ scene, way, policy, hook, action },
          ...(identity === 'inode' ? {} : { path: target }),
        };
        if (enforced) checkNothingObtained(outcome, expected);
        else checkObtained(outcome, mark);
        await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
      });
    }
  }

  for (const scene of scenes) {
    test(`${scene.fileSystem}: a program beside it runs`, async () => {
      const other = scene.copyProgram('target', join(scene.directory, randomName()));
      checkObtained(await attack(scene, { way: 'exec', path: other }), mark);
    });
  }
});
