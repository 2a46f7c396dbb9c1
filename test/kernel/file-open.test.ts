/** A policy on file_open: whichever way the name is spelled and whoever makes the call, the file does not open. */
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attack,
  checkEvents,
  checkNothingObtained,
  checkObtained,
  checkOthersUntouched,
  type Expected,
  fileSystemNames,
  policyText,
  Scene,
  startAgent,
  verdictOf,
} from './harness/index.ts';

const modes = ['enforce', 'monitor'] as const;

/** In which all spellings of the path come down to the one that the policy has. */
const ways = [
  'openat',
  'open',
  'openat2',
  'openat2-in-root',
  'open-read-write',
  'open-append',
  'open-create',
  'o-path-reopen',
  'dirfd',
  'dotdot',
  'slashes',
  'symlink',
  'symlinked-directory',
  'proc-root',
  'proc-cwd',
  'relative',
  'chroot',
  'chroot-relative',
  'mount-namespace',
  'user-namespace',
  'handle',
  'compat',
  'uring',
  'uring-worker',
  'uring-poller',
  'uring-direct',
] as const;

const stages = modes.flatMap((mode) =>
  fileSystemNames.flatMap((fileSystem) =>
    (['kill', 'deny'] as const).map((action) => ({ mode, action, scene: new Scene(fileSystem) })),
  ),
);

/** The control is a policy that only watches: the same ways get the content. */
const policies = modes.map((mode) =>
  policyText({
    ...{ name: `open-${mode}`, hooks: ['file_open'], mode },
    rules: stages
      .filter((stage) => stage.mode === mode)
      .map(({ scene, action }) => ({
        paths: [scene.secret.path],
        except: [scene.reader],
        action: action === 'kill' ? 'Sigkill' : { override: 13 },
      })),
  }),
);

after(() => {
  for (const { scene } of stages) scene.remove();
});

describe('file_open', () => {
  let agent: Agent;
  before(async () => {
    agent = await startAgent({ policies });
  });
  after(() => agent.stop());

  for (const { mode, scene, action } of stages) {
    const enforced = mode === 'enforce';
    for (const way of ways) {
      test(`${mode} ${action} ${scene.fileSystem}: ${way}`, async () => {
        const outcome = await attack(scene, { way, path: scene.secret.path, rounds: 3, watched: way === 'openat' });
        const expected: Expected = {
          ...{ scene, way, policy: `open-${mode}`, action },
          ...{ hook: 'file_open', path: scene.secret.path, error: 'EACCES' },
        };
        if (enforced) checkNothingObtained(outcome, expected);
        else checkObtained(outcome, scene.secret.content);
        await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
      });
    }
    test(`${mode} ${action} ${scene.fileSystem}: others are left alone`, () => checkOthersUntouched(scene, scene));
  }
});
