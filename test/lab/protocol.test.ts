/** Frames survive any cutting of the stream, and the host never sends more than the guest can hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreditedWriter, encodeFrame, type Frame, FrameReader, UNREAD_BYTES_MAX } from './protocol.ts';

const frames: readonly Frame[] = [
  { kind: 'ready', run: 0, body: Buffer.alloc(0) },
  { kind: 'stdout', run: 1, body: Buffer.from(Uint8Array.from({ length: 256 }, (_, value) => value)) },
  { kind: 'stderr', run: 0xffff, body: Buffer.from('\n\r\u0003') },
  { kind: 'exit', run: 2, body: Buffer.alloc(10_000, 7) },
];
const stream = Buffer.concat(frames.map(({ kind, run, body }) => encodeFrame(kind, run, body)));

for (const size of [1, 3, 7, 8, 9, 4_096, stream.length]) {
  test(`frames come out whole from pieces of ${size} bytes`, () => {
    const reader = new FrameReader();
    const read: Frame[] = [];
    for (let at = 0; at < stream.length; at += size) read.push(...reader.read(stream.subarray(at, at + size)));
    assert.deepEqual(read, frames);
  });
}

test('a stream that carries no frames is refused', () => {
  assert.throws(() => [...new FrameReader().read(Buffer.from('login: root'))], /carries no frame/);
});

test('a frame that is too long is refused where it is made', () => {
  assert.throws(() => encodeFrame('stdout', 1, Buffer.alloc((1 << 20) + 1)), RangeError);
});

test('the writer keeps to the credit it has and sends everything in order', () => {
  const data = Buffer.from(Uint8Array.from({ length: 10_000 }, (_, index) => index));
  const sent: Buffer[] = [];
  const writer = new CreditedWriter((bytes) => sent.push(bytes));
  const total = () => sent.reduce((sum, { length }) => sum + length, 0);
  writer.send(data.subarray(0, 100));
  writer.send(data.subarray(100));
  assert.equal(total(), UNREAD_BYTES_MAX);
  for (let read = 0; read < data.length; ) {
    const step = Math.min(300, total() - read);
    read += step;
    writer.credit(step);
    assert.ok(total() - read <= UNREAD_BYTES_MAX);
  }
  assert.deepEqual(Buffer.concat(sent), data);
});
