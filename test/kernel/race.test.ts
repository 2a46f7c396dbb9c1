/**
 * Many threads on few CPUs, and names that change while the file is being opened. The runner also runs these with
 * preempt=full, where programs of a hook interrupt each other on one CPU.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { type Agent, attack, fileSystemNames, type Outcome, policyText, Scene, startAgent } from './harness/index.ts';

const threads = Math.min(4 * availableParallelism(), 32);
const tries = 400;

const modes = ['enforce', 'monitor'] as const;

const stages = modes.flatMap((mode) =>
  fileSystemNames.map((fileSystem) => ({
    mode,
    fileSystem,
    /** Killed, by path. */
    killed: new Scene(fileSystem),
    /** Denied, by path: a thread lives on and tries again. */
    denied: new Scene(fileSystem),
    /** Denied, by inode: two names take turns. */
    flipped: new Scene(fileSystem),
  })),
);

/** The control is a pair of policies that only watch. */
const policies = modes.flatMap((mode) => {
  const own = stages.filter((stage) => stage.mode === mode);
  return [
    policyText({
      ...{ name: `by-path-${mode}`, hooks: ['file_open'], mode },
      rules: [
        { paths: own.map(({ killed }) => killed.secret.path), action: 'Sigkill' },
        { paths: own.map(({ denied }) => denied.secret.path), action: { override: 1 } },
      ],
    }),
    policyText({
      ...{ name: `by-inode-${mode}`, hooks: ['file_open'], byInode: true, mode },
      rules: [{ paths: own.map(({ flipped }) => flipped.secret.path), action: { override: 1 } }],
    }),
  ];
});

after(() => {
  for (const { killed, denied, flipped } of stages) for (const scene of [killed, denied, flipped]) scene.remove();
});

test('the kernel preempts as the runner says', (t) => {
  const wanted = process.env.RINGFENCE_PREEMPT;
  if (wanted === undefined) return t.skip('RINGFENCE_PREEMPT does not say');
  assert.match(readFileSync('/sys/kernel/debug/sched/preempt', 'utf8'), new RegExp(`\\(${wanted}\\)`));
});

describe('races', () => {
  let agent: Agent;
  before(async () => {
    agent = await startAgent({ policies });
  });
  after(() => agent.stop());

  const noSecret = ({ report, evidence, sightings }: Outcome): void => {
    assert.equal(report.secrets, 0, JSON.stringify(report));
    assert.ok(!evidence.some((byte) => byte & 0x80), 'no byte of the secret in the shared memory');
    assert.equal(sightings ?? 0, 0, 'the second process saw none');
  };

  for (const { mode, fileSystem, killed, denied, flipped } of stages) {
    if (mode === 'monitor') {
      testControl(fileSystem, denied, flipped);
      continue;
    }
    test(`${fileSystem}: ${threads} threads, denied each time`, async () => {
      const outcome = await attack(denied, {
        ...{ way: 'openat', path: denied.secret.path, rounds: 2, threads, tries, watched: true },
      });
      noSecret(outcome);
      assert.equal(outcome.report.attempts, 2 * threads * tries);
      assert.deepEqual(outcome.report.errors, { EPERM: outcome.report.attempts });
    });

    test(`${fileSystem}: ${threads} threads, killed each time`, async () => {
      const outcome = await attack(killed, {
        ...{ way: 'openat', path: killed.secret.path, rounds: 100, threads, watched: true },
      });
      noSecret(outcome);
      assert.equal(outcome.report.killed, 100, 'each process');
    });

    test(`${fileSystem}: five hundred processes, killed each time`, async () => {
      const outcome = await attack(killed, { way: 'openat', path: killed.secret.path, rounds: 500, watched: true });
      noSecret(outcome);
      assert.deepEqual([outcome.report.attempts, outcome.report.killed], [500, 500]);
    });

    test(`${fileSystem}: a symbolic link names now the secret, now the decoy`, async () => {
      const outcome = await attack(denied, {
        ...{ way: 'openat', path: denied.secret.path, rounds: 10, threads, tries },
        flip: { kind: 'symlink', decoy: denied.decoy.path },
      });
      noSecret(outcome);
      checkBothWereMet(outcome);
    });

    test(`${fileSystem}: unrelated names change all the time`, async () => {
      const flip = { kind: 'noise', decoy: denied.decoy.path } as const;
      const race = { way: 'openat', threads, tries, flip };
      const outcome = await attack(denied, { ...race, path: denied.secret.path });
      noSecret(outcome);
      assert.ok(outcome.report.flips > 0);
      assert.deepEqual(outcome.report.errors, { EPERM: outcome.report.attempts });
      const beside = await attack(denied, { ...race, path: denied.neighbour.path });
      assert.deepEqual(beside.report.errors, {}, 'the file beside it opens each time');
    });

    for (const [kind, decoy] of [
      ['exchange', flipped.neighbour.path],
      ['directory', flipped.decoy.path],
    ] as const) {
      test(`${fileSystem}: ${kind === 'exchange' ? 'two files' : 'two directories'} exchange names`, async () => {
        const outcome = await attack(flipped, {
          ...{ way: 'openat', path: flipped.secret.path, rounds: 10, threads, tries, flip: { kind, decoy } },
        });
        noSecret(outcome);
        checkBothWereMet(outcome);
      });
    }
  }
});

/** The same attacks obtain the secret where they are only watched. */
function testControl(fileSystem: string, denied: Scene, flipped: Scene): void {
  const table = [
    [denied, undefined],
    [denied, { kind: 'symlink', decoy: denied.decoy.path }],
    [flipped, { kind: 'exchange', decoy: flipped.neighbour.path }],
    [flipped, { kind: 'directory', decoy: flipped.decoy.path }],
  ] as const;
  for (const [scene, flip] of table) {
    test(`${fileSystem}: the same obtains the secret: ${flip?.kind ?? 'threads'}`, async () => {
      const { report } = await attack(scene, {
        ...{ way: 'openat', path: scene.secret.path, rounds: 10, threads, tries: 20 },
        ...(flip === undefined ? {} : { flip }),
      });
      assert.ok(report.secrets > 0, JSON.stringify(report));
      // a path that changed under each try cannot be told: what enforces beside this policy denies it
      const { EPERM: untold = 0, ...others } = report.errors;
      assert.deepEqual(others, {});
      assert.ok(flip === undefined ? untold === 0 : untold < report.attempts / 100, JSON.stringify(report));
    });
  }
}

/** Else the race never took place. */
function checkBothWereMet({ report }: Outcome): void {
  assert.ok(report.flips > 0, 'the names changed');
  assert.ok((report.errors.EPERM ?? 0) > 0, `the secret was met: ${JSON.stringify(report)}`);
  assert.ok(report.obtained > 0, `the decoy was met: ${JSON.stringify(report)}`);
  assert.deepEqual(Object.keys(report.errors), ['EPERM']);
}
