/** Messages that wait for the server: bounded in number and in bytes. */
import { BoundedQueue } from '#std';
import type { Message } from './message.ts';

export class Outbox {
  readonly #queue: BoundedQueue<Message>;
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(limits: { readonly messagesMax: number; readonly bytesMax: number }) {
    this.#queue = new BoundedQueue(limits.messagesMax);
    this.#bytesMax = limits.bytesMax;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Nothing more will fit: what would be pushed need not be made. */
  get full(): boolean {
    return this.#queue.length === this.#queue.capacity || this.#bytes >= this.#bytesMax;
  }

  /** Returns false when there is no room. */
  push(message: Message): boolean {
    const bytes = message.payload.length;
    if (this.#bytes + bytes > this.#bytesMax || !this.#queue.push(message)) return false;
    this.#bytes += bytes;
    return true;
  }

  shift(): Message | undefined {
    const message = this.#queue.shift();
    if (message !== undefined) this.#bytes -= message.payload.length;
    return message;
  }
}
