/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the kernel has the names of files: entries of directories, mounts, and the counters that tell of changes. */
#ifndef RINGFENCE_TREE_H
#define RINGFENCE_TREE_H

#include <ringfence/maps.h>
#include <ringfence/direct.h>

static __always_inline struct mount *rf_mount_of(struct vfsmount *vfsmount)
{
	return (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
}

#define MOUNT_PARENT bpf_core_field_offset(struct mount, mnt_parent)
#define MOUNT_POINT bpf_core_field_offset(struct mount, mnt_mountpoint)
#define MOUNT_ROOT (bpf_core_field_offset(struct mount, mnt) + bpf_core_field_offset(struct vfsmount, mnt_root))

static __always_inline int rf_mount_head_of(struct rf_mount_head *head, struct mount *mount)
{
	if (RF_DIRECT) {
		head->parent = rf_direct(mount, mount)->mnt_parent;
		head->mountpoint = rf_direct(mount, mount)->mnt_mountpoint;
		head->root = rf_direct(mount, mount)->mnt.mnt_root;
		return !head->parent || !head->mountpoint || !head->root;
	}
	if (MOUNT_POINT == MOUNT_PARENT + 8 && MOUNT_ROOT == MOUNT_PARENT + 16)
		return bpf_probe_read_kernel(head, sizeof(*head), (void *)mount + MOUNT_PARENT);
	return bpf_core_read(&head->parent, sizeof(head->parent), &mount->mnt_parent) ||
	       bpf_core_read(&head->mountpoint, sizeof(head->mountpoint), &mount->mnt_mountpoint) ||
	       bpf_core_read(&head->root, sizeof(head->root), &mount->mnt.mnt_root);
}

/* Of a name that is kept in the entry itself. */
static __always_inline u32 rf_short_name_offset(void)
{
	if (bpf_core_field_exists(struct dentry, d_iname))
		return bpf_core_field_offset(struct dentry, d_iname);
	return bpf_core_field_offset(struct dentry___6_15, d_shortname);
}

/* Of rename_lock or mount_lock, by its address. */
static __always_inline u32 rf_sequence_of(u64 address)
{
	u32 sequence = 1; /* odd: a counter that can not be read proves nothing */

	if (address && RF_DIRECT)
		sequence = rf_direct(seqcount, address)->sequence;
	else if (address)
		bpf_probe_read_kernel(&sequence, sizeof(sequence), (void *)address);
	return sequence;
}

#endif
