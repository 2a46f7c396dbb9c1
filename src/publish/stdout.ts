/** Events to the standard output, a line each, without ever waiting for the one who reads them. */
import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { EnvironmentError } from '#diagnostics';
import type { Event } from '#events';
import { OBSERVATIONS_SHARE } from './line-queue.ts';
import { Overflow } from './overflow.ts';
import { isVerdict } from './priority.ts';
import type { Publisher, PublisherLosses } from './publisher.ts';

export type StdoutOptions = {
  readonly nodeName: string;
  /** A line without its end: JsonRenderer's, or that of compactRenderer. */
  readonly render: (event: Event) => string;
  readonly output?: Writable;
  /** Bytes that may wait for a slow reader. */
  readonly waitingBytesMax?: number;
  readonly closeMsMax?: number;
  /** Called once when the output fails, most often because its reader has gone. */
  readonly onFailure?: (error: EnvironmentError) => void;
};

const WAITING_BYTES_MAX = 8 * 1024 * 1024;
const CLOSE_MS_MAX = 2000;

const STDOUT = 1;
const RETRY_MS = 5;

/**
 * The file descriptor, written by the thread pool: process.stdout blocks the whole agent on a pipe that nobody reads.
 * Whoever started the agent may have made it one that does not block: then a full pipe is tried again, and Node's own
 * stream of a descriptor gives up after five times.
 */
function openStdout(): Writable {
  return new Writable({ write: (bytes: Buffer, _encoding, done) => writeAll(bytes, done) });
}

function writeAll(bytes: Buffer, done: (error?: Error) => void): void {
  write(STDOUT, bytes, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(() => writeAll(bytes, done), RETRY_MS).unref();
    else if (error !== null) done(error);
    else if (written < bytes.length) writeAll(bytes.subarray(written), done);
    else done();
  });
}

export class StdoutPublisher implements Publisher {
  readonly losses: PublisherLosses = { refused: 0, undelivered: 0 };
  readonly #options: StdoutOptions;
  readonly #output: Writable;
  readonly #waitingBytesMax: number;
  readonly #overflow: Overflow;
  #lines: string[] = [];
  #linesBytes = 0;
  /** Events taken whose line is not written. */
  #unwritten = 0;
  #scheduled = false;
  #ended = false;

  constructor(options: StdoutOptions) {
    this.#options = options;
    this.#output = options.output ?? openStdout();
    this.#waitingBytesMax = options.waitingBytesMax ?? WAITING_BYTES_MAX;
    this.#overflow = new Overflow('stdout', options.nodeName);
    this.#output.on('error', (error) => this.#fail(error));
  }

  publish(event: Event): void {
    if (this.#ended || !this.#hasRoom(isVerdict(event))) {
      this.losses.refused += 1;
      this.#overflow.add(event);
      return;
    }
    this.#tellLoss();
    this.#append(event);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#write();
    this.#ended = true;
    await this.#written();
    this.losses.undelivered += this.#unwritten;
  }

  /** A flood of observations leaves the last part to verdicts. */
  #hasRoom(verdict: boolean): boolean {
    const limit = verdict ? this.#waitingBytesMax : this.#waitingBytesMax * OBSERVATIONS_SHARE;
    return this.#linesBytes + this.#output.writableLength < limit;
  }

  #tellLoss(): void {
    const loss = this.#overflow.take();
    if (loss !== undefined) this.#append(loss);
  }

  #append(event: Event): void {
    const line = this.#options.render(event);
    this.#lines.push(line);
    this.#linesBytes += line.length + 1;
    this.#unwritten += 1;
    if (this.#scheduled) return;
    // Everything that one drain of the rings yields becomes one write.
    this.#scheduled = true;
    setImmediate(() => this.#write());
  }

  #write(): void {
    this.#scheduled = false;
    const count = this.#lines.length;
    if (count === 0 || this.#ended) return;
    this.#output.write(`${this.#lines.join('\n')}\n`, (error) => {
      if (error !== null && error !== undefined) return;
      this.#unwritten -= count;
      if (!this.#ended) this.#tellLoss(); // there is room again, and the next event may be hours away
    });
    this.#lines = [];
    this.#linesBytes = 0;
  }

  /** Resolves when all is written, and when the time for it is over. */
  #written(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.closeMsMax ?? CLOSE_MS_MAX);
      this.#output.write('', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.losses.undelivered += this.#unwritten;
    this.#options.onFailure?.(new EnvironmentError('RF4008', { reason: error.message }, { cause: error }));
  }
}
