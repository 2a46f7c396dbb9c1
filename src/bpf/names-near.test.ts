/** What a hint names: misspellings before names that share words, and nothing rather than anything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesNear } from './names-near.ts';

const NAMES = [
  'vfs_open',
  'vfs_read',
  'do_vfs_open',
  'security_file_open',
  'security_file_permission',
  'tcp_connect',
  'syscalls/sys_enter_openat',
  'tcp_connect',
];

const table = [
  ['letters swapped', 'vfs_opne', ['vfs_open', 'vfs_read', 'do_vfs_open']],
  ['a letter too many', 'tcp_connnect', ['tcp_connect']],
  ['words in another order', 'file_security_open', ['security_file_open', 'security_file_permission']],
  ['the other half of a path', 'sys_enter_openat', ['syscalls/sys_enter_openat']],
  ['nothing like it', 'kmem_cache_free', []],
  ['nothing at all', '', []],
  ['short names: one letter at most', 'abc', []],
] as const;

for (const [name, wanted, expected] of table) {
  test(`names near: ${name}`, () => assert.deepEqual(namesNear(wanted, NAMES, 3), expected));
}

test('names near: no more than asked for, and never the name itself', () => {
  assert.deepEqual(namesNear('vfs_open', NAMES, 1), ['do_vfs_open']);
  assert.deepEqual(namesNear('vfs_open', NAMES, 0), []);
});
