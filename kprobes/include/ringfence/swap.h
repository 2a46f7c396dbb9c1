/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is told while the programs of policies are replaced. The new ones are attached before the old ones are
 * detached, so for a moment both see a call: both decide, the stricter wins, and one of them tells.
 *
 * It can not be a word that says whose turn it is: a call that is between the two when the word changes would be told
 * twice, or never. So the one that runs first tells, and leaves a mark with the thread; the other one takes the mark
 * away and is silent. Trampolines and kprobes run what was attached last first, tracepoints run it last.
 */
#ifndef RINGFENCE_SWAP_H
#define RINGFENCE_SWAP_H

#include <ringfence/maps.h>

/*
 * An old program at a tracepoint leaves a mark also before the new one is there to take it away. By its age the new one
 * knows it when it looks for the first time: at a tracepoint the second program follows at once.
 */
#define RF_TOLD_FIRST_NS 10000000ull

enum rf_told_answer {
	RF_TOLD_UNKNOWN = 0,
	RF_TOLD_NOT = 1,
	RF_TOLD_BESIDE = 2,
};

static __always_inline void rf_mark_told(struct task_struct *task, u32 hook, u32 epoch)
{
	struct rf_told *told = bpf_task_storage_get(&rf_told, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!told)
		return;
	told->time_ns = bpf_ktime_get_ns();
	told->epoch = epoch;
	told->hook = hook;
}

static __always_inline bool rf_take_mark(struct task_struct *task, u32 hook, u32 epoch)
{
	struct rf_told *told = bpf_task_storage_get(&rf_told, task, 0, 0);
	bool first;

	if (!told)
		return false;
	first = told->looked != epoch;
	told->looked = epoch;
	if (told->hook != hook || told->epoch != epoch)
		return false;
	told->hook = 0;
	return !(hook & RF_HOOK_OLDEST_FIRST) || !first || bpf_ktime_get_ns() - told->time_ns < RF_TOLD_FIRST_NS;
}

/* Whether another program, at the same attach point, told of this call. */
static __always_inline bool rf_told_beside(struct rf_scratch *scratch)
{
	struct rf_control *control = rf_control_word();
	u32 hook = scratch->hook, epoch;

	if (!control || !hook || !*(volatile u32 *)&control->swapping)
		return false;
	if (scratch->told)
		return scratch->told == RF_TOLD_BESIDE;
	epoch = *(volatile u32 *)&control->epoch;
	scratch->told = RF_TOLD_NOT;
	if ((rf_epoch == epoch) != !!(hook & RF_HOOK_OLDEST_FIRST))
		rf_mark_told(bpf_get_current_task_btf(), hook, epoch);
	else if (rf_take_mark(bpf_get_current_task_btf(), hook, epoch))
		scratch->told = RF_TOLD_BESIDE;
	return scratch->told == RF_TOLD_BESIDE;
}

#endif
