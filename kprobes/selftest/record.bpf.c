// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-tests of runtime/record.bpf.c. The reader's side of them is in test/kernel/runtime.test.ts. */
#include <ringfence/maps.h>
#include <ringfence/record.h>
#include "check.h"

#define KIND 77

static struct rf_ring_state *state_of(u32 ring)
{
	u32 index = ring * rf_cpus + bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&rf_ring_states, &index);
}

struct soil {
	struct rf_scratch *scratch;
};

static long soil(u32 index, struct soil *soil)
{
	struct rf_scratch *scratch = soil->scratch;

	if (index >= RF_RECORD_MAX / 8)
		return 1;
	((u64 *)scratch->record)[index] = ~0ull;
	return 0;
}

static void set_path(struct rf_scratch *scratch, u32 slot, u32 length)
{
	struct rf_path *path;

	if (slot >= RF_PATH_SLOTS)
		return;
	path = &scratch->paths[slot];
	path->flags = RF_PATH_READ;
	path->start = RF_PATH_MAX - length;
	path->length = length;
	path->mode = 0;
	path->inode = 0;
	path->device = 0;
	path->links = 0;
}

struct record_test {
	u32 ring;
	u32 length; /* of the path that is appended */
};

/* One record of a head and a path into a ring; the memory it is made in was full of ones before. */
SEC("syscall")
int test_record_submit(struct record_test *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct soil ones = { .scratch = scratch };
	struct rf_range range = {};
	struct rf_ring_state *state;
	u64 sequence;
	u32 ring = context->ring, length = context->length;

	CHECK(scratch);
	state = state_of(ring);
	CHECK(state);
	sequence = state->sequence;
	bpf_loop(RF_RECORD_MAX / 8, soil, &ones, 0);
	set_path(scratch, 0, length);
	CHECK(rf_record_begin(scratch, KIND, ring, sizeof(struct rf_record)) == 0);
	CHECK(rf_record_append_path(scratch, 0, &range) == 0);
	CHECK(range.offset == sizeof(struct rf_record) && range.length == length);
	CHECK(scratch->cursor == sizeof(struct rf_record) + ((length + 7) & ~7u));
	CHECK(rf_record_submit(scratch) == 0);
	CHECK(state->sequence == sequence + 1);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* A path that has no room leaves the record as it was. */
SEC("syscall")
int test_record_no_room(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_range range = {};

	CHECK(scratch);
	rf_record_begin(scratch, KIND, RF_RING_VERDICT, RF_RECORD_MAX - RF_PATH_MAX);
	set_path(scratch, 1, 1);
	CHECK(rf_record_append_path(scratch, 1, &range) == -1);
	CHECK(range.length == 0 && scratch->cursor == RF_RECORD_MAX - RF_PATH_MAX);
	CHECK(rf_record_append_path(scratch, RF_PATH_SLOTS, &range) == -1);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* A record that is too long, like one that finds the ring full, is a number without a record, and counted. */
SEC("syscall")
int test_record_dropped(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_ring_state *state = state_of(RF_RING_OBSERVATION);
	u64 sequence, dropped, dropped_bytes;
	u32 tries, sent = 0;

	CHECK(scratch && state);
	sequence = state->sequence;
	dropped = state->dropped;
	dropped_bytes = state->dropped_bytes;
	rf_record_begin(scratch, KIND, RF_RING_OBSERVATION, RF_RECORD_MAX + 8);
	CHECK(rf_record_submit(scratch) == -1);
	CHECK(state->sequence == sequence + 1 && state->dropped == dropped + 1);
	CHECK(state->dropped_bytes == dropped_bytes + RF_RECORD_MAX + 8);
	for (tries = 0; tries < 4; tries++) { /* the test's ring has room for two */
		rf_record_begin(scratch, KIND, RF_RING_OBSERVATION, RF_RECORD_MAX);
		if (!rf_record_submit(scratch))
			sent++;
	}
	CHECK(sent == 2);
	CHECK(state->sequence == sequence + 5 && state->dropped == dropped + 3);
	CHECK(state->dropped_bytes == dropped_bytes + 3 * RF_RECORD_MAX + 8);
	rf_scratch_release_sleepable(scratch);
	return 0;
}
