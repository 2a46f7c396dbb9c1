/** Server and client over a real socket: policies, status, the support bundle, and requests that are none. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { policyText } from '../sensors/testing.ts';
import { ControlClient } from './client.ts';
import { bodyOf, type Exchange, exchange } from './exchange.ts';
import type { ControlServer } from './server.ts';
import { FakeAgent, Place } from './testing.ts';

const place = new Place();
const agent = new FakeAgent();
const client = new ControlClient({ path: place.path, silentMsMax: 30_000 });
let server: ControlServer;

before(async () => {
  server = await place.serve(agent);
});
after(async () => {
  await server.close();
  place[Symbol.dispose]();
});

const named = (name: string) => ({ name, namespace: undefined });
const add = (name: string) => client.add({ text: policyText(name), source: `${name}.yaml` });

/** Status and answer of a request that the client would not make. */
async function raw(asked: Pick<Exchange, 'method' | 'resource' | 'body'>): Promise<readonly [number, string]> {
  const answer = await exchange({ ...asked, path: place.path, silentMsMax: 30_000 });
  const { diagnostics } = JSON.parse(await bodyOf(answer, 1e6)) as { diagnostics: readonly { code: string }[] };
  return [answer.statusCode ?? 0, diagnostics.map(({ code }) => code).join()];
}

describe('policies', () => {
  test('are added, listed, switched and deleted', async () => {
    assert.equal((await add('first')).kind, 'done');
    const [first] = (await client.policies()).policies;
    assert.deepEqual([first?.name, first?.state, first?.hooks[0]?.effect], ['first', 'loaded', 'blocks']);
    assert.equal((await client.setMode(named('first'), 'monitor')).policies[0]?.mode, 'monitor');
    assert.equal((await client.disable(named('first'))).policies[0]?.state, 'disabled');
    assert.equal((await client.enable(named('first'))).policies[0]?.state, 'loaded');
    assert.equal((await client.remove(named('first'))).kind, 'done');
    assert.deepEqual((await client.policies()).policies, []);
  });

  test('that are wrong are refused, with what is wrong and where', async () => {
    const answer = await client.add({ text: 'kind: TracingPolicy', source: 'wrong.yaml' });
    assert.equal(answer.kind, 'refused');
    assert.ok(answer.diagnostics.length > 1);
    assert.ok(answer.diagnostics.every(({ code, span }) => code === 'RF1103' && span?.file === 'wrong.yaml'));
  });

  test('that are not there', async () => {
    const answers = [
      client.remove(named('gone')),
      client.enable(named('gone')),
      client.setMode(named('gone'), 'enforce'),
    ];
    for (const { kind, diagnostics } of await Promise.all(answers)) {
      assert.deepEqual([kind, diagnostics[0]?.code], ['refused', 'RF2503']);
    }
    assert.deepEqual((await client.remove(named('../../etc?x=y#z'))).diagnostics[0]?.code, 'RF2503');
  });

  test('of which the agent can keep none, as the disk is full', async () => {
    agent.store.fails = 'stage';
    const { kind, diagnostics } = await add('unlucky');
    assert.deepEqual([kind, diagnostics[0]?.code], ['failed', 'RF3512']);
    assert.match(diagnostics[0]?.hint ?? '', /make room/);
  });

  test('that come at once are taken one after the other', async () => {
    const answers = await Promise.all(['a', 'b', 'a', 'b', 'c'].map(add));
    assert.deepEqual(answers.map(({ kind }) => kind).toSorted(), ['done', 'done', 'done', 'refused', 'refused']);
    assert.equal((await client.policies()).policies.length, 3);
    for (const name of ['a', 'b', 'c']) await client.remove(named(name));
  });

  test('by curl', async (context) => {
    const arguments_ = ['--silent', '--show-error', '--unix-socket', place.path, 'http://ringfence/v1/policies'];
    const answer = await promisify(execFile)('curl', arguments_).catch((error: NodeJS.ErrnoException) => error);
    if (answer instanceof Error && answer.code === 'ENOENT') return context.skip('curl is not there');
    assert.ok(!(answer instanceof Error), String(answer));
    assert.deepEqual(JSON.parse(answer.stdout), { policies: [] });
  });

  test('500 adds and 500 deletes in a row leave nothing', async () => {
    for (let round = 0; round < 500; round++) {
      assert.equal((await add('again')).kind, 'done');
      assert.equal((await client.remove(named('again'))).kind, 'done');
    }
    assert.deepEqual([agent.store.kept.size, agent.store.staged, agent.loaded.modes.size], [0, 0, 0]);
    assert.ok(server.status.connections <= 1, `${server.status.connections} connections`);
  });
});

describe('requests that are none', () => {
  const table = [
    ['no such path', { method: 'GET', resource: 'nothing' }, 404],
    ['no such version', { method: 'GET', resource: '../v2/policies' }, 404],
    ['a method that is not done there', { method: 'DELETE', resource: 'policies' }, 405],
    ['another that is not', { method: 'GET', resource: 'policies/x/enable' }, 405],
    ['no body', { method: 'POST', resource: 'policies' }, 400],
    ['no object', { method: 'POST', resource: 'policies', body: [1] }, 400],
    ['a field that is missing', { method: 'POST', resource: 'policies', body: {} }, 400],
    ['a field that nobody knows', { method: 'POST', resource: 'policies', body: { text: '', force: true } }, 400],
    ['no mode', { method: 'POST', resource: 'policies/x/mode', body: { mode: 'off' } }, 400],
    ['a name that is badly encoded', { method: 'DELETE', resource: 'policies/%zz' }, 400],
    ['a body that is too large', { method: 'POST', resource: 'policies', body: { text: 'x'.repeat(4_200_000) } }, 413],
  ] as const;
  for (const [name, asked, status] of table) {
    test(name, async () => assert.deepEqual(await raw(asked), [status, 'RF3507']));
  }

  test('bytes that are no HTTP', async () => {
    const socket = connect(place.path);
    socket.end('\u0000\u0001\u0002 hello\r\n\r\n');
    const parts: Buffer[] = [];
    for await (const part of socket as AsyncIterable<Buffer>) parts.push(part);
    assert.match(Buffer.concat(parts).toString(), /^HTTP\/1\.1 400/);
  });

  test('a body that never ends its announcement', async () => {
    const socket = connect(place.path);
    socket.write(`POST /v1/policies HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let answered = '';
    socket.on('data', (bytes) => {
      answered += String(bytes);
    });
    socket.on('error', () => undefined); // it closes while this writes
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (let sent = 0; sent < 80 && !socket.destroyed; sent++) {
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
    socket.end('0\r\n\r\n');
    await closed;
    assert.match(answered, /^HTTP\/1\.1 413/);
  });

  test('and the agent goes on', async () => assert.deepEqual((await client.policies()).policies, []));
});

test('the status has the agent, its policies and the socket itself', async () => {
  await add('first');
  const status = await client.status();
  assert.deepEqual(
    [status.agent.nodeName, status.policies.map(({ name }) => name), status.control.subscribers],
    ['node-1', ['first'], 0],
  );
  await client.remove(named('first'));
});

test('the support bundle has texts and no secrets', async () => {
  await add('first');
  const bundle = await client.sysdump();
  assert.equal(bundle.policies[0]?.text, policyText('first'));
  assert.equal(bundle.config.strict, true);
  assert.doesNotMatch(JSON.stringify(bundle), /hunter2/);
  assert.match(bundle.log[0] ?? '', /connected to nats:\/\/\(hidden\)@nats.example/);
  await client.remove(named('first'));
});

test('what fails within is told to the client, and logged', async () => {
  agent.loaded.broken = new Error('we are wrong');
  const answer = await add('unlucky');
  assert.deepEqual([answer.kind, answer.diagnostics[0]?.code], ['failed', 'RF3507']);
  assert.deepEqual(agent.log, ['a request to the control socket failed']);
});
