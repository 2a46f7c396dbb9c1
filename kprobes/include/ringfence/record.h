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

#endif
