/** What differs from machine to machine: where system calls enter, what they are numbered, and where arguments are. */
import type { Architecture } from '#bpf';
import { syscallsAarch64 } from './syscalls-aarch64.ts';
import { syscallsI386 } from './syscalls-i386.ts';
import type { SyscallTable } from './syscalls-table.ts';
import { syscallsX86 } from './syscalls-x86_64.ts';

export type Machine = {
  /** Functions that system calls enter by begin so. */
  readonly entry: string;
  /** The same of 32-bit calls; both forms may exist of one call. */
  readonly entries32: readonly string[];
  /** By what prefix tracing knows the entries of calls without arguments: another one of the same address. */
  readonly entryAlias: string | undefined;
  readonly calls: SyscallTable;
  readonly calls32: SyscallTable | undefined;
  /** The entry of a call that is called differently, by the name of the call. */
  readonly entryNames: Readonly<Record<string, string>>;
  /** How many arguments of a function are in registers, and so in reach of a trampoline of each supported kernel. */
  readonly argumentRegisters: number;
  readonly registers: SavedRegisters;
};

/** Byte offsets in struct pt_regs, the registers that the kernel saves. */
export type SavedRegisters = {
  /** Arguments of a function. */
  readonly arguments: readonly number[];
  /** Arguments of a system call, within the registers that its wrapper is given. */
  readonly syscallArguments: readonly number[];
  readonly result: number;
};

export const machines: Readonly<Record<Architecture, Machine>> = {
  x86_64: {
    entry: '__x64_sys_',
    entries32: ['__ia32_sys_', '__ia32_compat_sys_'],
    entryAlias: '__do_sys_', // SYSCALL_DEFINE0, arch/x86/include/asm/syscall_wrapper.h
    calls: syscallsX86,
    calls32: syscallsI386,
    entryNames: {
      stat: 'newstat',
      fstat: 'newfstat',
      lstat: 'newlstat',
      uname: 'newuname',
      umount2: 'umount',
      sendfile: 'sendfile64',
    },
    argumentRegisters: 6,
    // arch/x86/include/asm/ptrace.h: di, si, dx, cx or r10, r8, r9; ax
    registers: {
      arguments: [112, 104, 96, 88, 72, 64],
      syscallArguments: [112, 104, 96, 56, 72, 64],
      result: 80,
    },
  },
  aarch64: {
    entry: '__arm64_sys_',
    entries32: ['__arm64_compat_sys_'],
    entryAlias: undefined,
    calls: syscallsAarch64,
    calls32: undefined,
    entryNames: {
      fstat: 'newfstat',
      uname: 'newuname',
      umount2: 'umount',
      sendfile: 'sendfile64',
      fadvise64: 'fadvise64_64',
      personality: 'arm64_personality',
    },
    argumentRegisters: 8,
    // arch/arm64/include/asm/ptrace.h: x0 to x7
    registers: { arguments: [0, 8, 16, 24, 32, 40, 48, 56], syscallArguments: [0, 8, 16, 24, 32, 40], result: 0 },
  },
};
