/** The server: what it answers, what it refuses, and that nothing about it ends the agent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '#diagnostics';
import { MetricsServer } from './server.ts';
import { numbers, readText } from './testing.ts';

const HOST = '127.0.0.1';

async function open(more: { readonly port?: number; readonly now?: () => number } = {}) {
  const errors: unknown[] = [];
  const server = new MetricsServer({
    ...{ host: HOST, port: 0, retryMs: 10, onError: (error) => errors.push(error) },
    ...more,
  });
  const get = async (path: string, method = 'GET') => {
    while (server.port === undefined) await sleep(5);
    const answer = await fetch(`http://${HOST}:${server.port}${path}`, { method });
    return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
  };
  return { server, get, errors, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('metrics, and whether it is alive and ready', async () => {
  await using opened = await open();
  const { server, get } = opened;
  assert.equal((await get('/healthz')).status, 200);
  assert.deepEqual([(await get('/readyz')).status, (await get('/metrics')).status], [503, 503]);
  server.show(() => numbers);
  assert.equal((await get('/readyz')).status, 200);
  const { status, text, type } = await get('/metrics');
  assert.deepEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8']);
  assert.equal(readText(text).samples.get('ringfence_records_total'), 9);
  server.show(undefined);
  assert.equal((await get('/readyz')).status, 503);
});

test('nothing else is served, and nothing is done', async () => {
  await using opened = await open();
  const { server, get } = opened;
  server.show(() => numbers);
  assert.equal((await get('/')).status, 404);
  assert.equal((await get('/v1/policies')).status, 404);
  assert.equal((await get('/metrics', 'POST')).status, 405);
  const head = await get('/metrics', 'HEAD');
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('who asks often gets the same, until a second is over', async () => {
  let nowMs = 0;
  let reads = 0;
  await using opened = await open({ now: () => nowMs });
  const { server, get } = opened;
  server.show(() => {
    reads += 1;
    return numbers;
  });
  for (let each = 0; each < 5; each += 1) await get('/metrics');
  assert.equal(reads, 1);
  nowMs = 1000;
  await get('/metrics');
  assert.equal(reads, 2);
});

test('numbers that can not be read are told of, and asked for again', async () => {
  await using opened = await open();
  const { server, get, errors } = opened;
  let fails = true;
  server.show(() => {
    if (fails) throw new Error('a defect');
    return numbers;
  });
  assert.equal((await get('/metrics')).status, 500);
  assert.match(String(errors), /a defect/);
  assert.equal((await get('/healthz')).status, 200);
  fails = false;
  assert.equal((await get('/metrics')).status, 200);
});

test('an address in use is told of once, and taken as soon as it is free', async () => {
  const other = createServer();
  other.listen(0, HOST);
  await once(other, 'listening');
  const { port } = other.address() as { readonly port: number };
  await using opened = await open({ port });
  const { server, get, errors } = opened;
  await sleep(100); // some tries
  assert.equal(server.port, undefined);
  assert.deepEqual(
    errors.map((error) => error instanceof EnvironmentError && [error.code, error.message]),
    [['RF4601', `metrics can not be served at ${HOST}:${port}: EADDRINUSE`]],
  );
  other.close();
  await once(other, 'close');
  assert.equal((await get('/healthz')).status, 200);
});
