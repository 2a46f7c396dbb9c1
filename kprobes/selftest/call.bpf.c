// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-tests of runtime/verdict-call.bpf.c: calls that wait for their return, and what becomes of those that do not. */
#include <ringfence/maps.h>
#include <ringfence/verdict.h>
#include "check.h"

#define SLOT 5
#define ENTRY 7
#define SELECTOR 2

static u64 sent(void)
{
	u32 index = RF_RING_OBSERVATION * rf_cpus + bpf_get_smp_processor_id();
	struct rf_ring_state *state = bpf_map_lookup_elem(&rf_ring_states, &index);

	return state ? state->sequence : 0;
}

static struct rf_policy *policy(void)
{
	u32 slot = SLOT;

	return bpf_map_lookup_elem(&rf_policies, &slot);
}

static __always_inline void enter(struct rf_scratch *scratch, u32 entry, u64 value)
{
	u64 where = SELECTOR | (u64)entry << 16 | (u64)RF_ACTION_POST << 32;

	rf_match(scratch, &scratch->process, SLOT, where, 0);
	rf_tell_integer(scratch, 0, value);
	rf_call_wait(scratch, SLOT, entry);
}

static __always_inline u64 told(struct rf_scratch *scratch)
{
	struct rf_argument *argument = (void *)&scratch->record[sizeof(struct rf_record_policy)];

	return argument->value;
}

/* The record of the entry is there again when the call returns, and in between nothing is sent. */
SEC("syscall")
int test_call_returns(void *context)
{
	const u32 length = sizeof(struct rf_record_policy) + sizeof(struct rf_argument);
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_record_policy *record;
	u64 before = sent();

	CHECK(scratch);
	record = (void *)scratch->record;
	enter(scratch, ENTRY, 42);
	__builtin_memset(record, 0xff, length);
	CHECK(rf_call_return(scratch, SLOT, ENTRY + 1) == 0 && !scratch->cursor);
	CHECK(rf_call_return(scratch, SLOT + 1, ENTRY) == 0 && !scratch->cursor);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 1 + SELECTOR);
	CHECK(scratch->cursor == length && scratch->ring == RF_RING_OBSERVATION);
	CHECK(record->flags == RF_POLICY_RETURNED && record->entry == ENTRY && record->selector == SELECTOR);
	CHECK(record->arguments == 1 && told(scratch) == 42);
	CHECK(sent() == before);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 0 && !scratch->cursor); /* only once */
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* Nothing was told at the entry: nothing waits. */
SEC("syscall")
int test_call_untold(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();

	CHECK(scratch);
	rf_match(scratch, &scratch->process, SLOT, (u64)RF_ACTION_NOPOST << 32, 0);
	CHECK(rf_call_wait(scratch, SLOT, ENTRY) == 0);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 0);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* A call of the same place that did not return has been lost. */
SEC("syscall")
int test_call_again(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_policy *of = policy();
	u64 before = sent(), lost;

	CHECK(scratch && of);
	lost = of->return_lost;
	enter(scratch, ENTRY, 1);
	enter(scratch, ENTRY, 2);
	CHECK(sent() == before + 1 && of->return_lost == lost + 1);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 1 + SELECTOR && told(scratch) == 2);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* One more than there is room for is sent at once; the others are not disturbed. */
SEC("syscall")
int test_call_no_room(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_policy *of = policy();
	u64 before = sent(), lost;
	u32 entry;

	CHECK(scratch && of);
	lost = of->return_lost;
	for (entry = 0; entry < RF_CALL_MAX; entry++)
		enter(scratch, entry, entry);
	CHECK(sent() == before);
	enter(scratch, ENTRY, 99);
	CHECK(sent() == before + 1 && of->return_lost == lost + 1);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 0);
	for (entry = 0; entry < RF_CALL_MAX; entry++)
		CHECK(rf_call_return(scratch, SLOT, entry) == 1 + SELECTOR && told(scratch) == entry);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

SEC("syscall")
int test_call_too_long(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_policy *of = policy();
	u64 before = sent(), lost;
	u32 argument;

	CHECK(scratch && of);
	lost = of->return_lost;
	rf_match(scratch, &scratch->process, SLOT, (u64)RF_ACTION_POST << 32, 0);
	for (argument = 0; argument < RF_CALL_BYTES / sizeof(struct rf_argument); argument++)
		rf_tell_integer(scratch, 0, argument);
	rf_call_wait(scratch, SLOT, ENTRY);
	CHECK(sent() == before + 1 && of->return_lost == lost + 1);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 0);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* The policy was replaced while the call was on its way: its selectors are others. */
SEC("syscall")
int test_call_replaced(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_policy *of = policy();
	u64 before = sent(), lost;

	CHECK(scratch && of);
	lost = of->return_lost;
	enter(scratch, ENTRY, 1);
	of->incarnation++;
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 0 && !scratch->cursor);
	CHECK(sent() == before + 1 && of->return_lost == lost + 1);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

/* The thread ends. */
SEC("syscall")
int test_call_abandoned(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_policy *of = policy();
	u64 before = sent(), lost;

	CHECK(scratch && of);
	lost = of->return_lost;
	enter(scratch, ENTRY, 1);
	enter(scratch, ENTRY + 1, 2);
	rf_calls_abandon(bpf_get_current_task_btf());
	CHECK(sent() == before + 2 && of->return_lost == lost + 2);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 0);
	rf_scratch_release_sleepable(scratch);
	return 0;
}

struct return_test {
	u32 actions;
	u32 signal;
	/* out */
	u32 flags;
	u32 told_signal;
	u32 ring;
	u32 reserved;
};

SEC("syscall")
int test_return_act(struct return_test *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_record_policy *record;

	CHECK(scratch);
	record = (void *)scratch->record;
	enter(scratch, ENTRY, 1);
	CHECK(rf_call_return(scratch, SLOT, ENTRY) == 1 + SELECTOR);
	CHECK(rf_return_act(scratch, &scratch->process, SLOT, context->actions, context->signal) == 0);
	CHECK(record->record.ring == scratch->ring);
	context->flags = record->flags;
	context->told_signal = record->signal;
	context->ring = scratch->ring;
	rf_scratch_release_sleepable(scratch);
	return 0;
}
