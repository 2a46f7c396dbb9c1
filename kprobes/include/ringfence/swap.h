/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is told while the programs of policies are replaced. The new ones are attached before the old ones are
 * detached, so for a moment both see a call: both decide, the stricter wins, and one of them tells.
 *
 * It can not be a word that says whose turn it is: a call that is between the two when the word changes would be told
 * twice, or never. So the one that runs first tells, and leaves a mark with the thread; the other one is silent where
 * it finds the mark. Trampolines and kprobes run what was attached last first, tracepoints run it last.
 */
#ifndef RINGFENCE_SWAP_H
#define RINGFENCE_SWAP_H

#include <ringfence/maps.h>

/*
 * How old a mark may be. Where the new program runs first an old mark does no harm: whoever finds it runs behind one
 * that saw the call. At a tracepoint preemption is off, and the second program follows at once.
 */
#define RF_TOLD_NS 1000000000ull
#define RF_TOLD_TRACEPOINT_NS 1000000ull

static __always_inline void rf_mark_told(struct task_struct *task, u32 hook)
{
	struct rf_told *told = bpf_task_storage_get(&rf_told, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!told)
		return;
	told->time_ns = bpf_ktime_get_ns();
	told->hook = hook;
}

/* Whether another program, at the same attach point, told of this call. */
static __always_inline bool rf_told_beside(u32 hook)
{
	struct rf_control *control = rf_control_word();
	u64 age_max = hook & RF_HOOK_OLDEST_FIRST ? RF_TOLD_TRACEPOINT_NS : RF_TOLD_NS;
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_told *told;
	bool newest;

	if (!control || !hook || !*(volatile u32 *)&control->swapping)
		return false;
	newest = rf_epoch == *(volatile u32 *)&control->epoch;
	if (newest != !!(hook & RF_HOOK_OLDEST_FIRST)) {
		rf_mark_told(task, hook);
		return false;
	}
	told = bpf_task_storage_get(&rf_told, task, 0, 0);
	return told && told->hook == hook && bpf_ktime_get_ns() - told->time_ns < age_max;
}

#endif
