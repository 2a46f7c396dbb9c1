/** Where events go: one port, and the fan-out to several of it. */
import type { Event } from '#events';

export type PublisherLosses = {
  /** Events that found the queue full. */
  refused: number;
  /** Events that the other side does not take: too large, not permitted, or unsent when the publisher was closed. */
  undelivered: number;
};

export type Publisher = {
  /** Takes the event over. Never waits and never throws: what can not be taken is counted, and told as a loss. */
  publish(event: Event): void;
  /** Sends what is queued, within a time limit, and lets go of the connection. Nothing is taken afterwards. */
  close(): Promise<void>;
  readonly losses: Readonly<PublisherLosses>;
};

/** Every event to every publisher; each counts its own losses. */
export function fanOut(publishers: readonly Publisher[]): Publisher {
  return {
    publish(event) {
      for (const publisher of publishers) publisher.publish(event);
    },
    async close() {
      await Promise.all(publishers.map((publisher) => publisher.close()));
    },
    get losses() {
      return publishers.reduce(
        (sum, { losses }) => ({
          refused: sum.refused + losses.refused,
          undelivered: sum.undelivered + losses.undelivered,
        }),
        { refused: 0, undelivered: 0 },
      );
    },
  };
}
