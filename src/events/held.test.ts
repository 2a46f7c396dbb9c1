/** A program that was held back: from the record to the event and its text forms. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldFlag } from '#abi';
import { bootClock, ProcessTable } from '#process';
import { known } from '#std';
import { compactRenderer } from './compact.ts';
import type { HeldEvent } from './event.ts';
import { JsonRenderer } from './json.ts';
import { EventPipeline } from './pipeline.ts';
import { SequenceTracker } from './sequence.ts';
import { execRecord, type HeldOptions, heldRecord } from './testing.ts';

const key = { pid: 200, startNs: 3_000_000n };

/** The event of the record, after an exec of the process that it is about. */
function eventOf(options: Omit<HeldOptions, 'process'>): HeldEvent {
  const clock = bootClock(0n);
  const events: HeldEvent[] = [];
  const pipeline = new EventPipeline({
    nodeName: 'node',
    source: { bootId: 'b00710', ringIncarnations: ['aa11', 'bb22'], takenOverNs: 0n },
    clock,
    processes: new ProcessTable({ nodeName: 'node', clock }),
    policies: () => undefined,
    sequences: new SequenceTracker({ begin: 'first' }),
    sink: (event) => {
      if (event.kind === 'held') events.push(event);
    },
  });
  const records = [execRecord({ process: key, binary: '/usr/bin/runc' }), heldRecord({ process: key, ...options })];
  for (const record of records) pipeline.accept(record, 0, record.length);
  return known(events[0], pipeline.lastMalformed ?? 'event');
}

const rows: readonly (readonly [name: string, options: Omit<HeldOptions, 'process'>, expected: string])[] = [
  ['held back', {}, '/bin/app denied'],
  ['only watched', { verdict: 0, flags: heldFlag.monitor }, '/bin/app would'],
  ['of a process that was not known', { flags: heldFlag.processUnknown }, '/bin/app denied'],
];

for (const [name, options, expected] of rows) {
  test(`on one line: ${name}`, () => {
    assert.equal(compactRenderer()(eventOf(options)), `⏳ held    node /usr/bin/runc ${expected}`);
  });
}

test('as JSON', () => {
  const event = eventOf({ cgroupId: 99n, name: Uint8Array.of(0x2f, 0xff), comm: 'runc:[2:INIT]' });
  const { ringfence } = JSON.parse(new JsonRenderer().render(event));
  const { process, parent, ...held } = ringfence.held;
  assert.deepEqual(held, { outcome: 'denied', name: '/\ufffd', comm: 'runc:[2:INIT]', cgroup_id: '99' });
  assert.deepEqual([process.binary, process.parent_exec_id], ['/usr/bin/runc', parent.exec_id]);
  assert.deepEqual(ringfence.raw, { name: Buffer.from([0x2f, 0xff]).toString('base64') });
  assert.equal(ringfence.identity.boot, 'b00710');
});
