// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-tests of runtime/scratch.bpf.c. */
#include <ringfence/maps.h>
#include "check.h"

static u64 claimed_bits(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct rf_claims *claims = bpf_map_lookup_elem(&rf_claims, &cpu);

	return claims ? claims->bits : ~0ull;
}

/* All slots can be had, each once; one more is refused and counted; what is released can be had again. */
SEC("syscall")
int test_scratch_slots(void *context)
{
	struct rf_scratch *first = rf_scratch_claim_sleepable(), *again;
	struct rf_control *control = rf_control_word();
	u64 refused, held = 1;
	u32 taken = 1, slot;

	CHECK(first && control);
	refused = control->scratch_refused;
	for (; taken < RF_SCRATCH_SLOTS; taken++) {
		struct rf_scratch *scratch = rf_scratch_claim_sleepable();

		CHECK(scratch);
		CHECK(scratch->cpu == first->cpu);
		CHECK(!(held & 1ull << scratch->bit)); /* the bit chooses the memory: no two are the same */
		held |= 1ull << scratch->bit;
		scratch->record[0] = taken;
		scratch->paths[1].text[0] = taken;
	}
	CHECK(held == (1ull << RF_SCRATCH_SLOTS) - 1);
	CHECK(claimed_bits() == held);
	CHECK(!rf_scratch_claim_sleepable());
	CHECK(control->scratch_refused == refused + 1);
	for (slot = 1; slot < RF_SCRATCH_SLOTS; slot++) {
		u32 index = first->cpu * RF_SCRATCH_SLOTS + slot;
		struct rf_scratch *scratch = bpf_map_lookup_elem(&rf_scratches, &index);

		CHECK(scratch && scratch->record[0] == slot && scratch->paths[1].text[0] == slot);
		CHECK(rf_scratch_release_sleepable(scratch) == 0);
	}
	CHECK(claimed_bits() == 1);
	again = rf_scratch_claim_sleepable();
	CHECK(again && again->bit == 1);
	rf_scratch_release_sleepable(again);
	rf_scratch_release_sleepable(first);
	CHECK(claimed_bits() == 0);
	return 0;
}

/* A claim forgets what the invocation before it had read. */
SEC("syscall")
int test_scratch_clean(void *context)
{
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	u32 slot;

	CHECK(scratch);
	scratch->cursor = 8;
	scratch->rows_ready = 1;
	scratch->verdict = -1;
	scratch->subject.flags = RF_PATH_READ;
	scratch->credentials.flags = RF_PATH_READ;
	for (slot = 0; slot < RF_PATH_SLOTS; slot++)
		scratch->paths[slot].flags = RF_PATH_READ;
	for (slot = 0; slot < RF_SOCKET_SLOTS; slot++)
		scratch->sockets[slot].flags = RF_SOCKET_READ;
	rf_scratch_release_sleepable(scratch);
	scratch = rf_scratch_claim_sleepable();
	CHECK(scratch);
	CHECK(!scratch->cursor && !scratch->rows_ready && !scratch->verdict);
	CHECK(!scratch->subject.flags && !scratch->credentials.flags);
	for (slot = 0; slot < RF_PATH_SLOTS; slot++)
		CHECK(!scratch->paths[slot].flags);
	for (slot = 0; slot < RF_SOCKET_SLOTS; slot++)
		CHECK(!scratch->sockets[slot].flags);
	CHECK(scratch->mount_namespace);
	rf_scratch_release_sleepable(scratch);
	return 0;
}
