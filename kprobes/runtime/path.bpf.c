// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From an object to its absolute path in the mount namespace, on every hook and every kernel alike.
 *
 * bpf_d_path() is not allowed on most hooks, fails instead of truncating, and stops at the caller's root: a
 * chroot would hide the front of a name from a policy. This walk goes up to the root of the namespace.
 *
 * It takes no lock. When neither of the kernel's global counters (fs/dcache.c rename_lock, fs/namespace.c
 * mount_lock) moved during a walk, its answer is one that was true. They move with every rename and mount of the
 * machine, so anybody could make every walk fail; when they did move, the answer is taken between two readings of
 * what the path consists of: each dentry with the sequence counter of its own name and place, each mount with where
 * it is mounted. Equal readings mean that all of it held at the same time, whatever else was being renamed.
 */
#include <ringfence/maps.h>
#include <ringfence/path.h>

#define TRIES 16
/* Every step but the crossing of a mount adds at least two bytes. */
#define STEPS (RF_PATH_MAX / 2 + 256)

/* All that a callback needs to know of: what changes during a walk is not on the stack, see struct rf_walk. */
struct context {
	struct rf_walk *walk;
	struct rf_path *path;
};

/* Multiplication by an odd number: two readings that differ in one place never have the same digest. */
static __always_inline void mix(struct rf_walk *walk, u64 value)
{
	walk->chain = (walk->chain ^ value) * 0x9e3779b97f4a7c15ull;
}

static __always_inline struct mount *mount_of(struct vfsmount *vfsmount)
{
	return (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline int enter_mount(struct rf_walk *walk, struct vfsmount *vfsmount)
{
	walk->vfsmount = vfsmount;
	return bpf_core_read(&walk->root, sizeof(walk->root), &vfsmount->mnt_root);
}

/* At the root of a mount: go on from where it is mounted. Returns 1 at the end of the walk. */
static __always_inline long leave_mount(struct rf_walk *walk)
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
	mix(walk, (u64)parent);
	mix(walk, (u64)walk->dentry);
	if (enter_mount(walk, (void *)parent + bpf_core_field_offset(struct mount, mnt)))
		goto fault;
	return 0;
fault:
	walk->flags |= RF_PATH_FAULT;
	return 1;
}

static __always_inline bool root_of_file_system(struct dentry *dentry)
{
	return BPF_CORE_READ(dentry, d_sb, s_root) == dentry;
}

static long walk_step(u32 index, void *context)
{
	struct context *this = context;
	struct rf_walk *walk = this->walk;
	struct rf_path *path = this->path;
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
	length = name.len; /* not only to NAME_MAX: FUSE has names of 1,024 bytes, vfat of 765 */
	if (parent == dentry) {
		/* The top of a tree that is not mounted: pipes (no name), sockets (the protocol), memory files. */
		if (walk->from || !root_of_file_system(dentry))
			walk->flags |= RF_PATH_UNREACHABLE;
		if (length == 0 || name.len == 1)
			return 1;
	}
	if (length >= start) {
		walk->flags |= RF_PATH_TRUNCATED;
		return 1;
	}
	start = (start - length - 1) & (RF_PATH_MAX - 1);
	path->text[start] = '/';
	barrier_var(length); /* the compiler knows the bound, the verifier of 6.1 has to be shown */
	if (bpf_probe_read_kernel(&path->text[start + 1], length & (RF_PATH_MAX - 1), name.name)) {
		walk->flags |= RF_PATH_FAULT;
		return 1;
	}
	walk->start = start;
	walk->dentry = parent;
	return parent == dentry;
}

static long chain_step(u32 index, void *context)
{
	struct rf_walk *walk = ((struct context *)context)->walk;
	struct dentry *dentry = walk->dentry, *parent;
	u32 sequence;

	if (dentry == walk->root)
		return leave_mount(walk);
	if (bpf_core_read(&sequence, sizeof(sequence), &dentry->d_seq.seqcount.sequence) ||
	    bpf_core_read(&parent, sizeof(parent), &dentry->d_parent) || sequence & 1) {
		walk->flags |= RF_PATH_FAULT;
		return 1;
	}
	mix(walk, (u64)dentry);
	mix(walk, sequence);
	walk->dentry = parent;
	return parent == dentry;
}

/* Full barrier, on every architecture: an atomic operation without a result would be none on arm64. */
static __always_inline void barrier_of(struct rf_path *path)
{
	__sync_lock_test_and_set(&path->flags, 0);
}

/* Without a mount the walk goes on until a dentry is its own parent. */
static __always_inline int enter_origin(struct rf_walk *walk)
{
	const struct path *from = walk->from;

	if (!from) {
		walk->origin_mount = NULL;
		walk->vfsmount = NULL;
		walk->root = NULL;
		return 0;
	}
	return bpf_core_read(&walk->origin, sizeof(walk->origin), &from->dentry) ||
	       bpf_core_read(&walk->origin_mount, sizeof(walk->origin_mount), &from->mnt) ||
	       enter_mount(walk, walk->origin_mount);
}

static __always_inline int begin_walk(struct rf_walk *walk)
{
	walk->flags = 0;
	walk->chain = 1;
	walk->start = RF_PATH_MAX;
	if (enter_origin(walk)) {
		walk->flags = RF_PATH_FAULT;
		return -1;
	}
	walk->dentry = walk->origin;
	mix(walk, (u64)walk->origin);
	mix(walk, (u64)walk->origin_mount);
	return 0;
}

static __always_inline void read_text(struct context *this)
{
	struct rf_walk *walk = this->walk;
	long steps;

	if (begin_walk(walk))
		return;
	steps = bpf_loop(STEPS, walk_step, this, 0);
	if (steps < 0)
		walk->flags |= RF_PATH_FAULT;
	else if (steps == STEPS)
		walk->flags |= RF_PATH_TRUNCATED;
}

/* Leaves the text, where it begins, and what is known of it, alone. */
static __always_inline void read_chain(struct context *this)
{
	struct rf_walk *walk = this->walk;
	u32 flags = walk->flags, start = walk->start;

	if (begin_walk(walk) || bpf_loop(STEPS, chain_step, this, 0) < 0 || walk->flags & RF_PATH_FAULT)
		walk->chain = 0;
	walk->flags = flags;
	walk->start = start;
}

static __always_inline u32 sequence_of(u64 address)
{
	u32 sequence = 1; /* odd: a counter that can not be read proves nothing */

	if (address)
		bpf_probe_read_kernel(&sequence, sizeof(sequence), (void *)address);
	return sequence;
}

/* An open file keeps its pair, a working directory does not. */
static __always_inline bool origin_stands(struct rf_walk *walk)
{
	const struct path *from = walk->from;

	return !from || (BPF_CORE_READ(from, dentry) == walk->origin && BPF_CORE_READ(from, mnt) == walk->origin_mount);
}

/* Whether nothing of the machine was renamed or mounted since the counters were read. */
static __always_inline bool unmoved(struct rf_walk *walk, u32 renames, u32 mounts)
{
	return !((renames | mounts) & 1) && sequence_of(rf_rename_lock) == renames &&
	       sequence_of(rf_mount_lock) == mounts && origin_stands(walk);
}

/* Reads the path once, and what it consists of when that is needed. Returns 1 when the answer stands. */
static long walk_try(u32 index, void *context)
{
	struct context *this = context;
	struct rf_walk *walk = this->walk;
	u32 renames = sequence_of(rf_rename_lock), mounts = sequence_of(rf_mount_lock);
	u64 before = walk->chain;

	barrier_of(this->path);
	read_text(this);
	barrier_of(this->path);
	if (unmoved(walk, renames, mounts)) {
		walk->settled = 1;
		return 1;
	}
	read_chain(this);
	if (!before || walk->chain != before)
		return 0;
	walk->settled = 1;
	return 1;
}

static __always_inline void read_inode(struct rf_path *path, struct dentry *dentry)
{
	struct inode *inode = BPF_CORE_READ(dentry, d_inode);

	path->mode = BPF_CORE_READ(inode, i_mode);
	path->inode = BPF_CORE_READ(inode, i_ino);
	path->device = BPF_CORE_READ(inode, i_sb, s_dev);
	path->links = BPF_CORE_READ(inode, i_nlink);
	/* d_unlinked() of include/linux/dcache.h: unhashed, and not the root of its tree */
	if (!BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry)
		path->flags |= RF_PATH_DELETED;
}

static __always_inline void give_up(struct rf_walk *walk)
{
	struct rf_control *control = rf_control_word();

	walk->flags = RF_PATH_UNSTABLE;
	if (control)
		__sync_fetch_and_add(&control->path_unstable, 1);
}

/* A global function: programs that read several paths have it verified once. */
__noinline int rf_walk_path(struct rf_scratch *scratch, u32 slot)
{
	struct context context = {};
	struct rf_path *path;
	struct rf_walk *walk;

	if (!scratch || slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	walk = &scratch->walk;
	context.walk = walk;
	context.path = path;
	walk->mount_namespace = scratch->mount_namespace;
	walk->chain = 0;
	walk->settled = 0;
	bpf_loop(TRIES, walk_try, &context, 0);
	if (!walk->settled)
		give_up(walk);
	if (!rf_path_usable(walk->flags)) {
		walk->start = RF_PATH_MAX; /* no answer is no part of one, either */
	} else if (walk->start == RF_PATH_MAX && !(walk->flags & RF_PATH_UNREACHABLE)) {
		walk->start = RF_PATH_MAX - 1; /* the root itself */
		path->text[RF_PATH_MAX - 1] = '/';
	}
	path->flags = walk->flags | RF_PATH_READ;
	path->start = walk->start & (2 * RF_PATH_MAX - 1);
	path->length = RF_PATH_MAX - path->start;
	path->size = 0;
	read_inode(path, walk->origin);
	return rf_path_usable(path->flags) ? 0 : -1;
}
