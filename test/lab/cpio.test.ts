/** The archive is what another reader of the format takes it for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArchiveEntry, archive } from './cpio.ts';

const HEADER_BYTES = 110;

/** Reads "newc" by its description in the kernel (Documentation/driver-api/early-userspace/buffer-format.rst). */
function unpack(data: Buffer): { path: string; mode: number; content: string }[] {
  const members = [];
  for (let at = 0; ; ) {
    assert.equal(data.toString('latin1', at, at + 6), '070701');
    const field = (index: number) =>
      Number.parseInt(data.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameEnd = at + HEADER_BYTES + field(11);
    const contentStart = (nameEnd + 3) & ~3;
    const contentEnd = contentStart + field(6);
    const path = data.toString('utf8', at + HEADER_BYTES, nameEnd - 1);
    if (path === 'TRAILER!!!') return members;
    members.push({ path, mode: field(1), content: data.toString('utf8', contentStart, contentEnd) });
    at = (contentEnd + 3) & ~3;
  }
}

const table: readonly (readonly [string, ArchiveEntry, ReturnType<typeof unpack>[number]])[] = [
  ['a directory', { kind: 'directory', path: '/etc' }, { path: 'etc', mode: 0o040755, content: '' }],
  ['a link', { kind: 'link', path: '/bin', target: 'usr/bin' }, { path: 'bin', mode: 0o120777, content: 'usr/bin' }],
  ...[0, 1, 2, 3, 4, 5].map(
    (length) =>
      [
        `a file of ${length} bytes`,
        { kind: 'file', path: `/f${'x'.repeat(length)}`, mode: 0o755, content: Buffer.from('y'.repeat(length)) },
        { path: `f${'x'.repeat(length)}`, mode: 0o100755, content: 'y'.repeat(length) },
      ] as const,
  ),
];

for (const [name, entry, expected] of table) {
  test(`cpio: ${name}`, () => assert.deepEqual(unpack(Buffer.concat([...archive([entry])])), [expected]));
}

test('cpio: all of them, in order', () => {
  const data = Buffer.concat([...archive(table.map(([, entry]) => entry))]);
  assert.deepEqual(
    unpack(data),
    table.map(([, , expected]) => expected),
  );
});
