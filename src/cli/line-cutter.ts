/** Text that comes in pieces, in whole lines: what several streams say can be mixed without being torn. */

/** A line that is longer is cut here: one stream must not keep more than this. */
const LINE_CHARACTERS_MAX = 4 * 1024 * 1024;

export class LineCutter {
  #rest = '';

  /** The lines that are complete with this piece, or nothing. */
  add(text: string): string {
    this.#rest += text;
    const end = this.#rest.lastIndexOf('\n') + 1;
    if (end === 0 && this.#rest.length <= LINE_CHARACTERS_MAX) return '';
    const lines = end === 0 ? `${this.#rest}\n` : this.#rest.slice(0, end);
    this.#rest = end === 0 ? '' : this.#rest.slice(end);
    return lines;
  }

  /** At the end: a last line that has none. */
  rest(): string {
    const text = this.#rest === '' ? '' : `${this.#rest}\n`;
    this.#rest = '';
    return text;
  }
}
