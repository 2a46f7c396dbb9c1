/** The plugin against a runtime that speaks NRI as containerd does: frames and messages made here byte by byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { HookAnswer } from './hook-server.ts';
import { type Announced, pathsOf } from './nri-messages.ts';
import { NriPlugin } from './nri-plugin.ts';
import { encoded, Message } from './protobuf.ts';

type Received = { readonly stream: number; readonly call: number; readonly kind: number; readonly body: Message };

/** One connection, seen from the runtime. */
class Runtime {
  readonly socket: Socket;
  readonly #frames: Received[] = [];
  readonly #waiting: ((received: Received) => void)[] = [];
  #bytes = Buffer.alloc(0);
  #call = 1;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      while (this.#bytes.length >= 8 && this.#bytes.length >= 8 + this.#bytes.readUInt32BE(4)) {
        const end = 8 + this.#bytes.readUInt32BE(4);
        const frame = this.#bytes.subarray(0, end);
        this.#bytes = this.#bytes.subarray(end);
        const [stream, length, call] = [frame.readUInt32BE(0), frame.readUInt32BE(8), frame.readUInt32BE(12)];
        const received = {
          stream,
          call,
          kind: frame.readUInt8(16),
          body: new Message(frame.subarray(18, 18 + length)),
        };
        const wake = this.#waiting.shift();
        if (wake === undefined) this.#frames.push(received);
        else wake(received);
      }
    });
  }

  next(): Promise<Received> {
    const received = this.#frames.shift();
    return received === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(received);
  }

  /** `cut`: in as many frames and writes as there are bytes, as nothing says how it comes. */
  send(stream: number, call: number, kind: number, body: Buffer, cut = false): void {
    const message = Buffer.alloc(10 + body.length);
    message.writeUInt32BE(body.length, 0);
    message.writeUInt32BE(call, 4);
    message.writeUInt8(kind, 8);
    body.copy(message, 10);
    const parts = cut ? Array.from(message, (byte) => Buffer.of(byte)) : [message];
    for (const part of parts) {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(stream, 0);
      head.writeUInt32BE(part.length, 4);
      this.socket.write(Buffer.concat([head, part]));
    }
  }

  async ask(
    method: string,
    payload: Buffer,
    cut = false,
  ): Promise<{ code: number; message: string; payload: Message }> {
    const call = this.#call;
    this.#call += 2;
    const service = 'nri.pkg.api.v1alpha1.Plugin';
    this.send(1, call, 1, encoded({ 1: service, 2: method, 3: payload }), cut);
    const answer = await this.next();
    assert.deepEqual([answer.stream, answer.call, answer.kind], [1, call, 2]);
    const status = answer.body.message(1);
    return { code: status.number(1), message: status.text(2), payload: new Message(answer.body.bytes(2)) };
  }

  /** What containerd does first. */
  async greet(): Promise<void> {
    const registration = await this.next();
    assert.deepEqual([registration.stream, registration.kind], [2, 1]);
    assert.equal(registration.body.text(1), 'nri.pkg.api.v1alpha1.Runtime');
    assert.equal(registration.body.text(2), 'RegisterPlugin');
    const request = registration.body.message(3);
    assert.equal(request.text(1), 'ringfence');
    assert.match(request.text(2), /^\d\d$/, 'the index has two digits');
    this.send(2, registration.call, 2, Buffer.alloc(0));
    const configured = await this.ask('Configure', encoded({ 2: 'containerd', 3: '1.7.24', 5: 60_000 }));
    assert.equal(configured.payload.number(2), 0b10_0001, 'sandboxes that run, containers that start');
  }
}

const pod = (id = 'sandbox', uid = 'uid') => {
  const labels = { app: 'web', 'io.cri-containerd.kind': 'sandbox', 'io.kubernetes.pod.uid': uid };
  const entries = Object.entries(labels).map(([key, value]) => encoded({ 5: encoded({ 1: key, 2: value }) }));
  const linux = encoded({ 4: `/kubepods/pod${uid}/${id}` });
  return Buffer.concat([encoded({ 1: id, 2: 'web-1', 3: uid, 4: 'shop', 8: linux }), ...entries]);
};
const container = (id = 'abc', podId = 'sandbox') => {
  const image = encoded({ 6: encoded({ 1: 'io.kubernetes.cri.image-name', 2: 'nginx:1' }) });
  const linux = encoded({ 5: `/kubepods/poduid/${id}` });
  return Buffer.concat([encoded({ 1: id, 2: podId, 3: 'app', 11: linux }), image]);
};
const announced = (more: object = {}): Announced => ({
  claim: {
    ...{ id: 'abc', name: 'app', image: { id: '', name: 'nginx:1' }, sandbox: false, podLabels: { app: 'web' } },
    ...{ pod: { uid: 'uid', namespace: 'shop', name: 'web-1' } },
    ...more,
  },
  paths: ['/kubepods/poduid/abc'],
});

let nowMs = 0;
let directory = '';
let server: Server;
let accepted: Socket[] = [];
let plugin: NriPlugin;
let seen: Announced[] = [];
let present: Announced[] = [];
let answer: (announced: Announced) => Promise<HookAnswer>;

async function connected(): Promise<Runtime> {
  const before = accepted.length;
  while (accepted.length === before) {
    nowMs += 60_000;
    plugin.tick(nowMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const socket = accepted.at(-1);
  assert.ok(socket !== undefined);
  return new Runtime(socket);
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringfence-nri-'));
  [accepted, seen, present] = [[], [], []];
  answer = async () => ({ kind: 'registered' });
  server = createServer((socket) => accepted.push(socket)).listen(join(directory, 'nri.sock'));
  await once(server, 'listening');
  plugin = new NriPlugin({
    path: join(directory, 'nri.sock'),
    announce: (each) => {
      seen.push(each);
      return answer(each);
    },
    found: (each) => void present.push(each),
  });
});
afterEach(() => {
  plugin[Symbol.dispose]();
  for (const socket of accepted) socket.destroy();
  server.close();
  rmSync(directory, { recursive: true });
});

describe('a plugin of NRI', () => {
  test('a container is announced before it starts, and its start waits for the answer', async () => {
    const runtime = await connected();
    await runtime.greet();
    let admit: (answer: HookAnswer) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        admit = resolve;
      });
    let started = false;
    const start = runtime.ask('StateChange', encoded({ 1: 6, 2: pod(), 3: container() }), true).then((given) => {
      started = true;
      return given;
    });
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, [announced()]);
    assert.equal(started, false);
    admit({ kind: 'registered' });
    assert.equal((await start).code, 0);
    assert.equal(plugin.counts.registered, 1);
  });

  test('newer runtimes have a call of its own for each event', async () => {
    const runtime = await connected();
    await runtime.greet();
    await runtime.ask('StartContainer', encoded({ 1: pod(), 2: container() }));
    await runtime.ask('RunPodSandbox', encoded({ 1: pod() }));
    const sandbox = { id: 'sandbox', name: '', sandbox: true, image: { id: '', name: '' } };
    assert.deepEqual(seen, [announced(), { ...announced(sandbox), paths: ['/kubepods/poduid/sandbox'] }]);
  });

  test('what is refused does not start, and the runtime is told why', async () => {
    const runtime = await connected();
    await runtime.greet();
    answer = async () => ({ kind: 'refused', reason: 'nobody knows it' });
    const { code, message } = await runtime.ask('StateChange', encoded({ 1: 6, 2: pod(), 3: container() }));
    assert.deepEqual([code, message], [9, 'ringfence: nobody knows it']);
    assert.equal(plugin.counts.refused, 1);
  });

  test('what is there already is told in parts, without labels, which may have changed', async () => {
    const runtime = await connected();
    await runtime.greet();
    const first = await runtime.ask('Synchronize', encoded({ 1: pod(), 3: 1 }));
    assert.equal(first.payload.number(2), 1, 'it can take more');
    assert.equal(plugin.counts.connected, false);
    const orphan = encoded({ 2: container('orphan', 'nobody') });
    const last = await runtime.ask('Synchronize', Buffer.concat([encoded({ 2: container() }), orphan]));
    assert.equal(last.payload.number(2), 0);
    assert.equal(plugin.counts.connected, true);
    assert.deepEqual(
      present.map(({ claim }) => claim.id),
      ['sandbox', 'abc'],
    );
    assert.deepEqual(present[1], announced({ podLabels: undefined }));
    assert.equal(seen.length, 0);
  });

  test('other calls are answered: events of no interest with nothing, unknown ones as such', async () => {
    const runtime = await connected();
    await runtime.greet();
    assert.equal((await runtime.ask('StateChange', encoded({ 1: 3, 2: pod() }))).code, 0);
    assert.equal((await runtime.ask('Shutdown', Buffer.alloc(0))).code, 0);
    assert.equal((await runtime.ask('Invented', Buffer.alloc(0))).code, 12);
    assert.equal((await runtime.ask('StateChange', Buffer.from('12ff', 'hex'))).code, 9);
    assert.equal(seen.length, 0);
    assert.equal(plugin.counts.malformed, 1);
  });

  test('a runtime that comes back is connected again, and asked no more often than every five seconds', async () => {
    const first = await connected();
    await first.greet();
    first.socket.destroy();
    const second = await connected();
    await second.greet();
    assert.equal(plugin.counts.connections, 2);
    await second.ask('Synchronize', Buffer.alloc(0));
    second.socket.destroy();
    while (plugin.counts.connected) await new Promise((resolve) => setImmediate(resolve));
    plugin.tick(nowMs + 4999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(accepted.length, 2);
  });

  const frames = [
    ['too large a frame', '00000001ffffffff'],
    ['too large a message', '000000010000000affffffff000000010100'],
    ['no message', '000000010000000c00000002000000010100' + '12ff'],
  ] as const;
  for (const [name, hex] of frames) {
    test(`${name} is hung up on`, async () => {
      const runtime = await connected();
      await runtime.greet();
      runtime.socket.write(Buffer.from(hex, 'hex'));
      runtime.socket.resume();
      await once(runtime.socket, 'close');
      assert.equal(plugin.counts.malformed, 1);
    });
  }

  test('without a runtime nothing happens', () => {
    using alone = new NriPlugin({
      path: join(directory, 'nowhere.sock'),
      announce: async () => ({ kind: 'passed' }),
      found: () => undefined,
    });
    alone.tick(0);
    assert.equal(alone.counts.connected, false);
  });
});

const paths: readonly (readonly [string, readonly string[]])[] = [
  ['/kubepods/burstable/pod1/abc', ['/kubepods/burstable/pod1/abc']],
  [
    'kubepods-burstable-pod1.slice:cri-containerd:abc',
    [
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-abc.scope',
      '/kubepods-burstable-pod1.slice:cri-containerd:abc',
      '/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:abc',
    ],
  ],
  ['relative', []],
  ['', []],
];
for (const [written, expected] of paths) {
  test(`the cgroup of ${JSON.stringify(written)}`, () => assert.deepEqual(pathsOf(written), expected));
}
