/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What acts of a policy have in common, at the entry of a call and at its return. */
#ifndef RINGFENCE_ENFORCE_H
#define RINGFENCE_ENFORCE_H

#include <ringfence/maps.h>

static __always_inline void rf_count(u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline bool rf_monitoring(struct rf_policy *policy)
{
	struct rf_control *control = rf_control_word();

	return *(volatile u32 *)&policy->mode == RF_MODE_MONITOR ||
	       (control && *(volatile u32 *)&control->mode == RF_MODE_MONITOR);
}

/* Switched off without a reload; see RF_MODE_OFF. */
static __always_inline bool rf_is_off(struct rf_policy *policy)
{
	return *(volatile u32 *)&policy->mode == RF_MODE_OFF;
}

/* Sends what @actions say to the calling process; returns @known, flags of the call, with those of what was refused. */
static __always_inline u32 rf_send_signals(struct rf_policy *policy, u32 known, u32 actions, u32 signal)
{
	u32 flags = known;

	if (known & RF_POLICY_CRITICAL)
		rf_count(&policy->spared);
	if (known & (RF_POLICY_CRITICAL | RF_POLICY_NOT_KILLED))
		return known | RF_POLICY_NOT_KILLED;
	if (actions & RF_ACTION_SIGNAL) {
		if (bpf_send_signal(signal))
			flags |= RF_POLICY_NOT_KILLED;
		else
			rf_count(&policy->signalled);
	}
	if (actions & RF_ACTION_SIGKILL) {
		if (bpf_send_signal(SIGKILL))
			flags |= RF_POLICY_NOT_KILLED;
		else
			rf_count(&policy->killed);
	}
	return flags;
}

#endif
