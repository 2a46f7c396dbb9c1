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

const policy = 'open';

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

const scenes = fileSystemNames.flatMap((fileSystem) => [
  { scene: new Scene(fileSystem), action: 'kill' as const },
  { scene: new Scene(fileSystem), action: 'deny' as const },
]);

const text = policyText({
  name: policy,
  hooks: ['file_open'],
  rules: scenes.map(({ scene, action }) => ({
    paths: [scene.secret.path],
    except: [scene.reader],
    action: action === 'kill' ? 'Sigkill' : { override: 13 },
  })),
});

after(() => {
  for (const { scene } of scenes) scene.remove();
});

for (const enforced of [true, false]) {
  describe(enforced ? 'file_open: enforced' : 'file_open: detected only', () => {
    let agent: Agent;
    before(async () => {
      agent = await startAgent({ policies: [text], detect: !enforced });
    });
    after(() => agent.stop());

    for (const { scene, action } of scenes) {
      for (const way of ways) {
        test(`${action} ${scene.fileSystem}: ${way}`, async () => {
          const outcome = await attack(scene, { way, path: scene.secret.path, rounds: 3, watched: way === 'openat' });
          const expected: Expected = {
            ...{ scene, way, policy, action },
            ...{ hook: 'file_open', path: scene.secret.path, error: 'EACCES' },
          };
          if (enforced) checkNothingObtained(outcome, expected);
          else checkObtained(outcome, scene.secret.content);
          await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
        });
      }
      test(`${action} ${scene.fileSystem}: others are left alone`, () => checkOthersUntouched(scene, scene));
    }
  });
}
