/** The waiter over rings that the test fills, with a FIFO in the place of the descriptor that the kernel signals. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '#diagnostics';
import { RingBuffer } from './ring-buffer.ts';
import { RingWaiter, type WaiterOptions } from './ring-waiter.ts';

const DATA_BYTES = 4096;

/** A ring of 8-byte records, each holding its number. */
class Producer {
  readonly #consumer = new ArrayBuffer(8);
  readonly #producer = new ArrayBuffer(4096 + 2 * DATA_BYTES);
  readonly #view = new DataView(this.#producer);
  readonly ring: RingBuffer;
  readonly fd: number;

  constructor(name: string) {
    const pages = { consumer: this.#consumer, producer: this.#producer, dataOffset: 4096, dataBytes: DATA_BYTES };
    this.ring = new RingBuffer(name, pages);
    const path = join(directory, name);
    execFileSync('mkfifo', [path]);
    this.fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  write(...numbers: number[]): void {
    for (const number of numbers) {
      const position = this.#view.getBigUint64(0, true);
      const offset = 4096 + Number(position % BigInt(DATA_BYTES));
      for (const at of [offset, offset < 4096 + DATA_BYTES ? offset + DATA_BYTES : offset]) {
        this.#view.setUint32(at, 8, true);
        this.#view.setBigUint64(at + 8, BigInt(number), true);
      }
      this.#view.setBigUint64(0, position + 16n, true);
    }
  }

  breakRing(): void {
    this.#view.setBigUint64(0, 1n << 40n, true);
  }

  signal(): void {
    writeSync(this.fd, 'x');
  }
}

let directory = '';
let producers: Producer[] = [];
let waiter: RingWaiter | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringfence-waiter-'));
});

afterEach(() => {
  waiter?.stop();
  for (const { fd } of producers) closeSync(fd);
  producers = [];
  rmSync(directory, { recursive: true });
});

type Started = { readonly seen: string[]; readonly states: string[]; readonly errors: unknown[] };

type StartOptions = Partial<WaiterOptions> & {
  readonly batchMax?: number;
  readonly takeOver?: () => void;
  readonly onVisit?: (record: string) => void;
};

function start(names: readonly string[], options: StartOptions = {}): Started {
  const started: Started = { seen: [], states: [], errors: [] };
  producers = names.map((name) => new Producer(name));
  waiter = new RingWaiter(
    producers.map(({ ring, fd }) => ({
      ring,
      fd,
      visit: (data, offset) => {
        const number = new DataView(data.buffer, data.byteOffset + offset).getBigUint64(0, true);
        started.seen.push(`${ring.name}${number}`);
        options.onVisit?.(`${ring.name}${number}`);
      },
      takeOver: () => {
        drainFifo(fd);
        options.takeOver?.();
      },
      batchMax: options.batchMax ?? 100,
    })),
    {
      drainIntervalMs: 1,
      onBusy: () => started.states.push('busy'),
      onIdle: () => started.states.push('idle'),
      onError: (error) => started.errors.push(error),
      retryMs: 1,
      ...options,
    },
  );
  return started;
}

/** The kernel's descriptor stops being readable when the ring is empty; a FIFO must be read. */
function drainFifo(fd: number): void {
  try {
    readSync(fd, Buffer.alloc(64));
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'EAGAIN');
  }
}

function producer(index: number): Producer {
  const found = producers[index];
  assert.ok(found !== undefined);
  return found;
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 2000 && !condition(); round += 1) await sleep(1);
  assert.ok(condition(), 'it comes to pass within some seconds');
}

test('waiter: what is there at the start, while awake and while asleep is all taken', async () => {
  const { seen, states } = start(['v'], { idleCheckMs: 1_000_000 });
  producer(0).write(1, 2);
  waiter?.start();
  assert.deepEqual(seen, ['v1', 'v2']);
  producer(0).write(3); // without a signal: the waiter is awake and looks by itself
  await until(() => seen.length === 3);
  await until(() => waiter?.awake === false);
  assert.deepEqual(states, ['busy', 'idle']);
  producer(0).write(4);
  producer(0).signal();
  await until(() => seen.length === 4);
  assert.deepEqual(states.slice(0, 3), ['busy', 'idle', 'busy']);
});

test('waiter: a record that came between the last look and sleep keeps it awake', async () => {
  const started = start(['v'], {
    idleCheckMs: 1_000_000,
    onIdle: () => {
      if (started.states.push('idle') === 2) producer(0).write(7);
    },
  });
  waiter?.start();
  await until(() => started.seen.length === 1);
  assert.deepEqual(started.states.slice(0, 3), ['busy', 'idle', 'busy']);
});

test('waiter: a record submitted without a wake-up is found by the idle check', async () => {
  const { seen } = start(['v'], { idleCheckMs: 5 });
  waiter?.start();
  await until(() => waiter?.awake === false);
  producer(0).write(1);
  await until(() => seen.length === 1);
});

test('waiter: the first ring goes before the second, and again between its batches', () => {
  const { seen } = start(['v', 'o'], {
    batchMax: 2,
    onVisit: (record) => {
      if (record === 'o1') producer(0).write(9);
    },
  });
  producer(0).write(1, 2, 3);
  producer(1).write(1, 2, 3);
  assert.equal(waiter?.drainNow(), 7);
  assert.deepEqual(seen, ['v1', 'v2', 'v3', 'o1', 'o2', 'v9', 'o3']);
});

test('waiter: a limit holds over all rings', () => {
  const { seen } = start(['v', 'o'], { batchMax: 2 });
  producer(0).write(1, 2, 3);
  producer(1).write(1, 2, 3);
  assert.equal(waiter?.drainNow(4), 4);
  assert.deepEqual(seen, ['v1', 'v2', 'v3', 'o1']);
});

test('waiter: when a batch is not taken over that is told, and the batch comes again', async () => {
  let failures = 2;
  const takeOver = (): void => {
    failures -= 1;
    if (failures >= 0) throw new Error('the spool is full');
  };
  const { seen, errors } = start(['v'], { takeOver });
  producer(0).write(1);
  waiter?.start();
  await until(() => seen.length === 3);
  assert.deepEqual(seen, ['v1', 'v1', 'v1']);
  assert.deepEqual(errors.map(String), ['Error: the spool is full', 'Error: the spool is full']);
});

test('waiter: a broken ring is told once per retry, not spun on', async () => {
  const { errors } = start(['v'], { retryMs: 5 });
  producer(0).breakRing();
  waiter?.start();
  assert.equal(errors.length, 1);
  await until(() => errors.length > 1);
  assert.ok(errors[0] instanceof EnvironmentError && errors[0].code === 'RF3008');
});

test('waiter: a ring that breaks while asleep is told too', async () => {
  const { errors } = start(['v'], { retryMs: 5, idleCheckMs: 5 });
  waiter?.start();
  await until(() => waiter?.awake === false);
  producer(0).breakRing();
  await until(() => errors.length > 0);
});

test('waiter: stopped by a visit, it does not go on', async () => {
  const { seen, states } = start(['v'], { onVisit: () => waiter?.stop() });
  producer(0).write(1);
  waiter?.start();
  producer(0).write(2);
  producer(0).signal();
  await sleep(20);
  assert.deepEqual({ seen, states }, { seen: ['v1'], states: ['busy'] });
});

test('waiter: when stopped, the process can end', () => {
  const script = `
    import { RingWaiter } from ${JSON.stringify(join(import.meta.dirname, 'ring-waiter.ts'))};
    import { RingBuffer } from ${JSON.stringify(join(import.meta.dirname, 'ring-buffer.ts'))};
    import { constants, openSync } from 'node:fs';
    const pages = { consumer: new ArrayBuffer(8), producer: new ArrayBuffer(4608), dataOffset: 4096, dataBytes: 256 };
    const fd = openSync(process.argv[1], constants.O_RDWR | constants.O_NONBLOCK);
    const waiter = new RingWaiter([{ ring: new RingBuffer('r', pages), fd, visit() {} }], { onError: console.error });
    waiter.start();
    setTimeout(() => { waiter.stop(); console.log('stopped'); }, 30);
  `;
  const path = join(directory, 'fifo');
  execFileSync('mkfifo', [path]);
  const options = { encoding: 'utf8', timeout: 30_000, cwd: join(import.meta.dirname, '../..') } as const;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script, path],
    options,
  );
  assert.deepEqual({ stdout, stderr, status }, { stdout: 'stopped\n', stderr: '', status: 0 });
});
