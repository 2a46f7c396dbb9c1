// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The end of a process: when its last thread leaves. And of each thread: what it was in the midst of is told. */
#include <ringfence/maps.h>
#include <ringfence/process.h>
#include <ringfence/record.h>

/* What wait(2) will report: kernel/exit.c wait_task_zombie(). */
static __always_inline u32 wait_status(struct task_struct *leader)
{
	struct signal_struct *signal = leader->signal;

	if (signal->flags & SIGNAL_GROUP_EXIT)
		return signal->group_exit_code;
	return leader->exit_code;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(rf_exit, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct rf_record_exit record = {};
	struct rf_process *process;

	rf_calls_abandon(task);
	if (task->signal->live.counter)
		return 0;
	process = bpf_task_storage_get(&rf_processes, leader, 0, 0);
	/* Two last threads may both see a count of zero: the first one tells. */
	if (process && __sync_fetch_and_or(&process->flags, RF_PROCESS_EXITED) & RF_PROCESS_EXITED)
		return 0;
	if (process) {
		if (!process->key.pid)
			process->key = rf_process_forked_key(leader);
		record.process = process->key;
	} else {
		record.process = rf_process_forked_key(leader);
	}
	record.status = wait_status(leader);
	rf_record_head(&record.record, RF_RECORD_EXIT);
	rf_record_submit_small(&record.record, sizeof(record));
	return 0;
}
