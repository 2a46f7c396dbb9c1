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

static __always_inline u32 rf_namespace_pid(struct task_struct *task)
{
	struct upid *number = rf_innermost_pid(task);

	return BPF_CORE_READ(number, nr);
}

static __always_inline u32 rf_login_uid(struct task_struct *task)
{
	return bpf_core_field_exists(task->loginuid) ? BPF_CORE_READ(task, loginuid.val) : RF_NO_LOGIN_UID;
}

static __always_inline void rf_fill_credentials(struct rf_credentials *to, const struct cred *cred, u32 auid)
{
	to->uid = BPF_CORE_READ(cred, uid.val);
	to->gid = BPF_CORE_READ(cred, gid.val);
	to->euid = BPF_CORE_READ(cred, euid.val);
	to->egid = BPF_CORE_READ(cred, egid.val);
	to->suid = BPF_CORE_READ(cred, suid.val);
	to->sgid = BPF_CORE_READ(cred, sgid.val);
	to->fsuid = BPF_CORE_READ(cred, fsuid.val);
	to->fsgid = BPF_CORE_READ(cred, fsgid.val);
	to->securebits = BPF_CORE_READ(cred, securebits);
	to->auid = auid;
	bpf_core_read(&to->cap_effective, sizeof(u64), &cred->cap_effective);
	bpf_core_read(&to->cap_permitted, sizeof(u64), &cred->cap_permitted);
	bpf_core_read(&to->cap_inheritable, sizeof(u64), &cred->cap_inheritable);
}

static __always_inline void rf_fill_namespaces(struct rf_namespaces *to, struct task_struct *task,
					       const struct cred *cred)
{
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	struct upid *number = rf_innermost_pid(task);

	to->uts = BPF_CORE_READ(proxy, uts_ns, ns.inum);
	to->ipc = BPF_CORE_READ(proxy, ipc_ns, ns.inum);
	to->mnt = BPF_CORE_READ(proxy, mnt_ns, ns.inum);
	to->pid = BPF_CORE_READ(number, ns, ns.inum);
	to->pid_for_children = BPF_CORE_READ(proxy, pid_ns_for_children, ns.inum);
	to->net = BPF_CORE_READ(proxy, net_ns, ns.inum);
	to->time = BPF_CORE_READ(proxy, time_ns, ns.inum);
	to->time_for_children = BPF_CORE_READ(proxy, time_ns_for_children, ns.inum);
	to->cgroup = BPF_CORE_READ(proxy, cgroup_ns, ns.inum);
	to->user = BPF_CORE_READ(cred, user_ns, ns.inum);
}

#endif
