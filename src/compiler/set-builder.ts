/** Collects the members of a set: each with the tests that hold of it, those of shorter members included. */
import { bound } from '#abi';
import type { FileIdentity, Network, SetEntry } from './plan.ts';
import { type Bounds, orderedKey, prefixesOf } from './ranges.ts';

/** The first `bits` of `bytes`. */
export type Member = { readonly bytes: Uint8Array; readonly bits: number };

/** Different bytes, different characters: so much is needed of a key. */
const oneByteEach = new TextDecoder('latin1');

const ROW_WORDS = bound.rowWords * 2; // of 32 bits

/** Of a key: an inode number and a device. */
export const IDENTITY_BYTES = 12;

type Entry = Member & { readonly row: Uint32Array };

export class SetBuilder {
  readonly #entries = new Map<string, Entry>();

  addText(member: Member, bit: number): void {
    this.#add(member, bit);
  }

  addRange({ minimum, maximum }: Bounds, signed: boolean, bit: number): void {
    const ordered = { minimum: orderedKey(minimum, signed), maximum: orderedKey(maximum, signed) };
    for (const { value, bits } of prefixesOf(ordered)) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value);
      this.#add({ bytes, bits }, bit);
    }
  }

  addNetwork({ version, bytes, prefixLength }: Network, bit: number): void {
    this.#add({ bytes: Uint8Array.of(version, ...bytes), bits: 8 + prefixLength }, bit);
  }

  addIdentity({ inode, device }: FileIdentity, bit: number): void {
    const bytes = new Uint8Array(IDENTITY_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, inode, true);
    view.setUint32(8, device, true);
    this.#add({ bytes, bits: 8 * IDENTITY_BYTES }, bit);
  }

  /** A lookup finds the longest member that fits, so what holds of shorter ones is added to longer ones. */
  entries(): readonly SetEntry[] {
    const sorted = [...this.#entries.values()].sort(compare);
    const open: Entry[] = [];
    for (const entry of sorted) {
      let outer = open.at(-1);
      while (outer !== undefined && !contains(outer, entry)) {
        open.pop();
        outer = open.at(-1);
      }
      if (outer !== undefined)
        for (const [word, bits] of outer.row.entries()) entry.row[word] = (entry.row[word] ?? 0) | bits;
      open.push(entry);
    }
    return sorted;
  }

  #add({ bytes, bits }: Member, bit: number): void {
    const used = bytes.slice(0, Math.ceil(bits / 8));
    const key = `${bits} ${oneByteEach.decode(used)}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { bytes: used, bits, row: new Uint32Array(ROW_WORDS) };
      this.#entries.set(key, entry);
    }
    const word = bit >> 5;
    entry.row[word] = (entry.row[word] ?? 0) | (1 << (bit & 31));
  }
}

/** Members before those that they contain: by their bytes, then by their length. */
function compare(a: Entry, b: Entry): number {
  const shared = Math.min(a.bytes.length, b.bytes.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (a.bytes[index] ?? 0) - (b.bytes[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.bits - b.bits;
}

function contains(outer: Entry, inner: Entry): boolean {
  if (outer.bits > inner.bits) return false;
  const whole = outer.bits >> 3;
  for (let index = 0; index < whole; index += 1) if (outer.bytes[index] !== inner.bytes[index]) return false;
  const rest = outer.bits & 7;
  if (rest === 0) return true;
  const mask = 0xff & (0xff << (8 - rest));
  return ((outer.bytes[whole] ?? 0) & mask) === ((inner.bytes[whole] ?? 0) & mask);
}
