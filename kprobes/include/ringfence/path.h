/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paths of objects, absolute in the mount namespace: a chroot does not shorten them, a bind mount or a hard link gives
 * them another name. Each call fills one slot of the scratch anew, and returns 0 when the path can be compared, else -1.
 */
#ifndef RINGFENCE_PATH_H
#define RINGFENCE_PATH_H

#include <ringfence/scratch.h>

/* From scratch->walk.from, or from scratch->walk.origin when that is null. */
int rf_walk_path(struct rf_scratch *scratch, u32 slot);

static __always_inline bool rf_path_usable(u32 flags)
{
	return !(flags & (RF_PATH_UNSTABLE | RF_PATH_FAULT));
}

/* What a slot holds when there is nothing, or nothing that can be read: an empty text. */
static __always_inline int rf_path_empty(struct rf_path *path, u32 flags)
{
	path->flags = RF_PATH_READ | flags;
	path->start = RF_PATH_MAX;
	path->length = 0;
	path->inode = 0;
	path->device = 0;
	path->links = 0;
	path->mode = 0;
	path->size = 0;
	path->object = NULL;
	return rf_path_usable(flags) ? 0 : -1;
}

/* The address goes through memory: the verifier takes no pointer to a kernel object where a number is wanted. */
static __always_inline int rf_path_of_path(struct rf_scratch *scratch, u32 slot, const struct path *path)
{
	scratch->walk.from = path;
	return rf_walk_path(scratch, slot);
}

static __always_inline int rf_path_of_file(struct rf_scratch *scratch, u32 slot, const struct file *file)
{
	if (slot >= RF_PATH_SLOTS)
		return -1;
	if (!file)
		return rf_path_empty(&scratch->paths[slot], RF_PATH_NONE);
	return rf_path_of_path(scratch, slot, __builtin_preserve_access_index(&file->f_path));
}

#endif
