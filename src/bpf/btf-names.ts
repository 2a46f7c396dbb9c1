/** Finds types by name among tens of thousands: a hash table in typed arrays, over names that stay where they lie. */

/** So much of a name takes part in its hash: longer ones are rare, and endless ones are not worth reading. */
const HASHED_BYTES_MAX = 128;

const encoder = new TextEncoder();

export class NameIndex {
  readonly #strings: Uint8Array;
  readonly #names: Uint32Array;
  /** By hash, the entry to look at first, and by entry, the one to look at next; both count from 1, and 0 ends. */
  readonly #first: Uint32Array;
  readonly #next: Uint32Array;

  /** `names`: where in `strings`, which end in NUL, the name of each entry starts. */
  constructor(strings: Uint8Array, names: Uint32Array) {
    this.#strings = strings;
    this.#names = names;
    this.#first = new Uint32Array(powerOfTwoAbove(names.length));
    this.#next = new Uint32Array(names.length + 1);
    // Backwards, so that of entries with one name the first comes first.
    const mask = this.#first.length - 1;
    for (let entry = names.length; entry > 0; entry -= 1) {
      const slot = hash(strings, names[entry - 1] ?? 0) & mask;
      this.#next[entry] = this.#first[slot] ?? 0;
      this.#first[slot] = entry;
    }
  }

  /** The first entry of this name, counted from 0. */
  find(name: string): number | undefined {
    const wanted = encoder.encode(`${name}\0`);
    let entry = this.#first[hash(wanted, 0) & (this.#first.length - 1)] ?? 0;
    while (entry !== 0) {
      if (this.#isAt(this.#names[entry - 1] ?? 0, wanted)) return entry - 1;
      entry = this.#next[entry] ?? 0;
    }
    return undefined;
  }

  #isAt(start: number, wanted: Uint8Array): boolean {
    for (let at = 0; at < wanted.length; at += 1) {
      if (this.#strings[start + at] !== wanted[at]) return false;
    }
    return true;
  }
}

/** FNV-1a, of 32 bits, its upper half folded into the lower, which picks the slot. */
function hash(text: Uint8Array, start: number): number {
  const end = Math.min(start + HASHED_BYTES_MAX, text.length);
  let value = 0x811c_9dc5;
  for (let at = start; at < end; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === 0) break;
    value = Math.imul(value ^ byte, 0x0100_0193);
  }
  return value ^ (value >>> 16);
}

function powerOfTwoAbove(count: number): number {
  return 2 ** Math.ceil(Math.log2(count + 2));
}
