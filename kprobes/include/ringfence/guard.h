/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The guard: what keeps maps, pins and the agent out of other hands.
 *
 * Who asks is one of four. The agent itself: the process that armed the guard, for as long as it lives and has not
 * executed anything else; neither its children nor what shares its cgroup. Its successor: while no agent lives, a task
 * of the host that may administer it, so that enforcement which outlived its agent can be adopted or taken down. The
 * host: tasks in the pid and mount namespaces of process 1. And everybody else: containers, whatever their capabilities.
 *
 * Root of the host can load a module, and is not stopped by a program of BPF: what it does is told of, and refused
 * where that costs nothing. A container is refused.
 */
#ifndef RINGFENCE_GUARD_H
#define RINGFENCE_GUARD_H

#include <ringfence/kernel.h>
#include <ringfence/abi.h>
#include <ringfence/host.h>

#define CAP_SYS_ADMIN 21 /* include/uapi/linux/capability.h */
#define FMODE_WRITE 2 /* include/linux/fs.h */
#define BPF_FS_MAGIC 0xcafe4a11 /* include/uapi/linux/magic.h */
#define INIT_PID 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_prog_aux {
	u32 id;
	u32 used_map_cnt;
	struct bpf_map **used_maps;
	u64 load_time;
	char name[16];
};

struct bpf_prog {
	struct bpf_prog_aux *aux;
};

struct file___guard {
	u32 f_mode;
	void *private_data;
};

struct vfsmount___guard {
	struct super_block *mnt_sb;
};

#pragma clang attribute pop

struct rf_guard_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct rf_guard);
};

/* Ids of the maps that are guarded. */
struct rf_guarded_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_GUARD_MAP_MAX);
	__type(key, u32);
	__type(value, u32);
};

/* Ids of programs that the agent loaded, or looked at. One that was pushed out can not be looked at by others. */
struct rf_guard_programs_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u32);
};

extern struct rf_guard_map rf_guard SEC(".maps");
extern struct rf_guarded_map rf_guarded SEC(".maps");
extern struct rf_guard_programs_map rf_guard_programs SEC(".maps");

/* Null until an agent has armed it. */
static __always_inline struct rf_guard *rf_guard_armed(void)
{
	u32 zero = 0;
	struct rf_guard *guard = bpf_map_lookup_elem(&rf_guard, &zero);

	return guard && guard->level ? guard : NULL;
}

static __always_inline bool rf_guard_is_agent(const struct rf_guard *guard, const struct task_struct *task)
{
	return guard->agent_pid && (u32)task->tgid == guard->agent_pid;
}

/*
 * May take over, or take down, what an agent left behind. Where agents have mount namespaces of their own (a pod, a
 * unit that is kept from the file system) the next one is told from a container by its pid namespace only.
 */
static __always_inline bool rf_guard_may_adopt(const struct rf_guard *guard, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, cred);
	u64 effective = 0;

	if (!rf_in_host_pids(task))
		return false;
	if (!(guard->flags & RF_GUARD_OTHER_MOUNTS) && !rf_in_host_mounts(task))
		return false;
	if (BPF_CORE_READ(cred, user_ns, level))
		return false;
	bpf_core_read(&effective, sizeof(effective), &cred->cap_effective);
	return effective & (1ull << CAP_SYS_ADMIN);
}

/* The agent, or its successor. */
static __always_inline bool rf_guard_is_ours(const struct rf_guard *guard, struct task_struct *task)
{
	return guard->agent_pid ? rf_guard_is_agent(guard, task) : rf_guard_may_adopt(guard, task);
}

/*
 * rf_guard_act - somebody tried something
 * @deny: refuse it; else it is only told of
 * @name: address of a string of the kernel's, or 0
 *
 * Returns what the hook returns: 0, or -EPERM. In 64 bits, as the verifier looks at all of them since 6.12.
 */
s64 rf_guard_act(u32 what, u32 deny, u64 subject, u32 detail, u64 name);

/* Ids of the cgroup of the agent, and of those that it is in. */
int rf_guard_note_cgroups(struct cgroup *cgroup);

#endif
