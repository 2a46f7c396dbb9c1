/** The last lines of the agent's log, for the support bundle. */

const LINE_LENGTH_MAX = 4096;

export class LogTail {
  readonly #lines: string[] = [];
  readonly #linesMax: number;

  constructor(linesMax = 1000) {
    this.#linesMax = linesMax;
  }

  add(line: string): void {
    const text = line.trimEnd();
    this.#lines.push(text.length > LINE_LENGTH_MAX ? `${text.slice(0, LINE_LENGTH_MAX)}…` : text);
    if (this.#lines.length > this.#linesMax) this.#lines.shift();
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
