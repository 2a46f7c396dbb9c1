/** The names of system calls: which they are, of which width, and what a hook on each is called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSyscallEntry, readSyscallName } from './syscall-name.ts';

const names = [
  ['sys_openat', 'openat', 64, 'sys_openat'],
  ['__x64_sys_openat', 'openat', 64, '__x64_sys_openat'],
  ['__arm64_sys_openat', 'openat', 64, '__arm64_sys_openat'],
  ['__ia32_sys_dup', 'dup', 32, '__ia32_sys_dup'],
  ['__ia32_compat_sys_ioctl', 'ioctl', 32, '__ia32_compat_sys_ioctl'],
  ['__arm64_compat_sys_ioctl', 'ioctl', 32, '__arm64_compat_sys_ioctl'],
  ['x64/sys_dup', 'dup', 64, '__x64_sys_dup'],
  ['i386/sys_dup', 'dup', 32, '__ia32_sys_dup'],
  ['arm64/sys_dup', 'dup', 64, '__arm64_sys_dup'],
  ['sys__llseek', '_llseek', 64, 'sys__llseek'],
] as const;

for (const [written, name, width, symbol] of names) {
  test(`a system call: ${written}`, () => {
    assert.deepEqual(readSyscallName(written), { name, width, symbol });
    assert.equal(isSyscallEntry(written), written.startsWith('__'));
  });
}

const others = [
  ...['', 'openat', 'sys_', 'sys_Openat', 'security_file_open', '__sys_setuid', '__se_sys_openat', '__do_sys_openat'],
  ...['__x64_openat', 'i386/dup', 'x64/__x64_sys_dup', 'mips/sys_dup', 'constructor/sys_dup', '/sys_dup', 'ksys_read'],
];

for (const written of others) {
  test(`not a system call: "${written}"`, () => {
    assert.equal(readSyscallName(written), undefined);
    assert.equal(isSyscallEntry(written), false);
  });
}
