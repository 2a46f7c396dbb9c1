/** A file that is replaced: whole, for its owner only, and never through what somebody left beside it. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { replaceFile, syncDirectory } from './replace-file.ts';

const root = mkdtempSync(join(tmpdir(), 'replace-file-'));
after(() => rmSync(root, { recursive: true }));

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'each-'));
  path = join(directory, 'file');
});

test('it is made, and replaced', () => {
  for (const text of ['first', 'second, which is longer', '']) {
    replaceFile(path, text);
    assert.equal(readFileSync(path, 'utf8'), text);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ['file']);
  }
});

test('what a crash left unfinished, and a link that somebody put there, are not written to', () => {
  const elsewhere = join(root, 'elsewhere');
  writeFileSync(`${path}.new`, 'half a');
  replaceFile(path, 'whole');
  symlinkSync(elsewhere, `${path}.new`);
  replaceFile(path, 'whole again');
  assert.equal(readFileSync(path, 'utf8'), 'whole again');
  assert.ok(!existsSync(elsewhere));
});

test('where it can not be written, the file of before stays', () => {
  replaceFile(path, 'before');
  mkdirSync(`${path}.new`);
  assert.throws(() => replaceFile(path, 'after'));
  assert.equal(readFileSync(path, 'utf8'), 'before');
  assert.throws(() => syncDirectory(join(directory, 'none')), { code: 'ENOENT' });
});
