// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The processes that were there before the sensor: a task iterator makes their state and writes the same exec
 * records into its sequence file, which cannot overflow: the reader sets the pace.
 */
#include <ringfence/follow.h>
#include <ringfence/path.h>
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/image.h>
#include <ringfence/cgroup.h>

static __always_inline void append_argv(struct rf_scratch *scratch, struct task_struct *task)
{
	struct rf_record_exec *record = (void *)scratch->record;
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	u64 begin = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end);
	u32 cursor = scratch->cursor, length;

	record->argv.offset = cursor;
	record->argv.length = 0;
	if (end <= begin || cursor > RF_RECORD_MAX - RF_ARGV_MAX)
		return;
	if (end - begin > RF_ARGV_MAX) {
		record->flags |= RF_EXEC_ARGV_TRUNCATED;
		length = RF_ARGV_MAX;
	} else {
		length = end - begin;
	}
	if (bpf_copy_from_user_task(&scratch->record[cursor], length, (void *)begin, task, 0)) {
		record->flags |= RF_EXEC_ARGV_ERROR;
		return;
	}
	record->argv.length = length;
	scratch->cursor = cursor + length;
	rf_record_pad(scratch);
}

/* Fills record and process in the scratch from what the task is now. */
static __always_inline void describe(struct rf_scratch *scratch, struct task_struct *task)
{
	struct rf_process *process = &scratch->process;
	const struct cred *cred = task->cred;
	struct mm_struct *mm = task->mm;
	struct rf_record_exec *record;

	rf_image_begin(scratch, RF_RING_COUNT);
	record = (void *)scratch->record;
	record->process = process->key;
	record->parent = process->parent;
	record->cgroup_id = rf_cgroup_id(task);
	record->ns_pid = rf_namespace_pid(task);
	record->flags = RF_EXEC_SEEDED | RF_EXEC_CLONE;
	record->argc = 0;
	record->record.tid = task->pid;
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
	rf_image_credentials(scratch, task, cred);
	rf_image_namespaces(scratch, task, cred);
	rf_image_file(scratch, process, mm ? mm->exe_file : NULL);
	rf_image_cwd(scratch, task);
	append_argv(scratch, task);
}

/* Returns 0 when the record is written; otherwise the iterator comes back to the same task. */
static __always_inline long tell(struct rf_scratch *scratch, struct seq_file *seq)
{
	struct rf_record *record = (void *)scratch->record;
	u32 length = scratch->cursor;

	if (length > RF_RECORD_MAX)
		return -1;
	record->length = length;
	return bpf_seq_write(seq, scratch->record, length);
}

SEC("iter.s/task")
int rf_seed(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct seq_file *seq = context->meta->seq;
	struct rf_scratch *scratch;
	struct rf_process *process, *fresh;

	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD || !BPF_CORE_READ(task, mm))
		return 0;
	process = bpf_task_storage_get(&rf_processes, task, 0, 0);
	/* Forked or executed since the sensor was attached: a record is in the ring already. */
	if (process && process->key.start_ns && !(process->flags & RF_PROCESS_LATE))
		return 0;
	scratch = rf_scratch_claim_sleepable();
	if (!scratch)
		return 0;
	scratch->mount_namespace = (u64)BPF_CORE_READ(task, nsproxy, mnt_ns);
	fresh = &scratch->process;
	fresh->key = rf_process_forked_key(task);
	fresh->parent = rf_process_forked_key(task->real_parent->group_leader);
	fresh->exec_id = task->self_exec_id;
	fresh->flags = RF_PROCESS_LATE;
	rf_follow_clear(fresh);
	describe(scratch, task);
	/* It executed meanwhile, or left: that has records of its own, and what was read may be of either image. */
	if (task->self_exec_id != fresh->exec_id || !BPF_CORE_READ(task, mm))
		goto release;
	if (!process) { /* in one piece: its threads may be at hooks; if one of them was first, its state stands */
		rf_process_was_there(fresh);
		process = bpf_task_storage_get(&rf_processes, task, fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
	}
	if (!tell(scratch, seq) && process)
		__sync_fetch_and_and(&process->flags, ~RF_PROCESS_LATE);
release:
	rf_scratch_release_sleepable(scratch);
	return 0;
}
