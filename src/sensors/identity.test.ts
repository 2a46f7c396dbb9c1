/** Device numbers as stat(2) gives them, back to how the kernel has them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelDevice } from './identity.ts';

/** include/linux/kdev_t.h new_encode_dev(): what stat(2) makes of a device. */
function encoded(major: number, minor: number): bigint {
  return BigInt((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12));
}

const devices = [
  [0, 0],
  [0, 25],
  [8, 1],
  [259, 3],
  [253, 256],
  [4095, 0xfffff],
] as const;

for (const [major, minor] of devices) {
  test(`device ${major}:${minor}`, () => {
    assert.equal(kernelDevice(BigInt.asUintN(32, encoded(major, minor))), major * 2 ** 20 + minor);
  });
}
