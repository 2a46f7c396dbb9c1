import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { EnvironmentError } from '#diagnostics';
import { type Event, JsonRenderer } from '#events';
import { NatsPublisher, type NatsPublisherOptions, type NatsStatus } from './nats.ts';
import {
  execEvent,
  lsmEvent,
  NatsTestServer,
  natsServerBinary,
  type ServerFlags,
  selfSignedCertificate,
  until,
} from './testing.ts';

const binary = natsServerBinary() ?? '';
const skip =
  binary === ''
    ? 'no nats-server: name it in RINGFENCE_NATS_SERVER, put it on PATH, or make the lab (npm run lab)'
    : false;
const json = new JsonRenderer();
/** sha256 of node-1.example. */
const NODE8 = '77e79d7c';

function options(servers: string[], more: Partial<NatsPublisherOptions> = {}): NatsPublisherOptions {
  return {
    clusterName: 'prod',
    nodeName: 'node-1.example',
    server: { servers, name: 'ringfence-test' },
    render: (event: Event) => json.render(event),
    reconnectDelayMs: { first: 20, max: 50 },
    closeMsMax: 500,
    ...more,
  };
}

type Lab = { readonly server: NatsTestServer; readonly listen: () => Promise<Msg[]> };

/** Runs `body` with a server, and ends the server and all who listen to it whatever comes. */
async function withServer(flags: ServerFlags, body: (lab: Lab) => Promise<void>): Promise<void> {
  const server = await NatsTestServer.start(binary, flags);
  const connections: NatsConnection[] = [];
  const listen = async () => {
    const connection = await connect({ servers: server.url, user: 'root', pass: 'root' });
    connections.push(connection);
    const messages: Msg[] = [];
    connection.subscribe('ringfence.>', { callback: (_, message) => void messages.push(message) });
    await connection.flush();
    return messages;
  };
  try {
    await body({ server, listen });
  } finally {
    await Promise.all(connections.map((each) => each.close()));
    await server.remove();
  }
}

async function refusal(promise: Promise<NatsPublisher>): Promise<EnvironmentError> {
  try {
    const publisher = await promise;
    await publisher.close();
  } catch (error) {
    assert.ok(error instanceof EnvironmentError, String(error));
    return error;
  }
  throw new Error('connected');
}

test('events arrive with subject, headers and JSON; close sends what is queued', { skip }, () =>
  withServer({}, async ({ server, listen }) => {
    const messages = await listen();
    const publisher = await NatsPublisher.connect(options([server.url]));
    publisher.publish(execEvent(1));
    publisher.publish(lsmEvent(2));
    await publisher.close();
    await until('two messages', () => messages.length === 2);
    const lsm = messages.find((each) => each.subject.endsWith('.denied'));
    assert.ok(lsm !== undefined);
    assert.equal(lsm.subject, 'ringfence.v1.evt.prod.node-1_example._host._.file.denied');
    assert.equal(lsm.string(), json.render(lsmEvent(2)));
    const header = (name: string) => lsm.headers?.get(name);
    assert.equal(header('Nats-Msg-Id'), `0a1b2c3d-${NODE8}-vfeedface.3-2`);
    assert.deepEqual(['Rf-Seq', 'Rf-Boot', 'Rf-Ring', 'Rf-Cpu', 'Rf-Exec-Id', 'Rf-Policy', 'Rf-Schema'].map(header), [
      '2',
      '0a1b2c3d-0000-0000-0000-000000000000',
      'feedface01',
      '3',
      btoa('node-1.example:1234:42'),
      'guard-secrets',
      '1',
    ]);
    assert.deepEqual(publisher.losses, { refused: 0, undelivered: 0 });
    assert.equal(publisher.confirmed, 2);
  }),
);

test('twenty thousand events arrive once each', { skip }, () =>
  withServer({}, async ({ server, listen }) => {
    const messages = await listen();
    const publisher = await NatsPublisher.connect(options([server.url], { queueMessagesMax: 2000 }));
    const total = 20_000;
    for (let sent = 0; sent < total; ) {
      for (let each = 0; each < 1000; each++) publisher.publish(execEvent(++sent));
      await until('confirmed', () => sent - publisher.confirmed <= 1000);
    }
    await publisher.close();
    await until('all messages', () => messages.length === total);
    assert.equal(new Set(messages.map((each) => each.headers?.get('Nats-Msg-Id'))).size, total);
    assert.deepEqual(publisher.losses, { refused: 0, undelivered: 0 });
  }),
);

test('an outage: what fits is kept, verdicts apart, and the rest is counted', { skip }, () =>
  withServer({}, async ({ server }) => {
    const statuses: NatsStatus['kind'][] = [];
    const publisher = await NatsPublisher.connect(
      options([server.url], {
        queueMessagesMax: 10,
        onStatus: (status) => statuses.push(status.kind),
        closeMsMax: 5000,
      }),
    );
    await server.stop();
    await until('the outage is noticed', () => statuses.includes('retrying'));
    for (let sequence = 1; sequence <= 25; sequence++) publisher.publish(execEvent(sequence));
    for (let sequence = 101; sequence <= 105; sequence++) publisher.publish(lsmEvent(sequence));
    assert.equal(publisher.losses.refused, 15);

    await server.start();
    await until('connected again', () => statuses.filter((each) => each === 'connected').length === 2);
    publisher.publish(execEvent(26));
    await publisher.close();
    assert.deepEqual(publisher.losses, { refused: 15, undelivered: 0 });
    assert.equal(publisher.confirmed, 10 + 5 + 1 + 1, 'events, verdicts, the last event, and the loss');
  }),
);

test('closing during an outage does not hang, and counts what was not sent', { skip }, () =>
  withServer({}, async ({ server }) => {
    const publisher = await NatsPublisher.connect(options([server.url]));
    await server.stop();
    for (let sequence = 1; sequence <= 3; sequence++) publisher.publish(execEvent(sequence));
    await publisher.close();
    assert.deepEqual(publisher.losses, { refused: 0, undelivered: 3 });
    publisher.publish(execEvent(4));
    assert.equal(publisher.losses.refused, 1);
  }),
);

test('closing does not wait for a server that says nothing', { skip }, () =>
  withServer({}, async ({ server }) => {
    const publisher = await NatsPublisher.connect(options([server.url]));
    await server.stop();
    const dialled: Socket[] = [];
    let hungUp = 0;
    const silent = createServer((socket) => {
      dialled.push(socket);
      socket.on('close', () => {
        hungUp += 1;
      });
    });
    silent.listen(server.port, 'localhost');
    try {
      await until('dialled', () => dialled.length === 1);
      publisher.publish(execEvent(1));
      await publisher.close();
      assert.equal(hungUp, 0, 'the dial is still open');
      assert.deepEqual(publisher.losses, { refused: 0, undelivered: 1 });
    } finally {
      for (const socket of dialled) socket.destroy();
      silent.close();
    }
  }),
);

test('an event that is too large for the server becomes a loss', { skip }, () =>
  withServer({ maxPayload: 4096 }, async ({ server, listen }) => {
    const messages = await listen();
    const publisher = await NatsPublisher.connect(options([server.url]));
    const event = lsmEvent(1);
    publisher.publish({ ...event, hook: { ...event.hook, message: 'x'.repeat(3000) } });
    await until('refused', () => publisher.losses.undelivered === 1);
    publisher.publish(execEvent(2));
    await publisher.close();
    await until('two messages', () => messages.length === 2);
    const loss = messages.find((each) => each.subject === 'ringfence.v1.loss.prod.node-1_example.nats');
    assert.equal(loss?.json<{ ringfence: { loss: { count: string } } }>().ringfence.loss.count, '1');
  }),
);

test('a server that takes too little for a loss to be told: one clear error', { skip }, () =>
  withServer({ maxPayload: 4095 }, async ({ server }) => {
    const error = await refusal(NatsPublisher.connect(options([server.url])));
    assert.equal(error.code, 'RF4501');
    assert.match(error.message, /takes messages of 4095 bytes, and events need 4096 at least/);
  }),
);

test('what the server does not permit is counted', { skip }, () =>
  withServer({ permit: 'ringfence.v1.evt.prod.>' }, async ({ server, listen }) => {
    const messages = await listen();
    const reasons: string[] = [];
    const address = `nats://agent:agent@localhost:${server.port}`;
    const publisher = await NatsPublisher.connect({
      ...options([address], { clusterName: 'other' }),
      onStatus: (status) => status.kind === 'refused' && reasons.push(status.reason),
    });
    publisher.publish(execEvent(1));
    await until('refused', () => publisher.losses.undelivered === 1);
    await publisher.close();
    assert.match(reasons.join(), /Permissions Violation for Publish to "ringfence\.v1\.evt\.other/i);
    assert.equal(messages.length, 0);
  }),
);

test('nobody answers: one clear error', async () => {
  const error = await refusal(NatsPublisher.connect(options(['nats://user:secret@127.0.0.1:1'])));
  assert.equal(error.code, 'RF4002');
  assert.equal(error.message, 'no NATS server answers at nats://127.0.0.1:1: connection refused');
});

test('of several servers, one that answers is enough', { skip }, () =>
  withServer({}, async ({ server }) => {
    const publisher = await NatsPublisher.connect(options(['nats://127.0.0.1:1', server.url, 'nats://127.0.0.1:2']));
    publisher.publish(execEvent(1));
    await publisher.close();
    assert.equal(publisher.confirmed, 1);
  }),
);

const wrongAddresses = ['127.0.0.1:4222', 'http://127.0.0.1:4222', 'nats://', 'nats://host:4222/path', ''];
for (const address of wrongAddresses) {
  test(`not an address: "${address}"`, async () => {
    assert.equal((await refusal(NatsPublisher.connect(options([address])))).code, 'RF4001');
  });
}

test('no address at all', async () => {
  assert.equal((await refusal(NatsPublisher.connect(options([])))).code, 'RF4001');
});

test('a wrong password: the server refuses, and the error does not tell it', { skip }, () =>
  withServer({ permit: '>' }, async ({ server }) => {
    const error = await refusal(NatsPublisher.connect(options([`nats://agent:wrong@localhost:${server.port}`])));
    assert.equal(error.code, 'RF4003');
    assert.doesNotMatch(error.message, /wrong/);
  }),
);

test('encryption: an unknown authority is refused, a named one is trusted', { skip }, async (context) => {
  const made = selfSignedCertificate();
  if (made === undefined) return context.skip('no openssl');
  const { certificate, key } = made;
  await withServer({ tls: { certificate, key } }, async ({ server }) => {
    const address = `tls://localhost:${server.port}`;
    assert.equal((await refusal(NatsPublisher.connect(options([address])))).code, 'RF4004');
    for (const name of ['localhost', '127.0.0.1']) {
      const servers = [`tls://${name}:${server.port}`];
      const trusted = { servers, name: 'ringfence-test', tlsAuthorityFile: certificate };
      const publisher = await NatsPublisher.connect(options([], { server: trusted }));
      publisher.publish(execEvent(1));
      await publisher.close();
      assert.equal(publisher.confirmed, 1);
    }
  }).finally(() => rmSync(made.folder, { recursive: true }));
});

test('a credentials file that is not there', async () => {
  const server = { servers: ['nats://127.0.0.1:1'], name: 'x', credentialsFile: '/no/such.creds' };
  const error = await refusal(NatsPublisher.connect(options([], { server })));
  assert.equal(error.code, 'RF4005');
});

const names = [
  ['nodeName', 'a b'],
  ['nodeName', 'a>'],
  ['clusterName', '*'],
  ['clusterName', 'ü'],
  ['clusterName', ''],
] as const;
for (const [what, value] of names) {
  test(`a ${what} that would steer the server: "${value}"`, async () => {
    const error = await refusal(NatsPublisher.connect({ ...options(['nats://127.0.0.1:1']), [what]: value }));
    assert.equal(error.code, 'RF4006');
  });
}
