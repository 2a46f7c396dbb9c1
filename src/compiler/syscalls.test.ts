/** Numbers of system calls, as the kernel's headers have them, and the functions that they enter by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machines } from './arch.ts';
import { syscallName, syscallNumber, systemCallOf } from './syscalls.ts';

const numbers = [
  ['x86_64', 64, 'read', 0n],
  ['x86_64', 64, 'openat', 257n],
  ['x86_64', 64, 'execve', 59n],
  ['x86_64', 64, 'rseq', 334n],
  ['x86_64', 64, 'openat2', 437n],
  ['x86_64', 64, 'mseal', 462n],
  ['x86_64', 64, 'newstat', 4n],
  ['x86_64', 64, 'umount', 166n],
  ['x86_64', 32, 'openat', 0x8000_0000n + 295n],
  ['x86_64', 32, 'socketcall', 0x8000_0000n + 102n],
  ['x86_64', 32, 'mseal', 0x8000_0000n + 462n],
  ['x86_64', 64, 'socketcall', undefined],
  ['aarch64', 64, 'openat', 56n],
  ['aarch64', 64, 'execve', 221n],
  ['aarch64', 64, 'bpf', 280n],
  ['aarch64', 64, 'clone3', 435n],
  ['aarch64', 64, 'open', undefined],
  ['aarch64', 32, 'openat', undefined],
] as const;

for (const [arch, width, name, expected] of numbers) {
  test(`${name} of ${arch}, ${width} bits`, () => assert.equal(syscallNumber({ name, width }, arch), expected));
}

test('a number leads back to its name, in the table of its width', () => {
  assert.equal(syscallName(257, 64, 'x86_64'), 'openat');
  assert.equal(syscallName(295, 32, 'x86_64'), 'openat');
  assert.equal(syscallName(99_999, 64, 'x86_64'), undefined);
  assert.equal(syscallName(56, 32, 'aarch64'), undefined);
});

test('no number is given twice', () => {
  for (const { calls, calls32 } of Object.values(machines)) {
    for (const table of [calls, calls32 ?? new Map<string, number>()]) {
      assert.equal(new Set(table.values()).size, table.size);
    }
  }
});

const entries = [
  ['x86_64', 'sys_openat', '__x64_sys_openat', 'openat'],
  ['x86_64', '__x64_sys_openat', '__x64_sys_openat', 'openat'],
  ['x86_64', 'sys_stat', '__x64_sys_newstat', 'stat'],
  ['x86_64', 'sys_newstat', '__x64_sys_newstat', 'stat'],
  ['x86_64', 'sys_umount2', '__x64_sys_umount', 'umount2'],
  ['x86_64', 'sys_umount', '__x64_sys_umount', 'umount2'],
  ['x86_64', '__ia32_compat_sys_openat', '__ia32_compat_sys_openat', 'openat'],
  ['x86_64', '__arm64_sys_openat', undefined, undefined],
  ['x86_64', '__s390x_sys_openat', undefined, undefined],
  ['aarch64', 'sys_personality', '__arm64_sys_arm64_personality', 'personality'],
  ['aarch64', '__x64_sys_openat', undefined, undefined],
] as const;

for (const [arch, written, entry, name] of entries) {
  test(`${written} on ${arch} enters by ${entry ?? 'nothing'}`, () => {
    const call = systemCallOf(written, arch);
    assert.deepEqual([call?.entry, call?.name], [entry, name]);
  });
}
