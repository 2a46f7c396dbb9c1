// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is done to the agent as a process. Process 1 and the kernel may stop it. On the host a service manager, a kubelet
 * or a container runtime may, too, unless the level is strict: they are told of. Nobody else may.
 */
#include <ringfence/guard.h>

#define PTRACE_MODE_ATTACH 2 /* include/linux/ptrace.h */

static __always_inline bool is_of_agent(const struct rf_guard *guard, const struct task_struct *task)
{
	return guard && rf_guard_is_agent(guard, task);
}

/* Programs that an agent with another level left stay attached until they are replaced. */
static __always_inline bool is_guarded(const struct rf_guard *guard, const struct task_struct *task)
{
	return is_of_agent(guard, task) && guard->level >= RF_GUARD_LEVEL_AGENT;
}

static __always_inline s64 judge(struct rf_guard *guard, u32 what, u32 detail)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 deny = guard->level >= RF_GUARD_LEVEL_STRICT || !rf_is_host(task);

	if (rf_guard_is_agent(guard, task) || task->tgid == INIT_PID || task->flags & PF_KTHREAD)
		return 0;
	return rf_guard_act(what, deny, guard->agent_pid, detail, 0);
}

/* Not of what the kernel sends: out of memory, the terminal. */
SEC("lsm/task_kill")
s64 BPF_PROG(rf_guard_signal, struct task_struct *target, void *info, int signal, const struct cred *cred)
{
	struct rf_guard *guard = rf_guard_armed();

	return signal && is_guarded(guard, target) ? judge(guard, RF_TAMPER_SIGNAL, signal) : 0;
}

/* Who set it up is not the one at hand, F_SETSIG can choose SIGKILL, and the agent never asked for any. */
SEC("lsm/file_send_sigiotask")
s64 BPF_PROG(rf_guard_sigio, struct task_struct *target, void *owner, int signal)
{
	struct rf_guard *guard = rf_guard_armed();

	return is_guarded(guard, target) ? rf_guard_act(RF_TAMPER_SIGNAL, 1, guard->agent_pid, signal, 0) : 0;
}

/* RLIMIT_CPU kills, RLIMIT_NOFILE blinds. */
SEC("lsm/task_setrlimit")
s64 BPF_PROG(rf_guard_limit, struct task_struct *target, unsigned int resource, void *limit)
{
	struct rf_guard *guard = rf_guard_armed();

	return is_guarded(guard, target) ? judge(guard, RF_TAMPER_LIMIT, resource) : 0;
}

/*
 * Tracing, /proc/PID/mem, process_vm_writev, pidfd_getfd: whoever can attach has the descriptors of the maps. So it is
 * refused on every level, and on the host. Looking (/proc/PID/maps, joining its namespaces) is not.
 */
SEC("lsm/ptrace_access_check")
s64 BPF_PROG(rf_guard_trace, struct task_struct *target, unsigned int mode)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();

	if (!(mode & PTRACE_MODE_ATTACH) || !is_of_agent(guard, target) || rf_guard_is_agent(guard, task))
		return 0;
	return rf_guard_act(RF_TAMPER_PTRACE, 1, guard->agent_pid, mode, 0);
}
