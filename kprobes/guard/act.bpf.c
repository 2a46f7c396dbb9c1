// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is done about an attempt: it is counted, refused or not, and told of, within a bound: the ring is shared. */
#include <ringfence/guard.h>
#include <ringfence/maps.h>
#include <ringfence/process.h>
#include <ringfence/record.h>
#include <ringfence/cgroup.h>

#define SECOND_NS 1000000000ull

/* Two at the same moment may both begin a new second: then a few more are told of. */
static __always_inline bool may_tell(struct rf_guard *guard)
{
	u64 now = bpf_ktime_get_ns();

	if (now - guard->window_ns > SECOND_NS) {
		guard->window_ns = now;
		guard->told = 0;
	}
	return __sync_fetch_and_add(&guard->told, 1) < RF_TAMPER_TOLD_MAX;
}

static __always_inline bool is_monitoring(void)
{
	struct rf_control *control = rf_control_word();

	return control && *(volatile u32 *)&control->mode == RF_MODE_MONITOR;
}

/* By a branch: of a number that is computed the verifier does not see how large it can be. */
static __always_inline s64 answer(bool refused)
{
	if (!refused)
		return 0;
	barrier();
	return -EPERM;
}

/* What records told of this process; it is not asked for more than that, as who tampers need not match anything. */
static __always_inline u32 fill_process(struct rf_process_key *key, struct task_struct *task)
{
	struct rf_process *process = bpf_task_storage_get(&rf_processes, task->group_leader, 0, 0);

	if (process && process->exec_id == task->self_exec_id && process->key.pid) {
		*key = process->key;
		return process->flags & RF_PROCESS_LATE ? RF_TAMPER_PROCESS_UNKNOWN : 0;
	}
	*key = rf_process_forked_key(task->group_leader);
	return RF_TAMPER_PROCESS_UNKNOWN;
}

__hidden __noinline s64 rf_guard_act(u32 what, u32 deny, u64 subject, u32 detail, u64 name)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();
	struct rf_record_tamper *record;
	struct rf_scratch *scratch;
	bool refused = deny && !is_monitoring();
	u32 flags = 0;

	if (!guard)
		return 0;
	__sync_fetch_and_add(refused ? &guard->denied : &guard->seen, 1);
	scratch = may_tell(guard) ? rf_scratch_claim() : NULL;
	if (!scratch) {
		__sync_fetch_and_add(&guard->untold, 1);
		return answer(refused);
	}
	if (deny && !refused)
		flags |= RF_TAMPER_MONITOR;
	if (rf_is_host(task))
		flags |= RF_TAMPER_HOST;
	rf_record_begin(scratch, RF_RECORD_TAMPER, RF_RING_VERDICT, sizeof(*record));
	record = (void *)scratch->record;
	flags |= fill_process(&record->process, task);
	record->cgroup_id = rf_cgroup_id(task);
	record->subject = subject;
	record->what = what;
	record->detail = detail;
	record->verdict = refused ? -EPERM : 0;
	record->flags = flags;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	__builtin_memset(record->name, 0, sizeof(record->name));
	if (name)
		bpf_probe_read_kernel_str(record->name, sizeof(record->name), (void *)name);
	if (rf_record_submit(scratch))
		__sync_fetch_and_add(&guard->untold, 1);
	rf_scratch_release(scratch);
	return answer(refused);
}
