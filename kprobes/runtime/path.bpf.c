// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From an object to its absolute path in the mount namespace, on every hook and every kernel alike.
 *
 * bpf_d_path() is not allowed on most hooks, fails instead of truncating, and stops at the caller's root: a
 * chroot would hide the front of a name from a policy. This walk goes up to the root of the namespace.
 * It takes no lock; a rename or a mount during the walk is noticed by the kernel's own sequence counters
 * (fs/dcache.c rename_lock, fs/namespace.c mount_lock), and the walk is done again.
 */
#include <ringfence/maps.h>
#include <ringfence/path.h>

#define TRIES 16
/* Every step but the crossing of a mount adds at least two bytes. */
#define STEPS (RF_PATH_MAX / 2 + 256)

struct walk {
	struct rf_path *path;
	const struct path *from;
	struct dentry *dentry;
	struct vfsmount *vfsmount;
	struct dentry *root; /* of vfsmount */
	u64 mount_namespace;
	u32 start;
	u32 flags;
};

static __always_inline struct mount *mount_of(struct vfsmount *vfsmount)
{
	return (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline int enter_mount(struct walk *walk, struct vfsmount *vfsmount)
{
	walk->vfsmount = vfsmount;
	return bpf_core_read(&walk->root, sizeof(walk->root), &vfsmount->mnt_root);
}

/* At the root of a mount: go on from where it is mounted. Returns 1 at the end of the walk. */
static __always_inline long leave_mount(struct walk *walk)
{
	struct mount *mount = mount_of(walk->vfsmount), *parent;

	if (bpf_core_read(&parent, sizeof(parent), &mount->mnt_parent))
		goto fault;
	if (parent == mount) {
		if ((u64)BPF_CORE_READ(mount, mnt_ns) != walk->mount_namespace)
			walk->flags |= RF_PATH_UNREACHABLE;
		return 1;
	}
	if (bpf_core_read(&walk->dentry, sizeof(walk->dentry), &mount->mnt_mountpoint))
		goto fault;
	if (enter_mount(walk, (void *)parent + bpf_core_field_offset(struct mount, mnt)))
		goto fault;
	return 0;
fault:
	walk->flags |= RF_PATH_FAULT;
	return 1;
}

static long walk_step(u32 index, void *context)
{
	struct walk *walk = context;
	struct rf_path *path = walk->path;
	struct dentry *dentry = walk->dentry, *parent;
	u32 start = walk->start, length;
	struct qstr name;

	if (dentry == walk->root)
		return leave_mount(walk);
	if (bpf_core_read(&parent, sizeof(parent), &dentry->d_parent) ||
	    bpf_core_read(&name, sizeof(name), &dentry->d_name)) {
		walk->flags |= RF_PATH_FAULT;
		return 1;
	}
	length = name.len;
	if (length > 255) /* NAME_MAX; pseudo file systems have shorter names */
		length = 255;
	if (parent == dentry) {
		/* The top of a tree that is not mounted: pipes and sockets (no name), memory files (one). */
		walk->flags |= RF_PATH_UNREACHABLE;
		if (length == 0 || name.len == 1)
			return 1;
	}
	if (start < length + 1) {
		walk->flags |= RF_PATH_TRUNCATED;
		return 1;
	}
	start = (start - length - 1) & (RF_PATH_MAX - 1);
	path->text[start] = '/';
	barrier_var(length); /* the compiler knows the bound, the verifier of 6.1 has to be shown */
	if (bpf_probe_read_kernel(&path->text[start + 1], length & 255, name.name)) {
		walk->flags |= RF_PATH_FAULT;
		return 1;
	}
	walk->start = start;
	walk->dentry = parent;
	return parent == dentry;
}

/* Full barrier: the loads of the walk stay between the two looks at a counter, on every architecture. */
static __always_inline u32 sequence_of(u64 address, struct rf_path *path)
{
	u32 sequence = 0;

	__sync_fetch_and_add(&path->flags, 0);
	if (address)
		bpf_probe_read_kernel(&sequence, sizeof(sequence), (void *)address);
	__sync_fetch_and_add(&path->flags, 0);
	return sequence;
}

/* One whole walk. Returns 1 when the answer stands, 0 to try again. */
static long walk_try(u32 index, void *context)
{
	struct walk *walk = context;
	struct rf_path *path = walk->path;
	u32 renames = sequence_of(rf_rename_lock, path);
	u32 mounts = sequence_of(rf_mount_lock, path);
	const struct path *from = walk->from;
	struct vfsmount *vfsmount;
	long steps;

	walk->flags = 0;
	walk->start = RF_PATH_MAX;
	if (bpf_core_read(&walk->dentry, sizeof(walk->dentry), &from->dentry) ||
	    bpf_core_read(&vfsmount, sizeof(vfsmount), &from->mnt) || enter_mount(walk, vfsmount)) {
		walk->flags = RF_PATH_FAULT;
		return 1;
	}
	steps = bpf_loop(STEPS, walk_step, walk, 0);
	if (steps < 0)
		walk->flags |= RF_PATH_FAULT;
	else if (steps == STEPS)
		walk->flags |= RF_PATH_TRUNCATED;
	if ((renames | mounts) & 1 || renames != sequence_of(rf_rename_lock, path) ||
	    mounts != sequence_of(rf_mount_lock, path)) {
		walk->flags = RF_PATH_UNSTABLE;
		return 0;
	}
	return 1;
}

static __always_inline void read_inode(struct rf_path *path, const struct path *from)
{
	struct dentry *dentry = BPF_CORE_READ(from, dentry);
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);

	path->mode = BPF_CORE_READ(inode, i_mode);
	path->inode = BPF_CORE_READ(inode, i_ino);
	path->device = BPF_CORE_READ(inode, i_sb, s_dev);
	path->links = BPF_CORE_READ(inode, i_nlink);
	/* d_unlinked() of include/linux/dcache.h: unhashed, and not the root of its tree */
	if (!BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry)
		path->flags |= RF_PATH_DELETED;
}

static __always_inline int usable(u32 flags)
{
	return flags & (RF_PATH_UNSTABLE | RF_PATH_FAULT) ? -1 : 0;
}

__hidden __noinline int rf_path_of_path(struct rf_scratch *scratch, u32 slot, const struct path *from)
{
	struct rf_path *path;
	struct walk walk = {};
	struct rf_control *control;

	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	if (path->flags & RF_PATH_READ)
		return usable(path->flags);
	walk.path = path;
	walk.from = from;
	walk.mount_namespace = scratch->mount_namespace;
	bpf_loop(TRIES, walk_try, &walk, 0);
	path->flags = walk.flags | RF_PATH_READ;
	path->start = walk.start & (2 * RF_PATH_MAX - 1);
	path->length = RF_PATH_MAX - walk.start;
	if (walk.flags & RF_PATH_UNSTABLE) {
		path->start = RF_PATH_MAX;
		path->length = 0;
		control = rf_control_word();
		if (control)
			__sync_fetch_and_add(&control->path_unstable, 1);
	} else if (path->length == 0 && !(walk.flags & RF_PATH_UNREACHABLE)) {
		/* the root itself */
		path->text[RF_PATH_MAX - 1] = '/';
		path->start = RF_PATH_MAX - 1;
		path->length = 1;
	}
	read_inode(path, from);
	return usable(path->flags);
}

/* A hook without an object (an anonymous mapping) has an empty path, which nothing matches. */
static __always_inline int no_object(struct rf_scratch *scratch, u32 slot)
{
	struct rf_path *path;

	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	path->flags = RF_PATH_READ | RF_PATH_NONE;
	path->start = RF_PATH_MAX;
	path->length = 0;
	path->mode = 0;
	path->inode = 0;
	path->device = 0;
	path->links = 0;
	return 0;
}

__hidden __noinline int rf_path_of_file(struct rf_scratch *scratch, u32 slot, const struct file *file)
{
	if (!file)
		return no_object(scratch, slot);
	return rf_path_of_path(scratch, slot, __builtin_preserve_access_index(&file->f_path));
}

__hidden __noinline int rf_path_of_binprm(struct rf_scratch *scratch, u32 slot, const struct linux_binprm *bprm)
{
	return rf_path_of_file(scratch, slot, BPF_CORE_READ(bprm, file));
}
