/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which system call a task is in, and with which arguments: all that differs between architectures. */
#ifndef RINGFENCE_ARCH_H
#define RINGFENCE_ARCH_H

#include <ringfence/kernel.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
	unsigned long bp, bx, r10, r9, r8, cx, dx, si, di, orig_ax;
};

#elif defined(__TARGET_ARCH_arm64)

struct user_pt_regs {
	u64 regs[31];
};

struct pt_regs {
	struct user_pt_regs user_regs;
	u64 orig_x0;
	s32 syscallno;
};

#endif

#pragma clang attribute pop

#if defined(__TARGET_ARCH_x86)

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h */

/* In a system call of 32 bits; a task of 64 bits can make one, too. */
static __always_inline bool rf_arch_is_32bit(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

/* The kernel looks at the lower half only; -1 when an interrupt or an exception brought the task here. */
static __always_inline u32 rf_arch_syscall_number(const struct pt_regs *registers)
{
	return registers->orig_ax;
}

static __always_inline u64 rf_arch_syscall_argument(const struct pt_regs *registers, u32 index, bool is_32bit)
{
	switch (index) {
	case 0:
		return is_32bit ? (u32)registers->bx : registers->di;
	case 1:
		return is_32bit ? (u32)registers->cx : registers->si;
	case 2:
		return is_32bit ? (u32)registers->dx : registers->dx;
	case 3:
		return is_32bit ? (u32)registers->si : registers->r10;
	case 4:
		return is_32bit ? (u32)registers->di : registers->r8;
	case 5:
		return is_32bit ? (u32)registers->bp : registers->r9;
	default:
		return 0;
	}
}

#elif defined(__TARGET_ARCH_arm64)

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */

static __always_inline bool rf_arch_is_32bit(struct task_struct *task)
{
	return task->thread_info.flags & 1ull << TIF_32BIT;
}

/* -1 when an interrupt or an exception brought the task here. */
static __always_inline u32 rf_arch_syscall_number(const struct pt_regs *registers)
{
	return registers->syscallno;
}

/* The first register holds the result by the time the call returns. */
static __always_inline u64 rf_arch_syscall_argument(const struct pt_regs *registers, u32 index, bool is_32bit)
{
	u64 value;

	switch (index) {
	case 0:
		value = registers->orig_x0;
		break;
	case 1:
		value = registers->user_regs.regs[1];
		break;
	case 2:
		value = registers->user_regs.regs[2];
		break;
	case 3:
		value = registers->user_regs.regs[3];
		break;
	case 4:
		value = registers->user_regs.regs[4];
		break;
	case 5:
		value = registers->user_regs.regs[5];
		break;
	default:
		value = 0;
	}
	return is_32bit ? (u32)value : value;
}

#else
#error "an architecture whose registers nobody has described"
#endif

#endif
