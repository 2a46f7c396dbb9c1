// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Facts of the system call that the calling task is in; see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/facts.h>
#include <ringfence/arch.h>

#define SYSCALL_32BIT (1ull << 31)

static __always_inline u64 with_width(u32 number, struct task_struct *task)
{
	return rf_arch_is_32bit(task) ? number | SYSCALL_32BIT : number;
}

/* Workers of the kernel, those of io_uring among them, have registers that nobody entered the kernel with. */
static __always_inline bool is_worker(struct task_struct *task)
{
	return task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
}

__noinline u64 rf_syscall64(u64 number)
{
	return with_width(number, bpf_get_current_task_btf());
}

__noinline u64 rf_syscall_current(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 number;

	if (is_worker(task))
		return ~0ull;
	number = rf_arch_syscall_number((const struct pt_regs *)bpf_task_pt_regs(task));
	return number == ~0u ? ~0ull : with_width(number, task);
}

__noinline u64 rf_syscall_argument(u32 index)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (is_worker(task))
		return 0;
	return rf_arch_syscall_argument((const struct pt_regs *)bpf_task_pt_regs(task), index, rf_arch_is_32bit(task));
}
