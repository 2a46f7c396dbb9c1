/** The buffer grows in the middle of any kind of write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from './byte-writer.ts';

const writes = [
  ['u8', 1],
  ['u16', 2],
  ['u32', 4],
  ['u64', 8],
] as const;

for (const [write, bytes] of writes) {
  test(`${write} at the end of the room that there is`, () => {
    const writer = new ByteWriter().bytes(new Uint8Array(1024));
    for (let each = 0; each < 300; each += 1) writer[write](each % 256);
    const written = writer.toBytes();
    assert.equal(written.length, 1024 + 300 * bytes);
    assert.deepEqual(
      Array.from({ length: 300 }, (_, each) => written[1024 + each * bytes]),
      Array.from({ length: 300 }, (_, each) => each % 256),
    );
  });
}
