/** The numbers behind `host_ns`, as the kernel's links tell them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readHostNamespaces } from './host-namespaces.ts';

test('each link is read, and one that is not there is left out', () => {
  const directory = mkdtempSync(join(tmpdir(), 'namespaces-'));
  try {
    symlinkSync('uts:[4026531838]', join(directory, 'uts'));
    symlinkSync('pid:[4026531836]', join(directory, 'pid_for_children'));
    symlinkSync('/somewhere', join(directory, 'net'));
    assert.deepEqual(readHostNamespaces(directory), { uts: 4026531838, pidForChildren: 4026531836 });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('of a process that runs', () => {
  const { mnt, user } = readHostNamespaces('/proc/self/ns');
  assert.equal(`mnt:[${mnt}]`, readlinkSync('/proc/self/ns/mnt'));
  assert.equal(`user:[${user}]`, readlinkSync('/proc/self/ns/user'));
});
