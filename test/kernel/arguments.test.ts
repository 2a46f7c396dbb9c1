/** Arguments that are only told of, or of types that few hooks have; lists; what an event says besides. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Bench, type Case, hookOf, Trigger } from './harness/index.ts';

const NOBODY = 65_534;
const SEEK = 8_800_088;
/** Numbers of system calls that the program does not know by name. */
const SYSLOG = process.arch === 'arm64' ? 116 : 103;
const NO_SYSLOG_ACTION = 9_999;
/** Registers are wider than an int: what else is in them is none of its business. */
const ABOVE_32_BITS = 7n << 32n;

const base64 = (text: string) => Buffer.from(text).toString('base64');

const cases: readonly Case[] = [
  {
    name: 'credentials',
    spec: { kprobes: [{ call: 'commit_creds', syscall: false, args: [{ index: 0, type: 'cred' }] }] },
    steps: [
      {
        call: ['setresuid', -1, NOBODY, -1],
        ending: { returns: 0 },
        // of its exec, which has credentials of its own, and of the call
        tells: [0, NOBODY].map((euid) => ({ args: [{ process_credentials_arg: { uid: 0, euid, suid: 0 } }] })),
      },
    ],
  },
  {
    name: 'capability',
    spec: {
      kprobes: [
        {
          ...{ call: 'cap_capable', syscall: false, args: [{ index: 2, type: 'capability' }] },
          selectors: [{ matchArgs: [{ index: 2, operator: 'Equal', values: ['CAP_SYS_CHROOT'] }] }],
        },
      ],
    },
    steps: [
      { call: ['sethostname', 'x', -1], ending: { fails: 'EINVAL' } },
      { call: ['chroot', '/'], tells: [{ args: [{ capability_arg: { value: 18, name: 'CAP_SYS_CHROOT' } }] }] },
    ],
  },
  {
    name: 'nothing',
    spec: {
      kprobes: [
        {
          call: 'sys_lseek',
          args: [
            { index: 0, type: 'nop' },
            { index: 1, type: 'int64', label: 'where to' },
            { index: 2, type: 'nop' },
          ],
          selectors: [{ matchArgs: [{ index: 1, operator: 'Equal', values: [`${SEEK}`] }] }],
        },
      ],
    },
    steps: [{ call: ['lseek', -1, SEEK, 0], tells: [{ args: [{ long_arg: `${SEEK}`, label: 'where to' }] }] }],
  },
  {
    name: 'length-of-32-bits',
    spec: {
      kprobes: [
        {
          call: 'sys_syslog',
          args: [
            { index: 1, type: 'char_buf', sizeArgIndex: 3 },
            { index: 2, type: 'int' },
          ],
          selectors: [{ matchArgs: [{ index: 1, operator: 'Equal', values: ['abc', ''] }] }],
        },
      ],
    },
    steps: [
      {
        call: [`number:${SYSLOG}`, NO_SYSLOG_ACTION, 'abcdef', ABOVE_32_BITS | 3n],
        ending: { fails: 'EINVAL' },
        tells: [{ args: [{ bytes_arg: base64('abc') }, { int_arg: 3 }] }],
      },
      { call: [`number:${SYSLOG}`, NO_SYSLOG_ACTION, 'abcdef', ABOVE_32_BITS | 4n], ending: { fails: 'EINVAL' } },
      {
        // below zero for the kernel, which takes 32 bits
        call: [`number:${SYSLOG}`, NO_SYSLOG_ACTION, 'abcdef', 0xffff_ffffn],
        ending: { fails: 'EINVAL' },
        tells: [{ args: [{ bytes_arg: '' }, { int_arg: -1 }] }],
      },
    ],
  },
  {
    name: 'list-of-calls',
    spec: {
      lists: [{ name: 'ids', type: 'syscalls', values: ['sys_getpriority', 'sys_setpriority'] }],
      kprobes: [{ call: 'list:ids', args: [{ index: 1, type: 'int' }] }],
    },
    steps: [
      { call: ['getpid'] },
      { call: ['getpriority', 0, 0], tells: [{ args: [{ int_arg: 0 }] }] },
      { call: ['setpriority', 0, 0, 0], tells: [{ args: [{ int_arg: 0 }] }] },
    ],
  },
  {
    name: 'list-of-numbers',
    spec: {
      lists: [{ name: 'ids', type: 'syscalls', values: ['sys_getpriority', 'sys_setpriority'] }],
      tracepoints: [
        {
          ...{ subsystem: 'raw_syscalls', event: 'sys_enter', args: [{ index: 4, type: 'syscall64' }] },
          selectors: [{ matchArgs: [{ index: 4, operator: 'InMap', values: ['list:ids'] }] }],
        },
      ],
    },
    steps: [
      { call: ['compat:96', 0, 0] },
      { call: ['umask', 0o22] },
      { call: ['getpriority', 0, 0], tells: [{}] },
      { call: ['setpriority', 0, 0, 0], tells: [{}] },
    ],
  },
  {
    name: 'text-of-tracepoint',
    spec: {
      tracepoints: [
        {
          ...{ subsystem: 'sched', event: 'sched_process_exec', args: [{ index: 4, type: 'string' }] },
          selectors: [{ matchArgs: [{ index: 4, operator: 'Postfix', values: ['for-text-of-tracepoint'] }] }],
        },
      ],
    },
    steps: [],
  },
  {
    name: 'characters-of-tracepoint',
    spec: {
      tracepoints: [
        {
          ...{ subsystem: 'task', event: 'task_newtask', args: [{ index: 5, type: 'string' }] },
          selectors: [{ matchArgs: [{ index: 5, operator: 'Equal', values: ['for-characters-'] }] }],
        },
      ],
    },
    steps: [{ call: ['getpid'], inThread: true, tells: [{ args: [{ string_arg: 'for-characters-' }] }] }],
  },
  {
    name: 'missing-function',
    spec: {
      kprobes: [
        { call: 'no_such_function', syscall: false, ignore: { callNotFound: true } },
        { call: 'sys_getpriority', message: 'a priority was asked for', tags: ['observability.process'] },
      ],
    },
    steps: [{ call: ['getpriority', 0, 0], tells: [{ action: 'KPROBE_ACTION_POST' }] }],
  },
  {
    name: 'unreadable',
    spec: {
      kprobes: [
        {
          ...{ call: 'sys_faccessat', args: [{ index: 1, type: 'string' }] },
          selectors: [
            { matchArgs: [{ index: 1, operator: 'NotEqual', values: ['/a'] }] },
            { matchActions: [{ action: 'Post' }] },
          ],
        },
      ],
    },
    steps: [
      { call: ['faccessat', -100, 1, 0], ending: { fails: 'EFAULT' }, tells: [{ args: [{}] }] },
      { call: ['faccessat', -100, '/a', 0], tells: [{ args: [{ string_arg: '/a' }] }] },
      { call: ['faccessat', -100, '/b', 0], tells: [{ args: [{ string_arg: '/b' }] }] },
    ],
  },
];

describe('arguments', () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start(cases);
  });
  after(() => bench.stop());

  for (const each of cases.filter(({ steps }) => steps.length > 0)) test(each.name, () => bench.check(each));

  test('text-of-tracepoint', async () => {
    const program = bench.programOf('text-of-tracepoint');
    await using trigger = await Trigger.start(program);
    await bench.checkTold('text-of-tracepoint', [trigger.pid], [{ args: [{ string_arg: program }] }]);
  });

  test('message and tags are in the event', async () => {
    await using trigger = await Trigger.start(bench.programOf('missing-function'));
    await trigger.call('getpriority', 0, 0);
    const [event] = await bench.eventsOf('missing-function', [trigger.pid]);
    const { message, tags } = (event && hookOf(event)) ?? {};
    assert.deepEqual([message, tags], ['a priority was asked for', ['observability.process']]);
  });
});
