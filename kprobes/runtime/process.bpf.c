// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The process that reached a hook.
 *
 * lsm/task_alloc and lsm/bprm_committing_creds keep rf_processes right, and LSM programs are never skipped. Three
 * cases remain: a process older than the sensor that the iterator has not reached yet; an exec that found no scratch
 * or no storage, so that the state is still of the image before (self_exec_id tells); and 6.1, where a lookup fails
 * while a task preempted in task storage waits on the same CPU (bpf_task_storage_busy, gone for LSM programs since
 * 6.2). All are answered from what the kernel still knows, never with "not concerned".
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

/* What the kernel itself knows of the image that @task runs at this moment. Uses path slot 1 and leaves it clear. */
static __always_inline void fill_late(struct rf_process *process, struct task_struct *task, struct rf_scratch *scratch)
{
	/* not the leader's: a leader that has left has none, though its threads go on */
	struct mm_struct *mm = task->flags & PF_KTHREAD ? NULL : BPF_CORE_READ(task, mm);
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;

	process->key = rf_process_forked_key(task->group_leader);
	process->parent = rf_process_forked_key(BPF_CORE_READ(task, group_leader, real_parent, group_leader));
	process->exec_id = task->self_exec_id;
	process->flags = RF_PROCESS_LATE;
	rf_path_clear(scratch, 1);
	rf_path_of_file(scratch, 1, file);
	rf_process_binary(process, scratch, 1);
	rf_path_clear(scratch, 1);
	if (!file && !(task->flags & PF_KTHREAD))
		process->flags |= RF_PROCESS_BINARY_UNKNOWN;
}

/*
 * Makes the state of a process of which there is none, or one that no longer holds: @known. It is made aside and put
 * in place as a whole: other threads of the process may be at hooks, too, and must never see half of it.
 */
static __always_inline struct rf_process *classify(struct rf_scratch *scratch, struct task_struct *task,
						   struct rf_process *known)
{
	struct rf_process *fresh = &scratch->process, *stored;
	struct rf_control *control = rf_control_word();

	fill_late(fresh, task, scratch);
	if (known && known->exec_id == fresh->exec_id) {
		/* only the name of the binary was wanting */
		if (fresh->flags & RF_PROCESS_BINARY_UNKNOWN)
			return known;
		fresh->key = known->key;
		fresh->parent = known->parent;
		fresh->flags = known->flags & ~RF_PROCESS_BINARY_UNKNOWN;
	} else {
		/* the agent marks itself by a state that holds nothing else */
		if (known && !known->exec_id)
			fresh->flags |= known->flags & RF_PROCESS_EXEMPT;
		if (control)
			__sync_fetch_and_add(&control->process_late, 1);
	}
	if (known)
		bpf_task_storage_delete(&rf_processes, task->group_leader);
	stored = bpf_task_storage_get(&rf_processes, task->group_leader, fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (stored)
		return stored;
	if (control)
		__sync_fetch_and_add(&control->process_refused, 1);
	return fresh;
}

/* Never null. To be called before any path of the hook is read. */
__hidden __noinline struct rf_process *rf_process_current(struct rf_scratch *scratch)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_process *process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);

	if (!process || process->exec_id != task->self_exec_id || process->flags & RF_PROCESS_BINARY_UNKNOWN)
		return classify(scratch, task, process);
	/* lsm/task_alloc runs before pid and start time are known */
	if (!process->key.pid)
		process->key = rf_process_forked_key(task->group_leader);
	return process;
}
