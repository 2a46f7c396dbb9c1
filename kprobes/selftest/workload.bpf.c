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
	const u64 *scopes = rf_workload_scopes();

	context->cgroup_id = rf_cgroup_id(bpf_get_current_task_btf());
	context->readable = !!scopes;
	if (!scopes)
		return 0;
#pragma unroll
	for (u32 word = 0; word < RF_SCOPE_WORDS; word++)
		context->scopes[word] = scopes[word];
	return 0;
}
