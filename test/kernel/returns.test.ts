/** Calls that are told of when they have returned: what is asked of the result, and what is done then. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bound } from '#abi';
import { attackPrograms } from '../attacks/build.ts';
import { Bench, type Case, type HookSpec, type Step, Trigger } from './harness/index.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'returns-')));
const file = join(directory, 'file');
const missing = join(directory, 'missing');
const AT_FDCWD = -100;
const EBADF = -9;

const lseek: HookSpec = {
  ...{ call: 'sys_lseek', return: true, returnArg: { index: 0, type: 'int64' } },
  args: [{ index: 1, type: 'int64' }],
};
const openat: HookSpec = {
  ...{ call: 'sys_openat', return: true, returnArg: { index: 0, type: 'int' } },
  args: [{ index: 1, type: 'string' }],
};

const asked = (operator: string, ...values: readonly string[]) => ({
  matchReturnArgs: [{ index: 0, operator, values }],
});
const opens = (path: string) => ['openat', AT_FDCWD, path, 0, 0] as const;
/** Fails with EBADF. */
const badSeek = (offset: number) => ['lseek', -1, offset, 0] as const;
/** Of the descriptor that the first step opens: returns the offset. */
const seek = (offset: number) => ['lseek', 3, offset, 0] as const;
const seekTold = (offset: number, result: number) => ({
  args: [{ long_arg: `${offset}` }],
  return: { long_arg: `${result}` },
});
const opened: Step = { call: opens(file), ending: { returns: 3 } };

function seekCase(name: string, operator: string, values: readonly string[], told: readonly number[]): Case {
  const offsets = [0, 1, 79, 80, 4096];
  return {
    name,
    spec: { kprobes: [{ ...lseek, selectors: [asked(operator, ...values)] }] },
    steps: [
      opened,
      ...offsets.map((offset) => ({
        call: seek(offset),
        ending: { returns: offset },
        tells: told.includes(offset) ? [seekTold(offset, offset)] : [],
      })),
      { call: badSeek(5), ending: { fails: 'EBADF' }, tells: told.includes(EBADF) ? [seekTold(5, EBADF)] : [] },
    ],
  };
}

const cases: readonly Case[] = [
  seekCase('equal', 'Equal', ['80', '-9'], [80, EBADF]),
  seekCase('not-equal', 'NotEqual', ['80', '-9'], [0, 1, 79, 4096]),
  seekCase('above', 'GT', ['79'], [80, 4096]),
  seekCase('below', 'LT', ['1'], [0, EBADF]),
  seekCase('range', 'InRange', ['-10:1'], [0, 1, EBADF]),
  seekCase('mask', 'Mask', ['0x1000'], [4096, EBADF]),
  seekCase('map', 'InMap', ['79', '4096'], [79, 4096]),
  {
    name: 'entry-kept-until-return',
    spec: {
      kprobes: [
        {
          ...openat,
          selectors: [{ matchArgs: [{ index: 1, operator: 'Prefix', values: [directory] }], ...asked('LT', '0') }],
        },
      ],
    },
    steps: [
      { call: opens(file), ending: { returns: 3 } },
      { call: opens('/no/such/file'), ending: { fails: 'ENOENT' } },
      {
        call: opens(missing),
        ending: { fails: 'ENOENT' },
        tells: [{ args: [{ string_arg: missing }], return: { int_arg: -2 } }],
      },
    ],
  },
  {
    name: 'kill-at-return',
    spec: {
      kprobes: [{ ...lseek, selectors: [{ ...asked('Equal', '-9'), matchReturnActions: [{ action: 'Sigkill' }] }] }],
    },
    steps: [
      opened,
      { call: seek(7), ending: { returns: 7 } },
      {
        call: badSeek(7),
        ending: { endsBy: 'SIGKILL' },
        tells: [{ ...seekTold(7, EBADF), returnAction: 'KPROBE_ACTION_SIGKILL' }],
      },
    ],
  },
  {
    name: 'signal-at-return',
    spec: {
      kprobes: [
        {
          ...openat,
          selectors: [
            {
              matchArgs: [{ index: 1, operator: 'Equal', values: [missing] }],
              matchReturnActions: [{ action: 'Signal', argSig: 10 }],
            },
          ],
        },
      ],
    },
    steps: [
      opened,
      {
        call: opens(missing),
        ending: { endsBy: 'SIGUSR1' },
        tells: [{ return: { int_arg: -2 }, returnAction: 'KPROBE_ACTION_SIGNAL' }],
      },
    ],
  },
  {
    name: 'what-is-done-at-entry-is-done',
    spec: {
      kprobes: [
        {
          ...lseek,
          selectors: [
            {
              matchArgs: [{ index: 1, operator: 'Equal', values: ['8'] }],
              ...asked('Equal', '0'),
              matchActions: [{ action: 'Sigkill' }],
            },
          ],
        },
      ],
    },
    steps: [
      { call: badSeek(7), ending: { fails: 'EBADF' } },
      { call: badSeek(8), ending: { endsBy: 'SIGKILL' } },
    ],
  },
  {
    name: 'function-of-objects',
    spec: {
      kprobes: [
        {
          ...{ call: 'security_file_open', syscall: false, return: true, returnArg: { index: 0, type: 'int' } },
          args: [{ index: 0, type: 'file' }],
          selectors: [{ matchArgs: [{ index: 0, operator: 'Equal', values: [file] }], ...asked('Equal', '0') }],
        },
      ],
    },
    steps: [
      { call: opens(attackPrograms.target), ending: { returns: 'success' } },
      { ...opened, ending: { returns: 4 }, tells: [{ args: [{ file_arg: { path: file } }], return: { int_arg: 0 } }] },
    ],
  },
  {
    name: 'exec-returns-as-another-program',
    spec: {
      kprobes: [
        {
          ...{ call: 'sys_execve', return: true, returnArg: { index: 0, type: 'int' } },
          args: [{ index: 0, type: 'string' }],
          selectors: [{}],
        },
      ],
    },
    steps: [
      {
        call: ['execve', missing, 0, 0],
        ending: { fails: 'ENOENT' },
        tells: [{ args: [{ string_arg: missing }], return: { int_arg: -2 } }],
      },
    ],
  },
];

/** One more than a thread keeps. */
const crowd: readonly Case[] = Array.from({ length: bound.callMax + 1 }, (_, index) => ({
  name: `crowd-${index}`,
  spec: { kprobes: [{ ...openat, selectors: [{ matchArgs: [{ index: 1, operator: 'Equal', values: [file] }] }] }] },
  ...{ steps: [], program: 'crowd' },
}));

describe('returns', () => {
  let bench: Bench;
  before(async () => {
    writeFileSync(file, 'content');
    bench = await Bench.start([...cases, ...crowd]);
  });
  after(async () => {
    await bench.stop();
    rmSync(directory, { recursive: true });
  });

  for (const each of cases) test(each.name, () => bench.check(each));

  test('more than can wait: what was known at the entry is told, and that the return is not', async () => {
    await using trigger = await Trigger.start(bench.programOf('crowd'));
    await trigger.call(...opens(file));
    const events = await bench.eventsOfProcess(trigger.pid);
    const told = events.map((event) => [event.process_kprobe?.return?.int_arg, event.ringfence?.return_lost ?? false]);
    const returned = Array.from({ length: bound.callMax }, () => [3, false]);
    assert.deepEqual(told.toSorted(), [...returned, [undefined, true]].toSorted());
    const paths = events.map((event) => event.process_kprobe?.args?.[0]?.string_arg);
    assert.deepEqual(new Set(paths), new Set([file]));
  });
});
