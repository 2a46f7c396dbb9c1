/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lists whose members' descendants count too (matchBinaries with followChildren, matchPIDs with followForks): a bit
 * for each, inherited over fork and kept over exec. When lists change, the bits of a process are made anew when it is
 * next met: those of lists that stayed the same are kept, the others come from what it and its living ancestors are.
 */
#ifndef RINGFENCE_FOLLOW_H
#define RINGFENCE_FOLLOW_H

#include <ringfence/maps.h>
#include <ringfence/identity.h>

u64 rf_follow_kept(u32 generation);
/* Brings the bits of the calling process, whose state this is, up to date: with the lists, and with what it is now. */
int rf_follow_update(struct rf_scratch *scratch, struct rf_process *process);

static __always_inline u32 rf_follow_generation(void)
{
	struct rf_control *control = rf_control_word();

	return control ? *(volatile u32 *)&control->follow_generation : 0;
}

/* Of a process whose bits nobody has made yet. */
static __always_inline void rf_follow_clear(struct rf_process *process)
{
	process->follow = 0;
	process->own = 0;
	process->follow_generation = rf_follow_generation() - 1;
}

static __always_inline u64 rf_follow_of_pid(u32 pid, u32 in_namespace)
{
	struct rf_follow_pid key = { .pid = pid, .in_namespace = in_namespace };
	u64 *bits = bpf_map_lookup_elem(&rf_follow_pids, &key);

	return bits ? *bits : 0;
}

/* The lists that name the process by its numbers. */
static __always_inline u64 rf_follow_of_task(struct task_struct *leader)
{
	return rf_follow_of_pid(leader->tgid, 0) | rf_follow_of_pid(rf_namespace_pid(leader), 1);
}

#endif
