/** The place of the socket: whose it may be, what a dead agent leaves, and what a client is told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { ControlClient } from './client.ts';
import { ControlServer } from './server.ts';
import { FakeAgent, Place } from './testing.ts';

async function listening(server: Server, path: string): Promise<AsyncDisposable> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Makes a socket and is killed, as an agent may be. */
function leaveSocket(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  assert.ok(existsSync(path));
}

test('the socket and its directory are for their owner only, and go with the agent', async () => {
  using place = new Place();
  const server = await place.serve(new FakeAgent());
  assert.equal(statSync(place.path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(place.path)).mode & 0o777, 0o700);
  await server.close();
  assert.ok(!existsSync(place.path));
});

test('what a dead agent left is taken over; a client is told that it is dead', async () => {
  using place = new Place();
  leaveSocket(place.path);
  const client = new ControlClient({ path: place.path });
  await assert.rejects(client.status(), { code: 'RF3501', message: /has ended/ });
  const server = await place.serve(new FakeAgent());
  assert.deepEqual((await client.policies()).policies, []);
  await server.close();
});

test('an agent that is alive keeps its socket', async () => {
  using place = new Place();
  const server = await place.serve(new FakeAgent());
  await assert.rejects(place.serve(new FakeAgent()), { code: 'RF3503' });
  assert.deepEqual((await new ControlClient({ path: place.path }).policies()).policies, []);
  await server.close();
});

test('a socket of another program is left alone, and no agent to a client', async () => {
  using place = new Place();
  const other = createHttp((_request, response) => response.end('{}'));
  await using _listening = await listening(other, place.path);
  await assert.rejects(place.serve(new FakeAgent()), { code: 'RF3504', message: /no agent/ });
  await assert.rejects(new ControlClient({ path: place.path }).status(), { code: 'RF3506', message: /no agent/ });
});

test('so is one that answers nothing', async () => {
  using place = new Place();
  await using _listening = await listening(
    createServer((socket) => socket.destroy()),
    place.path,
  );
  await assert.rejects(place.serve(new FakeAgent()), { code: 'RF3504' });
  await assert.rejects(new ControlClient({ path: place.path }).status(), { code: 'RF3506' });
});

test('a client does not wait for ever', async () => {
  using place = new Place();
  const silent = createServer((socket) => socket.on('close', () => undefined).resume());
  await using _listening = await listening(silent, place.path);
  const client = new ControlClient({ path: place.path, silentMsMax: 50 });
  await assert.rejects(client.status(), { code: 'RF3506', message: /does not answer/ });
});

const refused: readonly (readonly [string, string, RegExp, (path: string) => string])[] = [
  [
    'a file',
    'RF3504',
    /no socket/,
    (path) => {
      mkdirSync(dirname(path));
      writeFileSync(path, '');
      return path;
    },
  ],
  [
    'a link to a socket',
    'RF3504',
    /no socket/,
    (path) => {
      mkdirSync(dirname(path));
      symlinkSync('/run/other.sock', path);
      return path;
    },
  ],
  [
    'a directory that others may write to',
    'RF3505',
    /others may write/,
    (path) => {
      mkdirSync(dirname(path));
      chmodSync(dirname(path), 0o777);
      return path;
    },
  ],
  ['a path that no socket can have', 'RF3505', /longer than 107/, (path) => `${path}${'x'.repeat(100)}`],
  ['no directory', 'RF3505', /ENOTDIR/, () => '/dev/null/x/control.sock'],
];

for (const [name, code, message, make] of refused) {
  test(`no place for a socket: ${name}`, async () => {
    using place = new Place();
    const path = make(place.path);
    await assert.rejects(ControlServer.listen({ path, ports: new FakeAgent().ports() }), { code, message });
  });
}

test('without an agent a client says so', async () => {
  using place = new Place();
  const client = new ControlClient({ path: place.path });
  await assert.rejects(client.status(), { code: 'RF3501', message: /no such socket/ });
  mkdirSync(dirname(place.path));
  writeFileSync(place.path, '');
  await assert.rejects(client.status(), { code: 'RF3501' });
});

test('more connections than there may be are refused and counted', async () => {
  using place = new Place();
  const agent = new FakeAgent();
  const server = await place.serve(agent, { connectionsMax: 2 });
  const client = new ControlClient({ path: place.path });
  const streams = [await client.events({ format: 'json' }), await client.events({ format: 'json' })];
  await assert.rejects(client.status(), { code: 'RF3506' });
  assert.deepEqual([server.status.connections, server.status.connectionsRefused], [2, 1]);
  for (const stream of streams) stream.destroy();
  await server.close();
});
