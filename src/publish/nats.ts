/** Events to NATS: queued within bounds, sent in batches, each batch kept until the server has confirmed it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import type { Event } from '#events';
import { type Message, messages } from './message.ts';
import { connectOnce, HEADER_BYTES_MAX, type NatsServer, reasonText } from './nats-connection.ts';
import { Link } from './nats-link.ts';
import { Outbox } from './outbox.ts';
import { Overflow } from './overflow.ts';
import { isVerdict } from './priority.ts';
import type { Publisher, PublisherLosses } from './publisher.ts';
import type { Place } from './subject.ts';

export type NatsStatus =
  | { readonly kind: 'connected'; readonly server: string }
  | { readonly kind: 'disconnected'; readonly reason: string }
  | { readonly kind: 'retrying'; readonly reason: string; readonly delayMs: number }
  /** The server said no to something that was sent. */
  | { readonly kind: 'refused'; readonly reason: string };

export type NatsPublisherOptions = Place & {
  readonly server: NatsServer;
  /** JSON, without a line end. */
  readonly render: (event: Event) => string;
  /** Told of outages: log it. */
  readonly onStatus?: (status: NatsStatus) => void;
  /** Of each of the two queues: verdicts and losses, and all else. */
  readonly queueMessagesMax?: number;
  readonly queueBytesMax?: number;
  readonly reconnectDelayMs?: { readonly first: number; readonly max: number };
  readonly closeMsMax?: number;
};

const QUEUE_MESSAGES_MAX = 16_384;
const QUEUE_BYTES_MAX = 32 * 1024 * 1024;
const RECONNECT_DELAY_MS = { first: 500, max: 30_000 };
const CLOSE_MS_MAX = 3000;
const BATCH_MESSAGES_MAX = 512;
const BATCH_BYTES_MAX = 1024 * 1024;

export class NatsPublisher implements Publisher {
  readonly losses: PublisherLosses = { refused: 0, undelivered: 0 };
  /** Messages that the server has confirmed. */
  confirmed = 0;

  readonly #options: NatsPublisherOptions;
  readonly #messageOf: (event: Event) => Message;
  /** A flood of observations does not cost a verdict its place. */
  readonly #verdicts: Outbox;
  readonly #observations: Outbox;
  readonly #overflow: Overflow;
  /** Sent, not confirmed: sent again after an outage; consumers know repeats by their message id. */
  #batch: Message[] = [];
  #wake: (() => void) | undefined;
  /** Closing was asked for; and, later, the time for it is over. */
  readonly #stop = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #delivery: Promise<void>;

  /** Connects, or throws one EnvironmentError that says why not. */
  static async connect(options: NatsPublisherOptions): Promise<NatsPublisher> {
    const messageOf = messages(options, options.render);
    const connection = await connectOnce(options.server);
    return new NatsPublisher(options, messageOf, connection);
  }

  private constructor(options: NatsPublisherOptions, messageOf: (event: Event) => Message, connection: NatsConnection) {
    this.#options = options;
    this.#messageOf = messageOf;
    const limits = {
      messagesMax: options.queueMessagesMax ?? QUEUE_MESSAGES_MAX,
      bytesMax: options.queueBytesMax ?? QUEUE_BYTES_MAX,
    };
    this.#verdicts = new Outbox(limits);
    this.#observations = new Outbox(limits);
    this.#overflow = new Overflow('nats', options.nodeName);
    this.#delivery = this.#deliver(connection);
  }

  publish(event: Event): void {
    const queue = isVerdict(event) ? this.#verdicts : this.#observations;
    if (this.#stop.signal.aborted || queue.full || !queue.push(this.#messageOf(event))) {
      this.losses.refused += 1;
      this.#overflow.add(event);
      return;
    }
    this.#rouse();
  }

  async close(): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#stop.abort();
      this.#rouse();
      const deadline = setTimeout(() => this.#giveUp.abort(), this.#options.closeMsMax ?? CLOSE_MS_MAX);
      this.#delivery.finally(() => clearTimeout(deadline));
    }
    await this.#delivery;
  }

  /** Sends until closed; over outages, with one connection after the other. */
  async #deliver(first: NatsConnection): Promise<void> {
    let connection: NatsConnection | undefined = first;
    while (connection !== undefined) {
      this.#tell({ kind: 'connected', server: connection.getServer() });
      void this.#watch(connection);
      const reason = await this.#send(connection);
      await connection.close();
      if (reason === undefined || this.#stop.signal.aborted) break;
      this.#tell({ kind: 'disconnected', reason });
      connection = await this.#reconnect();
    }
    this.losses.undelivered += this.#batch.length + this.#verdicts.length + this.#observations.length;
  }

  /** Returns why the connection ended, or undefined when all is sent and the publisher is closing. */
  async #send(connection: NatsConnection): Promise<string | undefined> {
    using link = new Link(connection, this.#giveUp.signal);
    while (link.ended === undefined) {
      if (this.#batch.length === 0) this.#batch = this.#take();
      if (this.#batch.length === 0) {
        if (this.#stop.signal.aborted) return undefined;
        await link.orEnd(this.#woken());
      } else if (await link.orEnd(this.#transmit(connection))) {
        this.confirmed += this.#batch.length;
        this.#batch = [];
      }
    }
    return link.ended;
  }

  /** Resolves when the server has read the whole batch. */
  async #transmit(connection: NatsConnection): Promise<void> {
    this.#batch = this.#batch.filter((message) => this.#fits(connection, message));
    for (const { subject, payload, headers } of this.#batch) connection.publish(subject, payload, { headers });
    await connection.flush();
  }

  #fits(connection: NatsConnection, message: Message): boolean {
    const limit = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (message.payload.length + HEADER_BYTES_MAX <= limit) return true;
    this.losses.undelivered += 1;
    this.#overflow.addAt(message.timeNs, 1);
    this.#tell({ kind: 'refused', reason: `an event of ${message.payload.length} bytes, the server takes ${limit}` });
    return false;
  }

  #take(): Message[] {
    const batch: Message[] = [];
    const loss = this.#overflow.take();
    if (loss !== undefined) batch.push(this.#messageOf(loss));
    let bytes = 0;
    while (batch.length < BATCH_MESSAGES_MAX && bytes < BATCH_BYTES_MAX) {
      const message = this.#verdicts.shift() ?? this.#observations.shift();
      if (message === undefined) break;
      bytes += message.payload.length;
      batch.push(message);
    }
    return batch;
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Resolves at the next `publish` or `close`. */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Dials until there is a connection; undefined when the publisher is closed meanwhile. */
  async #reconnect(): Promise<NatsConnection | undefined> {
    const { signal } = this.#stop;
    const { first, max } = this.#options.reconnectDelayMs ?? RECONNECT_DELAY_MS;
    for (let delayMs = first; !signal.aborted; delayMs = Math.min(delayMs * 2, max)) {
      // Half of the delay is left to chance: the nodes of a cluster do not all come back in the same instant.
      await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      try {
        return await this.#dial();
      } catch (error) {
        this.#tell({ kind: 'retrying', reason: reasonText(error), delayMs });
      }
    }
    return undefined;
  }

  /** Closing does not wait for a server that takes its time; what it answers later is closed. */
  async #dial(): Promise<NatsConnection | undefined> {
    const { signal } = this.#stop;
    const { promise: stopped, resolve: stop } = Promise.withResolvers<undefined>();
    const onStop = () => stop(undefined);
    signal.addEventListener('abort', onStop);
    try {
      const dialling = connectOnce(this.#options.server);
      const connection = await Promise.race([dialling, stopped]);
      if (connection === undefined) {
        void dialling.then(
          (late) => late.close(),
          () => undefined,
        );
      }
      return connection;
    } finally {
      signal.removeEventListener('abort', onStop);
    }
  }

  /** A message that the server does not permit is dropped there; it says so, later and without the message. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type !== 'error') continue;
      if (status.error instanceof errors.PermissionViolationError) this.losses.undelivered += 1;
      this.#tell({ kind: 'refused', reason: reasonText(status.error) });
    }
  }

  #tell(status: NatsStatus): void {
    this.#options.onStatus?.(status);
  }
}
