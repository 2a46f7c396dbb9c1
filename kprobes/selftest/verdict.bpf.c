// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-tests of runtime/verdict.bpf.c. */
#include <ringfence/maps.h>
#include <ringfence/process.h>
#include <ringfence/verdict.h>
#include "check.h"

struct match_test {
	u64 where;
	u32 policy;
	s32 error;
	/* out */
	s32 verdict;
	s32 told_verdict;
	u32 told_flags;
	u32 told; /* whether a record was begun */
};

SEC("syscall")
int test_match(struct match_test *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_record_policy *record;

	CHECK(scratch);
	record = (void *)scratch->record;
	record->verdict = 1;
	record->flags = ~0u;
	context->verdict = rf_match(scratch, &scratch->process, context->policy, context->where, context->error);
	context->told = scratch->cursor == sizeof(*record);
	context->told_verdict = record->verdict;
	context->told_flags = record->flags;
	rf_scratch_release_sleepable(scratch);
	return 0;
}

static struct rf_scratch *begin_record(void)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();

	if (scratch)
		rf_match(scratch, &scratch->process, 0, (u64)RF_ACTION_POST << 32, 0);
	return scratch;
}

struct telling {
	struct rf_scratch *scratch;
};

static long tell_integer(u32 index, struct telling *telling)
{
	rf_tell_integer(telling->scratch, 1, index);
	return 0;
}

/* More integers than fit: those that fit are there, the others are not, and the count is of those that are. */
SEC("syscall")
int test_tell_integers(void *context)
{
	const u32 room = (RF_RECORD_MAX - sizeof(struct rf_record_policy)) / sizeof(struct rf_argument);
	struct rf_scratch *scratch = begin_record();
	struct telling telling = { .scratch = scratch };
	struct rf_record_policy *record;
	struct rf_argument *last;

	CHECK(scratch);
	record = (void *)scratch->record;
	bpf_loop(room + 100, tell_integer, &telling, 0);
	CHECK(record->arguments == room);
	CHECK(scratch->cursor == sizeof(*record) + room * sizeof(*last));
	last = (void *)&scratch->record[sizeof(*record) + (room - 1) * sizeof(*last)];
	CHECK(last->kind == RF_ARGUMENT_INTEGER && last->position == 1 && last->value == room - 1);
	CHECK(last->flags == RF_PATH_READ && !last->device && !last->mode && !last->length && !last->reserved);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* More paths than fit: the ones without room say that they were not read, rather than that they are empty. */
SEC("syscall")
int test_tell_paths(void *context)
{
	const u32 each = sizeof(struct rf_argument) + RF_PATH_MAX;
	struct rf_scratch *scratch = begin_record();
	struct rf_record_policy *record;
	struct rf_argument *argument;
	struct rf_path *path;
	u32 index;

	CHECK(scratch);
	record = (void *)scratch->record;
	path = &scratch->paths[0];
	path->flags = RF_PATH_READ | RF_PATH_DELETED;
	path->start = 0;
	path->length = RF_PATH_MAX;
	path->inode = 5;
	path->device = 6;
	path->mode = 7;
	for (index = 0; index < RF_ARGUMENT_MAX; index++)
		CHECK(rf_tell_path(scratch, index, 0) == 0);
	CHECK(record->arguments == RF_ARGUMENT_MAX);
	CHECK(scratch->cursor <= RF_RECORD_MAX);
	argument = (void *)&scratch->record[sizeof(*record)];
	CHECK(argument->kind == RF_ARGUMENT_PATH && argument->length == RF_PATH_MAX);
	CHECK(argument->flags == (RF_PATH_READ | RF_PATH_DELETED));
	CHECK(argument->value == 5 && argument->device == 6 && argument->mode == 7);
	argument = (void *)&scratch->record[sizeof(*record) + 6 * each];
	CHECK(argument->position == 6 && argument->length == 0 && argument->flags == RF_PATH_DELETED);
	CHECK(rf_tell_path(scratch, 0, RF_PATH_SLOTS) == -1);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* What a slot holds of an earlier invocation is never told. */
SEC("syscall")
int test_tell_unread(void *context)
{
	struct rf_scratch *scratch = begin_record();
	struct rf_argument *argument;
	struct rf_path *path;

	CHECK(scratch);
	path = &scratch->paths[1];
	path->start = 0;
	path->length = 100;
	path->inode = 5;
	CHECK(rf_tell_path(scratch, 0, 1) == -1);
	argument = (void *)&scratch->record[sizeof(struct rf_record_policy)];
	CHECK(!argument->flags && !argument->value && !argument->length);
	CHECK(scratch->cursor == sizeof(struct rf_record_policy) + sizeof(*argument));
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* Nothing is told when no record was begun. */
SEC("syscall")
int test_tell_nothing(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();

	CHECK(scratch);
	rf_match(scratch, &scratch->process, 0, (u64)RF_ACTION_NOPOST << 32, 0);
	rf_tell_integer(scratch, 0, 1);
	rf_tell_path(scratch, 0, 0);
	CHECK(scratch->cursor == 0);
	CHECK(rf_tell_end(scratch) == 0);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

SEC("syscall")
int test_fail_closed(struct match_test *context)
{
	context->verdict = rf_fail_closed(context->policy, context->error);
	return 0;
}
