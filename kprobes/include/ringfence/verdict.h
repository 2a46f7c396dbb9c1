/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What compiled policies call: decide, count, and tell. */
#ifndef RINGFENCE_VERDICT_H
#define RINGFENCE_VERDICT_H

#include <ringfence/scratch.h>

int rf_match(struct rf_scratch *scratch, struct rf_process *process, u32 policy, u64 where, s32 error);
int rf_tell_integer(struct rf_scratch *scratch, u32 position, u64 value);
int rf_tell_path(struct rf_scratch *scratch, u32 position, u32 slot);
int rf_tell_end(struct rf_scratch *scratch);
int rf_fail_closed(u32 slot);

#endif
