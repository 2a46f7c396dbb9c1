/** Each kind of hook, with each action: what a call returns, what it leaves undone, and what is told of it. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Bench, type Case, openFunction, socketAddress } from './harness/index.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'hooks-')));
const file = makeFile('file');
const other = makeFile('other');
/** Removed only if a policy fails to stop it. */
const kept = makeFile('kept');
const script = makeFile('program', 0o755);

const AT_FDCWD = -100;
const O_WRONLY = 1;
const O_CREAT = 0o100;
const AF_INET = 2;
const SOCK_STREAM = 1;
const NOWHERE = socketAddress('127.0.0.1', 9);
/** Numbers of system calls that the program makes only when it is asked to, or does not know by name. */
const GETPRIORITY = process.arch === 'arm64' ? 141 : 140;
const MMAP = process.arch === 'arm64' ? 222 : 9;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
/** Bytes: no process has so many addresses. */
const MORE_THAN_THERE_IS = 2 ** 52;

function makeFile(name: string, mode = 0o644): string {
  const path = join(directory, name);
  writeFileSync(path, name, { mode });
  return path;
}

const named = (path: string, index = 0) => ({ matchArgs: [{ index, operator: 'Equal', values: [path] }] });
const post = { matchActions: [{ action: 'Post' }] };
const kill = { matchActions: [{ action: 'Sigkill' }] };
const deny = (argError: number) => ({ matchActions: [{ action: 'Override', argError }] });

const path = (path: string) => ({ file_arg: { path } });
const opens = (path: string, flags = 0) => ['openat', AT_FDCWD, path, flags, 0o600] as const;
const lsmOpen = { hook: 'file_open', args: [{ index: 0, type: 'file' }] };
const sysOpenat = {
  call: 'sys_openat',
  args: [
    { index: 1, type: 'string' },
    { index: 2, type: 'int' },
  ],
};
const sysLseek = {
  call: 'sys_lseek',
  args: [
    { index: 1, type: 'int64' },
    { index: 2, type: 'uint32' },
  ],
};
const seek = (offset: number) => ['lseek', -1, offset, 7] as const;
const offset = (value: string) => ({ matchArgs: [{ index: 1, operator: 'Equal', values: [value] }] });
const getpriority = (index: number) => ({ matchArgs: [{ index, operator: 'Equal', values: [`${GETPRIORITY}`] }] });
const long = (value: number) => ({ long_arg: `${value}` });

const cases: readonly Case[] = [
  {
    name: 'lsm-post',
    spec: { lsmhooks: [{ ...lsmOpen, selectors: [{ ...named(file), ...post }] }] },
    steps: [
      { call: opens(other), ending: { returns: 'success' } },
      {
        call: opens(file),
        ending: { returns: 'success' },
        tells: [{ args: [path(file)], action: 'KPROBE_ACTION_POST', verdict: 'match' }],
      },
    ],
  },
  {
    name: 'lsm-no-post',
    spec: {
      lsmhooks: [{ ...lsmOpen, selectors: [{ ...named(file), matchActions: [{ action: 'NoPost' }] }, named(other)] }],
    },
    steps: [
      { call: opens(file), ending: { returns: 'success' } },
      { call: opens(other), ending: { returns: 'success' }, tells: [{ args: [path(other)] }] },
    ],
  },
  {
    name: 'lsm-override',
    spec: { lsmhooks: [{ ...lsmOpen, selectors: [{ ...named(file), ...deny(-2) }] }] },
    steps: [
      { call: opens(other), ending: { returns: 'success' } },
      {
        call: opens(file),
        ending: { fails: 'ENOENT' },
        tells: [{ args: [path(file)], action: 'KPROBE_ACTION_OVERRIDE', verdict: 'denied' }],
      },
    ],
  },
  {
    name: 'lsm-sigkill',
    spec: { lsmhooks: [{ ...lsmOpen, selectors: [{ ...named(file), ...kill }] }] },
    steps: [
      { call: opens(other), ending: { returns: 'success' } },
      {
        call: opens(file),
        ending: { endsBy: 'SIGKILL' },
        tells: [{ args: [path(file)], action: 'KPROBE_ACTION_SIGKILL', verdict: 'killed', mayComplete: false }],
      },
    ],
  },
  {
    name: 'lsm-signal',
    spec: {
      lsmhooks: [{ ...lsmOpen, selectors: [{ ...named(file), matchActions: [{ action: 'Signal', argSig: 10 }] }] }],
    },
    steps: [
      {
        call: opens(file),
        ending: { endsBy: 'SIGUSR1' },
        tells: [{ args: [path(file)], action: 'KPROBE_ACTION_SIGNAL' }],
      },
    ],
  },
  {
    name: 'lsm-unlink-kill',
    spec: {
      lsmhooks: [
        {
          hook: 'path_unlink',
          args: [{ index: 1, type: 'dentry' }],
          selectors: [{ matchArgs: [{ index: 1, operator: 'Postfix', values: ['/kept'] }], ...kill }],
        },
      ],
    },
    steps: [{ call: ['unlinkat', AT_FDCWD, kept, 0], ending: { endsBy: 'SIGKILL' }, tells: [{ verdict: 'killed' }] }],
  },
  {
    name: 'security-function-override',
    spec: {
      kprobes: [
        {
          ...{ call: 'security_file_open', syscall: false, args: [{ index: 0, type: 'file' }] },
          selectors: [{ ...named(file), ...deny(-13) }],
        },
      ],
    },
    steps: [
      { call: opens(other), ending: { returns: 'success' } },
      {
        call: opens(file),
        ending: { fails: 'EACCES' },
        tells: [{ args: [path(file)], verdict: 'denied', decidedAt: 'lsm/file_open' }],
      },
    ],
  },
  {
    name: 'security-function-post',
    spec: {
      kprobes: [
        {
          ...{ call: 'security_file_open', syscall: false, args: [{ index: 0, type: 'file' }] },
          selectors: [{ ...named(file), ...post }],
        },
      ],
    },
    steps: [
      { call: opens(other) },
      { call: opens(file), ending: { returns: 'success' }, tells: [{ args: [path(file)], verdict: 'match' }] },
    ],
  },
  {
    name: 'function-entry',
    spec: {
      kprobes: [
        {
          call: openFunction,
          syscall: false,
          args: [
            { index: 0, type: 'int' },
            { index: 1, type: 'filename' },
          ],
          selectors: [{ ...named(file, 1), ...post }],
        },
      ],
    },
    steps: [
      { call: opens(other) },
      { call: opens(file), tells: [{ args: [{ int_arg: AT_FDCWD }, { string_arg: file }] }] },
    ],
  },
  {
    name: 'function-kill',
    spec: {
      kprobes: [
        {
          ...{ call: 'tcp_connect', syscall: false, args: [{ index: 0, type: 'sock' }] },
          selectors: [{ matchArgs: [{ index: 0, operator: 'DPort', values: ['9'] }], ...kill }],
        },
      ],
    },
    steps: [
      { call: ['socket', AF_INET, SOCK_STREAM, 0], ending: { returns: 3 } },
      {
        call: ['connect', 3, NOWHERE, NOWHERE.length],
        ending: { endsBy: 'SIGKILL' },
        tells: [{ args: [{ sock_arg: { daddr: '127.0.0.1', dport: 9 } }], verdict: 'killed', mayComplete: true }],
      },
    ],
  },
  {
    name: 'function-exit',
    spec: {
      kprobes: [
        {
          ...{ call: 'ksys_lseek', syscall: false, return: true, returnArg: { index: 0, type: 'int64' } },
          args: [{ index: 1, type: 'int64' }],
          selectors: [{ matchArgs: [{ index: 1, operator: 'Equal', values: ['4711'] }], ...post }],
        },
      ],
    },
    steps: [
      { call: seek(4710) },
      { call: seek(4711), ending: { fails: 'EBADF' }, tells: [{ args: [long(4711)], return: long(-9) }] },
    ],
  },
  {
    name: 'entry-and-return',
    spec: {
      kprobes: [
        {
          ...{ ...sysOpenat, return: true, returnArg: { index: 0, type: 'int' } },
          selectors: [{ ...named(file, 1), ...post }],
        },
      ],
    },
    steps: [
      { call: opens(other) },
      {
        call: opens(file),
        ending: { returns: 4 },
        tells: [{ args: [{ string_arg: file }, { int_arg: 0 }], return: { int_arg: 4 } }],
      },
    ],
  },
  {
    name: 'syscall-entry',
    spec: { kprobes: [{ ...sysLseek, selectors: [{ ...offset('4712'), ...post }] }] },
    steps: [
      { call: seek(4711) },
      { call: seek(4712), ending: { fails: 'EBADF' }, tells: [{ args: [long(4712), { uint_arg: 7 }] }] },
      { call: seek(4712), inThread: true, tells: [{ args: [long(4712), { uint_arg: 7 }] }] },
    ],
  },
  {
    name: 'syscall-without-types',
    spec: { kprobes: [{ call: 'sys_getppid', selectors: [post] }] },
    steps: [{ call: ['getpid'] }, { call: ['getppid'], ending: { returns: 'success' }, tells: [{ verdict: 'match' }] }],
  },
  {
    name: 'tracepoint',
    spec: {
      tracepoints: [
        {
          subsystem: 'syscalls',
          event: 'sys_enter_lseek',
          args: [{ index: 6, type: 'uint64' }],
          selectors: [{ matchArgs: [{ index: 6, operator: 'Equal', values: ['4713'] }], ...post }],
        },
      ],
    },
    steps: [{ call: seek(4711) }, { call: seek(4713), tells: [{ args: [{ size_arg: '4713' }] }] }],
  },
  {
    name: 'tracepoint-raw',
    spec: {
      tracepoints: [
        {
          ...{ subsystem: 'raw_syscalls', event: 'sys_enter', raw: true, args: [{ index: 1, type: 'int64' }] },
          selectors: [{ ...getpriority(1), ...post }],
        },
      ],
    },
    steps: [{ call: seek(4711) }, { call: ['getpriority', 0, 0], tells: [{ args: [long(GETPRIORITY)] }] }],
  },
  {
    name: 'tracepoint-syscall-number',
    spec: {
      tracepoints: [
        {
          ...{ subsystem: 'raw_syscalls', event: 'sys_enter', args: [{ index: 4, type: 'syscall64' }] },
          selectors: [{ ...getpriority(4), ...post }],
        },
      ],
    },
    steps: [
      { call: seek(4711) },
      { call: ['getpriority', 0, 0], tells: [{ args: [{ syscall_id: { id: GETPRIORITY } }] }] },
    ],
  },
  {
    name: 'tracepoint-kill',
    spec: {
      tracepoints: [
        {
          ...{ subsystem: 'syscalls', event: 'sys_enter_lseek', args: [{ index: 6, type: 'uint64' }] },
          selectors: [{ matchArgs: [{ index: 6, operator: 'Equal', values: ['4714'] }], ...kill }],
        },
      ],
    },
    steps: [
      { call: seek(4713), ending: { fails: 'EBADF' } },
      { call: seek(4714), ending: { endsBy: 'SIGKILL' }, tells: [{ verdict: 'killed', mayComplete: true }] },
    ],
  },
  {
    name: 'openat-override',
    spec: { kprobes: [{ ...sysOpenat, selectors: [{ ...named(file, 1), ...deny(-13) }] }] },
    steps: [
      { call: opens(other), ending: { returns: 'success' } },
      { call: ['open', file, 0], ending: { returns: 'success' } },
      { call: ['compat:295', AT_FDCWD, file, 0], ending: { returns: 'success' } },
      {
        call: opens(file),
        ending: { fails: 'EACCES' },
        tells: [{ args: [{ string_arg: file }, { int_arg: 0 }], verdict: 'denied', decidedAt: 'lsm/file_open' }],
      },
    ],
  },
  {
    name: 'openat-sigkill',
    spec: { kprobes: [{ ...sysOpenat, selectors: [{ ...named(file, 1), ...kill }] }] },
    steps: [
      { call: opens(other), ending: { returns: 'success' } },
      { call: opens(file), ending: { endsBy: 'SIGKILL' }, tells: [{ verdict: 'killed', mayComplete: false }] },
    ],
  },
  {
    name: 'openat-by-flags',
    spec: {
      kprobes: [
        {
          ...sysOpenat,
          selectors: [{ matchArgs: [{ index: 2, operator: 'Mask', values: [`${O_WRONLY}`] }], ...deny(-30) }],
        },
      ],
    },
    steps: [
      { call: opens(file), ending: { returns: 'success' } },
      {
        call: opens(file, O_WRONLY),
        ending: { fails: 'EROFS' },
        tells: [{ args: [{ string_arg: file }, { int_arg: O_WRONLY }] }],
      },
    ],
  },
  {
    name: 'execve-override',
    spec: {
      kprobes: [
        { call: 'sys_execve', args: [{ index: 0, type: 'string' }], selectors: [{ ...named(script), ...deny(-1) }] },
      ],
    },
    steps: [
      {
        call: ['execve', script, 0, 0],
        ending: { fails: 'EPERM' },
        tells: [{ args: [{ string_arg: script }], verdict: 'denied' }],
      },
    ],
  },
  {
    name: 'connect-override',
    spec: {
      kprobes: [
        {
          ...{ call: 'sys_connect', args: [{ index: 1, type: 'sockaddr' }] },
          selectors: [{ matchArgs: [{ index: 1, operator: 'SPort', values: ['9'] }], ...deny(-13) }],
        },
      ],
    },
    steps: [
      { call: ['socket', AF_INET, SOCK_STREAM, 0], ending: { returns: 3 } },
      {
        call: ['connect', 3, socketAddress('127.0.0.1', 10), 16],
        ending: { fails: 'ECONNREFUSED' },
      },
      {
        call: ['connect', 3, NOWHERE, NOWHERE.length],
        ending: { fails: 'EACCES' },
        tells: [
          {
            args: [{ sockaddr_arg: { family: 'AF_INET', addr: '127.0.0.1', port: 9 } }],
            ...{ verdict: 'denied', decidedAt: 'lsm/socket_connect' },
          },
        ],
      },
    ],
  },
  {
    // eight arguments are more than a trampoline passes: by breakpoint, at the entry and at the return
    name: 'breakpoints',
    spec: {
      kprobes: [
        {
          ...{ call: 'do_mmap', syscall: false, args: [{ index: 2, type: 'int64' }] },
          ...{ return: true, returnArg: { index: 0, type: 'int64' } },
          selectors: [{ matchArgs: [{ index: 2, operator: 'Equal', values: [`${MORE_THAN_THERE_IS}`] }] }],
        },
      ],
    },
    steps: [
      { call: [`number:${MMAP}`, 0, 4096, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0], ending: { returns: 'success' } },
      {
        call: [`number:${MMAP}`, 0, MORE_THAN_THERE_IS, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0],
        ending: { fails: 'ENOMEM' },
        tells: [{ args: [long(MORE_THAN_THERE_IS)], return: long(-12) }],
      },
    ],
  },
  {
    name: 'mkdir-override',
    spec: { lsmhooks: [{ hook: 'path_mkdir', args: [{ index: 1, type: 'dentry' }], selectors: [deny(-28)] }] },
    steps: [
      { call: opens(join(directory, 'made'), O_CREAT), ending: { returns: 'success' } },
      {
        call: ['mkdirat', AT_FDCWD, join(directory, 'never'), 0o700],
        ending: { fails: 'ENOSPC' },
        tells: [{ verdict: 'denied' }],
      },
    ],
  },
];

describe('hooks', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start(cases);
  });
  after(async () => {
    await bench.stop();
    rmSync(directory, { recursive: true });
  });

  for (const each of cases) test(each.name, () => bench.check(each));

  test('what was denied, or killed for, did not happen', () => {
    assert.ok(existsSync(kept));
    assert.ok(!existsSync(join(directory, 'never')));
  });
});
