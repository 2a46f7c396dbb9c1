// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Facts of the calling task, and of credentials; see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/facts.h>
#include <ringfence/identity.h>

/* A task that leaves gives its namespaces back before it is done. */
__noinline int rf_read_subject(struct rf_scratch *scratch)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_subject *subject;
	const struct cred *cred;

	if (!scratch)
		return -1;
	subject = &scratch->subject;
	if (subject->flags & RF_PATH_READ)
		return subject->flags & RF_PATH_FAULT ? -1 : 0;
	cred = task->cred;
	subject->flags = RF_PATH_READ | (task->nsproxy && cred ? 0 : RF_PATH_FAULT);
	subject->pid = task->tgid;
	subject->ns_pid = rf_namespace_pid(task->group_leader);
	if (!cred)
		return -1;
	rf_fill_namespaces(&subject->namespaces, task, cred);
	rf_fill_credentials(&subject->credentials, cred, rf_login_uid(task));
	return subject->flags & RF_PATH_FAULT ? -1 : 0;
}

/* An argument is an address, which is read as such. */
static __always_inline void copy_credentials(struct rf_credentials *to, const struct cred *cred)
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
	to->auid = RF_NO_LOGIN_UID;
	bpf_core_read(&to->cap_effective, sizeof(u64), &cred->cap_effective);
	bpf_core_read(&to->cap_permitted, sizeof(u64), &cred->cap_permitted);
	bpf_core_read(&to->cap_inheritable, sizeof(u64), &cred->cap_inheritable);
}

__noinline int rf_read_cred(struct rf_scratch *scratch, u32 fact)
{
	struct rf_credentials_slot *slot;
	struct user_namespace *namespace;
	const struct cred *cred;

	if (!scratch || fact >= RF_FACT_MAX)
		return -1;
	slot = &scratch->credentials;
	if (slot->flags & RF_PATH_READ && slot->owner == fact)
		return slot->flags & RF_PATH_FAULT ? -1 : 0;
	__builtin_memset(slot, 0, sizeof(*slot));
	slot->owner = fact;
	slot->flags = RF_PATH_READ | RF_PATH_NONE;
	cred = (const struct cred *)scratch->arguments[fact];
	if (!cred)
		return 0;
	slot->flags = RF_PATH_READ | RF_PATH_FAULT;
	if (bpf_core_read(&namespace, sizeof(namespace), &cred->user_ns))
		return -1;
	slot->flags = RF_PATH_READ;
	copy_credentials(&slot->identity.credentials, cred);
	slot->identity.user_ns_level = BPF_CORE_READ(namespace, level);
	slot->identity.user_ns_uid = BPF_CORE_READ(namespace, owner.val);
	slot->identity.user_ns_gid = BPF_CORE_READ(namespace, group.val);
	slot->identity.user_ns_inum = BPF_CORE_READ(namespace, ns.inum);
	return 0;
}
