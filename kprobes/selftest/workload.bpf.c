// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-test of runtime/workload.bpf.c: what whoever runs it is told of its own cgroup. */
#include <ringfence/cgroup.h>
#include <ringfence/workload.h>

struct st_workload {
	u64 cgroup_id;
	u64 readable;
	u64 scopes[RF_SCOPE_WORDS];
};

SEC("syscall")
int st_workload(struct st_workload *context)
{
	const struct rf_scopes *scopes = rf_workload_scopes();

	context->cgroup_id = rf_cgroup_id(bpf_get_current_task_btf());
	context->readable = scopes && !scopes->unknown;
	if (!scopes)
		return 0;
	__builtin_memcpy(context->scopes, scopes->selected, sizeof(context->scopes));
	return 0;
}
