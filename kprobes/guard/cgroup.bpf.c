// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The cgroup (v2) of the agent: freezing or killing it, or one that it is in, stops the agent without a signal. A file
 * that was open for writing before the guard was armed is not seen.
 */
#include <ringfence/guard.h>

#define CGROUP2_SUPER_MAGIC 0x63677270 /* include/uapi/linux/magic.h */
#define NAME_BYTES 16

static const char freeze_file[NAME_BYTES] __attribute__((aligned(8))) = "cgroup.freeze";
static const char kill_file[NAME_BYTES] __attribute__((aligned(8))) = "cgroup.kill";

static __always_inline bool is_name(const u64 *name, const char *wanted)
{
	const u64 *words = (const void *)wanted;

	return name[0] == words[0] && name[1] == words[1];
}

static __always_inline bool stops(struct dentry *dentry)
{
	const unsigned char *text = BPF_CORE_READ(dentry, d_name.name);
	u64 name[NAME_BYTES / 8] = {};

	bpf_probe_read_kernel_str(name, sizeof(name), text);
	return is_name(name, freeze_file) || is_name(name, kill_file);
}

SEC("lsm/file_open")
s64 BPF_PROG(rf_guard_steer, struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct dentry *dentry = file->f_path.dentry;
	struct rf_guard *guard = rf_guard_armed();
	const unsigned char *name;
	bool is_host, is_strict;
	u32 level;
	u64 id;

	if (!(((struct file___guard *)file)->f_mode & FMODE_WRITE))
		return 0;
	if (!guard || !guard->agent_pid || guard->level < RF_GUARD_LEVEL_AGENT)
		return 0;
	if (file->f_inode->i_sb->s_magic != CGROUP2_SUPER_MAGIC)
		return 0;
	id = BPF_CORE_READ(dentry, d_parent, d_inode, i_ino);
	for (level = 0; level < RF_GUARD_CGROUP_MAX; level++)
		if (!guard->cgroups[level] || guard->cgroups[level] == id)
			break;
	if (level == RF_GUARD_CGROUP_MAX || !guard->cgroups[level])
		return 0;
	if (rf_guard_is_agent(guard, task) || task->tgid == INIT_PID)
		return 0;
	is_host = rf_is_host(task);
	is_strict = guard->level >= RF_GUARD_LEVEL_STRICT;
	/* limits of its own cgroup starve the agent; those above, and on the host, are others' business */
	if (!stops(dentry) && (level || (is_host && !is_strict)))
		return 0;
	name = BPF_CORE_READ(dentry, d_name.name);
	return rf_guard_act(RF_TAMPER_CGROUP, is_strict || !is_host, id, 0, (u64)name);
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(rf_guard_move, struct cgroup *to, const char *path, struct task_struct *target)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_guard *guard = rf_guard_armed();

	if (!guard || !rf_guard_is_agent(guard, target))
		return 0;
	rf_guard_note_cgroups(to);
	if (guard->level >= RF_GUARD_LEVEL_AGENT && !rf_guard_is_agent(guard, task) && task->tgid != INIT_PID)
		rf_guard_act(RF_TAMPER_CGROUP_MOVE, 0, BPF_CORE_READ(to, kn, id), 0, (u64)path);
	return 0;
}
