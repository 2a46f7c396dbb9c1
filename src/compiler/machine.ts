/** The registers that the kernel saves, by architecture: the one place that knows. Source: struct pt_regs. */
import type { Architecture } from '#bpf';

/** Byte offsets in struct pt_regs. */
export type SavedRegisters = {
  /** Arguments of a function. */
  readonly arguments: readonly number[];
  /** Arguments of a system call, within the registers that its wrapper is given. */
  readonly syscallArguments: readonly number[];
  readonly result: number;
};

export const savedRegisters: Readonly<Record<Architecture, SavedRegisters>> = {
  // arch/x86/include/asm/ptrace.h: di, si, dx, cx or r10, r8, r9; ax
  x86_64: { arguments: [112, 104, 96, 88, 72, 64], syscallArguments: [112, 104, 96, 56, 72, 64], result: 80 },
  // arch/arm64/include/asm/ptrace.h: x0 to x7
  aarch64: { arguments: [0, 8, 16, 24, 32, 40, 48, 56], syscallArguments: [0, 8, 16, 24, 32, 40], result: 0 },
};
