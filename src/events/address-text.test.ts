import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText } from './address-text.ts';

function octets(groups: readonly number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

const rows = [
  [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
  [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  [[1, 0, 0, 0, 0, 0, 0, 0], '1::'],
  [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
  [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
  [[1, 0, 0, 2, 0, 0, 0, 3], '1:0:0:2::3'],
  [[0xfe80, 0, 0, 0, 0x0abc, 0, 0xff, 0xffff], 'fe80::abc:0:ff:ffff'],
  [[1, 2, 3, 4, 5, 6, 7, 8], '1:2:3:4:5:6:7:8'],
] as const;

for (const [groups, expected] of rows) {
  test(`address: ${expected}`, () => assert.equal(addressText(6, octets(groups), 0), expected));
}

test('address: of IPv4, within other bytes', () => {
  assert.equal(addressText(4, Uint8Array.of(9, 9, 10, 0, 255, 1), 2), '10.0.255.1');
});

test('address: none, and of no version', () => {
  assert.equal(addressText(0, new Uint8Array(16), 0), '');
  assert.equal(addressText(5, new Uint8Array(16), 0), undefined);
});
