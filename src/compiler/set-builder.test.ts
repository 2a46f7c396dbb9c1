import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetBuilder } from './set-builder.ts';

const encoder = new TextEncoder();
const text = (value: string) => ({ bytes: encoder.encode(value), bits: value.length * 8 });

/** What the kernel's trie finds: the longest member that the key begins with. */
function lookUp(set: SetBuilder, key: Uint8Array): number {
  let best = { bits: -1, row: 0 };
  for (const { bytes, bits, row } of set.entries()) {
    const bitOf = (from: Uint8Array, at: number) => ((from[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    const fits =
      bits <= key.length * 8 && Array.from({ length: bits }).every((_, at) => bitOf(bytes, at) === bitOf(key, at));
    if (fits && bits > best.bits) best = { bits, row: row[0] ?? 0 };
  }
  return best.row;
}

test('what holds of a member holds of all that it contains', () => {
  const set = new SetBuilder();
  set.addText(text('/usr/'), 0);
  set.addText(text('/usr/bin/'), 1);
  set.addText(text('/usr/bin/cat\0'), 2);
  set.addText(text('/etc/'), 3);
  set.addText(text('/'), 4);
  assert.equal(lookUp(set, encoder.encode('/usr/bin/cat\0')), 0b10111);
  assert.equal(lookUp(set, encoder.encode('/usr/bin/catch\0')), 0b10011);
  assert.equal(lookUp(set, encoder.encode('/usr/lib\0')), 0b10001);
  assert.equal(lookUp(set, encoder.encode('/etc/shadow\0')), 0b11000);
  assert.equal(lookUp(set, encoder.encode('usr')), 0);
});

test('equal members of several tests are one member', () => {
  const set = new SetBuilder();
  for (const bit of [0, 31, 32, 1023]) set.addText(text('/a\0'), bit);
  const [only, ...others] = set.entries();
  assert.equal(others.length, 0);
  assert.deepEqual([only?.row[0], only?.row[1], only?.row[31]], [0x8000_0001, 1, 0x8000_0000]);
});

test('networks of different lengths and versions', () => {
  const set = new SetBuilder();
  const network = (version: 4 | 6, bytes: readonly number[], prefixLength: number) => ({
    version,
    bytes: Uint8Array.from(bytes),
    prefixLength,
    span: { file: '', line: 1, column: 1, endLine: 1, endColumn: 1, text: '' },
  });
  set.addNetwork(network(4, [10, 0, 0, 0], 9), 0);
  set.addNetwork(network(4, [10, 0, 0, 0], 24), 1);
  set.addNetwork(network(4, [0, 0, 0, 0], 0), 2);
  set.addNetwork(network(6, Array(16).fill(0), 0), 3);
  assert.equal(lookUp(set, Uint8Array.of(4, 10, 0, 0, 9)), 0b111);
  assert.equal(lookUp(set, Uint8Array.of(4, 10, 127, 0, 9)), 0b101);
  assert.equal(lookUp(set, Uint8Array.of(4, 10, 128, 0, 9)), 0b100);
  assert.equal(lookUp(set, Uint8Array.of(6, ...Array(16).fill(255))), 0b1000);
});

test('ranges of numbers, signed ones in their order', () => {
  const set = new SetBuilder();
  set.addRange({ minimum: -5n, maximum: 5n }, true, 0);
  set.addRange({ minimum: 3n, maximum: 3n }, true, 1);
  const key = (value: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value ^ (1n << 63n)));
    return bytes;
  };
  const rows = [-6n, -5n, 0n, 3n, 5n, 6n].map((value) => lookUp(set, key(value)));
  assert.deepEqual(rows, [0, 1, 1, 3, 1, 0]);
});
