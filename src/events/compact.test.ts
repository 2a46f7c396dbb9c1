import assert from 'node:assert/strict';
import { test } from 'node:test';
import { action, pathFlag, policyFlag } from '#abi';
import { bootClock, ProcessTable } from '#process';
import { compactRenderer } from './compact.ts';
import type { Event } from './event.ts';
import { JsonRenderer } from './json.ts';
import { EventPipeline } from './pipeline.ts';
import { SequenceTracker } from './sequence.ts';
import { type Bytes, execRecord, exitRecord, policyRecord, random } from './testing.ts';

const bash = { pid: 100, startNs: 1_234n };

function eventsOf(records: readonly Uint8Array[], names: { node: string; hook: string; policy: string }): Event[] {
  const events: Event[] = [];
  const clock = bootClock(1_767_323_045_000_000_000n);
  const pipeline = new EventPipeline({
    nodeName: names.node,
    source: { bootId: 'boot', ringIncarnations: ['a', 'b'] },
    clock,
    processes: new ProcessTable({ nodeName: names.node, clock }),
    policies: () => ({
      policyName: names.policy,
      functionName: names.hook,
      message: names.policy,
      tags: [names.hook],
      arguments: [{ type: 'file', label: names.hook }],
    }),
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
] as const;

for (const [name, record, expected] of rows) {
  test(`compact: ${name}`, () => {
    const event = eventsOf([exec, record], names)[1];
    assert.ok(event !== undefined);
    assert.equal(compactRenderer()(event), expected);
  });
}

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
        arguments: [
          { kind: 'path', path: name() },
          { kind: 'path', path: name() },
        ],
      }),
      exitRecord({ process: bash, status: below(0x10000) }),
    ];
    for (const event of eventsOf(records, { node: text() || 'n', hook: text(), policy: text() })) {
      const line = json.render(event);
      assert.doesNotThrow(() => JSON.parse(line), `seed ${seed} round ${round}: ${line}`);
      assert.doesNotMatch(line, raw, `seed ${seed} round ${round}`);
      assert.doesNotMatch(compact(event), raw, `seed ${seed} round ${round}`);
    }
  }
});
