/** Events over the socket: which ones a subscriber gets, and what it is told when it is too slow. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { type Event, foundTampered, workloadOf } from '#events';
import { execEvent, lsmEvent, policyEvent, until, workload } from '../publish/testing.ts';
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
  const web = { namespace: 'shop', name: 'web-7f9c', labels: { app: 'web', 'example.org/tier': 'front' } };
  const db = { namespace: 'bank', name: 'db-0', labels: { app: 'db' } };
  const events: readonly Event[] = [
    { ...execEvent(1), workload: workload({ pod: web, container: 'nginx' }) },
    { ...lsmEvent(2), workload: workload({ pod: db, container: 'postgres' }) },
    other,
    { ...execEvent(4), kind: 'exit', status: 0, signal: '', workload: workload({ container: 'nginx' }) },
    lossEvent,
    foundTampered({ what: 'pin', path: '/p', failure: undefined }, { nodeName: 'node-1', timeNs: 5n }),
  ];
  /** Without what is told to everybody, which has to be there. */
  const kinds = (query: string | Readonly<Record<string, string>>, knowsPods = true) => {
    const port = { workloadOf: knowsPods ? workloadOf : undefined };
    const passed = events.filter(filterOf(new URLSearchParams(query), port)).map(({ kind }) => kind);
    assert.deepEqual(passed.slice(-2), ['loss', 'tamper']);
    return passed.slice(0, -2).join(' ');
  };

  const table = [
    ['', 'exec lsm kprobe exit'],
    ['kind=exec&kind=kprobe', 'exec kprobe'],
    ['policy=guard-secrets', 'lsm kprobe'],
    ['policy=other', ''],
    ['policy=guard-secrets&kind=lsm', 'lsm'],
    ['namespace=shop', 'exec'],
    ['namespace=shop&namespace=', 'exec kprobe exit'],
    ['namespace=', 'kprobe exit'],
    ['namespace-regex=^(?!)', undefined],
    ['namespace-regex=^sh', 'exec'],
    ['namespace-regex=.*', 'exec lsm'],
    ['namespace-regex=^b.*k$&namespace-regex=none', 'lsm'],
    ['pod=web', 'exec'],
    ['pod=^db-0$&pod=^cache', 'lsm'],
    ['pod=^w.*c$&namespace=bank', ''],
    ['container=^nginx$', 'exec exit'],
    ['container=nginx&pod=.*', 'exec'],
  ] as const;
  for (const [query, expected] of table) {
    const name = query === '' ? 'none' : query;
    if (expected === undefined) test(name, () => assert.throws(() => kinds(query), /no pattern/));
    else test(name, () => assert.equal(kinds(query), expected));
  }

  const labels = [
    ['app=web', 'exec'],
    ['app==web', 'exec'],
    ['app = web , example.org/tier=front', 'exec'],
    ['app=web,example.org/tier=back', ''],
    ['app!=web', 'lsm'],
    ['app', 'exec lsm'],
    ['example.org/tier', 'exec'],
    ['!example.org/tier', 'lsm'],
    ['app in (web,db)', 'exec lsm'],
    ['app in ( db ),!x', 'lsm'],
    ['app notin (web)', 'lsm'],
    ['none notin (web)', 'exec lsm'],
    ['none!=', 'exec lsm'],
    ['toString', ''],
  ] as const;
  for (const [selector, expected] of labels) {
    test(`labels: ${selector}`, () => assert.equal(kinds({ labels: selector }), expected));
  }

  test('of several selectors one has to fit', () => {
    assert.equal(kinds(`labels=${encodeURIComponent('app=web')}&labels=${encodeURIComponent('app=db')}`), 'exec lsm');
  });

  test('an agent that knows no pods says so, rather than telling of none', () => {
    assert.equal(kinds('namespace=', false), 'exec lsm kprobe exit');
    for (const query of ['namespace=shop', 'namespace-regex=.', 'pod=web', 'container=x', 'labels=app']) {
      assert.throws(() => kinds(query, false), /does not know the pods/, query);
    }
  });

  const refused = [
    ['a kind that is none', 'kind=execve', /no kind of event/],
    ['a pattern that takes long', 'pod=(a*)*b', /no pattern/],
    ['a pattern of containers that takes long', 'container=(a*)*b', /no pattern/],
    ['too many values', new Array(65).fill('policy=a').join('&'), /more than 64/],
    ['a value that is too long', `policy=${'a'.repeat(254)}`, /longer than 253/],
    ['a selector that is too long', `labels=${'a'.repeat(4097)}`, /longer than 4096/],
    ['a selector of too many labels', `labels=${new Array(65).fill('a').join(',')}`, /more than 64 labels/],
    ['a selector of nothing', 'labels=', /selects no label/],
    ['a selector that is not closed', 'labels=a+in+(b', /selects no label/],
    ['a selector with a sign that no label has', 'labels=a%2Bb', /selects no label/],
    ['a label of a value that none has', 'labels=a%3D$x', /selects no label/],
  ] as const;
  for (const [name, query, message] of refused) {
    test(`refused: ${name}`, () => assert.throws(() => kinds(query), message));
  }

  test('what a command asks for is what the server reads', async () => {
    const answer = await client.events({
      ...{ format: 'json', kinds: ['exec', 'lsm'], namespaces: ['shop', 'bank'], namespacePatterns: ['^b'] },
      ...{ pods: ['^db'], containers: ['post'], labels: ['app in (db,web)'] },
    });
    for (const event of events) agent.tell(event);
    const [first, second] = (await take(answer, 3)).map((line) => JSON.parse(line));
    assert.equal(first.process_lsm.process.pod.name, 'db-0');
    assert.equal(second.ringfence.loss.count, '2');
  });

  test('what is refused is refused over the socket', async () => {
    await assert.rejects(client.events({ format: 'json', kinds: ['x'] }), { code: 'RF3506', message: /RF3507/ });
    await assert.rejects(client.events({ format: 'xml' } as unknown as EventsQuery), { message: /json or compact/ });
  });
});
