/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What compiled policies call: decide, count, and tell. */
#ifndef RINGFENCE_VERDICT_H
#define RINGFENCE_VERDICT_H

#include <ringfence/scratch.h>

/*
 * @where, from its lowest bit: selector and position of the hook in the policy (16 bits each), enum rf_action (16),
 * whether a test could not be told, so that an enforcing selector denies without a match (1), the number of the signal
 * (7), whether the hook can not deny, so that an act is a signal at most (1), whom the selector names (7); see
 * ringfence/critical.h.
 */
int rf_match(struct rf_scratch *scratch, struct rf_process *process, u32 slot, u64 where, s32 error);
/* A selector that only observes could not be decided: it is passed over, and counted. */
int rf_undecided(u32 slot);
int rf_tell_integer(struct rf_scratch *scratch, u32 position, u64 value);
int rf_tell_path(struct rf_scratch *scratch, u32 position, u32 slot);
int rf_tell_string(struct rf_scratch *scratch, u32 position, u32 slot);
int rf_tell_bytes(struct rf_scratch *scratch, u32 position, u32 slot);
int rf_tell_socket(struct rf_scratch *scratch, u32 position, u32 slot);
int rf_tell_credentials(struct rf_scratch *scratch, u32 position);
int rf_tell_end(struct rf_scratch *scratch);
int rf_fail_closed(u32 slot, s32 error);

#define RF_SELECTOR_NONE 0xffff

/*
 * Calls whose return is told of: the record waits with the thread, one for each policy and hook. rf_call_return() gives
 * 1 + the selector that matched at the entry, RF_SELECTOR_NONE when it was undecided; or 0 when nothing waits.
 */
int rf_call_wait(struct rf_scratch *scratch, u32 slot, u32 entry);
int rf_call_return(struct rf_scratch *scratch, u32 slot, u32 entry);
/* @how: the number of the signal (8 bits), whom the selector names (8). */
int rf_return_act(struct rf_scratch *scratch, struct rf_process *process, u32 slot, u32 actions, u32 how);

#endif
