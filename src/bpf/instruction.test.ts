import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailed } from '#std';
import { decode, encode, type Instruction } from './instruction.ts';

const table: readonly (readonly [string, Instruction, string])[] = [
  ['r1 = r6', { opcode: 0xbf, dst: 1, src: 6, offset: 0, immediate: 0 }, 'bf61000000000000'],
  ['r0 = -1', { opcode: 0xb7, dst: 0, src: 0, offset: 0, immediate: -1 }, 'b7000000ffffffff'],
  ['r3 = *(u32 *)(r10 - 4)', { opcode: 0x61, dst: 3, src: 10, offset: -4, immediate: 0 }, '61a3fcff00000000'],
  ['the widest offset', { opcode: 0x05, dst: 0, src: 0, offset: 0x7fff, immediate: 0 }, '0500ff7f00000000'],
  ['the narrowest', { opcode: 0x05, dst: 0, src: 0, offset: -0x8000, immediate: 0 }, '0500008000000000'],
];

for (const [name, instruction, hex] of table) {
  test(`encode and decode: ${name}`, () => {
    assert.equal(Buffer.from(encode([instruction])).toString('hex'), hex);
    assert.deepEqual(decode(Buffer.from(hex, 'hex')), [instruction]);
  });
}

test('decode and encode are inverse on any bytes', () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 167 + (index >> 5) * 31) & 0xff);
  assert.deepEqual(encode(decode(bytes)), bytes);
});

test('decode reads from the middle of a larger buffer', () => {
  const bytes = Buffer.from('ffffffffb7000000ffffffff', 'hex').subarray(4);
  assert.equal(decode(bytes)[0]?.opcode, 0xb7);
});

test('decode refuses part of an instruction', () => {
  assert.throws(() => decode(new Uint8Array(12)), AssertionFailed);
});
