/** Events over the socket: which ones a subscriber gets, and what it is told when it is too slow. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import type { Event } from '#events';
import { execEvent, lsmEvent, policyEvent, until } from '../publish/testing.ts';
import { ControlClient } from './client.ts';
import { filterOf } from './event-filter.ts';
import type { EventsQuery } from './protocol.ts';
import type { ControlServer } from './server.ts';
import { Subscriber } from './subscriber.ts';
import { FakeAgent, Place } from './testing.ts';

const place = new Place();
const agent = new FakeAgent();
const client = new ControlClient({ path: place.path });
let server: ControlServer;

before(async () => {
  server = await place.serve(agent, { subscribersMax: 2 });
});
after(async () => {
  await server.close();
  place[Symbol.dispose]();
});

const lossEvent: Event = {
  ...{ kind: 'loss', nodeName: 'node-1', timeNs: 5n, stage: 'ring', count: 2 },
  ...{ fromNs: 1n, toNs: 5n, hole: undefined },
};

async function take(answer: IncomingMessage, count: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of createInterface(answer)) {
    lines.push(line);
    if (lines.length === count) break;
  }
  answer.destroy();
  return lines;
}

test('a subscriber gets what happens from then on, as JSON', async () => {
  agent.tell(execEvent(1));
  const answer = await client.events({ format: 'json' });
  agent.tell(lsmEvent(2));
  agent.tell(lossEvent);
  const [lsm, loss] = (await take(answer, 2)).map((line) => JSON.parse(line));
  assert.equal(lsm.process_lsm.policy_name, 'guard-secrets');
  assert.equal(loss.ringfence.loss.count, '2');
  await until('the subscriber has gone', () => agent.listeners === 0 && server.status.subscribers === 0);
});

test('or in lines for people', async () => {
  const answer = await client.events({ format: 'compact', timestamps: true });
  agent.tell(execEvent(1));
  assert.match((await take(answer, 1))[0] ?? '', /^2026-01-02T.*Z 🚀 process node-1/);
});

test('the stream ends with the agent', async () => {
  using other = new Place();
  const ending = await other.serve(agent);
  const answer = await new ControlClient({ path: other.path }).events({ format: 'json' });
  agent.tell(execEvent(1));
  const lines: string[] = [];
  const closing = ending.close();
  for await (const line of createInterface(answer)) lines.push(line);
  await closing;
  assert.equal(lines.length, 1);
});

test('more subscribers than there may be are refused', async () => {
  const streams = [await client.events({ format: 'json' }), await client.events({ format: 'json' })];
  await assert.rejects(client.events({ format: 'json' }), { code: 'RF3506', message: /RF3508: the agent is busy/ });
  for (const stream of streams) stream.destroy();
  await until('they have gone', () => server.status.subscribers === 0);
});

test('one that stops reading costs no more than its queue, and learns what it missed', async () => {
  using other = new Place();
  const small = await other.serve(agent, { waitingBytesMax: 64 * 1024 });
  const answer = await new ControlClient({ path: other.path }).events({ format: 'json' });
  const COUNT = 5000;
  for (let sequence = 1; sequence <= COUNT; sequence++) {
    agent.tell(lsmEvent(sequence));
    if (sequence % 100 === 0) await new Promise((wake) => setImmediate(wake));
  }
  const { eventsLost } = small.status;
  assert.ok(eventsLost > 0 && eventsLost < COUNT, `${eventsLost} lost`);
  const lines = createInterface(answer)[Symbol.asyncIterator]();
  let got = 0;
  let told = 0;
  while (got + told < COUNT) {
    const { loss } = JSON.parse((await lines.next()).value as string).ringfence;
    if (loss === undefined) got += 1;
    else told += Number(loss.count);
  }
  assert.deepEqual([got + told, told], [COUNT, eventsLost]);
  answer.destroy();
  await until('the count stays when it has gone', () => small.status.subscribers === 0);
  assert.equal(small.status.eventsLost, eventsLost);
  await small.close();
});

test('a queue that is full takes no event; when it has room again the loss comes first', async () => {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const output = new Writable({
    highWaterMark: 1,
    write: (bytes, _encoding, done) => {
      written.push(String(bytes));
      waiting.push(() => done());
    },
  });
  const { loss } = agent.ports().events;
  const render = (event: Event) =>
    event.kind === 'loss' ? `lost ${event.count} ${event.fromNs}..${event.toNs}` : 'event';
  const subscriber = new Subscriber({ output, render, accepts: () => true, loss, waitingBytesMax: 4 });
  const at = (timeNs: bigint): Event => ({ ...execEvent(1), timeNs });
  subscriber.take(at(1n));
  subscriber.take(at(2n));
  subscriber.take({ ...lossEvent, timeNs: 4n });
  subscriber.take(at(3n));
  assert.equal(subscriber.lost, 3);
  await until('the first is written', () => written.length === 1);
  waiting.shift()?.();
  await until('the loss is told without another event', () => written.length === 2);
  assert.deepEqual(written, ['event\n', 'lost 4 2..4\n']);
});

describe('filters', () => {
  const other = policyEvent(3, 'match', { kind: 'kprobe', functionName: 'do_x' });
  const events: readonly Event[] = [execEvent(1), lsmEvent(2), other, lossEvent];
  const pods = new Map<Event, { readonly namespace: string; readonly name: string }>([
    [events[0] as Event, { namespace: 'shop', name: 'web-7f9c' }],
    [events[1] as Event, { namespace: 'bank', name: 'db-0' }],
  ]);
  const kinds = (query: string, podOf?: (event: Event) => { namespace: string; name: string } | undefined) =>
    events.filter(filterOf(new URLSearchParams(query), podOf)).map(({ kind }) => kind);
  const podOf = (event: Event) => pods.get(event);

  const table = [
    ['', ['exec', 'lsm', 'kprobe', 'loss']],
    ['kind=exec&kind=kprobe', ['exec', 'kprobe', 'loss']],
    ['policy=guard-secrets', ['lsm', 'kprobe', 'loss']],
    ['policy=other', ['loss']],
    ['policy=guard-secrets&kind=lsm', ['lsm', 'loss']],
    ['namespace=shop', ['exec', 'loss']],
    ['namespace=shop&namespace=', ['exec', 'kprobe', 'loss']],
    ['pod=web', ['exec', 'loss']],
    ['pod=^db-0$&pod=^cache', ['lsm', 'loss']],
    ['pod=^w.*c$&namespace=bank', ['loss']],
  ] as const;
  for (const [query, expected] of table) {
    test(query === '' ? 'none' : query, () => assert.deepEqual(kinds(query, podOf), expected));
  }

  test('an agent that knows no pods says so, rather than telling of none', () => {
    assert.deepEqual(kinds('namespace='), ['exec', 'lsm', 'kprobe', 'loss']);
    assert.throws(() => kinds('namespace=shop'), /does not know the pods/);
    assert.throws(() => kinds('pod=web'), /does not know the pods/);
  });

  const refused = [
    ['a kind that is none', 'kind=execve', /no kind of event/],
    ['a pattern that takes long', 'pod=(a*)*b', /no pattern/],
    ['too many values', new Array(65).fill('policy=a').join('&'), /more than 64/],
    ['a value that is too long', `policy=${'a'.repeat(254)}`, /longer than 253/],
  ] as const;
  for (const [name, query, message] of refused) {
    test(`refused: ${name}`, () => assert.throws(() => kinds(query, podOf), message));
  }

  test('what is refused is refused over the socket', async () => {
    await assert.rejects(client.events({ format: 'json', kinds: ['x'] }), { code: 'RF3506', message: /RF3507/ });
    await assert.rejects(client.events({ format: 'xml' } as unknown as EventsQuery), { message: /json or compact/ });
  });
});
