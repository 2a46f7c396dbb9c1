/** Events to whoever listens now; nothing is kept for who comes later. */
import type { Event } from '#events';

export class EventBus {
  readonly #listeners = new Set<(event: Event) => void>();

  publish(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Returns what ends it. `listener` does not throw, and does not wait. */
  subscribe(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
