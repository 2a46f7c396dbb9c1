/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What crosses between the property test (test/property) and the programs that it runs. The test reads the layout from
 * the BTF of the object.
 */
#ifndef RINGFENCE_PROPERTY_NOTES_H
#define RINGFENCE_PROPERTY_NOTES_H

#include <ringfence/kernel.h>
#include <ringfence/abi.h>

enum {
	RF_NOTE_POLICIES = 16, /* slots of policies that a test may use, from 0 */
	RF_NOTE_RESULT = 31, /* the bit of `told` that stands for RF_POSITION_RESULT */
};

/* What a program asked for on behalf of one policy. */
struct rf_note {
	u64 where; /* of its match */
	s32 error; /* that came with it */
	u32 matches; /* calls of rf_match() */
	u32 undecided; /* calls of rf_undecided() */
	u32 told; /* a bit for each position that was told of */
	u32 twice; /* positions that were told of once more */
	u32 sent; /* records that were ended */
	u32 waits; /* calls of rf_call_wait() */
	u32 return_actions; /* of rf_return_act() */
	u32 return_signal;
	u32 return_names;
	u32 entry; /* that waits, or was asked for */
	u32 reserved;
	u64 integers[RF_ARGUMENT_MAX]; /* that were told of, by position */
	u64 result;
};

struct rf_notes {
	u32 begun; /* calls of rf_test_begin() */
	u32 ended; /* calls of rf_test_end() */
	s64 verdict; /* that rf_test_end() was given */
	u64 waiting[RF_NOTE_POLICIES]; /* written by the test: what rf_call_return() finds */
	struct rf_note policies[RF_NOTE_POLICIES];
	struct rf_scopes scopes; /* written by the test: what rf_workload_scopes() finds */
	u32 current; /* policy that a record is told for */
	u32 reserved;
};

#endif
