/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who a task is: its numbers, credentials and namespaces. */
#ifndef RINGFENCE_IDENTITY_H
#define RINGFENCE_IDENTITY_H

#include <ringfence/kernel.h>
#include <ringfence/abi.h>

#define RF_NO_LOGIN_UID ((u32)-1)

/* The task's number in the innermost of its pid namespaces, and that namespace. */
static __always_inline struct upid *rf_innermost_pid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);

	return (void *)pid + bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);
}

/* Of the initial namespace, the number has a place that is known, and plain loads do. */
static __always_inline u32 rf_namespace_pid(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	struct upid *number;

	if (!pid)
		return 0;
	if (!pid->level)
		return pid->numbers[0].nr;
	number = rf_innermost_pid(task);
	return BPF_CORE_READ(number, nr);
}

static __always_inline u32 rf_pid_namespace(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	struct upid *number;

	if (!pid)
		return 0;
	if (!pid->level)
		return pid->numbers[0].ns->ns.inum;
	number = rf_innermost_pid(task);
	return BPF_CORE_READ(number, ns, ns.inum);
}

static __always_inline u32 rf_login_uid(struct task_struct *task)
{
	return bpf_core_field_exists(task->loginuid) ? task->loginuid.val : RF_NO_LOGIN_UID;
}

/* Not by the name of its member, which differs: see kernel_cap_t. */
static __always_inline u64 rf_capabilities(const kernel_cap_t *set)
{
	return *(const u64 *)set;
}

/* Plain loads, as the verifier knows what these pointers are. Of an address see rf_read_cred(). */
static __always_inline void rf_fill_credentials(struct rf_credentials *to, const struct cred *cred, u32 auid)
{
	to->uid = cred->uid.val;
	to->gid = cred->gid.val;
	to->euid = cred->euid.val;
	to->egid = cred->egid.val;
	to->suid = cred->suid.val;
	to->sgid = cred->sgid.val;
	to->fsuid = cred->fsuid.val;
	to->fsgid = cred->fsgid.val;
	to->securebits = cred->securebits;
	to->auid = auid;
	to->cap_effective = rf_capabilities(&cred->cap_effective);
	to->cap_permitted = rf_capabilities(&cred->cap_permitted);
	to->cap_inheritable = rf_capabilities(&cred->cap_inheritable);
}

static __always_inline void rf_fill_namespaces(struct rf_namespaces *to, struct task_struct *task,
					       const struct cred *cred)
{
	struct nsproxy *proxy = task->nsproxy;

	to->pid = rf_pid_namespace(task);
	to->user = cred->user_ns->ns.inum;
	if (!proxy) {
		to->uts = to->ipc = to->mnt = to->pid_for_children = to->net = 0;
		to->time = to->time_for_children = to->cgroup = 0;
		return;
	}
	to->uts = proxy->uts_ns->ns.inum;
	to->ipc = proxy->ipc_ns->ns.inum;
	to->mnt = proxy->mnt_ns->ns.inum;
	to->pid_for_children = proxy->pid_ns_for_children->ns.inum;
	to->net = proxy->net_ns->ns.inum;
	to->time = proxy->time_ns->ns.inum;
	to->time_for_children = proxy->time_ns_for_children->ns.inum;
	to->cgroup = proxy->cgroup_ns->ns.inum;
}

#endif
