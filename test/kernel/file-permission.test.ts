/** A policy on reading and mapping: it holds for files that were open before it came, and for files that others opened. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attack,
  type Broker,
  checkEvents,
  checkNothingObtained,
  checkObtained,
  checkOthersUntouched,
  type Expected,
  fileSystemNames,
  type Held,
  holdFile,
  type Outcome,
  policyText,
  Scene,
  startAgent,
  startBroker,
  verdictOf,
} from './harness/index.ts';

const policy = 'read';

/** How the content is taken out of an open file, and the hook that sees it. */
const ways = [
  ['read', 'file_permission'],
  ['read-byte', 'file_permission'],
  ['pread', 'file_permission'],
  ['readv', 'file_permission'],
  ['preadv', 'file_permission'],
  ['preadv2', 'file_permission'],
  ['sendfile', 'file_permission'],
  ['splice', 'file_permission'],
  ['copy-file-range', 'file_permission'],
  ['aio', 'file_permission'],
  ['compat-read', 'file_permission'],
  ['uring-read', 'file_permission'],
  ['uring-worker-read', 'file_permission'],
  ['uring-poller-read', 'file_permission'],
  ['uring-fixed-read', 'file_permission'],
  ['uring-splice', 'file_permission'],
  ['reopen', 'file_permission'],
  ['mmap', 'mmap_file'],
  ['mmap-private', 'mmap_file'],
] as const;
const waysWithBroker = [
  ['read', 'file_permission'],
  ['mmap', 'mmap_file'],
  ['pidfd-getfd', 'file_permission'],
] as const;
type Way = (typeof ways | typeof waysWithBroker)[number][0];

const ROUNDS = 2;

const scenes = fileSystemNames.flatMap((fileSystem) => [
  { scene: new Scene(fileSystem), action: 'kill' as const },
  { scene: new Scene(fileSystem), action: 'deny' as const },
]);
type Stage = (typeof scenes)[number];

const text = policyText({
  name: policy,
  hooks: ['file_permission', 'mmap_file'],
  rules: scenes.map(({ scene, action }) => ({
    paths: [scene.secret.path],
    except: [scene.reader],
    action: action === 'kill' ? 'Sigkill' : { override: 1 },
  })),
});

const socketOf = (scene: Scene): string => join(scene.scratch, 'broker');

after(() => {
  for (const { scene } of scenes) scene.remove();
});

for (const enforced of [true, false]) {
  describe(enforced ? 'file_permission: enforced' : 'file_permission: detected only', () => {
    const held = new Map<Scene, Held>();
    const brokers = new Map<Scene, Broker>();
    let agent: Agent;

    before(async () => {
      for (const { scene } of scenes) {
        held.set(scene, await holdFile(scene, scene.secret.path, ROUNDS));
        brokers.set(scene, await startBroker(scene.reader, scene.secret.path, socketOf(scene)));
      }
      agent = await startAgent({ policies: [text], detect: !enforced });
    });
    after(async () => {
      await agent.stop();
      for (const process of held.values()) await process.release();
      for (const broker of brokers.values()) await broker.stop();
    });

    type Attempt = { readonly hook: string; readonly way: Way; readonly argument?: string };
    const check = async ({ scene, action }: Stage, attempt: Attempt, outcome: Outcome): Promise<void> => {
      const expected: Expected = { ...attempt, scene, policy, action, path: scene.secret.path };
      if (enforced) checkNothingObtained(outcome, expected);
      else checkObtained(outcome, scene.secret.content);
      await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
    };

    for (const stage of scenes) {
      const { scene, action } = stage;
      for (const [way, hook] of ways) {
        test(`${action} ${scene.fileSystem}: ${way}, on a file opened before`, async () => {
          const outcome = await held.get(scene)?.attempt(way);
          assert.ok(outcome);
          await check(stage, { way, hook, argument: 'held' }, outcome);
        });
      }

      for (const [way, hook] of waysWithBroker) {
        test(`${action} ${scene.fileSystem}: ${way}, on a file that an allowed process opened`, async () => {
          const attempt = { way, path: scene.secret.path, rounds: ROUNDS, broker: socketOf(scene), watched: true };
          await check(stage, { way, hook }, await attack(scene, attempt));
        });
      }

      test(`${action} ${scene.fileSystem}: others are left alone`, () => checkOthersUntouched(scene, scene));
    }
  });
}
