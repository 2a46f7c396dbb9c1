// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The one definition of every map and constant; see ringfence/maps.h. */
#include <ringfence/maps.h>

struct rf_ring_map rf_verdicts SEC(".maps");
struct rf_ring_map rf_observations SEC(".maps");
struct rf_ring_states_map rf_ring_states SEC(".maps");
struct rf_processes_map rf_processes SEC(".maps");
struct rf_follow_binaries_map rf_follow_binaries SEC(".maps");
struct rf_follow_pids_map rf_follow_pids SEC(".maps");
struct rf_workloads_map rf_workloads SEC(".maps");
struct rf_workload_entries_map rf_workload_entries SEC(".maps");
struct rf_critical_map rf_critical SEC(".maps");
struct rf_calls_map rf_calls_0 SEC(".maps");
struct rf_calls_map rf_calls_1 SEC(".maps");
struct rf_calls_map rf_calls_2 SEC(".maps");
struct rf_calls_map rf_calls_3 SEC(".maps");
struct rf_told_map rf_told SEC(".maps");
struct rf_policies_map rf_policies SEC(".maps");
struct rf_control_map rf_control SEC(".maps");
struct rf_claims_map rf_claims SEC(".maps");
struct rf_scratches_map rf_scratches SEC(".maps");

const volatile u32 rf_cpus = 1;
const volatile u64 rf_rename_lock = 0;
const volatile u64 rf_mount_lock = 0;
const volatile u32 rf_hierarchy = RF_HIERARCHY_UNIFIED;
const volatile u32 rf_epoch = 0;

char LICENSE[] SEC("license") = "Dual BSD/GPL";
