/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kill budget of a policy: how many processes it may kill within a window of time. The window begins with the first
 * kill after the one before has ended. What would be one kill too many does not happen: it demotes the policy, which
 * from then on only watches, until somebody sets its mode.
 */
#ifndef RINGFENCE_BUDGET_H
#define RINGFENCE_BUDGET_H

#include <ringfence/critical.h>
#include <ringfence/enforce.h>

enum rf_budget_answer {
	RF_BUDGET_GRANTED, /* and counted */
	RF_BUDGET_SPENT, /* the policy is demoted */
	RF_BUDGET_DEMOTES, /* the same, and it happened now */
	RF_BUDGET_UNKNOWN, /* too many others ask at the same time */
};

int rf_budget_take(struct rf_policy *policy);

/* The enum rf_policy_flag of a kill that is asked for. */
static __always_inline u32 rf_budget_flags(struct rf_policy *policy)
{
	switch (rf_budget_take(policy)) {
	case RF_BUDGET_DEMOTES:
		return RF_POLICY_MONITOR | RF_POLICY_DEMOTED;
	case RF_BUDGET_SPENT:
		return RF_POLICY_MONITOR;
	case RF_BUDGET_UNKNOWN:
		return RF_POLICY_NOT_KILLED;
	default:
		return 0;
	}
}

/* The enum rf_policy_flag, with @known, of a call whose policy is about to send these signals. */
static __always_inline u32 rf_hold_back(struct rf_policy *policy, struct rf_process *process, u32 known, u32 actions,
					u32 how)
{
	if (rf_is_fatal(actions, how & 0xff) && rf_is_spared(process, how >> 8))
		return known | RF_POLICY_CRITICAL;
	if (!(actions & RF_ACTION_SIGKILL) || known & RF_POLICY_MONITOR)
		return known;
	return known | rf_budget_flags(policy);
}

#endif
