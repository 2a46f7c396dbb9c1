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
#include <ringfence/facts.h>
#include <ringfence/path.h>
#include <ringfence/tree.h>

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

static __always_inline struct mnt_namespace *namespace_of(struct mount *mount)
{
	return RF_DIRECT ? rf_direct(mount, mount)->mnt_ns : BPF_CORE_READ(mount, mnt_ns);
}

static __always_inline int enter_mount(struct rf_walk *walk, struct mount *mount)
{
	walk->mount = mount;
	return rf_mount_head_of(&walk->mount_head, mount);
}

/* At the root of a mount: go on from where it is mounted. Returns 1 at the end of the walk. */
static __always_inline long leave_mount(struct rf_walk *walk)
{
	struct mount *mount = walk->mount, *parent = walk->mount_head.parent;

	if (parent == mount) {
		if ((u64)namespace_of(mount) != walk->mount_namespace)
			walk->flags |= RF_PATH_UNREACHABLE;
		return 1;
	}
	walk->dentry = walk->mount_head.mountpoint;
	mix(walk, (u64)parent);
	mix(walk, (u64)walk->dentry);
	if (!enter_mount(walk, parent))
		return 0;
	walk->flags |= RF_PATH_FAULT;
	return 1;
}

/* ---- names ---- */

/* What a step needs of a dentry. */
struct step {
	struct dentry *parent;
	const void *name;
	u32 length; /* not only to NAME_MAX: FUSE has names of 1,024 bytes, vfat of 765 */
	bool unlinked;
};

/* A copy begins here, and has all that a step needs, with a short name: one read costs little more than a smaller one. */
#define COPY_FROM bpf_core_field_offset(struct dentry, d_hash.pprev)

static __always_inline const struct dentry *copied(const struct rf_walk *walk)
{
	return (const void *)walk->copy - COPY_FROM;
}

/* d_unlinked() of include/linux/dcache.h: unhashed, and not the root of its tree. */
static __always_inline int read_dentry(struct rf_walk *walk, struct dentry *dentry, struct step *step)
{
	if (RF_DIRECT) {
		const struct dentry *at = rf_direct(dentry, dentry);

		step->parent = at->d_parent;
		step->name = at->d_name.name;
		step->length = at->d_name.len;
		step->unlinked = dentry == walk->origin && !at->d_hash.pprev && step->parent != dentry;
	} else {
		const struct dentry *at = copied(walk);

		if (bpf_probe_read_kernel(walk->copy, RF_DENTRY_READ, (void *)dentry + COPY_FROM))
			return -1;
		step->parent = at->d_parent;
		step->name = at->d_name.name;
		step->length = at->d_name.len;
		step->unlinked = dentry == walk->origin && !at->d_hash.pprev && step->parent != dentry;
	}
	return step->parent && step->name ? 0 : -1;
}

#define SHORT_NAME_MAX 40

static __always_inline u64 load_word(const void *from)
{
	u64 word;

	asm volatile("%0 = *(u64 *)(%1 + 0)" : "=r"(word) : "r"(from) : "memory");
	return word;
}

static __always_inline void store_word(void *to, u64 word)
{
	asm volatile("*(u64 *)(%0 + 0) = %1" : : "r"(to), "r"(word) : "memory");
}

/*
 * Written from its end, by words: what is too much of the first one lands in front of the name, where the rest of the
 * path is going to stand. What is read too much is in the dentry, or the head of a name that it has elsewhere.
 */
static __always_inline bool write_short(struct rf_walk *walk, struct rf_path *path, u32 end, const struct step *step)
{
	u32 length = step->length, copy = rf_short_name_offset() - COPY_FROM + length;

	if (length > SHORT_NAME_MAX || end < SHORT_NAME_MAX || end > RF_PATH_MAX)
		return false;
	if (!RF_DIRECT && step->name != (void *)walk->dentry + rf_short_name_offset())
		return false;
#pragma unroll
	for (u32 word = 8; word <= SHORT_NAME_MAX; word += 8) {
		u32 to = (end - word) & (RF_PATH_MAX - 1);

		if (length + 8 <= word)
			continue;
		if (RF_DIRECT)
			store_word(&path->text[to], rf_direct_word(step->name + length - word));
		else
			store_word(&path->text[to], load_word(&walk->copy[(copy - word) & 127]));
	}
	return true;
}

static __always_inline int write_name(struct rf_walk *walk, struct rf_path *path, u32 end, const struct step *step)
{
	u32 length = step->length, start = (end - length) & (RF_PATH_MAX - 1);

	if (write_short(walk, path, end, step))
		return 0;
	barrier_var(length); /* the compiler knows the bound, the verifier of 6.1 has to be shown */
	return bpf_probe_read_kernel(&path->text[start], length & (RF_PATH_MAX - 1), step->name);
}

static __always_inline bool root_of_file_system(struct dentry *dentry)
{
	return BPF_CORE_READ(dentry, d_sb, s_root) == dentry;
}

static __noinline long walk_step(u32 index, void *context)
{
	struct context *this = context;
	struct rf_walk *walk = this->walk;
	struct dentry *dentry = walk->dentry;
	bool leaves = walk->mount && dentry == walk->mount_head.root;
	u32 end = walk->start, start;
	struct step step;

	if (leaves && dentry != walk->origin)
		return leave_mount(walk);
	if (read_dentry(walk, dentry, &step))
		goto fault;
	walk->deleted |= step.unlinked;
	if (leaves)
		return leave_mount(walk);
	if (step.parent == dentry) {
		/* The top of a tree that is not mounted: pipes (no name), sockets (the protocol), memory files. */
		if (walk->from || !root_of_file_system(dentry))
			walk->flags |= RF_PATH_UNREACHABLE;
		if (step.length <= 1)
			return 1;
	}
	if (step.length >= end) {
		walk->flags |= RF_PATH_TRUNCATED;
		return 1;
	}
	if (write_name(walk, this->path, end, &step))
		goto fault;
	start = (end - step.length - 1) & (RF_PATH_MAX - 1);
	this->path->text[start] = '/';
	walk->start = start;
	walk->dentry = step.parent;
	return step.parent == dentry;
fault:
	walk->flags |= RF_PATH_FAULT;
	return 1;
}

static long chain_step(u32 index, void *context)
{
	struct rf_walk *walk = ((struct context *)context)->walk;
	struct dentry *dentry = walk->dentry, *parent;
	u32 sequence;

	if (walk->mount && dentry == walk->mount_head.root)
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

#define PATH_MNT bpf_core_field_offset(struct path, mnt)

/* Without a mount the walk goes on until a dentry is its own parent. */
static __always_inline int enter_origin(struct rf_walk *walk)
{
	const struct path *from = walk->from;

	if (!from) {
		walk->origin_mount = NULL;
		walk->mount = NULL;
		return 0;
	}
	if (RF_DIRECT) {
		walk->origin = rf_direct(path, from)->dentry;
		walk->origin_mount = rf_direct(path, from)->mnt;
		if (!walk->origin || !walk->origin_mount)
			return -1;
	} else if (bpf_core_field_offset(struct path, dentry) == PATH_MNT + 8) {
		if (bpf_probe_read_kernel(&walk->origin_mount, 16, (void *)from + PATH_MNT))
			return -1;
	} else if (bpf_core_read(&walk->origin, sizeof(walk->origin), &from->dentry) ||
		   bpf_core_read(&walk->origin_mount, sizeof(walk->origin_mount), &from->mnt)) {
		return -1;
	}
	return enter_mount(walk, rf_mount_of(walk->origin_mount));
}

static __always_inline int begin_walk(struct rf_walk *walk)
{
	walk->flags = 0;
	walk->deleted = 0;
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

#define FEW_STEPS 6

/* Most paths end within these. A loop of the kernel's costs 50 instructions, and 20 more for each round. */
static __always_inline bool take_few_steps(struct context *this)
{
	for (u32 index = 0; index < FEW_STEPS; index++)
		if (walk_step(index, this))
			return true;
	return false;
}

static __always_inline void read_text(struct context *this)
{
	struct rf_walk *walk = this->walk;
	long steps;

	if (begin_walk(walk) || take_few_steps(this))
		return;
	steps = bpf_loop(STEPS - FEW_STEPS, walk_step, this, 0);
	if (steps < 0)
		walk->flags |= RF_PATH_FAULT;
	else if (steps == STEPS - FEW_STEPS)
		walk->flags |= RF_PATH_TRUNCATED;
}

/* Leaves the text, where it begins, and what is known of it, alone. */
static __always_inline void read_chain(struct context *this)
{
	struct rf_walk *walk = this->walk;
	u32 flags = walk->flags, start = walk->start, deleted = walk->deleted;

	if (begin_walk(walk) || bpf_loop(STEPS, chain_step, this, 0) < 0 || walk->flags & RF_PATH_FAULT)
		walk->chain = 0;
	walk->flags = flags;
	walk->start = start;
	walk->deleted = deleted;
}

/* An open file keeps its pair, a working directory does not. */
static __always_inline bool origin_stands(struct rf_walk *walk)
{
	const struct path *from = walk->from;
	u64 now[2] = {};

	if (!from)
		return true;
	if (RF_DIRECT)
		return rf_direct(path, from)->dentry == walk->origin && rf_direct(path, from)->mnt == walk->origin_mount;
	if (bpf_core_field_offset(struct path, dentry) == PATH_MNT + 8) {
		bpf_probe_read_kernel(now, sizeof(now), (void *)from + PATH_MNT);
	} else {
		now[0] = (u64)BPF_CORE_READ(from, mnt);
		now[1] = (u64)BPF_CORE_READ(from, dentry);
	}
	return now[0] == (u64)walk->origin_mount && now[1] == (u64)walk->origin;
}

/* Whether nothing of the machine was renamed or mounted since the counters were read. */
static __always_inline bool unmoved(struct rf_walk *walk, u32 renames, u32 mounts)
{
	return !((renames | mounts) & 1) && rf_sequence_of(rf_rename_lock) == renames &&
	       rf_sequence_of(rf_mount_lock) == mounts && origin_stands(walk);
}

/* Reads the path once, and what it consists of when that is needed. Returns 1 when the answer stands. */
static __noinline long walk_try(u32 index, void *context)
{
	struct context *this = context;
	struct rf_walk *walk = this->walk;
	u32 renames = rf_sequence_of(rf_rename_lock), mounts = rf_sequence_of(rf_mount_lock);
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
	if (!walk_try(0, &context))
		bpf_loop(TRIES - 1, walk_try, &context, 0);
	if (!walk->settled)
		give_up(walk);
	if (!rf_path_usable(walk->flags)) {
		walk->start = RF_PATH_MAX; /* no answer is no part of one, either */
	} else if (walk->start == RF_PATH_MAX && !(walk->flags & RF_PATH_UNREACHABLE)) {
		walk->start = RF_PATH_MAX - 1; /* the root itself */
		path->text[RF_PATH_MAX - 1] = '/';
	}
	path->flags = walk->flags | RF_PATH_READ | (walk->deleted ? RF_PATH_DELETED : 0);
	path->start = walk->start & (2 * RF_PATH_MAX - 1);
	path->length = RF_PATH_MAX - path->start;
	path->size = 0;
	path->object = walk->origin;
	return rf_path_usable(path->flags) ? 0 : -1;
}

__noinline int rf_read_object(struct rf_scratch *scratch, u32 slot)
{
	struct dentry *dentry;
	struct rf_path *path;
	struct inode *inode;

	if (!scratch || slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	dentry = path->object;
	if (!dentry)
		return 0;
	path->object = NULL;
	if (RF_DIRECT) {
		inode = rf_direct(dentry, dentry)->d_inode;
		path->mode = rf_direct(inode, inode)->i_mode;
		path->inode = rf_direct(inode, inode)->i_ino;
		path->device = rf_direct(inode, inode)->i_sb->s_dev;
		path->links = rf_direct(inode, inode)->i_nlink;
		return 0;
	}
	inode = BPF_CORE_READ(dentry, d_inode);
	path->mode = BPF_CORE_READ(inode, i_mode);
	path->inode = BPF_CORE_READ(inode, i_ino);
	path->device = BPF_CORE_READ(inode, i_sb, s_dev);
	path->links = BPF_CORE_READ(inode, i_nlink);
	return 0;
}

/* Of the objects that libbpf 1.1 links only one may ask for bpf_rdonly_cast(). */
#include "ends.c"
