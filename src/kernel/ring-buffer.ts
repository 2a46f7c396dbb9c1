/**
 * A BPF ring buffer, read in place from its mapped pages (kernel/bpf/ringbuf.c).
 *
 * One page holds the consumer's position, which is ours to write; the next holds the producer's; then the data, which
 * the kernel maps twice in a row, so that a record that wraps around is still in one piece. Positions are bytes since
 * the ring was made, in 64 bits: they stay BigInt, and only differences within the ring (below 2^30) become numbers.
 */
import { EnvironmentError } from '#diagnostics';
import { assert } from '#std';
import { pageBytes } from './ffi.ts';
import { MappedMemory } from './mapped-memory.ts';

/** A record: `length` bytes at `offset` of the ring's data. Writing there kills the process: the pages are read-only. */
export type VisitRecord = (data: Uint8Array, offset: number, length: number) => void;

/** The pages of a ring: where its data begins in `producer`, and how much of it there is before it repeats. */
export type RingPages = {
  readonly consumer: ArrayBuffer;
  readonly producer: ArrayBuffer;
  readonly dataOffset: number;
  readonly dataBytes: number;
};

/** What opening takes: a BpfMap has it, and a worker can be sent it. */
export type RingMap = { readonly fd: number; readonly name: string; readonly maxEntries: number };

const HEADER_BYTES = 8; // struct bpf_ringbuf_hdr: u32 len, u32 pg_off
const BUSY = 1 << 31; // BPF_RINGBUF_BUSY_BIT: reserved, not yet submitted
const DISCARD = 1 << 30; // BPF_RINGBUF_DISCARD_BIT
const LENGTH_MASK = DISCARD - 1;
const DATA_BYTES_MAX = 1 << 30;

export class RingBuffer {
  readonly name: string;
  readonly dataBytes: number;
  readonly #data: Uint8Array;
  readonly #headers: Int32Array;
  readonly #consumer: BigUint64Array;
  readonly #producer: BigUint64Array;
  readonly #positionMask: bigint;
  readonly #memory: Disposable | undefined;
  #closed = false;

  constructor(name: string, pages: RingPages, memory?: Disposable) {
    const { consumer, producer, dataOffset, dataBytes } = pages;
    assert((dataBytes & (dataBytes - 1)) === 0, 'the size of a ring is a power of two');
    assert(dataBytes > 0 && dataBytes <= DATA_BYTES_MAX, `a ring has at most ${DATA_BYTES_MAX} bytes`);
    this.name = name;
    this.dataBytes = dataBytes;
    this.#data = new Uint8Array(producer, dataOffset, 2 * dataBytes);
    this.#headers = new Int32Array(producer, dataOffset, dataBytes / 4);
    this.#consumer = new BigUint64Array(consumer, 0, 1);
    this.#producer = new BigUint64Array(producer, 0, 1);
    this.#positionMask = BigInt(dataBytes - 1);
    this.#memory = memory;
  }

  /** Maps the ring. Exactly one reader may exist per ring: there is one consumer position. */
  static open(map: RingMap): RingBuffer {
    const page = pageBytes();
    const dataBytes = map.maxEntries;
    using memory = new DisposableStack();
    const consumer = memory.use(MappedMemory.ofDescriptor(map.fd, { length: page, writable: true }));
    const producer = memory.use(MappedMemory.ofDescriptor(map.fd, { length: page + 2 * dataBytes, offset: page }));
    const pages = { consumer: consumer.buffer, producer: producer.buffer, dataOffset: page, dataBytes };
    return new RingBuffer(map.name, pages, memory.move());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes in use, headers and records still being written included. */
  fill(): number {
    assert(!this.#closed, `the ring ${this.name} is used after it was closed`);
    return this.#available(Atomics.load(this.#consumer, 0));
  }

  /** Whether producer and consumer stand at the same place. */
  get idle(): boolean {
    assert(!this.#closed, `the ring ${this.name} is used after it was closed`);
    return Atomics.load(this.#consumer, 0) === Atomics.load(this.#producer, 0);
  }

  /**
   * Visits up to `limit` finished records in order and returns how many. Only when all were visited, and `takeOver`
   * (write the batch to where it is safe) has returned, does the kernel get the space back, by one store: if either
   * throws, the same records come again.
   */
  drain(visit: VisitRecord, limit: number, takeOver?: (records: number) => void): number {
    assert(!this.#closed, `the ring ${this.name} is used after it was closed`);
    const position = Atomics.load(this.#consumer, 0);
    const available = this.#available(position);
    const start = Number(position & this.#positionMask);
    const mask = this.dataBytes - 1;
    let taken = 0;
    let records = 0;
    while (taken < available && records < limit) {
      const offset = (start + taken) & mask;
      const header = Atomics.load(this.#headers, offset >>> 2);
      if ((header & BUSY) !== 0) break;
      const length = header & LENGTH_MASK;
      const next = taken + ((HEADER_BYTES + length + 7) & ~7);
      if (next > available) {
        // What came before is sound and is handed over; the next drain then starts here, and says so.
        if (taken === 0) throw this.#malformed(position, `a record of ${length} bytes where ${available} are in use`);
        break;
      }
      if ((header & DISCARD) === 0) {
        visit(this.#data, offset + HEADER_BYTES, length);
        records += 1;
      }
      taken = next;
    }
    if (records > 0) takeOver?.(records);
    if (taken > 0) Atomics.store(this.#consumer, 0, position + BigInt(taken));
    return records;
  }

  /** Unmaps the ring; records in it stay for the next reader. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#memory?.[Symbol.dispose]();
  }

  #available(position: bigint): number {
    const available = BigInt.asUintN(64, Atomics.load(this.#producer, 0) - position);
    if (available > BigInt(this.dataBytes)) {
      throw this.#malformed(position, `${available} bytes in use of ${this.dataBytes}`);
    }
    return Number(available);
  }

  #malformed(position: bigint, reason: string): EnvironmentError {
    return new EnvironmentError('RF3008', { ring: this.name, position, reason });
  }
}
