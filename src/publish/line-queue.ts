/** Lines that wait to be written: bounded, the last part of the room being kept for verdicts. */

/** What a flood of observations can take of the room. */
export const OBSERVATIONS_SHARE = 0.75;

export class LineQueue {
  readonly #charactersMax: number;
  #lines: string[] = [];
  /** Lines before this one are taken. */
  #head = 0;
  #characters = 0;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  get length(): number {
    return this.#lines.length - this.#head;
  }

  /** Whether a line may be added: what may not need not be made. Asked before its length is known, and so a line over. */
  hasRoom(verdict: boolean): boolean {
    return this.#characters < (verdict ? this.#charactersMax : this.#charactersMax * OBSERVATIONS_SHARE);
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
  }

  /** The oldest lines, with their ends, up to about so many characters; empty when there are none. */
  take(charactersMax: number): string {
    const first = this.#head;
    let characters = 0;
    for (; this.#head < this.#lines.length && characters < charactersMax; this.#head += 1) {
      characters += (this.#lines[this.#head]?.length ?? 0) + 1;
    }
    if (this.#head === first) return '';
    const text = `${this.#lines.slice(first, this.#head).join('\n')}\n`;
    this.#characters -= characters;
    this.#forget();
    return text;
  }

  /** Lets go of what is taken, once it is the greater part. */
  #forget(): void {
    if (this.#head * 2 < this.#lines.length) return;
    this.#lines = this.#lines.slice(this.#head);
    this.#head = 0;
  }
}
