/** The ring reader over pages that the test writes itself, as the kernel would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnvironmentError } from '#diagnostics';
import { AssertionFailed } from '#std';
import { RingBuffer } from './ring-buffer.ts';

const DATA_BYTES = 256;
const DATA_OFFSET = 4096;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

/** What the kernel does: both copies of the data change together. */
class FakeKernel {
  readonly consumer = new ArrayBuffer(8);
  readonly producer = new ArrayBuffer(DATA_OFFSET + 2 * DATA_BYTES);
  readonly #view = new DataView(this.producer);
  readonly ring: RingBuffer;

  constructor(position = 0n) {
    this.consumerPosition = position;
    this.producerPosition = position;
    this.ring = new RingBuffer('fake', { ...this, dataOffset: DATA_OFFSET, dataBytes: DATA_BYTES });
  }

  get consumerPosition(): bigint {
    return new BigUint64Array(this.consumer)[0] ?? 0n;
  }

  set consumerPosition(value: bigint) {
    new BigUint64Array(this.consumer)[0] = value;
  }

  get producerPosition(): bigint {
    return this.#view.getBigUint64(0, true);
  }

  set producerPosition(value: bigint) {
    this.#view.setBigUint64(0, value, true);
  }

  write(text: string, flags = 0): void {
    const position = this.producerPosition;
    this.header(position, (text.length | flags) >>> 0);
    Buffer.from(text).forEach((byte, index) => {
      this.#setByte(position + 8n + BigInt(index), byte);
    });
    this.producerPosition = position + BigInt((8 + text.length + 7) & ~7);
  }

  header(position: bigint, value: number): void {
    for (let index = 0; index < 4; index += 1) this.#setByte(position + BigInt(index), (value >>> (8 * index)) & 0xff);
  }

  #setByte(position: bigint, value: number): void {
    const offset = DATA_OFFSET + Number(position % BigInt(DATA_BYTES));
    this.#view.setUint8(offset, value);
    this.#view.setUint8(offset + DATA_BYTES, value);
  }

  read(limit = 100): string[] {
    const texts: string[] = [];
    this.ring.drain((data, offset, length) => {
      texts.push(Buffer.from(data.buffer, data.byteOffset + offset, length).toString());
    }, limit);
    return texts;
  }
}

const starts = [
  ['a new ring', 0n],
  ['just before the data repeats', 240n],
  ['past 2^32', 2n ** 32n - 16n],
  ['past 2^53, where a number would lose bits', 2n ** 53n + 8n],
  ['over the end of 64 bits', 2n ** 64n - 24n],
] as const;

for (const [name, position] of starts) {
  test(`ring: records in order, wrapped ones in one piece: ${name}`, () => {
    const kernel = new FakeKernel(position);
    for (let round = 0; round < 40; round += 1) {
      const texts = [`record ${round}`, 'x'.repeat(round), ''];
      for (const text of texts) kernel.write(text);
      assert.deepEqual(kernel.read(), texts);
      assert.equal(kernel.consumerPosition, kernel.producerPosition);
      assert.equal(kernel.ring.fill(), 0);
    }
  });
}

test('ring: a record being written holds back those after it', () => {
  const kernel = new FakeKernel();
  kernel.write('first');
  const busyAt = kernel.producerPosition;
  kernel.write('busy', BUSY);
  kernel.write('last');
  assert.deepEqual(kernel.read(), ['first']);
  assert.equal(kernel.consumerPosition, busyAt);
  assert.deepEqual(kernel.read(), []);
  kernel.header(busyAt, 'busy'.length);
  assert.deepEqual(kernel.read(), ['busy', 'last']);
});

test('ring: a discarded record is passed over and its space given back', () => {
  const kernel = new FakeKernel();
  kernel.write('no', DISCARDED);
  kernel.write('yes');
  kernel.write('neither', DISCARDED);
  assert.deepEqual(kernel.read(), ['yes']);
  assert.equal(kernel.ring.fill(), 0);
});

test('ring: a batch ends at its limit and the next one goes on there', () => {
  const kernel = new FakeKernel();
  for (const text of ['one', 'two', 'three']) kernel.write(text);
  assert.deepEqual(kernel.read(2), ['one', 'two']);
  assert.equal(kernel.ring.fill(), 16);
  assert.deepEqual(kernel.read(2), ['three']);
});

test('ring: a batch that was not taken over comes again', () => {
  const kernel = new FakeKernel(512n);
  for (const text of ['one', 'two']) kernel.write(text);
  const failing = (): never => {
    throw new Error('the spool is full');
  };
  assert.throws(() => kernel.ring.drain(() => undefined, 10, failing), /spool is full/);
  assert.throws(() => kernel.ring.drain(failing, 10), /spool is full/);
  assert.equal(kernel.consumerPosition, 512n);
  const batches: number[] = [];
  kernel.ring.drain(
    () => assert.equal(kernel.consumerPosition, 512n, 'the position moves after the batch, not within'),
    10,
    (records) => batches.push(records),
  );
  assert.deepEqual(batches, [2]);
  assert.equal(kernel.consumerPosition, kernel.producerPosition);
});

const RF3008 = (error: unknown): boolean => error instanceof EnvironmentError && error.code === 'RF3008';

test('ring: a length beyond what is in use is an error, after what came before it', () => {
  const kernel = new FakeKernel();
  kernel.write('sound');
  const brokenAt = kernel.producerPosition;
  kernel.write('broken');
  kernel.header(brokenAt, 4000);
  assert.deepEqual(kernel.read(), ['sound']);
  assert.throws(() => kernel.read(), RF3008);
  assert.equal(kernel.consumerPosition, brokenAt);
});

test('ring: a producer beyond the ring, or behind the consumer, is an error', () => {
  const kernel = new FakeKernel(1024n);
  kernel.producerPosition = 1024n + BigInt(DATA_BYTES) + 8n;
  assert.throws(() => kernel.read(), RF3008);
  assert.throws(() => kernel.ring.fill(), RF3008);
  kernel.producerPosition = 1016n;
  assert.throws(() => kernel.read(), RF3008);
});

test('ring: after disposal it asserts', () => {
  const { ring } = new FakeKernel();
  ring[Symbol.dispose]();
  assert.throws(() => ring.drain(() => undefined, 1), AssertionFailed);
  assert.throws(() => ring.fill(), AssertionFailed);
});

test('ring: random traffic arrives as it was sent', () => {
  const seed = Date.now() % 2 ** 31;
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const kernel = new FakeKernel(BigInt(seed) * 8n);
  const sent: string[] = [];
  const received: string[] = [];
  for (let step = 0; step < 5000; step += 1) {
    const text = String.fromCharCode(97 + random(26)).repeat(random(60));
    const discarded = random(4) === 0;
    if (kernel.ring.fill() + text.length + 16 <= DATA_BYTES) {
      kernel.write(text, discarded ? DISCARDED : 0);
      if (!discarded) sent.push(text);
    } else {
      received.push(...kernel.read(1 + random(5)));
    }
  }
  received.push(...kernel.read(1000));
  assert.deepEqual(received, sent, `seed ${seed}`);
});
