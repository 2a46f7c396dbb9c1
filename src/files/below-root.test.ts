/** Names below another root, with links that would lead out of it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { placeBelow, statBelow } from './below-root.ts';

const directory = mkdtempSync(join(tmpdir(), 'below-root-'));
const root = join(directory, 'root');
after(() => rmSync(directory, { recursive: true }));

mkdirSync(join(root, 'etc/deep/er'), { recursive: true });
mkdirSync(join(directory, 'etc'));
writeFileSync(join(root, 'etc/secret'), '');
writeFileSync(join(root, 'plain'), '');
writeFileSync(join(directory, 'etc/secret'), 'of another root');
for (const [name, target] of [
  ['absolute', '/etc/secret'],
  ['relative', 'etc/secret'],
  ['above', '../../../../../etc/secret'],
  ['directory', '/etc/deep/er'],
  ['chain', 'chain-2'],
  ['chain-2', '/etc/../absolute'],
  ['loop', '/loop'],
  ['nowhere', '/etc/none'],
  ['etc/deep/up', '../../plain'],
  ['through-plain', 'plain/../etc/secret'],
  ['out', directory],
  ['root', '/'],
] as const) {
  symlinkSync(target, join(root, name));
}
for (let link = 1; link <= 41; link += 1) symlinkSync(`/link-${link - 1}`, join(root, `link-${link}`));
symlinkSync('/etc/secret', join(root, 'link-0'));

const table = [
  ['/', '.'],
  ['/etc/secret', 'etc/secret'],
  ['/absolute', 'etc/secret'],
  ['/relative', 'etc/secret'],
  ['/above', 'etc/secret'],
  ['/../../etc/secret', 'etc/secret'],
  ['/directory', 'etc/deep/er'],
  ['/directory/../../secret', 'etc/secret'],
  ['/directory/../up', 'plain'],
  ['/chain', 'etc/secret'],
  ['/root/etc/./secret', 'etc/secret'],
  ['/link-39', 'etc/secret'],
  ['/link-40', undefined],
  ['/loop', undefined],
  ['/nowhere', undefined],
  ['/none/secret', undefined],
  ['/plain/secret', undefined],
  ['/through-plain', undefined],
  ['/plain/.', undefined],
  [`/out`, undefined],
] as const;

for (const [path, expected] of table) {
  test(`${path} is ${expected ?? 'nothing'}`, () => {
    const wanted = expected === undefined ? undefined : statSync(join(root, expected), { bigint: true }).ino;
    assert.equal(statBelow(root, path)?.ino, wanted);
    assert.equal(placeBelow(root, path), expected === undefined ? undefined : join(root, expected));
  });
}

test('the root itself may be a link, and may be missing', () => {
  assert.equal(statBelow(join(root, 'out', 'root'), '/etc/secret')?.size, 0n);
  assert.equal(statBelow(join(directory, 'none'), '/'), undefined);
});
