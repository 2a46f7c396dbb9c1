/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tasks of the host: in the pid and mount namespaces of process 1. */
#ifndef RINGFENCE_HOST_H
#define RINGFENCE_HOST_H

#include <ringfence/identity.h>

static __always_inline bool rf_in_host_pids(struct task_struct *task)
{
	return !BPF_CORE_READ(task, thread_pid, level);
}

/* In the mount namespace of process 1 of its pid namespace, which the agent need not be able to see. */
static __always_inline bool rf_in_host_mounts(struct task_struct *task)
{
	struct upid *number = rf_innermost_pid(task);
	struct task_struct *init = BPF_CORE_READ(number, ns, child_reaper);

	return BPF_CORE_READ(init, nsproxy, mnt_ns) == BPF_CORE_READ(task, nsproxy, mnt_ns);
}

static __always_inline bool rf_is_host(struct task_struct *task)
{
	return rf_in_host_pids(task) && rf_in_host_mounts(task);
}

#endif
