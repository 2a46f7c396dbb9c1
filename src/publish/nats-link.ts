/** A connection that can end at any time, and waiting that ends with it. */
import type { NatsConnection } from '@nats-io/transport-node';
import { reasonText } from './nats-connection.ts';

export class Link {
  /** Why it is over; undefined while it is not. */
  ended: string | undefined;
  readonly #giveUp: AbortSignal;
  readonly #onGiveUp = () => this.#end('no time left');
  #interrupt: (() => void) | undefined;

  constructor(connection: Pick<NatsConnection, 'closed'>, giveUp: AbortSignal) {
    void connection.closed().then((error) => this.#end(error instanceof Error ? error.message : 'connection closed'));
    this.#giveUp = giveUp;
    giveUp.addEventListener('abort', this.#onGiveUp);
    if (giveUp.aborted) this.#onGiveUp();
  }

  /** The signal outlives many connections. */
  [Symbol.dispose](): void {
    this.#giveUp.removeEventListener('abort', this.#onGiveUp);
  }

  /**
   * Waits for `work`; true when it was done, false when the link ended first, or because of it. Not Promise.race: what
   * is raced against a promise that stays open for weeks stays in memory for as long.
   */
  orEnd(work: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      this.#interrupt = () => resolve(false);
      if (this.ended !== undefined) resolve(false);
      work.then(
        () => resolve(true),
        (error: unknown) => {
          this.#end(reasonText(error));
          resolve(false);
        },
      );
    });
  }

  #end(reason: string): void {
    this.ended ??= reason;
    this.#interrupt?.();
  }
}
