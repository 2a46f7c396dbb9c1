/** Tampering: from the record, or from what was found, to the event and its text forms. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tamper, tamperFlag, tamperPin } from '#abi';
import { bootClock, ProcessTable } from '#process';
import { compactRenderer } from './compact.ts';
import type { TamperEvent } from './event.ts';
import { JsonRenderer } from './json.ts';
import { EventPipeline } from './pipeline.ts';
import { SequenceTracker } from './sequence.ts';
import { foundTampered } from './tamper.ts';
import { execRecord, type TamperOptions, tamperRecord } from './testing.ts';

const key = { pid: 200, startNs: 3_000_000n };

/** The event of the record, after an exec of the process that it is about. */
function eventOf(options: Omit<TamperOptions, 'process'>): TamperEvent {
  const clock = bootClock(0n);
  const events: TamperEvent[] = [];
  const pipeline = new EventPipeline({
    nodeName: 'node',
    source: { bootId: 'b00710', ringIncarnations: ['aa11', 'bb22'], takenOverNs: 0n },
    clock,
    processes: new ProcessTable({ nodeName: 'node', clock }),
    policies: () => undefined,
    sequences: new SequenceTracker({ begin: 'first' }),
    sink: (event) => {
      if (event.kind === 'tamper') events.push(event);
    },
  });
  const records = [execRecord({ process: key, binary: '/bin/bpftool' }), tamperRecord({ process: key, ...options })];
  for (const record of records) pipeline.accept(record, 0, record.length);
  const [event] = events;
  assert.ok(event !== undefined, pipeline.lastMalformed);
  return event;
}

const renderer = new JsonRenderer();
const jsonOf = (event: TamperEvent) => JSON.parse(renderer.render(event));

const rows: readonly (readonly [string, Omit<TamperOptions, 'process'>, string])[] = [
  ['a map', { what: tamper.map, detail: 3, verdict: -1, name: 'rf_control' }, 'map read+write rf_control denied'],
  ['a map, to read', { what: tamper.map, detail: 1, verdict: -1, name: 'rf_x' }, 'map read rf_x denied'],
  ['a map, for a mode that there is not', { what: tamper.map, detail: 9, verdict: -1 }, 'map denied'],
  ['a program', { what: tamper.program, verdict: -1, name: 'mine' }, 'program mine denied'],
  ['a signal', { what: tamper.signal, detail: 9 }, 'signal SIGKILL seen'],
  ['a signal, in monitor mode', { what: tamper.signal, detail: 9, flags: tamperFlag.monitor }, 'signal SIGKILL would'],
  ['tracing', { what: tamper.ptrace, detail: 2, verdict: -1 }, 'ptrace denied'],
  ['a limit', { what: tamper.limit, detail: 7, verdict: -1 }, 'limit NOFILE denied'],
  ['a limit without a name', { what: tamper.limit, detail: 99, verdict: -1 }, 'limit 99 denied'],
  ['a cgroup', { what: tamper.cgroup, verdict: -1, name: 'cgroup.freeze' }, 'cgroup cgroup.freeze denied'],
  ['another cgroup', { what: tamper.cgroupMove, name: '/frozen' }, 'cgroup-move /frozen seen'],
  ['a pin', { what: tamper.pin, detail: tamperPin.unlink, name: 'rf_exec' }, 'pin unlink rf_exec seen'],
  ['a pin by other means', { what: tamper.pin, detail: 9, name: 'rf_exec' }, 'pin rf_exec seen'],
  ['a mount', { what: tamper.mount, verdict: -1 }, 'mount denied'],
];

for (const [name, options, expected] of rows) {
  test(`on one line: ${name}`, () => {
    assert.equal(compactRenderer()(eventOf(options)), `🛡 tamper  node /bin/bpftool ${expected}`);
  });
}

test('as JSON, with who tried', () => {
  const event = eventOf({
    what: tamper.map,
    detail: 2,
    verdict: -1,
    flags: tamperFlag.host,
    subject: 2n ** 63n,
    cgroupId: 99n,
    name: 'rf_policies',
    comm: Uint8Array.of(0xff),
    cpu: 3,
    sequence: 8,
  });
  const { ringfence, ...rest } = jsonOf(event);
  assert.deepEqual(rest, { node_name: 'node', time: '1970-01-01T00:00:01Z' });
  const { process, parent, ...told } = ringfence.tamper;
  assert.equal(process.binary, '/bin/bpftool');
  assert.equal(parent.pid, 1);
  assert.deepEqual(told, {
    what: 'map',
    outcome: 'denied',
    name: 'rf_policies',
    detail: 'write',
    subject: '9223372036854775808',
    host: true,
    comm: '\ufffd',
    cgroup_id: '99',
  });
  assert.equal(ringfence.identity.sequence, '8');
  assert.deepEqual(ringfence.raw, { comm: '/w==' });
});

test('a process that no record told of is told with what there is', () => {
  const { by } = eventOf({ what: tamper.signal, flags: tamperFlag.processUnknown });
  assert.equal(by?.process.key.pid, key.pid);
});

for (const [outcome, failure] of [
  ['repaired', undefined],
  ['failed', 'no room'],
] as const) {
  test(`what was found: ${outcome}`, () => {
    const event = foundTampered({ what: 'pin', path: '/sys/fs/bpf/x', failure }, { nodeName: 'node', timeNs: 0n });
    const detail = failure === undefined ? {} : { detail: failure };
    assert.deepEqual(jsonOf(event), {
      node_name: 'node',
      time: '1970-01-01T00:00:00Z',
      ringfence: { tamper: { what: 'pin', outcome, name: '/sys/fs/bpf/x', ...detail } },
    });
    const reason = failure === undefined ? '' : '"no room" ';
    assert.equal(compactRenderer()(event), `🛡 tamper  node pin ${reason}/sys/fs/bpf/x ${outcome}`);
  });
}
