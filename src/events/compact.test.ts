import assert from 'node:assert/strict';
import { test } from 'node:test';
import { action, pathFlag, policyFlag, position, socketFlag } from '#abi';
import { bootClock, ProcessTable } from '#process';
import { compactRenderer } from './compact.ts';
import type { Event } from './event.ts';
import { JsonRenderer } from './json.ts';
import { EventPipeline } from './pipeline.ts';
import type { DeclaredHook, HookDescription } from './policy-directory.ts';
import { SequenceTracker } from './sequence.ts';
import {
  type ArgumentOptions,
  type Bytes,
  execRecord,
  exitRecord,
  hookDescription,
  type PolicyOptions,
  policyRecord,
  random,
} from './testing.ts';

const bash = { pid: 100, startNs: 1_234n };

type Names = { readonly node: string; readonly hook: string; readonly policy: string };
type Describe = (names: Names) => HookDescription;

const lsmHook: Describe = ({ hook, policy }) =>
  hookDescription({ policyName: policy, declared: { kind: 'lsm', functionName: hook }, message: policy, tags: [hook] });

function eventsOf(records: readonly Uint8Array[], names: Names, describe: Describe = lsmHook): Event[] {
  const events: Event[] = [];
  const clock = bootClock(1_767_323_045_000_000_000n);
  const pipeline = new EventPipeline({
    nodeName: names.node,
    source: { bootId: 'boot', ringIncarnations: ['a', 'b'], takenOverNs: 0n },
    clock,
    processes: new ProcessTable({ nodeName: names.node, clock }),
    policies: () => describe(names),
    sequences: new SequenceTracker({ begin: 'first' }),
    sink: (event) => events.push(event),
  });
  for (const record of records) pipeline.accept(record, 0, record.length);
  pipeline.finish(1n);
  return events;
}

const names = { node: 'node-1', hook: 'file_open', policy: 'guard' };
const shadow = [{ kind: 'path', path: '/etc/shadow' }] as const;
const exec = execRecord({ process: bash, binary: '/bin/bash', argv: ['bash', '-c', 'a b'] });

const rows = [
  [
    'exec',
    execRecord({ process: bash, binary: '/bin/bash', argv: ['bash', '-c', 'a b'] }),
    '🚀 process node-1 /bin/bash -c "a b"',
  ],
  ['exec of a name with a space', execRecord({ process: bash, binary: '/bin/b sh' }), '🚀 process node-1 "/bin/b sh"'],
  [
    'exec of a name with an escape',
    execRecord({ process: bash, binary: '/\u001b[2J\r' }),
    '🚀 process node-1 "/\\x1b[2J\\r"',
  ],
  ['exit', exitRecord({ process: bash, status: 2 << 8 }), '💥 exit    node-1 /bin/bash -c "a b" 2'],
  ['exit by a signal', exitRecord({ process: bash, status: 9 }), '💥 exit    node-1 /bin/bash -c "a b" SIGKILL'],
  [
    'match',
    policyRecord({ process: bash, arguments: shadow }),
    '🔒 LSM     node-1 /bin/bash file_open /etc/shadow match guard',
  ],
  [
    'denied',
    policyRecord({ process: bash, arguments: shadow, verdict: -13, actions: action.override }),
    '🔒 LSM     node-1 /bin/bash file_open /etc/shadow denied EACCES guard',
  ],
  [
    'killed',
    policyRecord({ process: bash, arguments: shadow, verdict: -1, actions: action.sigkill }),
    '🔒 LSM     node-1 /bin/bash file_open /etc/shadow killed EPERM guard',
  ],
  [
    'monitored',
    policyRecord({ process: bash, arguments: shadow, actions: action.sigkill, flags: policyFlag.monitor }),
    '🔒 LSM     node-1 /bin/bash file_open /etc/shadow would guard',
  ],
  [
    'unreadable',
    policyRecord({
      process: bash,
      arguments: [{ kind: 'path', path: '', flags: pathFlag.fault }],
      actions: 0,
      verdict: -1,
      flags: policyFlag.unreadable,
    }),
    '🔒 LSM     node-1 /bin/bash file_open <path not read: memory fault> denied EPERM (unreadable) guard',
  ],
  [
    'not killed',
    policyRecord({ process: bash, actions: action.sigkill, verdict: -1, flags: policyFlag.notKilled }),
    '🔒 LSM     node-1 /bin/bash file_open denied EPERM (not killed) guard',
  ],
  [
    'not killed, as the node needs it',
    policyRecord({
      process: bash,
      actions: action.sigkill,
      verdict: -1,
      flags: policyFlag.notKilled | policyFlag.critical,
    }),
    '🔒 LSM     node-1 /bin/bash file_open denied EPERM (critical: not killed) guard',
  ],
] as const;

for (const [name, record, expected] of rows) {
  test(`compact: ${name}`, () => {
    const event = eventsOf([exec, record], names)[1];
    assert.ok(event !== undefined);
    assert.equal(compactRenderer()(event), expected);
  });
}

const file = (path: string): ArgumentOptions => ({ kind: 'path', path });
const text = (string: string): ArgumentOptions => ({ kind: 'string', string });
const number = (value: bigint): ArgumentOptions => ({ kind: 'integer', value });
const socket: ArgumentOptions = {
  kind: 'socket',
  socket: {
    flags: socketFlag.read | socketFlag.addresses | socketFlag.ports | socketFlag.protocol,
    protocol: 6,
    source: [10, 0, 0, 1],
    sourcePort: 4242,
    destination: [10, 0, 0, 2],
    destinationPort: 80,
  },
};

/** Function, types of the arguments, arguments, and what the line is between the glyph and the verdict. */
const calls: readonly (readonly [string, string, readonly ArgumentOptions[], string])[] = [
  [
    '__x64_sys_write',
    'fd char_buf size_t',
    [file('/a'), { kind: 'bytes', bytes: 'x' }, number(5n)],
    '📝 write   n /bin/bash /a 5 bytes',
  ],
  [
    '__arm64_sys_read',
    'fd char_buf size_t',
    [file('/a'), { kind: 'bytes', bytes: 'x' }, number(5n)],
    '📚 read    n /bin/bash /a 5 bytes',
  ],
  ['__x64_sys_read', 'int', [number(5n)], '❓ syscall n /bin/bash __x64_sys_read 5'],
  ['fd_install', 'int file', [number(3n), file('/a b')], '📬 open    n /bin/bash "/a b"'],
  ['__x64_sys_openat', 'int string', [number(-100n), text('/a')], '📬️ openat  n /bin/bash /a'],
  ['__ia32_compat_sys_open', 'string', [text('/a')], '📬️ open    n /bin/bash /a'],
  ['__x64_sys_close', 'fd', [file('/a')], '📪 close   n /bin/bash /a'],
  ['__x64_sys_mount', 'string string', [text('/dev/sda'), text('/mnt')], '💾 mount   n /bin/bash /dev/sda /mnt'],
  ['__x64_sys_pivot_root', 'string string', [text('/a'), text('/b')], '💾 pivot_root n /bin/bash /a /b'],
  ['__x64_sys_setuid', 'int', [number(0n)], '🔑 setuid  n /bin/bash 0'],
  ['__x64_sys_clock_settime', 'int', [number(0n)], '⏰ clock_settime n /bin/bash'],
  ['proc_exec_connector', 'nop', [], '🔧 proc_exec_connector n /bin/bash'],
  ['__x64_sys_setns', 'int int', [number(3n), number(0x4000_0000n)], '🔧 setns   n /bin/bash net'],
  ['__x64_sys_setns', 'int int', [number(3n), number(0n)], '🔧 setns   n /bin/bash any'],
  ['__x64_sys_setns', 'int int', [number(3n), number(0x6000_0000n)], '🔧 setns   n /bin/bash 0x60000000'],
  ['tcp_connect', 'sock', [socket], '🔌 connect n /bin/bash tcp 10.0.0.1:4242 -> 10.0.0.2:80'],
  ['tcp_close', 'sock', [socket], '🧹 close   n /bin/bash tcp 10.0.0.1:4242 -> 10.0.0.2:80'],
  [
    'tcp_sendmsg',
    'sock int',
    [socket, number(12n)],
    '📤 sendmsg n /bin/bash tcp 10.0.0.1:4242 -> 10.0.0.2:80 bytes 12',
  ],
  ['bpf_check', 'int', [number(5n)], '🐝 bpf_load n /bin/bash 5'],
  ['security_bpf_map_alloc', 'nop', [], '🗺 bpf_map_create n /bin/bash'],
  ['security_perf_event_alloc', 'nop', [], '🐝 perf_event_alloc n /bin/bash'],
  ['security_file_permission', 'file int', [file('/a'), number(2n)], '📝 write   n /bin/bash /a'],
  ['security_file_permission', 'file int', [file('/a'), number(4n)], '📚 read    n /bin/bash /a'],
  [
    'security_file_permission',
    'file int',
    [file('/a'), number(1n)],
    '❓ syscall n /bin/bash security_file_permission /a 1',
  ],
  ['security_mmap_file', 'file uint32', [file('/a'), number(5n)], '📝 mmap-rx n /bin/bash /a'],
  ['security_path_truncate', 'path', [file('/a')], '📝 truncate n /bin/bash /a'],
  ['security_file_truncate', 'file', [file('/a')], '📝 truncate n /bin/bash /a'],
  ['constructor', 'int', [number(7n)], '❓ syscall n /bin/bash constructor 7'],
  ['commit_creds', 'int', [number(7n)], '❓ syscall n /bin/bash commit_creds 7'],
];

function eventOfCall(declared: DeclaredHook, types: string, options: Partial<PolicyOptions>): Event {
  const describeCall: Describe = () =>
    hookDescription({
      declared,
      arguments: types.split(' ').map((type) => ({ type, label: undefined })),
      result: { type: 'int', label: undefined },
    });
  const where = { node: 'n', hook: '', policy: '' };
  const event = eventsOf([exec, policyRecord({ process: bash, ...options })], where, describeCall)[1];
  assert.ok(event !== undefined);
  return event;
}

for (const [functionName, types, list, expected] of calls) {
  test(`compact: ${expected}`, () => {
    const event = eventOfCall({ kind: 'kprobe', functionName }, types, { arguments: list });
    assert.equal(compactRenderer()(event), `${expected} match guard`);
  });
}

const openat = { kind: 'kprobe', functionName: '__x64_sys_openat' } as const;

test('compact: what the call returned, and that its return was lost', () => {
  const path = { ...text('/a'), position: 1 };
  const result = { ...number(-13n), position: position.result };
  const lines = [
    { arguments: [path, result], flags: policyFlag.returned },
    { arguments: [path], flags: policyFlag.returnLost },
  ].map((options) => compactRenderer()(eventOfCall(openat, 'nop string', options)));
  assert.deepEqual(lines, ['📬️ openat  n /bin/bash /a = -13 match guard', '📬️ openat  n /bin/bash /a = ? match guard']);
});

test('compact: a signal, and a kill that may come late', () => {
  const path = { ...text('/a'), position: 1 };
  const lines = [
    { arguments: [path], actions: action.signal, signal: 19 },
    { arguments: [path], actions: action.sigkill },
  ].map((options) => compactRenderer()(eventOfCall(openat, 'nop string', options)));
  assert.deepEqual(lines, [
    '📬️ openat  n /bin/bash /a signalled SIGSTOP guard',
    '📬️ openat  n /bin/bash /a killed (may complete) guard',
  ]);
});

const sysEnter = { kind: 'tracepoint', subsystem: 'raw_syscalls', event: 'sys_enter' } as const;

test('compact: tracepoints', () => {
  const syscallNames = (id: number, abi: string) => (abi === 'x64' && id === 59 ? 'execve' : undefined);
  const render = compactRenderer({ syscallNames });
  const lines = [
    eventOfCall(sysEnter, 'syscall64', { arguments: [number(59n)] }),
    eventOfCall(sysEnter, 'syscall64 uint64', { arguments: [number(0x8000_000bn), number(7n)] }),
    eventOfCall({ kind: 'tracepoint', subsystem: 'sched', event: 'sched_switch' }, 'int', { arguments: [number(1n)] }),
  ].map(render);
  assert.deepEqual(lines, [
    '☎  syscall n /bin/bash execve() match guard',
    '☎  syscall n /bin/bash i386/11(7) match guard',
    '⁉️ tracepoint n /bin/bash sched sched_switch 1 match guard',
  ]);
});

test('compact: a loss', () => {
  const records = [
    exitRecord({ process: bash, sequence: 1, cpu: 3 }),
    exitRecord({ process: bash, sequence: 5, cpu: 3 }),
  ];
  const event = eventsOf(records, names)[2];
  assert.ok(event !== undefined);
  assert.equal(compactRenderer()(event), '🕳 loss    node-1 ring verdict cpu 3 2..4 3 lost');
});

test('compact: time and colours', () => {
  const event = eventsOf([exec], names)[0];
  assert.ok(event !== undefined);
  assert.equal(
    compactRenderer({ timestamps: true, colour: true })(event),
    '2026-01-02T03:04:06.000000000Z \u001b[34m🚀 process\u001b[0m \u001b[32mnode-1\u001b[0m \u001b[35m/bin/bash\u001b[0m \u001b[36m-c "a b"\u001b[0m',
  );
});

function nastyHook(which: number, name: string): DeclaredHook {
  if (which === 0) return { kind: 'tracepoint', subsystem: name, event: name };
  return { kind: which === 1 ? 'kprobe' : 'lsm', functionName: name };
}

test('property: no bytes in any name reach a terminal, or break the line, in any form', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const { below, bytes } = random(seed);
  const nasty = ['\u001b[31m', '\r\n', '\u009b2J', '\u202e', '\u2028', '"', '\\', '\u007f', 'ok', '😀'];
  const name = (): Bytes =>
    below(2) === 0 ? bytes(below(60)).map((byte) => byte || 1) : (nasty[below(nasty.length)] ?? '');
  const text = () => Array.from({ length: below(4) }, () => nasty[below(nasty.length)]).join('');
  // Everything that moves a cursor, ends a line or turns the reading direction, bar the line's own characters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const raw = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
  const compact = compactRenderer({ timestamps: true });
  for (let round = 0; round < 3000; round++) {
    const json = new JsonRenderer({ clusterName: text(), processCredentials: true, processNamespaces: true });
    const records = [
      execRecord({ process: bash, binary: name(), cwd: name(), argv: [name(), name(), name()], comm: 'x' }),
      policyRecord({
        process: bash,
        comm: 'x\u001b',
        flags: below(256),
        arguments: [
          { kind: 'path', path: name() },
          { kind: 'string', string: name() },
          { kind: 'bytes', bytes: name(), size: BigInt(below(80)) },
        ],
      }),
      exitRecord({ process: bash, status: below(0x10000) }),
    ];
    const describeNasty: Describe = ({ hook, policy }) =>
      hookDescription({
        ...lsmHook({ node: '', hook, policy }),
        declared: nastyHook(below(3), hook),
        arguments: [{ type: 'file', label: hook }],
        decided: { at: hook, on: policy },
      });
    for (const event of eventsOf(records, { node: text() || 'n', hook: text(), policy: text() }, describeNasty)) {
      const line = json.render(event);
      assert.doesNotThrow(() => JSON.parse(line), `seed ${seed} round ${round}: ${line}`);
      assert.doesNotMatch(line, raw, `seed ${seed} round ${round}`);
      assert.doesNotMatch(compact(event), raw, `seed ${seed} round ${round}`);
    }
  }
});
