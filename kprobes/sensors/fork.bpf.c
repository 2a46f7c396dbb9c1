// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A new process: its state is made in lsm/task_alloc, which is never skipped, from its parent's; the record
 * follows at the tracepoint, where the pid is known. Threads, io_uring workers among them, share the state
 * of their thread group leader.
 */
#include <ringfence/follow.h>
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/image.h>
#include <ringfence/cgroup.h>

/* What a child inherits has to be what the lists are now: its parent may be gone when somebody asks. */
static __always_inline void update_follow(struct rf_process *process)
{
	struct rf_scratch *scratch;

	if (process->follow_generation == rf_follow_generation())
		return;
	scratch = rf_scratch_claim();
	if (!scratch)
		return;
	rf_follow_update(scratch, process);
	rf_scratch_release(scratch);
}

SEC("lsm/task_alloc")
int BPF_PROG(rf_task_alloc, struct task_struct *task, unsigned long clone_flags)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	struct rf_process *child, *parent;

	if (clone_flags & CLONE_THREAD)
		return 0;
	parent = bpf_task_storage_get(&rf_processes, leader, 0, 0);
	if (!parent)
		return 0;
	update_follow(parent);
	child = bpf_task_storage_get(&rf_processes, task, parent, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!child)
		return 0;
	child->parent = parent->key;
	if (!child->parent.pid)
		child->parent = rf_process_forked_key(leader);
	child->key.pid = 0; /* neither pid nor start time are known yet */
	child->flags = RF_PROCESS_FORKED |
		       (parent->flags & (RF_PROCESS_BINARY_UNKNOWN | RF_PROCESS_BINARY_ELSEWHERE));
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(rf_fork, struct task_struct *parent, struct task_struct *task)
{
	struct rf_record_fork record = { .process = rf_process_forked_key(task) };
	struct rf_process *process;

	if (task->pid != task->tgid)
		return 0;
	process = bpf_task_storage_get(&rf_processes, task, 0, 0);
	if (process) {
		process->key = record.process;
		if (process->follow_generation)
			process->follow |= rf_follow_of_task(task);
		/* both builds of this program run while one replaces the other: the first one tells */
		if (__sync_fetch_and_or(&process->flags, RF_PROCESS_FORK_TOLD) & RF_PROCESS_FORK_TOLD)
			return 0;
		record.parent = process->parent;
	} else {
		record.parent = rf_process_forked_key(parent->group_leader);
	}
	record.cgroup_id = rf_cgroup_id(task); /* CLONE_INTO_CGROUP: not always the parent's */
	record.ns_pid = rf_namespace_pid(task);
	rf_record_head(&record.record, RF_RECORD_FORK);
	rf_record_submit_small(&record.record, sizeof(record));
	return 0;
}
