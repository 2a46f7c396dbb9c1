// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Processes that the node can not do without; see ringfence/critical.h. Looked at only when one is about to be ended. */
#include <ringfence/critical.h>
#include <ringfence/host.h>

struct comparing {
	struct rf_process *process;
	bool found;
};

_Static_assert(RF_BINARY_MAX % 8 == 0 && __builtin_offsetof(struct rf_critical, path) % 8 == 0 &&
		       __builtin_offsetof(struct rf_process, binary) % 8 == 0,
	       "paths are compared by words");

/* What is behind the first @length bytes does not count. */
static __always_inline bool begins_with(const struct rf_process *process, const struct rf_critical *critical)
{
	const u64 *binary = (const void *)process->binary, *path = (const void *)critical->path;
	u32 length = critical->length;
	u64 differs;

#pragma unroll
	for (u32 word = 0; word < RF_BINARY_MAX / 8; word++) {
		if (word * 8 >= length)
			return true;
		differs = binary[word] ^ path[word];
		if (length - word * 8 < 8)
			differs &= (1ull << (8 * (length - word * 8))) - 1;
		if (differs)
			return false;
	}
	return true;
}

static long is_it(u32 index, struct comparing *comparing)
{
	struct rf_critical *critical = bpf_map_lookup_elem(&rf_critical, &index);
	struct rf_process *process = comparing->process;
	u32 length;

	if (!critical || !critical->length)
		return 1;
	length = process->binary_length;
	if (critical->prefix ? length < critical->length : length != critical->length)
		return 0;
	if (!begins_with(process, critical))
		return 0;
	comparing->found = true;
	return 1;
}

static __always_inline bool is_listed(struct rf_process *process)
{
	struct comparing comparing = { .process = process };

	if (process->flags & (RF_PROCESS_BINARY_UNKNOWN | RF_PROCESS_BINARY_ELSEWHERE))
		return false;
	bpf_loop(RF_CRITICAL_MAX, is_it, &comparing, 0);
	return comparing.found;
}

/* Of the credentials that are its own, not of those that the kernel acts with on its behalf (overlayfs). */
static __always_inline bool is_root(struct task_struct *task)
{
	return !BPF_CORE_READ(task, real_cred, euid.val);
}

static __always_inline bool is_named(const struct rf_process *process, u32 names)
{
	if (names < RF_NAMES_LIST)
		return names == RF_NAMES_ALL;
	return process->own >> (names - RF_NAMES_LIST) & 1;
}

__hidden __noinline int rf_is_spared(struct rf_process *process, u32 names)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return !is_named(process, names) && is_root(task) && rf_is_host(task) && is_listed(process);
}
