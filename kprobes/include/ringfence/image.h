/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of an exec record that a new image and a running one have in common. */
#ifndef RINGFENCE_IMAGE_H
#define RINGFENCE_IMAGE_H

#include <ringfence/scratch.h>

int rf_image_begin(struct rf_scratch *scratch, u32 ring);
int rf_image_file(struct rf_scratch *scratch, struct rf_process *process, struct file *file);
int rf_image_cwd(struct rf_scratch *scratch, struct task_struct *task);
int rf_image_namespaces(struct rf_scratch *scratch, struct task_struct *task, const struct cred *cred);
int rf_image_credentials(struct rf_scratch *scratch, struct task_struct *task, const struct cred *cred);

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

/* The same number as bpf_get_current_cgroup_id() has for the task itself. */
static __always_inline u64 rf_cgroup_id(struct task_struct *task)
{
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

#endif
