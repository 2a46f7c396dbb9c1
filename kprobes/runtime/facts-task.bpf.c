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
	cred = BPF_CORE_READ(task, cred);
	subject->flags = RF_PATH_READ | (BPF_CORE_READ(task, nsproxy) && cred ? 0 : RF_PATH_FAULT);
	subject->pid = task->tgid;
	subject->ns_pid = rf_namespace_pid(BPF_CORE_READ(task, group_leader));
	rf_fill_namespaces(&subject->namespaces, task, cred);
	rf_fill_credentials(&subject->credentials, cred, rf_login_uid(task));
	return subject->flags & RF_PATH_FAULT ? -1 : 0;
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
	rf_fill_credentials(&slot->identity.credentials, cred, RF_NO_LOGIN_UID);
	slot->identity.user_ns_level = BPF_CORE_READ(namespace, level);
	slot->identity.user_ns_uid = BPF_CORE_READ(namespace, owner.val);
	slot->identity.user_ns_gid = BPF_CORE_READ(namespace, group.val);
	slot->identity.user_ns_inum = BPF_CORE_READ(namespace, ns.inum);
	return 0;
}
