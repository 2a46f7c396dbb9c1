/** Where hooks are placed on a kernel, how their arguments are read there, and what is refused, on the policy's own line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionOf } from '#bpf';
import { type Diagnostic, place } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { type ResolveTargetOptions, resolveTarget } from './fixtures-target.ts';
import type { Source } from './plan.ts';
import { strictly } from './report.ts';
import { type Resolution, resolvePolicy } from './resolve.ts';
import type { Length, ResolvedArgument, ResolvedPart } from './resolved.ts';

type Outcome = Resolution & { readonly diagnostics: readonly Diagnostic[] };

function resolve(section: string, options: ResolveTargetOptions = {}): Outcome {
  const text = `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: { name: test }\nspec:\n${section}`;
  const parsed = parsePolicies(text, 'policy.yaml');
  const errors = parsed.diagnostics.filter((each) => each.severity === 'error');
  assert.deepEqual(
    errors.map((each) => `${each.code} ${each.message}`),
    [],
  );
  const diagnostics: Diagnostic[] = [];
  const resolution = resolvePolicy(known(parsed.policies[0], 'policy'), 0, resolveTarget(options), diagnostics);
  return { ...resolution, diagnostics };
}

type HookText = { readonly args?: string; readonly selectors?: string; readonly more?: string };

/** A policy with one hook; `more` are further lines of it. */
function policy(first: string, { args, selectors, more }: HookText): string {
  const lines = [`  - ${first}`];
  if (more !== undefined) lines.push(`    ${more}`);
  if (args !== undefined) lines.push(`    args: [${args}]`);
  if (selectors !== undefined) lines.push(`    selectors: [${selectors}]`);
  return `${lines.join('\n')}\n`;
}

const lsm = (name: string, rest: HookText = {}) => `  lsmhooks:\n${policy(`hook: ${name}`, rest)}`;
const call = (name: string, rest: HookText = {}) =>
  `  kprobes:\n${policy(`call: ${name}`, rest).replace('\n', '\n    syscall: false\n')}`;
const syscall = (name: string, rest: HookText = {}) => `  kprobes:\n${policy(`call: ${name}`, rest)}`;
const event = (name: string, raw: boolean, rest: HookText = {}) => {
  const [subsystem, last] = name.split('/');
  return `  tracepoints:\n${policy(`subsystem: ${subsystem}`, rest).replace('\n', `\n    event: ${last}\n    raw: ${raw}\n`)}`;
};

const act = (action: string, match = '') =>
  `{ ${match === '' ? '' : `matchArgs: [${match}], `}matchActions: [{ ${action} }] }`;
const kill = (match = '') => act('action: Sigkill', match);
const deny = (match = '') => act('action: Override, argError: -1', match);
const equal = (index: number, value: string) => `{ index: ${index}, operator: Equal, values: ["${value}"] }`;
const returning = 'return: true\n    returnArg: { index: 0, type: int }';

/** Section (`!` where it can deny), phase, then each argument as source:reader. */
function brief(part: ResolvedPart): string {
  const guard = part.guard === undefined ? '' : ` when ${part.guard}`;
  const arguments_ = part.arguments.map((each) => (each === undefined ? '-' : argumentText(each))).join(' ');
  const result = part.result === undefined ? '' : ` = ${argumentText(part.result)}`;
  const denies = part.denies ? '!' : '';
  return `${sectionOf(part.point)}${denies} ${part.phase}${guard}${arguments_ === '' ? '' : ` ${arguments_}`}${result}`;
}

function argumentText({ source, value }: ResolvedArgument): string {
  const what =
    value.kind === 'integer'
      ? `${value.signed ? 'i' : 'u'}${value.bits}`
      : value.kind === 'credentials'
        ? 'cred'
        : `${value.reader}${value.size === undefined ? '' : `/${lengthText(value.size)}`}`;
  return `${sourceText(source)}:${what}`;
}

function lengthText({ source, shape }: Length): string {
  return shape.bits === 64 ? sourceText(source) : `${sourceText(source)}:${shape.signed ? 'i' : 'u'}${shape.bits}`;
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'field':
      return `field@${source.offset}+${source.bytes}`;
    case 'field-address':
      return `${source.dataLocation ? 'data' : 'address'}@${source.offset}`;
    case 'syscall64':
      return `number(${sourceText(source.of)})`;
    case 'none':
    case 'current-syscall':
      return source.kind;
    default:
      return `${source.kind}${source.index}`;
  }
}

const placed: readonly (readonly [string, string, readonly string[], ResolveTargetOptions?])[] = [
  ['an LSM hook denies', lsm('file_open', { args: '{ index: 0 }' }), ['lsm/file_open! whole context0:file']],
  [
    'an LSM hook without a result',
    lsm('bprm_committed_creds', { args: '{ index: 0 }' }),
    ['lsm/bprm_committed_creds whole context0:binprm'],
  ],
  [
    'a socket, an address with its length, a number',
    lsm('socket_connect', { args: '{ index: 0, type: sock }, { index: 1, type: sockaddr }, { index: 2, type: int }' }),
    ['lsm/socket_connect! whole context0:socket context1:sockaddr/context2 context2:i32'],
  ],
  [
    'where a message goes, by its socket',
    lsm('socket_sendmsg', { args: '{ index: 1, type: sockaddr }, { index: 1 }, { index: 0, type: sock }' }),
    ['lsm/socket_sendmsg! whole context1:msghdr_socket/context0 context1:msghdr_socket/context0 context0:socket'],
  ],
  [
    'credentials and a capability',
    lsm('capable', { args: '{ index: 0, type: cred }, { index: 2, type: capability }, { index: 1, type: nop }' }),
    ['lsm/capable! whole context0:cred context2:i32 -'],
  ],
  [
    'a packet',
    lsm('inet_conn_request', { args: '{ index: 0 }, { index: 1 }' }),
    ['lsm/inet_conn_request! whole context0:sock context1:skb'],
  ],
  [
    'a number within a struct, a path, a dentry, a string',
    `${lsm('path_chown', { args: '{ index: 0 }, { index: 1 }, { index: 2, type: uint64 }' })}${policy('hook: path_symlink', { args: '{ index: 1 }, { index: 2 }' })}`,
    [
      'lsm/path_chown! whole context0:path context1:u32 context2:u32',
      'lsm/path_symlink! whole context1:dentry context2:string',
    ],
  ],
  [
    'a function is seen at its entry',
    call('tcp_connect', { args: '{ index: 0, type: sock }' }),
    ['fentry/tcp_connect whole context0:sock'],
  ],
  [
    'the return alone, where arguments are numbers',
    call('by_value', { args: '{ index: 1, type: int }', more: returning }),
    ['fexit/by_value whole context2:i32 = result3:i32'],
  ],
  [
    'the return alone, where the caller holds what arguments point to',
    call('security_file_open', { args: '{ index: 0, type: file }', more: returning }),
    ['fexit/security_file_open whole context0:file = result1:i32'],
  ],
  [
    'entry and return of a function that may free what it is given',
    call('tcp_connect', { args: '{ index: 0, type: sock }', more: returning }),
    ['fentry/tcp_connect entry context0:sock', 'fexit/tcp_connect return context0:sock = result1:i32'],
  ],
  [
    'entry and return, so that a signal comes before the call is done',
    call('vfs_write', {
      args: '{ index: 2, type: uint64 }',
      more: returning,
      selectors: act('action: Signal, argSig: 10'),
    }),
    ['fentry/vfs_write entry context2:u64', 'fexit/vfs_write return context2:u64 = result4:i32'],
  ],
  [
    'a string that is known to be of the process',
    call('do_sys_open', { args: '{ index: 1, type: string }' }),
    ['fentry/do_sys_open whole context1:string_user'],
  ],
  [
    'a name that the kernel has copied',
    call('do_filp_open', { args: '{ index: 1, type: filename }' }),
    ['fentry/do_filp_open whole context1:filename'],
  ],
  [
    'a buffer and its length',
    call('vfs_write', { args: '{ index: 1, type: char_buf, sizeArgIndex: 3 }' }),
    ['fentry/vfs_write whole context1:bytes_user/context2'],
  ],
  [
    'an address whose length follows',
    call('tcp_v4_connect', { args: '{ index: 1, type: sockaddr }' }),
    ['fentry/tcp_v4_connect whole context1:sockaddr/context2'],
  ],
  [
    'a file descriptor',
    call('fd_install', { args: '{ index: 0, type: fd }' }),
    ['fentry/fd_install whole context0:fd'],
  ],
  [
    'behind a struct that takes two registers',
    call('by_value', { args: '{ index: 1, type: int }' }),
    ['fentry/by_value whole context2:i32'],
  ],
  [
    'more arguments than a trampoline passes',
    call('seven', { args: '{ index: 5, type: uint64 }' }),
    ['kprobe/seven whole register5:u64'],
  ],
  [
    'a struct that no trampoline passes',
    call('large_value', { args: '{ index: 0, type: nop }' }),
    ['kprobe/large_value whole -'],
  ],
  [
    'no types',
    call('untyped', { args: '{ index: 0, type: file }, { index: 1, type: int }' }),
    ['kprobe/untyped whole register0:file register1:i32'],
  ],
  [
    'no types, and a return',
    call('untyped', { args: '{ index: 0, type: int }', more: returning }),
    ['kprobe/untyped entry register0:i32', 'kretprobe/untyped return register0:i32 = result0:i32'],
  ],
  [
    'no trampolines',
    call('tcp_connect', { args: '{ index: 0, type: sock }' }),
    ['kprobe/tcp_connect whole register0:sock'],
    { without: ['trampoline'] },
  ],
  [
    'a security function that enforces moves to its hook',
    call('security_file_open', { args: '{ index: 0, type: file }', selectors: kill(equal(0, '/x')) }),
    ['lsm/file_open! whole context0:file'],
  ],
  [
    'and so it does where the names differ',
    call('security_bprm_check', { args: '{ index: 0, type: linux_binprm }', selectors: deny(equal(0, '/x')) }),
    ['lsm/bprm_check_security! whole context0:binprm'],
  ],
  [
    'and where the hook has one more',
    call('security_mmap_file', {
      args: '{ index: 1, type: uint64 }, { index: 2, type: uint64 }',
      selectors: deny(equal(1, '4')),
    }),
    ['lsm/mmap_file! whole context1:u64 context3:u64'],
  ],
  [
    'and is waited for',
    call('security_file_open', { args: '{ index: 0, type: file }', more: returning, selectors: kill() }),
    ['lsm/file_open! entry context0:file', 'fexit/security_file_open return context0:file = result1:i32'],
  ],
  [
    'a system call is seen at its entry, as wide as its tracepoint says',
    syscall('sys_openat', { args: '{ index: 0, type: uint64 }, { index: 1, type: string }, { index: 3, type: int }' }),
    ['fentry/__x64_sys_openat whole syscall0:u32 syscall1:string_user syscall3:u16'],
  ],
  [
    'without a tracepoint what is declared is believed',
    syscall('sys_write', {
      args: '{ index: 0, type: fd }, { index: 1, type: char_buf, sizeArgIndex: 3 }, { index: 2, type: size_t }',
    }),
    ['fentry/__x64_sys_write whole syscall0:fd syscall1:bytes_user/syscall2 syscall2:u64'],
  ],
  [
    'the length of a buffer is as wide as the kernel takes it',
    syscall('sys_syslog', { args: '{ index: 1, type: char_buf, sizeArgIndex: 3 }' }),
    ['kprobe/__x64_sys_syslog whole syscall1:bytes_user/syscall2:i32'],
  ],
  [
    'a socket address of the process',
    syscall('sys_connect', { args: '{ index: 1, type: sockaddr }' }),
    ['fentry/__x64_sys_connect whole syscall1:sockaddr_user/syscall2'],
  ],
  ['the entry of a call that never returns', syscall('sys_exit'), ['kprobe/__x64_sys_exit whole']],
  ['a system call whose entry is not in BTF', syscall('sys_getpid'), ['kprobe/__x64_sys_getpid whole']],
  ['a system call whose entry is traced by another name', syscall('sys_fork'), ['fentry/__do_sys_fork whole']],
  [
    'the return of a system call',
    syscall('sys_lseek', { args: '{ index: 0, type: int }', more: returning }),
    ['fexit/__x64_sys_lseek whole syscall0:i32 = result1:i32'],
  ],
  [
    'an exec changes the registers: entry and return',
    syscall('sys_execve', { args: '{ index: 1, type: uint64 }', more: returning }),
    ['fentry/__x64_sys_execve entry syscall1:u64', 'fexit/__x64_sys_execve return syscall1:u64 = result1:i32'],
  ],
  ['the entry of 32-bit calls', syscall('__ia32_sys_openat'), ['kprobe/__ia32_sys_openat whole']],
  [
    'a system call that enforces moves to the hook that has the copy of its string',
    syscall('sys_openat', {
      args: '{ index: 1, type: string }, { index: 2, type: int }',
      selectors: deny(equal(1, '/x')),
    }),
    ['lsm/file_open! whole when 257 none:open_name syscall2:i32'],
  ],
  [
    'and of its address',
    syscall('sys_connect', {
      args: '{ index: 1, type: sockaddr }',
      selectors: kill('{ index: 1, operator: SPort, values: ["22"] }'),
    }),
    ['lsm/socket_connect! whole when 42 context1:sockaddr/context2'],
  ],
  [
    'and of its file',
    syscall('sys_write', {
      args: '{ index: 0, type: fd }, { index: 2, type: size_t }',
      selectors: kill('{ index: 0, operator: Prefix, values: ["/x"] }'),
    }),
    ['lsm/file_permission! whole when 1 context0:file syscall2:u64'],
  ],
  [
    'a string that is only told of comes along',
    syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: kill() }),
    ['lsm/path_mkdir! whole when 83 syscall0:string_user'],
  ],
  [
    'to each of the hooks that a call may pass',
    syscall('sys_unlinkat', { args: '{ index: 2, type: int }', selectors: kill() }),
    ['lsm/path_unlink! whole when 263 syscall2:i32', 'lsm/path_rmdir! whole when 263 syscall2:i32'],
  ],
  [
    'and its return is waited for',
    syscall('sys_symlinkat', { args: '{ index: 0, type: string }', more: returning, selectors: kill(equal(0, '/x')) }),
    [
      'lsm/path_symlink! entry when 266 context2:string',
      'fexit/__x64_sys_symlinkat return syscall0:string_user = result1:i32',
    ],
  ],
  [
    'a string without a copy keeps it at the entry',
    syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: kill(equal(0, '/x')) }),
    ['fentry/__x64_sys_mkdir whole syscall0:string_user'],
  ],
  [
    'the fields of a tracepoint',
    event('task/task_newtask', false, { args: '{ index: 4 }, { index: 5 }, { index: 6 }, { index: 7 }' }),
    ['tracepoint/task/task_newtask whole field@8+4:i32 address@12:string field@32+8:u64 field@40+2:i16'],
  ],
  [
    'a string behind a record',
    event('sched/sched_process_exec', false, { args: '{ index: 4 }' }),
    ['tracepoint/sched/sched_process_exec whole data@8:string'],
  ],
  [
    'the fields of a system call',
    event('syscalls/sys_enter_openat', false, {
      args: '{ index: 4, type: syscall64 }, { index: 5, type: fd }, { index: 6 }, { index: 7 }, { index: 8 }',
    }),
    [
      'tracepoint/syscalls/sys_enter_openat whole number(field@8+4):u64 field@16+8:fd field@24+8:string_user field@32+8:i32 field@40+8:u16',
    ],
  ],
  [
    'an object that a field points to',
    event('skb/kfree_skb', false, { args: '{ index: 4, type: skb }' }),
    ['tracepoint/skb/kfree_skb whole field@8+8:skb'],
  ],
  [
    'the number of any system call',
    event('raw_syscalls/sys_enter', false, { args: '{ index: 4, type: syscall64 }' }),
    ['tracepoint/raw_syscalls/sys_enter whole number(field@8+8):u64'],
  ],
  [
    'the arguments of a raw tracepoint',
    event('sched/sched_process_exec', true, { args: '{ index: 1 }, { index: 2 }' }),
    ['tp_btf/sched_process_exec whole context1:i32 context2:binprm'],
  ],
  [
    'the number in a raw one',
    event('raw_syscalls/sys_enter', true, { args: '{ index: 1, type: syscall64 }' }),
    ['tp_btf/sys_enter whole number(context1):u64'],
  ],
  [
    'what is missing is left out where the policy says so',
    call('no_such', { more: 'ignore: { callNotFound: true }' }),
    [],
  ],
  ['the call of another machine too', syscall('__arm64_sys_openat', { more: 'ignore: { callNotFound: true }' }), []],
  [
    'a system call of arm64',
    syscall('sys_openat', { selectors: kill() }),
    ['lsm/file_open! whole when 56'],
    { arch: 'aarch64' },
  ],
];

for (const [name, text, expected, options] of placed) {
  test(`placed: ${name}`, () => {
    const { resolved, diagnostics } = resolve(text, options);
    assert.deepEqual(resolved.parts.map(brief), expected);
    assert.deepEqual(
      diagnostics.filter((each) => each.severity === 'error').map((each) => each.code),
      [],
    );
  });
}

const reported: readonly (readonly [string, string, readonly string[]])[] = [
  ['LSM hook that is not there', lsm('file_opens'), ['RF2001 policy.yaml:6:11']],
  ['denial where there is no result', lsm('bprm_committed_creds', { selectors: kill() }), ['RF2002 policy.yaml:7:34']],
  ['argument that is not there', lsm('file_open', { args: '{ index: 1, type: file }' }), ['RF2003 policy.yaml:7:21']],
  [
    'another type than is passed',
    call('tcp_connect', { args: '{ index: 0, type: skb }' }),
    ['RF2004 policy.yaml:8:30'],
  ],
  [
    'an address of the kernel as a number',
    call('tcp_connect', { args: '{ index: 0, type: uint64 }' }),
    ['RF2004 policy.yaml:8:30'],
  ],
  [
    'syscall64 where there is no number of a call',
    event('task/task_newtask', false, { args: '{ index: 4, type: syscall64 }' }),
    ['RF2004 policy.yaml:9:30'],
  ],
  ['what is not read', call('do_filp_open', { args: '{ index: 2, type: file }' }), ['RF2005 policy.yaml:8:30']],
  ['a message of no socket', call('put_cmsg', { args: '{ index: 0, type: sockaddr }' }), ['RF2028 policy.yaml:8:30']],
  ['LSM hook whose result is no error', lsm('vm_enough_memory'), ['RF2010 policy.yaml:6:11']],
  ['function that is not there', call('tcp_conect'), ['RF2011 policy.yaml:6:11']],
  ['function that is there in parts', call('split'), ['RF2012 policy.yaml:6:11']],
  ['function that is inlined', call('inlined'), ['RF2013 policy.yaml:6:11']],
  ['two functions', call('twice'), ['RF2014 policy.yaml:6:11']],
  ['system call that is not there', syscall('sys_openatt'), ['RF2015 policy.yaml:6:11']],
  ['system call of another machine', syscall('__arm64_sys_openat'), ['RF2016 policy.yaml:6:11']],
  [
    'object of the kernel at a system call',
    syscall('sys_openat', { args: '{ index: 1, type: file }' }),
    ['RF2017 policy.yaml:7:30'],
  ],
  ['argument on the stack', call('seven', { args: '{ index: 6, type: uint64 }' }), ['RF2018 policy.yaml:8:21']],
  [
    'buffer whose length is a pointer',
    call('vfs_write', { args: '{ index: 1, type: char_buf, sizeArgIndex: 4 }' }),
    ['RF2019 policy.yaml:8:54'],
  ],
  ['denial at a function', call('tcp_connect', { selectors: deny() }), ['RF2020 policy.yaml:8:34']],
  ['denial at a system call without a hook', syscall('sys_lseek', { selectors: deny() }), ['RF2021 policy.yaml:7:34']],
  [
    'denial by a string that is not copied',
    syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: deny(equal(0, '/x')) }),
    ['RF2021 policy.yaml:8:94'],
  ],
  [
    'denial where function and hook differ',
    call('security_inode_setattr', { selectors: deny() }),
    ['RF2023 policy.yaml:8:34'],
  ],
  ['tracepoint that is not there', event('task/task_newtsk', false), ['RF2024 policy.yaml:7:12']],
  ['raw tracepoint that is not there', event('task/task_newtask', true), ['RF2024 policy.yaml:7:12']],
  ['result that is no number', call('do_filp_open', { more: returning }), ['RF2025 policy.yaml:9:34']],
  [
    'arguments of a 32-bit call',
    syscall('__ia32_sys_openat', { args: '{ index: 0, type: int }' }),
    ['RF2026 policy.yaml:7:12'],
  ],
  ['the return of a call that has none', syscall('sys_exit_group', { more: returning }), ['RF2027 policy.yaml:6:11']],
  ['the return of a function that has none', call('do_exit', { more: returning }), ['RF2027 policy.yaml:6:11']],
  [
    'a denial by an error on which the kernel tries again',
    lsm('file_open', {
      selectors: `${act('action: Override, argError: -10')}, ${act('action: Override, argError: -116')}`,
    }),
    ['RF2404 policy.yaml:7:34', 'RF2404 policy.yaml:7:91'],
  ],
  [
    'the same where a verdict was moved to',
    syscall('sys_openat', {
      args: '{ index: 1, type: string }',
      selectors: act('action: Override, argError: -116', equal(1, '/x')),
    }),
    ['RF2404 policy.yaml:8:94'],
  ],
  [
    'a verdict that another thread can get around',
    syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: kill(equal(0, '/x')) }),
    ['RF2402 policy.yaml:8:94', 'RF2401 policy.yaml:8:31'],
  ],
  [
    'a file descriptor that has no copy',
    syscall('sys_setsockopt', { args: '{ index: 0, type: fd }', selectors: kill(equal(0, '/x')) }),
    ['RF2401 policy.yaml:8:31'],
  ],
  ['a kill that may come too late', call('create_user_ns', { selectors: kill() }), ['RF2402 policy.yaml:8:34']],
  ['a hook that is left out', call('no_such', { more: 'ignore: { callNotFound: true }' }), ['RF2403 policy.yaml:6:11']],
  [
    'a function that can not be traced is not left out',
    call('inlined', { more: 'ignore: { callNotFound: true }' }),
    ['RF2013 policy.yaml:6:11'],
  ],
];

for (const [name, text, expected] of reported) {
  test(`reported: ${name}`, () => {
    const { diagnostics } = resolve(text);
    assert.deepEqual(
      diagnostics.map((each) => `${each.code} ${each.span === undefined ? '' : place(each.span)}`),
      expected,
    );
  });
}

test('hints name what would do', () => {
  const hints = (text: string) => resolve(text).diagnostics.map((each) => each.hint);
  assert.deepEqual(hints(call('tcp_conect')), ['near it: tcp_connect, tcp_v4_connect']);
  assert.deepEqual(hints(call('create_user_ns', { selectors: deny() })), [
    'use hook userns_create under lsmhooks instead',
  ]);
  assert.match(
    hints(call('create_user_ns', { selectors: kill() }))[0] ?? '',
    /^hook userns_create under lsmhooks can deny/,
  );
  const mkdir = syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: kill(equal(0, '/x')) });
  assert.match(hints(mkdir)[0] ?? '', /^hook path_mkdir under lsmhooks can deny/);
  const enter = event('syscalls/sys_enter_openat', false, { selectors: kill() });
  assert.match(hints(enter)[0] ?? '', /^hook file_open under lsmhooks can deny/);
});

test('strict refuses what another thread can get around, and nothing else', () => {
  const racy = syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: kill(equal(0, '/x')) });
  assert.deepEqual(
    strictly(resolve(racy).diagnostics).map((each) => `${each.code} ${each.severity}`),
    ['RF2402 warning', 'RF2401 error'],
  );
});

const effects: readonly (readonly [string, string, string])[] = [
  ['a denial', lsm('file_open', { selectors: deny() }), 'blocks, kernel objects'],
  ['a kill at a hook that can deny', lsm('file_open', { selectors: kill() }), 'blocks, kernel objects'],
  [
    'another signal',
    lsm('file_open', { selectors: act('action: Signal, argSig: 10') }),
    'may complete, kernel objects',
  ],
  [
    'a kill at a function',
    call('create_user_ns', { selectors: kill() }),
    'may complete, kernel objects, may be skipped',
  ],
  [
    'a moved system call',
    syscall('sys_openat', { args: '{ index: 1, type: string }', selectors: deny(equal(1, '/x')) }),
    'blocks, kernel copy',
  ],
  [
    'a number',
    call('vfs_write', { args: '{ index: 2, type: uint64 }', selectors: act('action: Post', equal(2, '1')) }),
    'observes, registers, may be skipped',
  ],
  [
    'watching a string of the process',
    syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: act('action: Post', equal(0, '/x')) }),
    'observes, user memory, may be skipped',
  ],
  [
    'a verdict on one',
    syscall('sys_mkdir', { args: '{ index: 0, type: string }', selectors: kill(equal(0, '/x')) }),
    'may complete, user memory, racy, may be skipped',
  ],
];

for (const [name, text, expected] of effects) {
  test(`effect: ${name}`, () => {
    const report = known(resolve(text).reports[0], 'report');
    const words: string[] = [report.effect, report.decidesOn];
    if (report.racy) words.push('racy');
    if (report.mayBeSkipped) words.push('may be skipped');
    assert.equal(words.join(', '), expected);
  });
}
