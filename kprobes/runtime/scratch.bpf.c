// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Claiming and releasing scratch memory; why it is not simply per CPU stands in ringfence/scratch.h. */
#include <ringfence/maps.h>

/*
 * Where they exist (6.11) nobody can fill the slots of a CPU by being preempted on it: of what runs with scratch, only
 * an interrupt comes between. Otherwise the threads of anybody can (preempt=full: 24 threads on two CPUs). Up to 6.14
 * the verifier refuses every global function while preemption is off, and the readers of facts are such functions; it
 * notes of each whether it sleeps since it allows the others (commit b2bb703434, to go with support of 6.12).
 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

#define STAYS_ON_CPU(preempt) ((preempt) && bpf_core_field_exists(struct bpf_subprog_info, might_sleep))

static __always_inline void forget(struct rf_scratch *scratch)
{
	scratch->cursor = 0;
	scratch->hook = 0;
	scratch->told = 0;
	scratch->rows_ready = 0;
	scratch->verdict = 0;
	scratch->subject.flags = 0;
	scratch->credentials.flags = 0;
	for (u32 slot = 0; slot < RF_PATH_SLOTS; slot++)
		scratch->paths[slot].flags = 0;
	for (u32 slot = 0; slot < RF_SOCKET_SLOTS; slot++)
		scratch->sockets[slot].flags = 0;
}

/* A program does not migrate, so the CPU of the claim is the CPU of the release. */
static __always_inline struct rf_scratch *claim(void)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct rf_claims *claims = bpf_map_lookup_elem(&rf_claims, &cpu);
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_scratch *scratch;
	struct rf_control *control;
	struct nsproxy *nsproxy;
	u32 bit, index;

	if (!claims)
		return NULL;
	for (bit = 0; bit < RF_SCRATCH_SLOTS; bit++) {
		u64 mask = 1ull << bit;

		if (__sync_fetch_and_or(&claims->bits, mask) & mask)
			continue;
		index = cpu * RF_SCRATCH_SLOTS + bit;
		scratch = bpf_map_lookup_elem(&rf_scratches, &index);
		if (!scratch) {
			__sync_fetch_and_and(&claims->bits, ~mask);
			return NULL;
		}
		scratch->cpu = cpu;
		scratch->bit = bit;
		nsproxy = task->nsproxy;
		scratch->mount_namespace = nsproxy ? (u64)nsproxy->mnt_ns : 0;
		forget(scratch);
		return scratch;
	}
	control = rf_control_word();
	if (control)
		__sync_fetch_and_add(&control->scratch_refused, 1);
	return NULL;
}

static __always_inline int release(struct rf_scratch *scratch)
{
	u32 cpu = scratch->cpu;
	struct rf_claims *claims = bpf_map_lookup_elem(&rf_claims, &cpu);

	if (!claims)
		return -1;
	__sync_fetch_and_and(&claims->bits, ~(1ull << (scratch->bit & 63)));
	return 0;
}

__hidden __noinline struct rf_scratch *rf_scratch_claim(void)
{
	struct rf_scratch *scratch;

	if (STAYS_ON_CPU(bpf_preempt_disable))
		bpf_preempt_disable();
	scratch = claim();
	if (!scratch && STAYS_ON_CPU(bpf_preempt_enable))
		bpf_preempt_enable();
	return scratch;
}

__hidden __noinline int rf_scratch_release(struct rf_scratch *scratch)
{
	int error = release(scratch);

	if (STAYS_ON_CPU(bpf_preempt_enable))
		bpf_preempt_enable();
	return error;
}

/* For a program that may sleep: it is the agent's own, one at a time. */
__hidden __noinline struct rf_scratch *rf_scratch_claim_sleepable(void)
{
	return claim();
}

__hidden __noinline int rf_scratch_release_sleepable(struct rf_scratch *scratch)
{
	return release(scratch);
}
