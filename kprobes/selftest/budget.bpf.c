// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-test of runtime/budget.bpf.c: asks again and again, and counts the answers. */
#include <ringfence/budget.h>
#include "check.h"

struct budget_test {
	u32 slot;
	u32 asks;
	/* out, by enum rf_budget_answer */
	u32 answers[4];
};

struct asking {
	struct rf_policy *policy;
	u32 answers[4];
};

static long ask(u32 index, struct asking *asking)
{
	int answer = rf_budget_take(asking->policy);

	switch (answer) {
	case RF_BUDGET_GRANTED:
		asking->answers[0]++;
		return 0;
	case RF_BUDGET_SPENT:
		asking->answers[1]++;
		return 0;
	case RF_BUDGET_DEMOTES:
		asking->answers[2]++;
		return 0;
	default:
		asking->answers[3]++;
		return 0;
	}
}

SEC("syscall")
int test_budget(struct budget_test *context)
{
	u32 slot = context->slot;
	struct asking asking = { .policy = bpf_map_lookup_elem(&rf_policies, &slot) };

	CHECK(asking.policy);
	bpf_loop(context->asks, ask, &asking, 0);
	context->answers[0] = asking.answers[0];
	context->answers[1] = asking.answers[1];
	context->answers[2] = asking.answers[2];
	context->answers[3] = asking.answers[3];
	return 0;
}
