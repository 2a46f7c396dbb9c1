/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls whose return is waited for: their records, kept in the task storage of the thread that makes them. */
#ifndef RINGFENCE_CALL_H
#define RINGFENCE_CALL_H

#include <ringfence/kernel.h>
#include <ringfence/abi.h>

enum rf_call_state {
	RF_CALL_FREE = 0,
	RF_CALL_BUSY = 1, /* being written or read: an interrupt may come between */
	RF_CALL_WAITING = 2,
};

struct rf_call {
	u32 state; /* enum rf_call_state */
	u32 slot; /* of the policy */
	u32 entry; /* position of the hook in the policy */
	u32 length;
	u32 ring;
	u32 reserved;
	u8 record[RF_CALL_BYTES];
};

/* Tells of the calls of a thread that ends before they return. */
int rf_calls_abandon(struct task_struct *task);

#endif
