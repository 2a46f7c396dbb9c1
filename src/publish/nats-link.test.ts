import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Link } from './nats-link.ts';
import { Outbox } from './outbox.ts';

type Connection = ConstructorParameters<typeof Link>[0];

function connection(): { readonly port: Connection; readonly close: (error?: Error) => void } {
  const { promise, resolve } = Promise.withResolvers<undefined | Error>();
  return { port: { closed: () => promise }, close: (error) => resolve(error) };
}

const never = () => new Promise<void>(() => undefined);

test('link: work that is done, while the connection is there', async () => {
  using link = new Link(connection().port, new AbortController().signal);
  assert.equal(await link.orEnd(Promise.resolve()), true);
  assert.equal(link.ended, undefined);
});

test('link: the connection ends, the waiting ends', async () => {
  const { port, close } = connection();
  using link = new Link(port, new AbortController().signal);
  const waiting = link.orEnd(never());
  close(new Error('reset by peer'));
  assert.equal(await waiting, false);
  assert.equal(link.ended, 'reset by peer');
  assert.equal(await link.orEnd(never()), false, 'and nothing waits again');
});

test('link: work that fails ends it', async () => {
  using link = new Link(connection().port, new AbortController().signal);
  assert.equal(await link.orEnd(Promise.reject(new Error('no'))), false);
  assert.equal(link.ended, 'no');
});

test('link: time is up, and the signal keeps no listener afterwards', async () => {
  const giveUp = new AbortController();
  {
    using link = new Link(connection().port, giveUp.signal);
    const waiting = link.orEnd(never());
    assert.equal(getEventListeners(giveUp.signal, 'abort').length, 1);
    giveUp.abort();
    assert.equal(await waiting, false);
  }
  assert.equal(getEventListeners(giveUp.signal, 'abort').length, 0);
  using late = new Link(connection().port, giveUp.signal);
  assert.equal(late.ended, 'no time left');
});

test('outbox: bounded in messages and in bytes', () => {
  const message = (bytes: number) => {
    const payload = new Uint8Array(bytes);
    return { subject: 's', headers: {} as never, payload, timeNs: 0n };
  };
  const outbox = new Outbox({ messagesMax: 3, bytesMax: 100 });
  assert.equal(outbox.push(message(60)), true);
  assert.equal(outbox.push(message(41)), false, 'a byte too many');
  assert.equal(outbox.push(message(40)), true);
  assert.equal(outbox.full, true);
  assert.equal(outbox.shift()?.payload.length, 60);
  assert.equal(outbox.full, false);
  assert.equal(outbox.push(message(1)), true);
  assert.equal(outbox.push(message(1)), true);
  assert.equal(outbox.push(message(1)), false, 'a message too many');
  assert.equal(outbox.length, 3);
});
