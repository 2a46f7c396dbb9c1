import assert from 'node:assert/strict';
import { test } from 'node:test';
import { action, pathFlag, policyFlag, position } from '#abi';
import { bootClock, ProcessTable } from '#process';
import { decodeRecord } from './decode.ts';
import { policyEvent } from './enrich-policy.ts';
import type { PolicyEvent } from './event.ts';
import { JsonRenderer } from './json.ts';
import { type HookDescription, unknownHook } from './policy-directory.ts';
import { hookDescription, type PolicyOptions, policyRecord } from './testing.ts';

const processes = new ProcessTable({ nodeName: 'node', clock: bootClock(0n) });
const cat = { pid: 9, startNs: 10n };
const identity = { bootId: 'b', ring: 'verdict', ringIncarnation: 'i', cpu: 0, sequence: 1, whileAway: false } as const;

function eventOf(options: Omit<PolicyOptions, 'process'>, hook: HookDescription): PolicyEvent {
  const bytes = policyRecord({ ...options, process: cat, tid: 9 });
  const record = decodeRecord(bytes, 0, bytes.length);
  assert.ok(record.kind === 'policy');
  const process = processes.find(record.process);
  const who = { process, parent: undefined, workload: undefined, parentWorkload: undefined };
  return policyEvent(record, hook, { nodeName: 'node', timeNs: 0n, identity, ...who });
}

/** The members of the event, and what stands under `ringfence`, as they are written; but for what all have. */
function texts(event: PolicyEvent): readonly [string, string] {
  const text = new JsonRenderer().render(event);
  const [, members = ''] = /"tid":9\},?(.*?)\},"node_name"/.exec(text) ?? [];
  const [, extension = ''] = /"ringfence":\{(.*?),?"comm":/.exec(text) ?? [];
  return [members, extension];
}

const open = hookDescription({
  policyName: 'p',
  declared: { kind: 'kprobe', functionName: '__x64_sys_openat' },
  message: 'm',
  tags: ['t', 'u'],
  arguments: [
    { type: 'int', label: undefined },
    { type: 'string', label: 'path' },
  ],
  result: { type: 'int', label: 'fd' },
  denies: false,
});
const opened = [
  { kind: 'integer', value: -100n },
  { kind: 'string', string: '/etc/shadow' },
] as const;
const returned = [...opened, { kind: 'integer', value: 3n, position: position.result }] as const;

test('process_kprobe: all members, in the order of their numbers', () => {
  const flags = policyFlag.returned;
  const [members, extension] = texts(eventOf({ arguments: returned, flags }, open));
  assert.equal(
    members,
    '"function_name":"__x64_sys_openat","args":[{"int_arg":-100},{"string_arg":"/etc/shadow","label":"path"}],' +
      '"return":{"int_arg":3,"label":"fd"},"action":"KPROBE_ACTION_POST","policy_name":"p",' +
      '"return_action":"KPROBE_ACTION_POST","message":"m","tags":["t","u"]',
  );
  assert.equal(extension, '"verdict":"match","mode":"enforce","selector":0');
});

test('process_kprobe: the key of the event', () => {
  assert.match(new JsonRenderer().render(eventOf({}, open)), /^\{"process_kprobe":\{"process":\{"exec_id":/);
});

test('process_kprobe: a return that was lost leaves what was known at the entry', () => {
  const [members, extension] = texts(eventOf({ arguments: opened, flags: policyFlag.returnLost }, open));
  assert.doesNotMatch(members, /"return":/);
  assert.equal(extension, '"verdict":"match","mode":"enforce","selector":0,"return_lost":true');
});

test('process_kprobe: a result that the record had no room for', () => {
  const [members] = texts(eventOf({ arguments: opened, flags: policyFlag.returned }, open));
  assert.match(
    members,
    /"return":\{"error_arg":\{"Message":"not told: the record has no room for it"\},"label":"fd"\}/,
  );
});

test('process_tracepoint: all members, in the order of their numbers', () => {
  const hook = hookDescription({
    policyName: 'p',
    declared: { kind: 'tracepoint', subsystem: 'raw_syscalls', event: 'sys_enter' },
    message: 'm',
    tags: ['t'],
    arguments: [{ type: 'syscall64', label: 'id' }],
    denies: false,
  });
  const event = eventOf({ arguments: [{ kind: 'integer', value: 59n }] }, hook);
  assert.match(new JsonRenderer().render(event), /^\{"process_tracepoint":\{"process":/);
  assert.equal(
    texts(event)[0],
    '"subsys":"raw_syscalls","event":"sys_enter","args":[{"syscall_id":{"id":59,"abi":"x64"},"label":"id"}],' +
      '"policy_name":"p","action":"KPROBE_ACTION_POST","message":"m","tags":["t"]',
  );
});

const moved = hookDescription({
  ...open,
  decided: { at: 'lsm/file_open', on: 'kernel copy' },
  denies: true,
});

test('a decision that was moved says where, and on what', () => {
  const [members, extension] = texts(eventOf({ arguments: opened, actions: action.override, verdict: -13 }, moved));
  assert.match(members, /^"function_name":"__x64_sys_openat"/);
  assert.equal(
    extension,
    '"verdict":"denied","errno":13,"error":"EACCES","mode":"enforce","selector":0,' +
      '"decided_at":"lsm/file_open","decided_on":"kernel copy"',
  );
});

test('a verdict on memory that can change is told as racy', () => {
  const [, extension] = texts(eventOf({ actions: action.sigkill }, { ...open, racy: true }));
  assert.equal(extension, '"verdict":"killed","mode":"enforce","selector":0,"racy":true,"may_complete":true');
});

test('a string that was cut is told by its place', () => {
  const cut = { kind: 'string', string: 'x', position: 1, flags: pathFlag.read | pathFlag.truncated } as const;
  const text = new JsonRenderer().render(eventOf({ arguments: [opened[0], cut] }, open));
  assert.match(text, /,"truncated":\["args\.1"\]\}\}$/);
});

test('a string that is no UTF-8 is whole in the raw form', () => {
  const nasty = { kind: 'string', string: Uint8Array.of(0xff, 0x61), position: 1 } as const;
  const text = new JsonRenderer().render(eventOf({ arguments: [opened[0], nasty] }, open));
  assert.match(text, /"string_arg":"\ufffda"/);
  assert.match(text, /,"raw":\{"args\.1":"\/2E="\}\}\}$/);
});

const { post, nopost, sigkill, signal, override } = action;
const { monitor, unreadable, notKilled, critical, returnKill, returnSignal } = policyFlag;
type Row = readonly [
  name: string,
  hook: 'denies' | 'observes',
  options: Pick<PolicyOptions, 'actions' | 'verdict' | 'flags' | 'signal'>,
  verdict: string,
  action: string,
  returnAction: string,
];
const rows: readonly Row[] = [
  ['post', 'denies', { actions: post }, 'match', 'POST', 'POST'],
  ['no post', 'denies', { actions: nopost }, 'match', 'NOPOST', 'POST'],
  ['denied', 'denies', { actions: override, verdict: -13 }, 'denied EACCES', 'OVERRIDE', 'POST'],
  ['killed and denied', 'denies', { actions: sigkill, verdict: -1 }, 'killed EPERM', 'SIGKILL', 'POST'],
  ['killed, the call goes on', 'observes', { actions: sigkill }, 'killed may_complete', 'SIGKILL', 'POST'],
  ['nobody heeds the error', 'observes', { actions: sigkill, verdict: -1 }, 'killed may_complete', 'SIGKILL', 'POST'],
  ['signalled', 'denies', { actions: post | signal, signal: 19 }, 'signalled SIGSTOP', 'SIGNAL', 'POST'],
  [
    'signalled and denied',
    'denies',
    { actions: signal | override, signal: 10, verdict: -1 },
    'denied EPERM SIGUSR1',
    'OVERRIDE',
    'POST',
  ],
  [
    'init cannot be killed',
    'denies',
    { actions: sigkill, verdict: -1, flags: notKilled },
    'denied EPERM',
    'SIGKILL',
    'POST',
  ],
  [
    'init cannot be killed, and goes on',
    'observes',
    { actions: sigkill, flags: notKilled },
    'match',
    'SIGKILL',
    'POST',
  ],
  [
    'a critical process is denied only',
    'denies',
    { actions: sigkill, verdict: -1, flags: notKilled | critical },
    'denied EPERM',
    'SIGKILL',
    'POST',
  ],
  [
    'a critical process, watched only',
    'denies',
    { actions: sigkill, flags: monitor | critical },
    'would',
    'SIGKILL',
    'POST',
  ],
  [
    'init cannot be signalled',
    'denies',
    { actions: signal, signal: 15, flags: notKilled },
    'match SIGTERM',
    'SIGNAL',
    'POST',
  ],
  ['monitored kill', 'denies', { actions: sigkill, flags: monitor }, 'would', 'SIGKILL', 'POST'],
  ['monitored override', 'denies', { actions: override, flags: monitor }, 'would', 'OVERRIDE', 'POST'],
  ['monitored signal', 'denies', { actions: signal, signal: 2, flags: monitor }, 'would SIGINT', 'SIGNAL', 'POST'],
  ['monitored post', 'denies', { actions: post, flags: monitor }, 'match', 'POST', 'POST'],
  [
    'closed on what cannot be read',
    'denies',
    { actions: sigkill, verdict: -1, flags: unreadable },
    'denied EPERM',
    'OVERRIDE',
    'POST',
  ],
  ['the same, monitored', 'denies', { actions: sigkill, flags: unreadable | monitor }, 'would', 'OVERRIDE', 'POST'],
  ['it cannot be closed', 'observes', { actions: sigkill, verdict: -1, flags: unreadable }, 'match', 'POST', 'POST'],
  ['killed at the return', 'observes', { actions: post, flags: returnKill }, 'killed may_complete', 'POST', 'SIGKILL'],
  [
    'signalled at the return',
    'observes',
    { actions: post, signal: 19, flags: returnSignal },
    'signalled SIGSTOP',
    'POST',
    'SIGNAL',
  ],
  ['monitored at the return', 'observes', { actions: post, flags: returnKill | monitor }, 'would', 'POST', 'SIGKILL'],
];

for (const [name, hook, options, verdict, expectedAction, returnAction] of rows) {
  test(`verdict: ${name}`, () => {
    const event = eventOf(options, { ...open, denies: hook === 'denies' });
    const { ringfence, process_kprobe } = JSON.parse(new JsonRenderer().render(event));
    const words = [ringfence.verdict, ringfence.error, ringfence.signal, ringfence.may_complete && 'may_complete'];
    assert.equal(words.filter((word) => word !== undefined).join(' '), verdict);
    assert.equal(process_kprobe.action, `KPROBE_ACTION_${expectedAction}`);
    assert.equal(process_kprobe.return_action, `KPROBE_ACTION_${returnAction}`);
    const { flags = 0 } = options;
    assert.equal(ringfence.not_killed, flags & notKilled ? true : undefined);
    assert.equal(ringfence.critical, flags & critical ? true : undefined);
    assert.equal(ringfence.unreadable, flags & unreadable ? true : undefined);
    assert.equal(ringfence.mode, flags & monitor ? 'monitor' : 'enforce');
  });
}

test('of a policy that is not known any more the record says what was done', () => {
  const event = eventOf({ actions: action.sigkill, verdict: -1 }, unknownHook);
  assert.deepEqual([event.kind, event.verdict, event.errno, event.hook.policyName], ['lsm', 'killed', 1, '']);
});
