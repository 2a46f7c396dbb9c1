/** A text with its lines: turns offsets into spans. */
import type { Span } from '#diagnostics';

/** A line is shown, and kept for BPF line info, up to here. */
const lineTextMax = 512;

export class SourceText {
  readonly file: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
  }

  /** The span of the characters from `start` up to, not including, `end`; white space at its end does not count. */
  span(start: number, end: number): Span {
    const from = Math.min(Math.max(0, start), this.text.length);
    const to = from + this.text.slice(from, Math.max(from, end)).trimEnd().length;
    const first = this.#lineOf(from);
    const last = this.#lineOf(to);
    return {
      file: this.file,
      line: first + 1,
      column: from - this.#lineStart(first) + 1,
      endLine: last + 1,
      endColumn: to - this.#lineStart(last) + 1,
      text: this.#lineText(first),
    };
  }

  #lineStart(line: number): number {
    return this.#lineStarts[line] ?? this.text.length;
  }

  #lineText(line: number): string {
    const start = this.#lineStart(line);
    const end = Math.min(this.#lineStart(line + 1), start + lineTextMax);
    return this.text.slice(start, end).replace(/[\r\n]+$/, '');
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#lineStart(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
