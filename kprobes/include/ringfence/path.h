/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paths of objects, absolute in the mount namespace: a chroot does not shorten them, a bind mount or a
 * hard link gives them another name. Each call fills one slot of the scratch; a second call for the same
 * slot returns what the first one found. They return 0 when the path can be compared, else -1.
 */
#ifndef RINGFENCE_PATH_H
#define RINGFENCE_PATH_H

#include <ringfence/scratch.h>

int rf_path_of_path(struct rf_scratch *scratch, u32 slot, const struct path *path);
int rf_path_of_file(struct rf_scratch *scratch, u32 slot, const struct file *file);
int rf_path_of_binprm(struct rf_scratch *scratch, u32 slot, const struct linux_binprm *bprm);

/* Forgets what a slot holds, for callers that use a slot for several objects. */
static __always_inline void rf_path_clear(struct rf_scratch *scratch, u32 slot)
{
	if (slot < RF_PATH_SLOTS)
		scratch->paths[slot].flags = 0;
}

#endif
