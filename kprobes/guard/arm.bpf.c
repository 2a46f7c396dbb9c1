// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Who the agent is, from when to when. It arms the guard by running a program itself, so that the kernel says who that
 * is. It ends with its last thread, or when it executes something else.
 */
#include <ringfence/guard.h>

/* The last of them is the root: whoever is there, is not alone there. */
__hidden __noinline int rf_guard_note_cgroups(struct cgroup *cgroup)
{
	struct cgroup *each = cgroup;
	struct rf_guard *guard = rf_guard_armed();

	if (!guard)
		return -1;
	for (u32 index = 0; index < RF_GUARD_CGROUP_MAX; index++) {
		struct cgroup *parent = each ? BPF_CORE_READ(each, self.parent, cgroup) : NULL;

		guard->cgroups[index] = parent ? BPF_CORE_READ(each, kn, id) : 0;
		each = parent;
	}
	return 0;
}

SEC("syscall")
int rf_guard_arm(struct rf_guard_arm *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 zero = 0;
	struct rf_guard *guard = bpf_map_lookup_elem(&rf_guard, &zero);

	if (!guard || !rf_in_host_pids(task))
		return -EPERM;
	if (!rf_guard_is_agent(guard, task)) {
		/* the first one makes the rule for the others */
		if (!guard->level)
			guard->flags = rf_in_host_mounts(task) ? 0 : RF_GUARD_OTHER_MOUNTS;
		if (guard->agent_pid || !rf_guard_may_adopt(guard, task))
			return -EPERM;
		guard->flags = rf_in_host_mounts(task) ? 0 : RF_GUARD_OTHER_MOUNTS;
		guard->agent_start_ns = BPF_CORE_READ(task, group_leader, start_time);
		guard->armed_ns = bpf_ktime_get_boot_ns();
	}
	guard->directory_device = context->directory_device;
	guard->directory_inode = context->directory_inode;
	guard->level = context->level;
	guard->agent_pid = task->tgid;
	rf_guard_note_cgroups(BPF_CORE_READ(task, cgroups, dfl_cgrp));
	return 0;
}

SEC("syscall")
int rf_guard_list(struct rf_guard_list *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();
	u32 map = context->map, yes = 1;

	if (!guard || !rf_guard_is_agent(guard, task))
		return -EPERM;
	if (context->guarded)
		return bpf_map_update_elem(&rf_guarded, &map, &yes, 0);
	bpf_map_delete_elem(&rf_guarded, &map);
	return 0;
}

SEC("lsm/bprm_committing_creds")
int BPF_PROG(rf_guard_exec, struct linux_binprm *bprm)
{
	struct rf_guard *guard = rf_guard_armed();

	if (guard && rf_guard_is_agent(guard, bpf_get_current_task_btf()))
		guard->agent_pid = 0;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(rf_guard_exit, struct task_struct *task)
{
	struct rf_guard *guard = rf_guard_armed();

	if (guard && rf_guard_is_agent(guard, task) && !BPF_CORE_READ(task, signal, live.counter))
		guard->agent_pid = 0;
	return 0;
}

/* Programs on tracepoints can be skipped, those of LSM can not: the same, later. By then the pid may be another's. */
SEC("lsm/task_free")
int BPF_PROG(rf_guard_free, struct task_struct *task)
{
	struct rf_guard *guard = rf_guard_armed();

	if (guard && rf_guard_is_agent(guard, task) && task->pid == task->tgid &&
	    task->start_time == guard->agent_start_ns)
		guard->agent_pid = 0;
	return 0;
}
