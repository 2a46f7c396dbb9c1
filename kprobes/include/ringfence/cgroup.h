/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The cgroup of a task, in the hierarchy that tells workloads apart. */
#ifndef RINGFENCE_CGROUP_H
#define RINGFENCE_CGROUP_H

#include <ringfence/maps.h>

/* Numbers of the controllers differ between kernels; one that was not built has none. */
enum cgroup_subsys_id {
	cpu_cgrp_id = 1,
	memory_cgrp_id = 2,
	devices_cgrp_id = 3,
	freezer_cgrp_id = 4,
	pids_cgrp_id = 5,
};

#define RF_CONTROLLER(name)                                                     \
	(bpf_core_enum_value_exists(enum cgroup_subsys_id, name##_cgrp_id) ?    \
		 (int)bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id) : \
		 -1)

static __always_inline int rf_controller(void)
{
	switch (rf_hierarchy) {
	case RF_HIERARCHY_MEMORY:
		return RF_CONTROLLER(memory);
	case RF_HIERARCHY_PIDS:
		return RF_CONTROLLER(pids);
	case RF_HIERARCHY_CPU:
		return RF_CONTROLLER(cpu);
	case RF_HIERARCHY_DEVICES:
		return RF_CONTROLLER(devices);
	default:
		return RF_CONTROLLER(freezer);
	}
}

/* In the hierarchy that tells workloads apart. Null when it can not be read. */
static __always_inline struct cgroup *rf_cgroup(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup_subsys_state *state;
	int controller;

	if (!set)
		return NULL;
	if (rf_hierarchy == RF_HIERARCHY_UNIFIED)
		return set->dfl_cgrp;
	controller = rf_controller();
	if (controller < 0)
		return NULL;
	state = *(struct cgroup_subsys_state **)((void *)set + bpf_core_field_offset(set->subsys) +
						 controller * sizeof(void *));
	return state ? state->cgroup : NULL;
}

/* 0 when it can not be read. */
static __always_inline u64 rf_id_of_cgroup(struct cgroup *cgroup)
{
	struct kernfs_node *node = cgroup ? cgroup->kn : NULL;

	return node ? node->id : 0;
}

/* The number that records carry: of the directory of the cgroup. */
static __always_inline u64 rf_cgroup_id(struct task_struct *task)
{
	return rf_id_of_cgroup(rf_cgroup(task));
}

#endif
