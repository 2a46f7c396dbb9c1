// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kill budget; see ringfence/budget.h. Window and count are one word, so that each kill is counted exactly once. */
#include <ringfence/budget.h>

#define NS_PER_MS 1000000

/* Whoever does not get in has been overtaken by a kill each time: no kill more than that is possible at once. */
#define TRIES 1024

struct taking {
	struct rf_policy *policy;
	u64 now_ms;
	int answer;
};

static long take(u32 index, struct taking *taking)
{
	struct rf_policy *policy = taking->policy;
	u64 before = *(volatile u64 *)&policy->budget_spent, after;
	s64 age_ms = taking->now_ms - (before >> RF_BUDGET_BITS); /* another CPU may be ahead */

	if (!before || age_ms >= (s64)policy->budget_window_ms) {
		after = taking->now_ms << RF_BUDGET_BITS | 1;
	} else if ((before & ((1 << RF_BUDGET_BITS) - 1)) < policy->budget_kills) {
		after = before + 1;
	} else {
		taking->answer = RF_BUDGET_SPENT;
		return 1;
	}
	if (__sync_val_compare_and_swap(&policy->budget_spent, before, after) != before)
		return 0;
	taking->answer = RF_BUDGET_GRANTED;
	return 1;
}

/* Of those who find it spent one is the first. */
static __always_inline int demote(struct rf_policy *policy, u64 now_ns)
{
	if (__sync_val_compare_and_swap(&policy->mode, RF_MODE_ENFORCE, RF_MODE_MONITOR) != RF_MODE_ENFORCE)
		return RF_BUDGET_SPENT;
	__sync_lock_test_and_set(&policy->demoted_ns, now_ns);
	return RF_BUDGET_DEMOTES;
}

__hidden __noinline int rf_budget_take(struct rf_policy *policy)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 now_ns = bpf_ktime_get_ns();
	struct taking taking = { .policy = policy, .now_ms = now_ns / NS_PER_MS, .answer = RF_BUDGET_UNKNOWN };

	/* of one that is ending already, the kill is counted */
	if (!policy->budget_kills || BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		return RF_BUDGET_GRANTED;
	bpf_loop(TRIES, take, &taking, 0);
	return taking.answer == RF_BUDGET_SPENT ? demote(policy, now_ns) : taking.answer;
}
