import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { EnvironmentError } from '#diagnostics';
import { type Event, JsonRenderer } from '#events';
import { fanOut } from './publisher.ts';
import { StdoutPublisher } from './stdout.ts';
import { execEvent } from './testing.ts';

const json = new JsonRenderer();
const render = (event: Event) => json.render(event);
const nodeName = 'n';

function linesOf(output: PassThrough): Event[] {
  const text = String(output.read() ?? '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('a line per event, also those that are queued when it is closed', async () => {
  const output = new PassThrough();
  const publisher = new StdoutPublisher({ nodeName, render, output });
  publisher.publish(execEvent(1));
  await turn();
  publisher.publish(execEvent(2));
  publisher.publish(execEvent(3));
  await publisher.close();
  assert.equal(linesOf(output).length, 3);
  publisher.publish(execEvent(4));
  assert.equal(publisher.losses.refused, 1);
});

test('a reader that does not read: bounded, counted, and told when it reads again', async () => {
  const output = new PassThrough({ highWaterMark: 1 });
  const publisher = new StdoutPublisher({ nodeName, render, output, waitingBytesMax: 2000 });
  for (let sequence = 1; sequence <= 100; sequence++) {
    publisher.publish(execEvent(sequence));
    await turn();
  }
  const { refused } = publisher.losses;
  assert.ok(refused > 80 && refused < 100, `${refused}`);

  const lines: string[] = [];
  output.on('data', (data) => lines.push(...String(data).trim().split('\n')));
  await turn();
  publisher.publish(execEvent(101));
  await publisher.close();
  await turn();
  assert.equal(lines.length, 100 - refused + 2);
  assert.equal(JSON.parse(lines.at(-2) ?? '').ringfence.loss.count, String(refused));
  assert.equal(publisher.losses.refused, refused);
});

test('what found no room is told once there is room again, without another event', async () => {
  const output = new PassThrough({ highWaterMark: 1 });
  const publisher = new StdoutPublisher({ nodeName, render, output, waitingBytesMax: 2000 });
  for (let sequence = 1; sequence <= 20; sequence++) {
    publisher.publish(execEvent(sequence));
    await turn();
  }
  let text = '';
  output.on('data', (data) => {
    text += String(data);
  });
  while (!text.includes('"loss"')) await turn();
  assert.match(text, new RegExp(`"count":"${publisher.losses.refused}"`));
  await publisher.close();
});

test('closing before a reader that does not read: what was not written is counted', async () => {
  const output = new Writable({ write: () => undefined });
  const publisher = new StdoutPublisher({ nodeName, render, output, closeMsMax: 10 });
  publisher.publish(execEvent(1));
  await turn();
  publisher.publish(execEvent(2));
  await publisher.close();
  assert.deepEqual(publisher.losses, { refused: 0, undelivered: 2 });
});

test('an output that fails is told once', async () => {
  const failures: EnvironmentError[] = [];
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) });
  const publisher = new StdoutPublisher({ nodeName, render, output, onFailure: (error) => failures.push(error) });
  publisher.publish(execEvent(1));
  await turn();
  await turn();
  publisher.publish(execEvent(2));
  await publisher.close();
  assert.deepEqual(
    failures.map(({ code, message }) => [code, message]),
    [['RF4008', 'the standard output can not be written: write EPIPE']],
  );
  assert.deepEqual(publisher.losses, { refused: 1, undelivered: 1 });
});

/** Another process, whose standard output is a pipe that does not block: it is full long before it is read. */
const SLOWLY_READ = `
  import { StdoutPublisher } from ${JSON.stringify(import.meta.resolve('./stdout.ts'))};
  import { execEvent } from ${JSON.stringify(import.meta.resolve('./testing.ts'))};
  process.stdout.isTTY;
  const publisher = new StdoutPublisher({ nodeName: 'n', render: () => 'x'.repeat(999), closeMsMax: 60_000 });
  for (let sequence = 1; sequence <= 2000; sequence += 1) publisher.publish(execEvent(sequence));
  await publisher.close();
  process.exitCode = publisher.losses.undelivered;
`;

test('a full pipe that does not block is written when it is read again', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SLOWLY_READ], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  await sleep(1000);
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  assert.deepEqual([await ended, bytes], [[0, null], 2_000_000]);
});

test('fan-out: every publisher gets every event, losses add up', async () => {
  const seen: string[] = [];
  const publisher = (name: string) => ({
    publish: (event: Event) => void seen.push(`${name} ${event.kind}`),
    close: async () => void seen.push(`${name} closed`),
    losses: { refused: 1, undelivered: 2 },
  });
  const both = fanOut([publisher('a'), publisher('b')]);
  both.publish(execEvent(1));
  await both.close();
  assert.deepEqual(seen, ['a exec', 'b exec', 'a closed', 'b closed']);
  assert.deepEqual(both.losses, { refused: 2, undelivered: 4 });
});
