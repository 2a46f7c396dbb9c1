/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps: defined once, in runtime/maps.bpf.c. The base object owns them; objects of policies use them by
 * file descriptor. Entries written as 1 here are sized by the agent for the machine's CPUs before loading.
 */
#ifndef RINGFENCE_MAPS_H
#define RINGFENCE_MAPS_H

#include <ringfence/kernel.h>
#include <ringfence/abi.h>
#include <ringfence/scratch.h>
#include <ringfence/call.h>

struct rf_ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
};

struct rf_ring_states_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_ring_state);
};

struct rf_processes_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_process);
};

struct rf_follow_binaries_map {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct rf_follow_key);
	__type(value, u64);
};

struct rf_follow_pids_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct rf_follow_pid);
	__type(value, u64);
};

struct rf_workloads_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_WORKLOAD_MAX);
	__type(key, u64);
	__type(value, u32);
};

struct rf_workload_entries_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_WORKLOAD_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_workload);
};

struct rf_critical_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_CRITICAL_MAX);
	__type(key, u32);
	__type(value, struct rf_critical);
};

/* One for each call that waits: a value of local storage has to be small, and most threads need none. */
struct rf_calls_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_call);
};

struct rf_told_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rf_told);
};

struct rf_policies_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_POLICY_MAX);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_policy);
};

struct rf_control_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_control);
};

struct rf_claims_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct rf_claims);
};

struct rf_scratches_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct rf_scratch);
};

extern struct rf_ring_map rf_verdicts SEC(".maps");
extern struct rf_ring_map rf_observations SEC(".maps");
extern struct rf_ring_states_map rf_ring_states SEC(".maps");
extern struct rf_processes_map rf_processes SEC(".maps");
extern struct rf_follow_binaries_map rf_follow_binaries SEC(".maps");
extern struct rf_follow_pids_map rf_follow_pids SEC(".maps");
extern struct rf_workloads_map rf_workloads SEC(".maps");
extern struct rf_workload_entries_map rf_workload_entries SEC(".maps");
extern struct rf_critical_map rf_critical SEC(".maps");
extern struct rf_calls_map rf_calls_0 SEC(".maps");
extern struct rf_calls_map rf_calls_1 SEC(".maps");
extern struct rf_calls_map rf_calls_2 SEC(".maps");
extern struct rf_calls_map rf_calls_3 SEC(".maps");
extern struct rf_told_map rf_told SEC(".maps");
extern struct rf_policies_map rf_policies SEC(".maps");
extern struct rf_control_map rf_control SEC(".maps");
extern struct rf_claims_map rf_claims SEC(".maps");
extern struct rf_scratches_map rf_scratches SEC(".maps");

/* Constants of the machine, written by the agent before loading. */
extern const volatile u32 rf_cpus; /* possible CPUs */
extern const volatile u64 rf_rename_lock; /* address of the kernel's rename_lock; 0 when it can not be had */
extern const volatile u64 rf_mount_lock; /* address of the kernel's mount_lock; 0 when it can not be had */
extern const volatile u32 rf_hierarchy; /* enum rf_hierarchy */
extern const volatile u32 rf_epoch; /* of the programs of policies; see struct rf_control */

static __always_inline struct rf_control *rf_control_word(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&rf_control, &zero);
}

/*
 * The scratch as a value of its map. In a global function it is memory of somebody's, which up to 6.1 the verifier
 * takes neither for a key nor for the value of a map.
 */
static __always_inline struct rf_scratch *rf_scratch_value(const struct rf_scratch *scratch)
{
	u32 index = scratch->cpu * RF_SCRATCH_SLOTS + scratch->bit;

	return bpf_map_lookup_elem(&rf_scratches, &index);
}

#endif
