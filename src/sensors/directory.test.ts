import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachPoint } from '#bpf';
import type { Fact, HookPlan, HookReport, PolicyPlan, ToldArgument } from '#compiler';
import type { HookDescription } from '#events';
import { type Hook, type Policy, parsePolicies } from '#policy';
import { known } from '#std';
import { type CompiledHooks, Directory, type DirectoryEntry } from './directory.ts';

function policyOf(spec: string): Policy {
  const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: { name: guard }\nspec:\n';
  const { policies, diagnostics } = parsePolicies(`${head}${spec}`, 'guard.yaml');
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  return known(policies[0], 'policy');
}

const SLOT = 5;

type PartOptions = Partial<Pick<HookPlan, 'arch' | 'denies'>> &
  Partial<Pick<PolicyPlan, 'phase' | 'told' | 'result' | 'entry' | 'slot'>>;

function planOf(hook: Hook, point: AttachPoint, options: PartOptions = {}): HookPlan {
  const { arch = 'x86_64', denies = false, phase = 'whole', told = [], result, entry = 0, slot = SLOT } = options;
  const { span } = hook;
  const part = { name: 'guard', slot, entry, hook, span, phase, guard: undefined, told, result };
  return {
    id: 0,
    point,
    arch,
    span,
    denies,
    facts: [],
    sets: [],
    policies: [{ ...part, scope: undefined, selectors: [] }],
  };
}

function reportOf(hook: Hook, given: Partial<HookReport>): HookReport {
  return {
    ...{ policy: 'guard', hook, entry: 0, points: [], why: '', effect: 'observes', decidesOn: 'kernel objects' },
    ...{ racy: false, mayBeSkipped: false, cost: 'low', costs: '', blind: [] },
    ...given,
  };
}

function describe(policy: Policy, plans: readonly HookPlan[], reports: readonly HookReport[] = []): DirectoryEntry {
  const directory = new Directory();
  const compiled: CompiledHooks = { programs: plans.map((plan) => ({ plan })), reports };
  directory.add({ policy, slot: SLOT, incarnation: 1 }, compiled);
  // What the events need is what the directory has.
  const entry: HookDescription | undefined = directory.find(SLOT, 1, 0);
  assert.ok(entry !== undefined);
  return entry;
}

const openat = policyOf(`  kprobes:
  - call: sys_openat
    message: opened
    tags: [files]
    return: true
    returnArg: { index: 0, type: int, label: fd }
    args: [{ index: 0, type: int }, { index: 1, type: string, label: path }, { index: 2, type: nop }]
`);
const openatHook = known(openat.hooks[0], 'hook');
const entryPoint: AttachPoint = { kind: 'fentry', function: '__x64_sys_openat' };
const exitPoint: AttachPoint = { kind: 'fexit', function: '__x64_sys_openat' };
const fileOpen: AttachPoint = { kind: 'lsm', hook: 'file_open' };

test('a call and its return are one entry', () => {
  const plans = [
    planOf(openatHook, entryPoint, { phase: 'entry' }),
    planOf(openatHook, exitPoint, { phase: 'return' }),
  ];
  assert.deepEqual(describe(openat, plans), {
    policyName: 'guard',
    namespace: undefined,
    declared: { kind: 'kprobe', functionName: '__x64_sys_openat' },
    message: 'opened',
    tags: ['files'],
    arguments: [
      { type: 'int', label: undefined },
      { type: 'string', label: 'path' },
      { type: 'nop', label: undefined },
    ],
    result: { type: 'int', label: 'fd' },
    architecture: 'x86_64',
    decided: undefined,
    racy: false,
    denies: false,
  });
});

test('a decision that was moved: the declared call, and where it is decided', () => {
  const report = reportOf(openatHook, { decidesOn: 'kernel copy' });
  const plan = planOf(openatHook, fileOpen, { denies: true, arch: 'aarch64' });
  const { declared, decided, denies, racy } = describe(openat, [plan], [report]);
  assert.deepEqual(declared, { kind: 'kprobe', functionName: '__arm64_sys_openat' });
  assert.deepEqual(decided, { at: 'lsm/file_open', on: 'kernel copy' });
  assert.deepEqual([denies, racy], [true, false]);
});

test('a hook at several places denies when all of them do', () => {
  const path: AttachPoint = { kind: 'lsm', hook: 'path_truncate' };
  const plans = [planOf(openatHook, fileOpen, { denies: true }), planOf(openatHook, path, { denies: false })];
  const { decided, denies } = describe(openat, plans);
  assert.deepEqual(decided, { at: 'lsm/file_open, lsm/path_truncate', on: 'kernel objects' });
  assert.equal(denies, false);
});

test('the return does not decide: what the entry says of denying stands', () => {
  const plans = [
    planOf(openatHook, fileOpen, { denies: true, phase: 'entry' }),
    planOf(openatHook, exitPoint, { denies: false, phase: 'return' }),
  ];
  assert.equal(describe(openat, plans).denies, true);
});

test('a racy hook says so', () => {
  assert.equal(describe(openat, [planOf(openatHook, entryPoint)], [reportOf(openatHook, { racy: true })]).racy, true);
});

const declarations = [
  ['call: tcp_connect\n    syscall: false', { kind: 'kprobe', function: 'tcp_connect' }, 'tcp_connect'],
  ['call: security_file_open\n    syscall: false', fileOpen, 'security_file_open'],
  ['call: sys_stat', { kind: 'fentry', function: '__x64_sys_newstat' }, '__x64_sys_newstat'],
  ['call: __ia32_sys_open', fileOpen, '__ia32_sys_open'],
] as const;

for (const [call, point, expected] of declarations) {
  test(`declared: ${expected} at ${point.kind}`, () => {
    const policy = policyOf(`  kprobes:\n  - ${call}\n`);
    const { declared } = describe(policy, [planOf(known(policy.hooks[0], 'hook'), point)]);
    assert.deepEqual(declared, { kind: 'kprobe', functionName: expected });
  });
}

test('declared: a tracepoint', () => {
  const policy = policyOf('  tracepoints:\n  - subsystem: raw_syscalls\n    event: sys_enter\n');
  const point: AttachPoint = { kind: 'tracepoint', subsystem: 'raw_syscalls', event: 'sys_enter' };
  const { declared, decided } = describe(policy, [planOf(known(policy.hooks[0], 'hook'), point)]);
  assert.deepEqual(declared, { kind: 'tracepoint', subsystem: 'raw_syscalls', event: 'sys_enter' });
  assert.equal(decided, undefined);
});

test('declared: an LSM hook is decided where it is', () => {
  const policy = policyOf('  lsmhooks:\n  - hook: file_open\n');
  const { declared, decided } = describe(policy, [planOf(known(policy.hooks[0], 'hook'), fileOpen, { denies: true })]);
  assert.deepEqual(declared, { kind: 'lsm', functionName: 'file_open' });
  assert.equal(decided, undefined);
});

const shape = { bits: 32, signed: true } as const;
const context = { kind: 'context', index: 0 } as const;
const text = (reader: 'file' | 'path' | 'dentry' | 'binprm' | 'fd' | 'filename' | 'string_user' | 'bytes_user') =>
  ({ kind: 'text', reader, slot: 0, size: undefined }) as const;
const socket = (reader: 'sock' | 'socket' | 'skb' | 'sockaddr') =>
  ({ kind: 'socket', reader, slot: 0, size: undefined }) as const;
const automatic: readonly (readonly [string, Fact['value'], Fact['source'], ToldArgument['as']])[] = [
  ['int32', { kind: 'integer' }, context, 'integer'],
  ['syscall64', { kind: 'integer' }, { kind: 'syscall64', of: context }, 'integer'],
  ['file', text('file'), context, 'path'],
  ['path', text('path'), context, 'path'],
  ['dentry', text('dentry'), context, 'path'],
  ['linux_binprm', text('binprm'), context, 'path'],
  ['fd', text('fd'), context, 'path'],
  ['filename', text('filename'), context, 'string'],
  ['string', text('string_user'), context, 'string'],
  ['char_buf', text('bytes_user'), context, 'bytes'],
  ['sock', socket('sock'), context, 'socket'],
  ['sock', socket('socket'), context, 'socket'],
  ['skb', socket('skb'), context, 'socket'],
  ['sockaddr', socket('sockaddr'), context, 'socket'],
  ['cred', { kind: 'credentials' }, context, 'credentials'],
];

for (const [expected, value, source, as] of automatic) {
  test(`auto is what the kernel's types made of it: ${expected}`, () => {
    const policy = policyOf('  lsmhooks:\n  - hook: file_open\n    args: [{ index: 0 }]\n');
    const told: ToldArgument = { position: 0, fact: { number: 0, source, value }, as, shape };
    const entry = describe(policy, [planOf(known(policy.hooks[0], 'hook'), fileOpen, { told: [told] })]);
    assert.deepEqual(entry.arguments, [{ type: expected, label: undefined }]);
  });
}

test('slots, incarnations and hooks are told apart; an old incarnation stays', () => {
  const policy = policyOf('  lsmhooks:\n  - hook: file_open\n  - hook: file_permission\n');
  const [first, second] = policy.hooks;
  assert.ok(first !== undefined && second !== undefined);
  const plans = [planOf(first, fileOpen), planOf(second, { kind: 'lsm', hook: 'file_permission' }, { entry: 1 })];
  const other = planOf(first, fileOpen, { slot: 6 });
  const compiled = { programs: [...plans, other].map((plan) => ({ plan })), reports: [] };
  const directory = new Directory();
  directory.add({ policy, slot: SLOT, incarnation: 1 }, compiled);
  directory.add({ policy, slot: 6, incarnation: 2 }, compiled);
  directory.add({ policy, slot: SLOT, incarnation: 3 }, compiled);
  const names = [
    [SLOT, 1, 0],
    [SLOT, 1, 1],
    [SLOT, 1, 2],
    [6, 2, 0],
    [6, 2, 1],
    [SLOT, 2, 0],
    [SLOT, 3, 1],
  ].map(([slot = 0, incarnation = 0, entry = 0]) => {
    const declared = directory.find(slot, incarnation, entry)?.declared;
    return declared?.kind === 'lsm' ? declared.functionName : undefined;
  });
  assert.deepEqual(names, [
    'file_open',
    'file_permission',
    undefined,
    'file_open',
    undefined,
    undefined,
    'file_permission',
  ]);
});
