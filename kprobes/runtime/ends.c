// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Part of path.bpf.c. See ringfence/ends.h. The way up is that of the whole walk, to the root of the mount namespace, and
 * so is the proof that it held: neither the counter of renames nor that of mounts moved meanwhile. All that is not plain
 * is left to the whole walk.
 *
 * Plain loads do nearly all of it: from 6.2 on of any address, before that of what the kernel passed by its type, and
 * of what its fields lead to. There a mount has to be read with the helper, and so has all that is above one.
 */
#include <ringfence/ends.h>
#include <ringfence/tree.h>

#define ENDS_STEPS 20 /* of each kind; paths that are deeper are rare */
#define WORD 8

struct climb {
	u64 head; /* the first eight bytes of what has been seen */
	u64 tail; /* the last eight, and which of them are known */
	u64 known;
	struct dentry *dentry;
	struct mount *mount;
	struct rf_mount_head at; /* the mount */
	u32 room; /* that the path has */
	u32 last; /* whether its end is asked for */
};

/* One entry on the way. */
struct entry {
	struct dentry *parent;
	const void *name;
	u64 first; /* bytes of the name; what is behind it may be anything */
	u32 length;
};

static __always_inline u64 word_at(const void *from)
{
	u64 word = 0;

	if (RF_DIRECT)
		return rf_direct_word(from);
	bpf_probe_read_kernel(&word, sizeof(word), from);
	return word;
}

/* What is read in front of a short name is in the entry, or is the head of a name that it has elsewhere. */
static __always_inline void end_with(struct climb *climb, const struct entry *entry)
{
	u32 length = entry->length, missing = 8 * (WORD - 1 - length);
	u64 word = word_at(entry->name + length - WORD);

	climb->known = ~0ull;
	climb->tail = word;
	if (length >= WORD)
		return;
	climb->known <<= missing;
	climb->tail = (word & climb->known << 8) | (u64)'/' << missing;
}

/* In front of what has been seen. Returns -1 for a name that can not stand there. */
static __always_inline int begin_with(struct climb *climb, const struct entry *entry)
{
	u32 length = entry->length;
	u64 name = entry->first, behind = 0;

	if (!length || length >= climb->room)
		return -1;
	climb->room -= length + 1;
	if (climb->last && !climb->known)
		end_with(climb, entry);
	if (length < WORD - 1) {
		name &= (1ull << 8 * length) - 1;
		behind = climb->head << 8 * (length + 1);
	}
	climb->head = '/' | name << 8 | behind;
	return 0;
}

/* ---- by the type of a pointer ---- */

/* Up to the root of the mount that the file is in. A pointer that stands in no structure keeps its type. */
static __always_inline int climb_typed(struct climb *climb, struct dentry *dentry)
{
	u64 root = (u64)climb->at.root;

	for (u32 count = 0; count < ENDS_STEPS; count++) {
		struct dentry *parent;
		struct entry entry;
		const void *inside;

		if ((u64)dentry == root) {
			climb->dentry = (void *)root;
			return 0;
		}
		parent = dentry->d_parent;
		if (!parent || parent == dentry)
			return -1;
		entry.name = dentry->d_name.name;
		entry.length = dentry->d_name.len;
		inside = (void *)dentry + rf_short_name_offset();
		if (entry.name == inside)
			entry.first = *(const u64 *)inside;
		else
			entry.first = word_at(entry.name);
		if (begin_with(climb, &entry))
			return -1;
		dentry = parent;
	}
	return -1;
}

/* ---- by address ---- */

/* From the parent to the first bytes of a short name. */
#define ENTRY_FROM bpf_core_field_offset(struct dentry, d_parent)
#define ENTRY_NAME bpf_core_field_offset(struct dentry, d_name.name)
#define ENTRY_LENGTH bpf_core_field_offset(struct dentry, d_name.len)
#define ENTRY_BYTES 40

static __always_inline int read_entry(struct dentry *dentry, struct entry *entry)
{
	u64 copy[ENTRY_BYTES / WORD];

	if (RF_DIRECT) {
		const struct dentry *at = rf_direct(dentry, dentry);

		entry->parent = at->d_parent;
		entry->name = at->d_name.name;
		entry->length = at->d_name.len;
		entry->first = rf_direct_word(entry->name);
		return 0;
	}
	if (ENTRY_NAME != ENTRY_FROM + 16 || ENTRY_LENGTH != ENTRY_FROM + 12 ||
	    rf_short_name_offset() != ENTRY_FROM + 32)
		return -1;
	if (bpf_probe_read_kernel(copy, sizeof(copy), (void *)dentry + ENTRY_FROM))
		return -1;
	entry->parent = (void *)copy[0];
	entry->length = copy[1] >> 32;
	entry->name = (void *)copy[2];
	entry->first = copy[4];
	if (entry->name != (void *)dentry + rf_short_name_offset())
		entry->first = word_at(entry->name);
	return 0;
}

/* From the root of a mount to the place where it is mounted. Returns 1 where there is none above. */
static __always_inline int leave_mount_of(struct climb *climb)
{
	struct mount *parent = climb->at.parent;

	if (parent == climb->mount)
		return 1;
	climb->dentry = climb->at.mountpoint;
	climb->mount = parent;
	return rf_mount_head_of(&climb->at, parent) ? -1 : 0;
}

/* Returns 0 once it has reached the root. */
static __always_inline int climb_addresses(struct climb *climb)
{
	for (u32 count = 0; count < ENDS_STEPS; count++) {
		struct dentry *dentry = climb->dentry;
		struct entry entry;
		int end;

		if (dentry == climb->at.root) {
			end = leave_mount_of(climb);
			if (end)
				return end < 0 ? -1 : 0;
			continue;
		}
		if (read_entry(dentry, &entry) || !entry.parent || !entry.name || entry.parent == dentry)
			return -1;
		if (begin_with(climb, &entry))
			return -1;
		climb->dentry = entry.parent;
	}
	return -1;
}

/*
 * An argument that the verifier trusts is loaded from without a look whether there is anything. So it is taken for an
 * address where that can be done.
 */
static __always_inline int climb_from(struct climb *climb, struct file *file)
{
	struct vfsmount *origin;

	if (RF_DIRECT) {
		origin = rf_direct(file, file)->f_path.mnt;
		climb->dentry = rf_direct(file, file)->f_path.dentry;
	} else {
		origin = file->f_path.mnt;
	}
	if (!origin)
		return -1;
	climb->mount = rf_mount_of(origin);
	if (rf_mount_head_of(&climb->at, climb->mount))
		return -1;
	if (!RF_DIRECT && climb_typed(climb, file->f_path.dentry))
		return -1;
	return climb_addresses(climb);
}

/* A root has no name. */
static __always_inline void tell(struct rf_ends *ends, const struct climb *climb)
{
	bool nameless = climb->room == RF_PATH_MAX;

	ends->head = nameless ? '/' : climb->head;
	ends->tail = nameless ? (u64)'/' << 56 : climb->tail;
	ends->known = nameless ? ~0ull : climb->known;
}

/* A full barrier, on every architecture: an atomic operation without a result would be none on arm64. */
static __always_inline u64 ordered(u64 *word, u64 value)
{
	return __sync_lock_test_and_set(word, value);
}

__hidden __noinline int rf_ends_of_file(struct file *file, struct rf_ends *ends, u32 last)
{
	struct climb climb = { .room = RF_PATH_MAX, .last = last };
	u32 renames, mounts;

	ends->head = 0;
	ends->tail = 0;
	ends->known = ~0ull;
	if (!file)
		return 0; /* an empty text */
	renames = rf_sequence_of(rf_rename_lock);
	mounts = rf_sequence_of(rf_mount_lock);
	if ((renames | mounts) & 1)
		return -1;
	ordered(&ends->head, 0);
	if (climb_from(&climb, file))
		return -1;
	tell(ends, &climb);
	ordered(&ends->known, ends->known);
	return rf_sequence_of(rf_rename_lock) == renames && rf_sequence_of(rf_mount_lock) == mounts ? 0 : -1;
}
