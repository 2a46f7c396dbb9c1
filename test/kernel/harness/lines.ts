/** Lines of a stream as they come, kept, with a way to wait for one. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export class Lines {
  readonly #seen: string[] = [];
  readonly #listeners = new Set<() => void>();
  #ended = false;

  constructor(stream: Readable) {
    const reader = createInterface({ input: stream });
    reader.on('line', (line) => {
      this.#seen.push(line);
      this.#notify();
    });
    reader.on('close', () => {
      this.#ended = true;
      this.#notify();
    });
  }

  get seen(): readonly string[] {
    return this.#seen;
  }

  /**
   * Looks again after each line, until `look` returns something. Undefined when the stream ends or the time is up: the
   * caller knows what that means.
   */
  async until<Found>(look: () => Found | undefined, timeoutMs: number): Promise<Found | undefined> {
    const found = look();
    if (found !== undefined || this.#ended) return found;
    return new Promise((resolve) => {
      const done = (result: Found | undefined) => {
        this.#listeners.delete(check);
        clearTimeout(timer);
        resolve(result);
      };
      const check = () => {
        const result = look();
        if (result !== undefined || this.#ended) done(result);
      };
      const timer = setTimeout(() => done(look()), timeoutMs);
      this.#listeners.add(check);
    });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
