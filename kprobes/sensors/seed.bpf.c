// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The processes that were there before the sensor: a task iterator makes their state and writes the same exec
 * records into its sequence file, which cannot overflow: the reader sets the pace.
 */
#include <ringfence/maps.h>
#include <ringfence/path.h>
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/image.h>

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

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
	scratch->cursor = cursor + ((length + 7) & ~7u);
}

/* Returns 0 when the record is written; otherwise the iterator comes back to the same task. */
static __always_inline long tell(struct rf_scratch *scratch, struct task_struct *task, struct rf_process *process,
				 struct seq_file *seq)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct rf_record_exec *record;
	u32 length;

	rf_image_begin(scratch, RF_RING_COUNT);
	record = (void *)scratch->record;
	record->process = process->key;
	record->parent = process->parent;
	record->cgroup_id = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	record->ns_pid = rf_namespace_pid(task);
	record->flags = RF_EXEC_SEEDED | RF_EXEC_CLONE;
	record->argc = 0;
	record->record.tid = task->pid;
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
	rf_image_credentials(scratch, task, cred);
	rf_image_namespaces(scratch, task, cred);
	rf_image_file(scratch, process, BPF_CORE_READ(mm, exe_file));
	rf_image_cwd(scratch, task);
	append_argv(scratch, task);
	length = scratch->cursor;
	if (length > RF_RECORD_MAX)
		return -1;
	record->record.length = length;
	return bpf_seq_write(seq, scratch->record, length);
}

SEC("iter.s/task")
int rf_seed(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct seq_file *seq = context->meta->seq;
	struct rf_scratch *scratch;
	struct rf_process *process;

	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD || !BPF_CORE_READ(task, mm))
		return 0;
	process = bpf_task_storage_get(&rf_processes, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!process)
		return 0;
	/* Forked or executed since the sensor was attached: a record is in the ring already. */
	if (process->key.start_ns && !(process->flags & RF_PROCESS_LATE))
		return 0;
	scratch = rf_scratch_claim();
	if (!scratch)
		return 0;
	scratch->mount_namespace = (u64)BPF_CORE_READ(task, nsproxy, mnt_ns);
	process->key = rf_process_forked_key(task);
	process->parent = rf_process_forked_key(BPF_CORE_READ(task, real_parent, group_leader));
	process->flags |= RF_PROCESS_LATE;
	if (!tell(scratch, task, process, seq))
		process->flags &= ~RF_PROCESS_LATE;
	rf_scratch_release(scratch);
	return 0;
}
