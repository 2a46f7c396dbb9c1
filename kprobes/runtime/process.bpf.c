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
#include <ringfence/follow.h>
#include <ringfence/path.h>
#include <ringfence/process.h>

static const char zeroes[RF_BINARY_TAIL];

/*
 * Writes the executable's path, which a slot holds, into the process. Of one that is too long even for a slot the
 * beginning is not known: it is no path to compare with.
 */
__hidden __noinline int rf_process_binary(struct rf_process *process, struct rf_scratch *scratch, u32 slot)
{
	struct rf_path *path;
	u64 start, tail;

	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	if (path->flags & (RF_PATH_UNSTABLE | RF_PATH_FAULT | RF_PATH_TRUNCATED)) {
		process->flags |= RF_PROCESS_BINARY_UNKNOWN;
		process->binary_length = 0;
		return -1;
	}
	process->flags &= ~(RF_PROCESS_BINARY_UNKNOWN | RF_PROCESS_BINARY_ELSEWHERE);
	if (path->flags & RF_PATH_UNREACHABLE)
		process->flags |= RF_PROCESS_BINARY_ELSEWHERE;
	process->binary_length = path->length;
	start = rf_at_most(path->start, RF_PATH_MAX);
	tail = rf_at_most(path->length, RF_BINARY_TAIL);
	bpf_probe_read_kernel(process->binary, rf_at_most(path->length, RF_BINARY_MAX), &path->text[start]);
	__builtin_memcpy(process->binary_tail, &path->text[RF_PATH_MAX - RF_BINARY_TAIL], RF_BINARY_TAIL);
	bpf_probe_read_kernel(process->binary_tail, RF_BINARY_TAIL - tail, zeroes);
	return 0;
}

/* What the kernel itself knows of the image that @task runs at this moment. Uses path slot 1 and leaves it clear. */
static __always_inline void fill_late(struct rf_process *process, struct task_struct *task, struct rf_scratch *scratch)
{
	/* not the leader's: a leader that has left has none, though its threads go on */
	struct mm_struct *mm = task->flags & PF_KTHREAD ? NULL : BPF_CORE_READ(task, mm);
	struct file *file = mm ? BPF_CORE_READ(mm, exe_file) : NULL;

	process->key = rf_process_forked_key(task->group_leader);
	process->parent = rf_process_forked_key(task->group_leader->real_parent->group_leader);
	process->exec_id = task->self_exec_id;
	process->flags = RF_PROCESS_LATE;
	rf_follow_clear(process);
	rf_path_of_file(scratch, 1, file);
	rf_process_binary(process, scratch, 1);
	scratch->paths[1].flags = 0;
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
		fresh->flags = (known->flags & ~RF_PROCESS_BINARY_UNKNOWN) |
			       (fresh->flags & RF_PROCESS_BINARY_ELSEWHERE);
		fresh->follow = known->follow;
		fresh->follow_generation = known->follow_generation;
	} else {
		/* the agent marks itself by a state that holds nothing else */
		if (known && !known->exec_id)
			fresh->flags |= known->flags & RF_PROCESS_EXEMPT;
		if (!known)
			rf_process_was_there(fresh);
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

static __always_inline bool is_known(const struct rf_process *process, const struct task_struct *task)
{
	return process && process->exec_id == task->self_exec_id && !(process->flags & RF_PROCESS_BINARY_UNKNOWN);
}

__noinline int rf_process_renew(struct rf_scratch *given)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_scratch *scratch = given ? rf_scratch_value(given) : NULL;
	struct rf_process *process;

	if (!scratch)
		return -1;
	process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);
	if (!is_known(process, task))
		process = classify(scratch, task, process);
	/* lsm/task_alloc runs before pid and start time are known */
	if (!process->key.pid)
		process->key = rf_process_forked_key(task->group_leader);
	return rf_follow_update(scratch, process);
}

static __always_inline bool is_current(const struct rf_process *process, const struct task_struct *task)
{
	return is_known(process, task) && process->key.pid && process->follow_generation == rf_follow_generation();
}

__hidden __noinline struct rf_process *rf_process_known(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_process *process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);

	return is_current(process, task) ? process : NULL;
}

/* Never null. To be called before any path of the hook is read. */
__hidden __noinline struct rf_process *rf_process_current(struct rf_scratch *scratch)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_process *process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);

	if (is_current(process, task))
		return process;
	rf_process_renew(scratch);
	process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);
	return process ? process : &scratch->process;
}
