// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The process that reached a hook.
 *
 * lsm/task_alloc and lsm/bprm_committing_creds keep rf_processes right, and LSM programs are never skipped. Two
 * cases remain: a process older than the sensor that the iterator has not reached yet, and 6.1, where a lookup
 * fails while a task preempted in task storage waits on the same CPU (bpf_task_storage_busy, gone for LSM
 * programs since 6.2). Both are answered from what the kernel still knows, never with "not concerned".
 */
#include <ringfence/maps.h>
#include <ringfence/path.h>
#include <ringfence/process.h>

/* Writes the executable's path, which a slot holds, into the process. */
__hidden __noinline int rf_process_binary(struct rf_process *process, struct rf_scratch *scratch, u32 slot)
{
	struct rf_path *path;
	u32 start, length;

	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	start = path->start;
	length = path->length;
	if (path->flags & (RF_PATH_UNSTABLE | RF_PATH_FAULT)) {
		process->flags |= RF_PROCESS_BINARY_UNKNOWN;
		process->binary_length = 0;
		return -1;
	}
	process->flags &= ~RF_PROCESS_BINARY_UNKNOWN;
	process->binary_length = length;
	if (length > RF_BINARY_MAX)
		length = RF_BINARY_MAX;
	if (start > RF_PATH_MAX)
		return -1;
	bpf_probe_read_kernel(process->binary, length, &path->text[start]);
	return 0;
}

/* Fills @process from the image that @leader runs at this moment. Uses path slot 1 and leaves it clear. */
static __always_inline void fill_late(struct rf_process *process, struct task_struct *leader,
				      struct rf_scratch *scratch)
{
	struct task_struct *parent = BPF_CORE_READ(leader, real_parent, group_leader);
	struct mm_struct *mm = BPF_CORE_READ(leader, mm);
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;
	struct rf_control *control = rf_control_word();

	process->key = rf_process_forked_key(leader);
	process->parent = rf_process_forked_key(parent);
	process->flags = RF_PROCESS_LATE;
	rf_path_clear(scratch, 1);
	rf_path_of_file(scratch, 1, file);
	rf_process_binary(process, scratch, 1);
	rf_path_clear(scratch, 1);
	if (control)
		__sync_fetch_and_add(&control->process_late, 1);
}

/* Never null. To be called before any path of the hook is read. */
__hidden __noinline struct rf_process *rf_process_current(struct rf_scratch *scratch)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	struct rf_process *process;
	struct rf_control *control;

	process = bpf_task_storage_get(&rf_processes, leader, 0, 0);
	if (process) {
		/* lsm/task_alloc runs before the pid is known */
		if (!process->key.pid)
			process->key.pid = bpf_get_current_pid_tgid() >> 32;
		return process;
	}
	process = bpf_task_storage_get(&rf_processes, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (process) {
		if (!process->key.pid)
			fill_late(process, leader, scratch);
		return process;
	}
	control = rf_control_word();
	if (control)
		__sync_fetch_and_add(&control->process_refused, 1);
	fill_late(&scratch->process, leader, scratch);
	return &scratch->process;
}
