// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What runs in the cgroup of the calling thread. It is looked up for each call and kept nowhere: threads of one process
 * may be in different cgroups, and one that is moved is elsewhere with its next call.
 *
 * The way leads from the cgroup of the thread towards the root, as far as there is one: who makes a cgroup below that
 * of its container pays for its depth with each call, and stays what it is.
 */
#include <ringfence/cgroup.h>
#include <ringfence/workload.h>

struct way {
	struct cgroup *cgroup; /* the one at hand */
	u32 index; /* of the entry that was found */
	bool unreadable;
};

static long one_above(u32 count, void *context)
{
	struct way *way = context;
	struct cgroup_subsys_state *above = way->cgroup->self.parent;
	struct cgroup *cgroup = above ? above->cgroup : NULL;
	u64 id = rf_id_of_cgroup(cgroup);
	u32 *index;

	if (!id) {
		way->unreadable = true;
		return 1;
	}
	index = bpf_map_lookup_elem(&rf_workloads, &id);
	if (index) {
		way->index = *index;
		return 1;
	}
	way->cgroup = cgroup;
	return 0;
}

static __always_inline struct rf_workload *entry_at(u32 index)
{
	return bpf_map_lookup_elem(&rf_workload_entries, &index);
}

static __always_inline struct rf_workload *unreadable(void)
{
	struct rf_control *control = rf_control_word();

	if (control)
		__sync_fetch_and_add(&control->workload_unreadable, 1);
	return entry_at(RF_WORKLOAD_PLACE_UNREADABLE);
}

__hidden __noinline struct rf_workload *rf_workload_current(void)
{
	struct way way = { .cgroup = rf_cgroup(bpf_get_current_task_btf()), .index = RF_WORKLOAD_PLACE_HOST };
	u64 id = rf_id_of_cgroup(way.cgroup);
	u32 *index;

	if (!id)
		return unreadable();
	index = bpf_map_lookup_elem(&rf_workloads, &id);
	if (index)
		return entry_at(*index);
	bpf_loop(way.cgroup->level, one_above, &way, 0);
	if (way.unreadable)
		return unreadable();
	return entry_at(way.index);
}

__hidden __noinline const struct rf_scopes *rf_workload_scopes(void)
{
	struct rf_workload *workload = rf_workload_current();
	struct rf_control *control;
	u32 state;

	if (!workload)
		return NULL;
	state = *(volatile u32 *)&workload->state;
	if (state & RF_WORKLOAD_PENDING) {
		control = rf_control_word();
		if (control)
			__sync_fetch_and_add(&control->workload_pending, 1);
	}
	return &workload->scopes[state & RF_WORKLOAD_SECOND];
}
