/** Events to a file, a line each: in batches, never waiting for the disk, and telling what found no room. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '#diagnostics';
import type { Event, LossStage } from '#events';
import { fileReason } from './file-reason.ts';
import { LineQueue } from './line-queue.ts';
import { Overflow } from './overflow.ts';
import { isVerdict } from './priority.ts';
import type { Publisher, PublisherLosses } from './publisher.ts';
import { RotatingFile, type RotatingFileOptions } from './rotating-file.ts';

export type FileOptions = Omit<RotatingFileOptions, 'onTrouble'> & {
  readonly nodeName: string;
  /** A line without its end. */
  readonly render: (event: Event) => string;
  /** What its losses are told as. */
  readonly stage: LossStage;
  /** Of lines that wait for the disk. */
  readonly waitingBytesMax?: number;
  readonly retryMs?: number;
  readonly closeMsMax?: number;
  /** Called once when writing begins to fail, and for each rotation that does. */
  readonly onFailure?: (error: EnvironmentError) => void;
  /** Called when writing works again. */
  readonly onRecovery?: () => void;
};

/** What is written to: a RotatingFile. */
export type LineFile = Pick<RotatingFile, 'follow' | 'rotateIfDue' | 'append' | 'close'>;

const WAITING_BYTES_MAX = 8 * 1024 * 1024;
const BATCH_BYTES_MAX = 1024 * 1024;
const RETRY_MS = 1000;
const CLOSE_MS_MAX = 2000;
/** How often is looked whether a file that nothing is written to has grown old. */
const AGE_LOOK_MS = 60_000;
const NEWLINE = 0x0a;

export class FilePublisher implements Publisher {
  readonly losses: PublisherLosses = { refused: 0, undelivered: 0 };
  readonly #options: FileOptions;
  readonly #file: LineFile;
  readonly #queue: LineQueue;
  readonly #waitingBytesMax: number;
  readonly #overflow: Overflow;
  readonly #ageTimer: NodeJS.Timeout | undefined;
  readonly #delivery: Promise<void>;
  /** Being written: whole lines, of which those before the offset are in the file. */
  #batch: Buffer = Buffer.alloc(0);
  #offset = 0;
  #failing = false;
  #closing = false;
  #wake: (() => void) | undefined;
  #rousing = false;
  readonly #giveUp = new AbortController();

  /** Throws RF4009 when the file can not be written. */
  static async open(options: FileOptions): Promise<FilePublisher> {
    return new FilePublisher(options, await RotatingFile.open({ ...options, onTrouble: options.onFailure }));
  }

  constructor(options: FileOptions, file: LineFile) {
    this.#options = options;
    this.#file = file;
    this.#waitingBytesMax = options.waitingBytesMax ?? WAITING_BYTES_MAX;
    const batchBytesMax = Math.min(BATCH_BYTES_MAX, options.bytesMax);
    this.#queue = new LineQueue({ bytesMax: this.#waitingBytesMax, batchBytesMax });
    this.#overflow = new Overflow(options.stage, options.nodeName);
    if (options.intervalMs > 0) {
      this.#ageTimer = setInterval(() => this.#rouse(), Math.min(options.intervalMs, AGE_LOOK_MS)).unref();
    }
    this.#delivery = this.#deliver();
  }

  publish(event: Event): void {
    if (this.#closing || !this.#queue.hasRoom(isVerdict(event))) {
      this.losses.refused += 1;
      this.#overflow.add(event);
      return;
    }
    this.#queue.push(this.#options.render(event));
    if (this.#wake === undefined || this.#rousing) return;
    this.#rousing = true;
    setImmediate(() => this.#rouse()); // what one drain of the rings yields is one write
  }

  async close(): Promise<void> {
    if (this.#closing) return await this.#delivery;
    this.#closing = true;
    clearInterval(this.#ageTimer);
    this.#rouse();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(() => {
      this.#giveUp.abort();
      resolve();
    }, this.#options.closeMsMax ?? CLOSE_MS_MAX);
    // A disk that never answers must not keep the agent from ending.
    await Promise.race([this.#delivery.then(() => this.#file.close()), late]);
    clearTimeout(deadline);
    this.losses.undelivered += this.#queue.length + linesIn(this.#batch.subarray(this.#offset));
  }

  async #deliver(): Promise<void> {
    while (!this.#giveUp.signal.aborted) {
      this.#take();
      if (this.#batch.length > 0) await this.#write();
      else if (this.#closing) return;
      else await this.#idle();
    }
  }

  #take(): void {
    const loss = this.#overflow.take();
    const lines = this.#queue.take();
    this.#batch = loss === undefined ? lines : Buffer.concat([Buffer.from(`${this.#options.render(loss)}\n`), lines]);
    this.#offset = 0;
  }

  /** Returns when the batch is in the file, over as many failures as it takes, or when there is no time left. */
  async #write(): Promise<void> {
    const { signal } = this.#giveUp;
    while (this.#offset < this.#batch.length && !signal.aborted) {
      try {
        await this.#prepare();
        this.#offset += await this.#file.append(this.#batch, this.#offset);
        this.#recovered();
      } catch (error) {
        this.#failed(error);
        await sleep(this.#options.retryMs ?? RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** A file is begun anew between lines only; a line that another file has the start of is written again as a whole. */
  async #prepare(): Promise<void> {
    if (this.#offset > 0 && !this.#failing) return;
    const another = await this.#file.follow();
    if (another && this.#offset > 0) this.#offset = this.#batch.lastIndexOf(NEWLINE, this.#offset - 1) + 1;
    if (this.#offset === 0) await this.#file.rotateIfDue(this.#batch.length);
  }

  /** Until there is something to write; a file that has grown old meanwhile is rotated. */
  async #idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#queue.length > 0 || this.#closing) return;
    await this.#file.rotateIfDue(0);
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    this.#rousing = false;
    wake?.();
  }

  #failed(cause: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    const { path, onFailure } = this.#options;
    const parameters = { path, reason: fileReason(cause), waiting: this.#waitingBytesMax };
    onFailure?.(new EnvironmentError('RF4010', parameters, { cause }));
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.onRecovery?.();
  }
}

function linesIn(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => (byte === NEWLINE ? count + 1 : count), 0);
}
