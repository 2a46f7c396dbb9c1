/**
 * What a process is when it opens a file, whatever has become of it, or of one of its threads, since it began. Who
 * began when, and who descends from whom, is in process.test.ts; the ways of io_uring to a file in file-open.test.ts.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyEvent } from '#events';
import { type Actor, Fence, parsed, policyOf, Scene, Shifter, Siege } from './harness/index.ts';

const NOBODY = 65_534;
const CLONE_NEWUTS = 0x0400_0000;
const CGROUPS = '/sys/fs/cgroup';

const scene = new Scene('tmpfs');
/** Where everybody may go. */
const directory = mkdtempSync(join(tmpdir(), 'state-'));
chmodSync(directory, 0o755);
const first = scene.copyProgram('shifter', join(directory, 'first-program'));
const second = join(directory, 'second-program');
linkSync(first, second);
after(() => {
  scene.remove();
  rmSync(directory, { recursive: true });
});

const binaries = (operator: string, more = {}) => ({ matchBinaries: [{ operator, values: [first], ...more }] });
const uts = (operator: string) => ({ matchNamespaces: [{ namespace: 'Uts', operator, values: ['host_ns'] }] });
const capable = (operator: string) => ({
  matchCapabilities: [{ type: 'Effective', operator, values: ['CAP_SYS_ADMIN'] }],
});
const pids = (operator: string, values: readonly number[]) => ({ matchPIDs: [{ operator, values }] });

/** Each is about a file of its own, that everybody else may read. */
const questions = {
  first: binaries('In'),
  'not-first': binaries('NotIn'),
  'of-first': binaries('In', { followChildren: true }),
  'host-uts': uts('In'),
  'own-uts': uts('NotIn'),
  privileged: capable('In'),
  unprivileged: capable('NotIn'),
} as const;
type Question = keyof typeof questions | 'elder' | 'not-elder';

/** How a thread opens a file. */
const ways = ['open', 'worker', 'poller'] as const;
type Way = (typeof ways)[number];

/** A leader as root that runs the first program, unless it says otherwise. */
const usual: readonly Question[] = ['first', 'of-first', 'host-uts', 'privileged'];
const instead = (usually: Question, now: Question): readonly Question[] =>
  usual.map((each) => (each === usually ? now : each));

describe('a process of several threads', () => {
  const all: Question[] = [...(Object.keys(questions) as (keyof typeof questions)[]), 'elder', 'not-elder'];
  const fileOf = (question: Question) => join(directory, `for-${question}`);
  let elders: readonly Shifter[] = [];
  let fence: Fence;
  before(async () => {
    for (const question of all) writeFileSync(fileOf(question), '', { mode: 0o644 });
    // older than anything of ours in the kernel
    elders = [await Shifter.start(first), await Shifter.start(first)];
    fence = new Fence();
    elders = [...elders, await Shifter.start(first)];
    const older = elders.map(({ pid }) => pid);
    const filters = { ...questions, elder: pids('In', older), 'not-elder': pids('NotIn', older) };
    fence.replace(
      parsed(
        ...all.map((name) => {
          const matchArgs = [{ index: 0, operator: 'Equal', values: [fileOf(name)] }];
          const matchActions = [{ action: 'Override', argError: -1 }];
          const selectors = [{ ...filters[name], matchArgs, matchActions }];
          return policyOf(name, {
            lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }],
          });
        }),
      ),
    );
  });
  after(async () => {
    for (const elder of elders) await elder.stop();
    fence[Symbol.dispose]();
  });

  /** What it is said to be: whose file it may not open. */
  async function answers(shifter: Shifter, who: Actor, way: Way = 'open'): Promise<readonly Question[]> {
    const denied: Question[] = [];
    for (const question of all) {
      const result = await shifter.does(who, way, fileOf(question));
      assert.ok(result === 0 || result === -constants.errno.EPERM, `${question}: ${result}`);
      if (result !== 0) denied.push(question);
    }
    return denied;
  }

  async function check(shifter: Shifter, who: Actor, way: Way, expected: readonly Question[]): Promise<void> {
    const age = elders.includes(shifter) ? 'elder' : 'not-elder';
    assert.deepEqual((await answers(shifter, who, way)).toSorted(), [...expected, age].toSorted(), `${who} ${way}`);
  }

  async function checkAll(shifter: Shifter, expected: readonly Question[]): Promise<void> {
    for (const who of ['leader', 'thread'] as const) for (const way of ways) await check(shifter, who, way, expected);
  }

  test('younger than the policy: itself, its threads, workers and pollers are one process', async () => {
    await using shifter = await Shifter.start(first);
    await checkAll(shifter, usual);
    await using another = await Shifter.start(second);
    await checkAll(another, ['not-first', 'host-uts', 'privileged']);
  });

  for (const [index, name] of [
    [1, 'older than the sensor'],
    [2, 'older than the policy'],
  ] as const) {
    test(`${name}: the same`, async () => {
      const elder = elders[index];
      assert.ok(elder !== undefined);
      await checkAll(elder, usual);
    });
  }

  test('older than the sensor, and its leader has ended before anybody looked', async () => {
    const [elder] = elders;
    assert.ok(elder !== undefined);
    assert.equal(await elder.does('leader', 'exit'), 0);
    for (const way of ways) await check(elder, 'thread', way, usual);
  });

  test('the leader has ended, the policy is older', async () => {
    await using shifter = await Shifter.start(first);
    assert.equal(await shifter.does('leader', 'exit'), 0);
    for (const way of ways) await check(shifter, 'thread', way, usual);
  });

  test('exec by a thread that is not the leader: another program, which descends from the first', async () => {
    await using shifter = await Shifter.start(first);
    await check(shifter, 'thread', 'worker', usual);
    const { pid } = shifter;
    await shifter.execs('thread', second);
    assert.equal(shifter.pid, pid);
    await checkAll(shifter, ['not-first', 'of-first', 'host-uts', 'privileged']);
  });

  test('setuid in one thread: the others stay what they are', async () => {
    await using shifter = await Shifter.start(first);
    await check(shifter, 'thread', 'worker', usual);
    assert.equal(await shifter.does('thread', 'setresuid', NOBODY), 0);
    const dropped = instead('privileged', 'unprivileged');
    await check(shifter, 'thread', 'open', dropped);
    // a worker takes the credentials of who asked, though it began with others
    await check(shifter, 'thread', 'worker', dropped);
    // the poller has those of who made the ring
    await check(shifter, 'thread', 'poller', usual);
    for (const way of ways) await check(shifter, 'leader', way, usual);
  });

  test('setns in one thread: the others stay where they are', async () => {
    await using elsewhere = await Shifter.start(second);
    assert.equal(await elsewhere.does('leader', 'unshare', CLONE_NEWUTS), 0);
    await check(elsewhere, 'leader', 'open', ['not-first', 'own-uts', 'privileged']);
    await check(elsewhere, 'thread', 'open', ['not-first', 'host-uts', 'privileged']);
    await using shifter = await Shifter.start(first);
    assert.equal(await shifter.does('thread', 'setns', `/proc/${elsewhere.pid}/ns/uts`, CLONE_NEWUTS), 0);
    const joined = instead('host-uts', 'own-uts');
    await check(shifter, 'thread', 'open', joined);
    // its first worker begins now, and is where it is
    await check(shifter, 'thread', 'worker', joined);
    for (const way of ways) await check(shifter, 'leader', way, usual);
    assert.equal(await shifter.does('thread', 'setns', `/proc/${process.pid}/ns/uts`, CLONE_NEWUTS), 0);
    await check(shifter, 'thread', 'open', usual);
  });

  test('a thread changes while it executes: what it has become goes on, and nothing else', async () => {
    await using shifter = await Shifter.start(second);
    assert.equal(await shifter.does('thread', 'unshare', CLONE_NEWUTS), 0);
    await shifter.execs('thread', first);
    await checkAll(shifter, instead('host-uts', 'own-uts'));
  });
});

describe('a cgroup', () => {
  const made = join(CGROUPS, `state-${randomBytes(4).toString('hex')}`);
  before(() => mkdirSync(made));
  after(() => rmdirSync(made));

  test('a running process of several threads is moved: each thread is told of where it is now', async () => {
    const FIRST = 1_000_000;
    const THREADS = 4;
    using fence = new Fence();
    const caller = scene.copyProgram('siege', join(scene.scratch, 'caller'));
    fence.replace(
      parsed(
        policyOf('calls', {
          kprobes: [
            {
              ...{ call: 'sys_shutdown', args: [{ index: 1, type: 'int' }] },
              selectors: [{ matchBinaries: [{ operator: 'In', values: [caller] }] }],
            },
          ],
        }),
      ),
    );
    const options = { way: 'calls', path: first, first: FIRST, pauseMicroseconds: 20_000 } as const;
    const calling = await Siege.start({ ...options, program: caller, threads: THREADS });
    fence.takeEvents();
    writeFileSync(join(made, 'cgroup.procs'), `${calling.pid}`);
    const moved = calling.byThread.map(({ attempts }) => attempts);
    while (calling.byThread.some(({ attempts }, thread) => attempts < (moved[thread] ?? 0) + 3)) await sleep(10);
    await calling.stop();
    const inode = statSync(made, { bigint: true }).ino;
    const threads = new Set<number>();
    for (const event of fence.takeEvents()) {
      const { thread, index } = callOf(event, FIRST);
      // the one after the move was written may have begun before
      if (index <= (moved[thread] ?? 0)) continue;
      threads.add(event.tid);
      assert.equal(event.cgroupId, inode);
    }
    assert.equal(threads.size, THREADS);
  });
});

function callOf({ arguments: [argument] }: PolicyEvent, from: number): { thread: number; index: number } {
  assert.ok(argument !== undefined && 'value' in argument);
  const number = Number(argument.value) - from;
  return { thread: Math.floor(number / 1_000_000), index: number % 1_000_000 };
}

describe('no memory for the state of processes', () => {
  const PROCESSES = 24;
  const ATTEMPTS = 200;
  const limited = join(CGROUPS, `limited-${randomBytes(4).toString('hex')}`);
  const enter = (cgroup: string) => writeFileSync(join(cgroup, 'cgroup.procs'), `${process.pid}`);
  const secret = scene.secret.path;
  let fence: Fence;
  before(() => {
    writeFileSync(join(CGROUPS, 'cgroup.subtree_control'), '+memory');
    mkdirSync(limited);
    // what maps hold is charged to the group of who makes them
    enter(limited);
    fence = new Fence();
    enter(CGROUPS);
  });
  after(() => {
    fence[Symbol.dispose]();
    rmdirSync(limited);
  });

  for (const [operator, follow] of [
    ['In', false],
    ['In', true],
    ['NotIn', false],
  ] as const) {
    const name = `${operator.toLowerCase()}${follow ? '-followed' : ''}`;
    test(`${name}: who is meant is killed each time, who is not is let through`, async (t) => {
      const program = scene.copyProgram('siege', join(scene.scratch, `siege-${name}`));
      const other = scene.copyProgram('siege', join(scene.scratch, `other-${name}`));
      const [meant, free] = operator === 'In' ? [program, other] : [other, program];
      const values = [program];
      fence.replace(
        parsed(
          policyOf('meant', {
            lsmhooks: [
              {
                ...{ hook: 'file_open', args: [{ index: 0, type: 'file' }] },
                selectors: [
                  {
                    matchBinaries: [{ operator, values, ...(follow ? { followChildren: true } : {}) }],
                    matchArgs: [{ index: 0, operator: 'Equal', values: [secret] }],
                    matchActions: [{ action: 'Sigkill' }],
                  },
                ],
              },
            ],
          }),
        ),
      );
      writeFileSync(join(limited, 'memory.max'), '0');
      const before = fence.base.counts().processRefused;
      const options = { way: 'kill', threads: PROCESSES, path: secret } as const;
      const killed = await Siege.start({ ...options, program: meant });
      await killed.goOn(ATTEMPTS);
      const opened = await Siege.start({ ...options, program: free, threads: 2 });
      await opened.stop();
      await killed.stop();
      writeFileSync(join(limited, 'memory.max'), 'max');
      const refused = fence.base.counts().processRefused - before;
      t.diagnostic(`${killed.counts.attempts} processes, storage was refused ${refused} times`);
      const { successes, survivors, unexpected } = killed.counts;
      assert.deepEqual({ successes, survivors, unexpected }, { successes: 0, survivors: 0, unexpected: 0 });
      assert.equal(opened.counts.successes, opened.counts.attempts);
      if (refused === 0n) t.skip('this kernel charges what programs allocate beyond the limit');
    });
  }
});
