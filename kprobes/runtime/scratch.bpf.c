// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Claiming and releasing scratch memory; why it is not simply per CPU stands in ringfence/scratch.h. */
#include <ringfence/maps.h>

/* A program does not migrate, so the CPU of the claim is the CPU of the release. */
__hidden __noinline struct rf_scratch *rf_scratch_claim(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct rf_claims *claims = bpf_map_lookup_elem(&rf_claims, &cpu);
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_scratch *scratch;
	struct rf_control *control;
	u32 bit, index;

	if (!claims)
		return NULL;
	for (bit = 0; bit < RF_SCRATCH_SLOTS; bit++) {
		u64 mask = 1ull << bit;

		if (__sync_fetch_and_or(&claims->bits, mask) & mask)
			continue;
		index = cpu * RF_SCRATCH_SLOTS + bit;
		scratch = bpf_map_lookup_elem(&rf_scratches, &index);
		if (!scratch)
			return NULL;
		scratch->cpu = cpu;
		scratch->bit = bit;
		scratch->cursor = 0;
		scratch->mount_namespace = (u64)BPF_CORE_READ(task, nsproxy, mnt_ns);
		scratch->paths[0].flags = 0;
		scratch->paths[1].flags = 0;
		return scratch;
	}
	control = rf_control_word();
	if (control)
		__sync_fetch_and_add(&control->scratch_refused, 1);
	return NULL;
}

__hidden __noinline int rf_scratch_release(struct rf_scratch *scratch)
{
	u32 cpu = scratch->cpu;
	struct rf_claims *claims = bpf_map_lookup_elem(&rf_claims, &cpu);

	if (!claims)
		return -1;
	__sync_fetch_and_and(&claims->bits, ~(1ull << (scratch->bit & 63)));
	return 0;
}
