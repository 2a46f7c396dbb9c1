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

const modes = ['enforce', 'monitor'] as const;

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

const stages = modes.flatMap((mode) =>
  fileSystemNames.flatMap((fileSystem) =>
    (['kill', 'deny'] as const).map((action) => ({ mode, action, scene: new Scene(fileSystem) })),
  ),
);
type Stage = (typeof stages)[number];

/** The control is a policy that only watches: the same ways get the content. */
const policies = modes.map((mode) =>
  policyText({
    ...{ name: `read-${mode}`, hooks: ['file_permission', 'mmap_file'], mode },
    rules: stages
      .filter((stage) => stage.mode === mode)
      .map(({ scene, action }) => ({
        paths: [scene.secret.path],
        except: [scene.reader],
        action: action === 'kill' ? 'Sigkill' : { override: 1 },
      })),
  }),
);

const socketOf = (scene: Scene): string => join(scene.scratch, 'broker');

describe('file_permission', () => {
  const held = new Map<Scene, Held>();
  const brokers = new Map<Scene, Broker>();
  let agent: Agent;

  before(async () => {
    for (const { scene } of stages) {
      held.set(scene, await holdFile(scene, scene.secret.path, ROUNDS));
      brokers.set(scene, await startBroker(scene.reader, scene.secret.path, socketOf(scene)));
    }
    agent = await startAgent({ policies });
  });
  after(async () => {
    await agent.stop();
    for (const process of held.values()) await process.release();
    for (const broker of brokers.values()) await broker.stop();
    for (const { scene } of stages) scene.remove();
  });

  type Attempt = { readonly hook: string; readonly way: Way; readonly argument?: string };
  const check = async ({ mode, scene, action }: Stage, attempt: Attempt, outcome: Outcome): Promise<void> => {
    const enforced = mode === 'enforce';
    const expected: Expected = { ...attempt, scene, policy: `read-${mode}`, action, path: scene.secret.path };
    if (enforced) checkNothingObtained(outcome, expected);
    else checkObtained(outcome, scene.secret.content);
    await checkEvents(agent, outcome, expected, verdictOf(action, enforced));
  };

  for (const stage of stages) {
    const { mode, scene, action } = stage;
    const name = `${mode} ${action} ${scene.fileSystem}`;
    for (const [way, hook] of ways) {
      test(`${name}: ${way}, on a file opened before`, async () => {
        const outcome = await held.get(scene)?.attempt(way);
        assert.ok(outcome);
        await check(stage, { way, hook, argument: 'held' }, outcome);
      });
    }

    for (const [way, hook] of waysWithBroker) {
      test(`${name}: ${way}, on a file that an allowed process opened`, async () => {
        const attempt = { way, path: scene.secret.path, rounds: ROUNDS, broker: socketOf(scene), watched: true };
        await check(stage, { way, hook }, await attack(scene, attempt));
      });
    }

    test(`${name}: others are left alone`, () => checkOthersUntouched(scene, scene));
  }
});
