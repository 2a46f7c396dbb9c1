/** A table of NUL-ended strings, each stored once, as ELF and BTF have them; offset 0 is the empty string. */
import { assert } from '#std';

const encoder = new TextEncoder();

export class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]]);
  #length = 1;

  /** Returns the offset of `text`, adding it if it is new. */
  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    assert(!text.includes('\0'), 'a NUL cannot stand in a string table');
    const offset = this.#length;
    this.#offsets.set(text, offset);
    this.#length += encoder.encode(text).length + 1;
    return offset;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const table = new Uint8Array(this.#length);
    for (const [text, offset] of this.#offsets) table.set(encoder.encode(text), offset);
    return table;
  }
}
