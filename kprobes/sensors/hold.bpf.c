// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Before an exec. One program does two things, as each program costs what its hook does.
 *
 * Where a container is not known yet, no policy of its pod is enforced on it. In a pod that must not run so, what would
 * be executed is held back until the container is known: whoever starts it may try again.
 *
 * Its runtime has to get as far as to tell of it. runc before 1.2 executes itself anew in the cgroup of the container,
 * and later ones begin there, all before they leave the namespaces of the host: what is in those is not held back.
 */
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/cgroup.h>
#include <ringfence/host.h>
#include <ringfence/workload.h>

/*
 * Before the exec ends all other threads: the one that does it becomes the leader, and what is kept with the old leader
 * would be lost with it.
 */
static __always_inline void carry_along(struct task_struct *task)
{
	struct rf_process *process;

	if (task->pid == task->tgid)
		return;
	process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);
	bpf_task_storage_delete(&rf_processes, task); /* of an exec that failed */
	if (process)
		bpf_task_storage_get(&rf_processes, task, process, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline void tell(struct rf_scratch *scratch, struct rf_process *process, struct linux_binprm *bprm,
				 s32 verdict)
{
	struct rf_record_held *record = (void *)scratch->record;
	const char *name = BPF_CORE_READ(bprm, filename);

	rf_record_begin(scratch, RF_RECORD_HELD, RF_RING_VERDICT, sizeof(*record));
	record->process = process->key;
	record->cgroup_id = rf_cgroup_id(bpf_get_current_task_btf());
	record->verdict = verdict;
	record->flags = (verdict ? 0 : RF_HELD_MONITOR) |
			(process->flags & RF_PROCESS_LATE ? RF_HELD_PROCESS_UNKNOWN : 0);
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	__builtin_memset(record->name, 0, sizeof(record->name));
	bpf_probe_read_kernel_str(record->name, sizeof(record->name), name);
	rf_record_submit(scratch);
}

static __always_inline int hold(struct linux_binprm *bprm)
{
	struct rf_workload *workload = rf_workload_current();
	struct rf_control *control = rf_control_word();
	struct rf_scratch *scratch;
	struct rf_process *process;
	s32 verdict = -EAGAIN;

	if (!workload || !control || !(*(volatile u32 *)&workload->state & RF_WORKLOAD_HOLD))
		return 0;
	if (rf_is_host(bpf_get_current_task_btf()))
		return 0;
	if (*(volatile u32 *)&control->mode == RF_MODE_MONITOR)
		verdict = 0;
	scratch = rf_scratch_claim();
	if (scratch) {
		process = rf_process_current(scratch);
		if (process->flags & RF_PROCESS_EXEMPT) {
			rf_scratch_release(scratch);
			return 0;
		}
		tell(scratch, process, bprm, verdict);
		rf_scratch_release(scratch);
	}
	__sync_fetch_and_add(&control->exec_held, 1);
	return verdict;
}

SEC("lsm/bprm_creds_for_exec")
int BPF_PROG(rf_exec_begin, struct linux_binprm *bprm)
{
	carry_along(bpf_get_current_task_btf());
	return hold(bprm);
}
