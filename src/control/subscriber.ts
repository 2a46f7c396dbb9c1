/** One who listens to events: what it is too slow for is counted, and told to it in its own stream. */
import type { Writable } from 'node:stream';
import type { Event } from '#events';
import type { EventPort } from './ports.ts';

export type SubscriberOptions = {
  readonly output: Writable;
  readonly render: (event: Event) => string;
  readonly accepts: (event: Event) => boolean;
  readonly loss: EventPort['loss'];
  /** Bytes that may wait. */
  readonly waitingBytesMax: number;
};

export class Subscriber {
  readonly #options: SubscriberOptions;
  #lines: string[] = [];
  #linesBytes = 0;
  #scheduled = false;
  #untold = { count: 0, fromNs: 0n, toNs: 0n };
  #lost = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    options.output.on('drain', () => this.#tellLoss());
  }

  /** Events that it was too slow for. */
  get lost(): number {
    return this.#lost;
  }

  /** Never waits. */
  take(event: Event): void {
    const { accepts, output, waitingBytesMax } = this.#options;
    if (output.destroyed || !accepts(event)) return;
    if (this.#linesBytes + output.writableLength >= waitingBytesMax) {
      this.#lose(event);
      return;
    }
    this.#tellLoss();
    this.#append(event);
  }

  end(): void {
    this.#tellLoss();
    this.#write();
    this.#options.output.end();
  }

  #lose(event: Event): void {
    const { count, fromNs, toNs } = this.#untold;
    const { timeNs } = event;
    const isFirst = count === 0;
    this.#untold = {
      count: count + (event.kind === 'loss' ? event.count : 1),
      fromNs: isFirst || timeNs < fromNs ? timeNs : fromNs,
      toNs: isFirst || timeNs > toNs ? timeNs : toNs,
    };
    this.#lost += 1;
  }

  #tellLoss(): void {
    if (this.#untold.count === 0) return;
    this.#append(this.#options.loss(this.#untold));
    this.#untold = { count: 0, fromNs: 0n, toNs: 0n };
  }

  #append(event: Event): void {
    const line = this.#options.render(event);
    this.#lines.push(line);
    this.#linesBytes += line.length + 1;
    if (this.#scheduled) return;
    // Everything that one drain of the rings yields becomes one write.
    this.#scheduled = true;
    setImmediate(() => this.#write());
  }

  #write(): void {
    this.#scheduled = false;
    const { output } = this.#options;
    if (this.#lines.length > 0 && output.writable) output.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#linesBytes = 0;
  }
}
