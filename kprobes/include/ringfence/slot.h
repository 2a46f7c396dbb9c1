/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the readers of facts have in common: which slot a value goes to, and whether it is there already. */
#ifndef RINGFENCE_SLOT_H
#define RINGFENCE_SLOT_H

#include <ringfence/facts.h>
#include <ringfence/path.h>

/* Null when the arguments are of no slot or no fact. */
static __always_inline struct rf_path *rf_path_slot(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	if (!scratch || slot >= RF_PATH_SLOTS || fact >= RF_FACT_MAX)
		return NULL;
	return &scratch->paths[slot];
}

static __always_inline bool rf_path_holds(const struct rf_path *path, u32 fact)
{
	return path->flags & RF_PATH_READ && path->owner == fact;
}

/* What the reader of a slot that holds its fact returns. */
static __always_inline int rf_path_answer(const struct rf_path *path)
{
	return rf_path_usable(path->flags) ? 0 : -1;
}

#endif
