// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A new image: lsm/bprm_committing_creds, the last hook before the old credentials are gone and past the point of
 * no return: the address space is the new one, so is task_struct.self_exec_id, the credentials are still the old.
 * As an LSM program it is never skipped; without scratch the state stays that of another exec_id, which is noticed.
 */
#include <ringfence/follow.h>
#include <ringfence/path.h>
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/image.h>
#include <ringfence/cgroup.h>

struct argv {
	struct rf_scratch *scratch;
	u64 from; /* address in the new stack */
	u32 left; /* room in the record */
	u32 flags;
};

static long copy_argument(u32 index, void *context)
{
	struct argv *argv = context;
	struct rf_scratch *scratch = argv->scratch;
	u32 cursor = scratch->cursor, left = argv->left;
	long length;

	if (left == 0 || left > RF_ARGV_MAX || cursor > RF_RECORD_MAX - RF_ARGV_MAX - 1) {
		argv->flags |= RF_EXEC_ARGV_TRUNCATED;
		return 1;
	}
	/* one byte more than there is room for tells a string that just fits from one that is cut */
	length = bpf_probe_read_user_str(&scratch->record[cursor], left + 1, (void *)argv->from);
	if (length < 0) {
		argv->flags |= RF_EXEC_ARGV_ERROR;
		return 1;
	}
	if (length == 0) { /* strncpy_from_user_nofault() counts the NUL, but not of an empty string */
		scratch->record[cursor] = 0;
		length = 1;
	}
	if (length > left) {
		argv->flags |= RF_EXEC_ARGV_TRUNCATED;
		scratch->cursor = cursor + left;
		return 1;
	}
	scratch->cursor = cursor + length;
	argv->from += length;
	argv->left = left - length;
	return 0;
}

#define FEW_ARGUMENTS 3

/* A loop of the kernel's costs more than what most programs are given. */
static __always_inline void copy_arguments(struct argv *argv, u32 count)
{
	for (u32 index = 0; index < FEW_ARGUMENTS; index++)
		if (index >= count || copy_argument(index, argv))
			return;
	if (count > FEW_ARGUMENTS)
		bpf_loop(count - FEW_ARGUMENTS, copy_argument, argv, 0);
}

/* The strings of argv lie in order at bprm->p of the new stack, which is the current address space by now. */
static __always_inline u32 append_argv(struct rf_scratch *scratch, struct linux_binprm *bprm)
{
	struct rf_record_exec *record = (void *)scratch->record;
	struct argv argv = { .scratch = scratch, .from = bprm->p, .left = RF_ARGV_MAX };
	u32 begin = scratch->cursor;

	record->argc = bprm->argc;
	copy_arguments(&argv, bprm->argc);
	record->argv.offset = begin;
	record->argv.length = scratch->cursor - begin;
	rf_record_pad(scratch);
	return argv.flags;
}

static __always_inline u32 privileges(const struct cred *before, const struct cred *after, u32 mode)
{
	u32 flags = 0;

	if (!before)
		return 0;
	if (mode & S_ISUID && before->euid.val != after->euid.val)
		flags |= RF_EXEC_SETUID;
	if (mode & S_ISGID && before->egid.val != after->egid.val)
		flags |= RF_EXEC_SETGID;
	if (rf_capabilities(&after->cap_permitted) & ~rf_capabilities(&before->cap_permitted) &&
	    before->euid.val == after->euid.val)
		flags |= RF_EXEC_FILE_CAPABILITIES;
	return flags;
}

/* While the agent puts another build of this program in its place, both run: the first one tells. */
static __always_inline bool told_already(const struct rf_process *process, const struct task_struct *task)
{
	return process && process->exec_id == task->self_exec_id &&
	       !(process->flags & (RF_PROCESS_FORKED | RF_PROCESS_LATE));
}

/*
 * What is known of the process before the new image. When the exec was not the leader's, the state came along with
 * the thread, see rf_exec_begin. Where there is none, it is made, or an empty one of the scratch stands in for it.
 */
static __always_inline struct rf_process *previous_image(struct rf_scratch *scratch, struct rf_process *process,
							 struct task_struct *task)
{
	struct rf_control *control;

	if (!process) {
		process = &scratch->process;
		process->exec_id = 0;
		rf_follow_clear(process);
		control = rf_control_word();
		if (control)
			__sync_fetch_and_add(&control->process_refused, 1);
	}
	if (process->exec_id != task->self_exec_id - 1) { /* it counts this exec by now */
		process->key = rf_process_forked_key(task);
		process->parent = rf_process_forked_key(task->real_parent->group_leader);
		process->flags = RF_PROCESS_LATE;
	}
	return process;
}

SEC("lsm/bprm_committing_creds")
int BPF_PROG(rf_exec, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_process *process =
		bpf_task_storage_get(&rf_processes, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	const struct cred *cred = bprm->cred;
	struct rf_record_exec *record;
	struct rf_scratch *scratch;
	u32 flags = 0;

	if (told_already(process, task))
		return 0;
	scratch = rf_scratch_claim();
	if (!scratch)
		return 0;
	process = previous_image(scratch, process, task);
	rf_image_begin(scratch, RF_RING_VERDICT);
	record = (void *)scratch->record;
	if (!process->key.pid)
		process->key = rf_process_forked_key(task);
	if (process->flags & (RF_PROCESS_FORKED | RF_PROCESS_LATE)) {
		flags |= RF_EXEC_CLONE;
		record->parent = process->parent;
	} else {
		record->parent = process->key;
	}
	process->parent = record->parent;
	process->key.start_ns = record->record.time_ns;
	process->exec_id = task->self_exec_id;
	process->flags = 0;
	record->process = process->key;
	record->cgroup_id = rf_cgroup_id(task);
	record->ns_pid = rf_namespace_pid(task);
	record->flags = flags;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	rf_image_credentials(scratch, task, cred);
	rf_image_namespaces(scratch, task, cred);
	rf_image_file(scratch, process, bprm->file);
	rf_follow_update(scratch, process);
	record->flags |= privileges(task->cred, cred, record->binary_mode);
	rf_image_cwd(scratch, task);
	record->flags |= append_argv(scratch, bprm);
	rf_record_submit(scratch);
	rf_scratch_release(scratch);
	return 0;
}
