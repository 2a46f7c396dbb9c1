// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The pins: enforcement that outlives the agent ends with their names. Outside of the host nobody removes one, nor
 * unmounts what they are in: where mounts propagate that reaches the host. Root of the host is told of, and the agent
 * puts them back.
 */
#include <ringfence/guard.h>

#define DEPTH_MAX 8 /* of a pin below the root of its bpffs */

static __always_inline s64 judge(struct rf_guard *guard, u32 what, u64 subject, u32 detail, u64 name)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (rf_guard_is_ours(guard, task))
		return 0;
	return rf_guard_act(what, !rf_is_host(task), subject, detail, name);
}

/* It is in the directory of the pins, or is that directory. */
static __always_inline bool is_ours(const struct rf_guard *guard, struct dentry *dentry)
{
	struct super_block *super = dentry->d_sb;

	if (!guard || !guard->directory_inode || super->s_magic != BPF_FS_MAGIC)
		return false;
	if (super->s_dev != guard->directory_device)
		return false;
	for (u32 depth = 0; depth < DEPTH_MAX; depth++) {
		if (BPF_CORE_READ(dentry, d_inode, i_ino) == guard->directory_inode)
			return true;
		dentry = BPF_CORE_READ(dentry, d_parent);
	}
	return false;
}

static __always_inline s64 removal(struct dentry *dentry, u32 detail)
{
	struct rf_guard *guard = rf_guard_armed();
	const unsigned char *name;

	if (!is_ours(guard, dentry))
		return 0;
	name = BPF_CORE_READ(dentry, d_name.name);
	return judge(guard, RF_TAMPER_PIN, BPF_CORE_READ(dentry, d_inode, i_ino), detail, (u64)name);
}

SEC("lsm/inode_unlink")
s64 BPF_PROG(rf_guard_unlink, struct inode *directory, struct dentry *dentry)
{
	return removal(dentry, RF_TAMPER_PIN_UNLINK);
}

SEC("lsm/inode_rmdir")
s64 BPF_PROG(rf_guard_rmdir, struct inode *directory, struct dentry *dentry)
{
	return removal(dentry, RF_TAMPER_PIN_RMDIR);
}

SEC("lsm/inode_rename")
s64 BPF_PROG(rf_guard_rename, struct inode *from_directory, struct dentry *from, struct inode *to_directory,
	     struct dentry *to)
{
	s64 error = removal(from, RF_TAMPER_PIN_RENAME);

	return error ? error : removal(to, RF_TAMPER_PIN_RENAME);
}

SEC("lsm/sb_umount")
s64 BPF_PROG(rf_guard_unmount, struct vfsmount *mount, int flags)
{
	struct super_block *super = ((struct vfsmount___guard *)mount)->mnt_sb;
	struct rf_guard *guard = rf_guard_armed();

	if (!guard || !guard->directory_inode || super->s_dev != guard->directory_device)
		return 0;
	return judge(guard, RF_TAMPER_MOUNT, guard->directory_device, flags, 0);
}
