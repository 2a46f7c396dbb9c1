/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records: begun in the scratch, grown by parts, sent to a ring once they are whole. */
#ifndef RINGFENCE_RECORD_H
#define RINGFENCE_RECORD_H

#include <ringfence/scratch.h>
#include <ringfence/call.h>

int rf_record_begin(struct rf_scratch *scratch, u32 kind, u32 ring, u32 bytes);
int rf_record_pad(struct rf_scratch *scratch);
int rf_record_append_path(struct rf_scratch *scratch, u32 slot, struct rf_range *range);
int rf_record_submit(struct rf_scratch *scratch);
int rf_record_submit_call(struct rf_call *call);

/* Records of one size, which are made on the stack and go to the verdict ring: at most so many bytes. */
#define RF_RECORD_SMALL 128
int rf_record_submit_small(struct rf_record *record, u32 length);

static __always_inline void rf_record_head(struct rf_record *record, u32 kind)
{
	record->kind = kind;
	record->ring = RF_RING_VERDICT;
	record->time_ns = bpf_ktime_get_ns();
	record->tid = (u32)bpf_get_current_pid_tgid();
}

#endif
