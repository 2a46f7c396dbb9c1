// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What compiled policies call once a selector has matched, or could not be decided.
 *
 * Killed means denied: SIGKILL is delivered on the way back to user mode, after the hooked call has done its
 * work, so a kill is always an error of the hook too, and the work is never done. Where a hook can not deny, the
 * record says that nothing was denied.
 */
#include <ringfence/budget.h>
#include <ringfence/critical.h>
#include <ringfence/swap.h>
#include <ringfence/verdict.h>
#include <ringfence/record.h>
#include <ringfence/cgroup.h>

#define WHERE_SELECTOR(where) ((where) & 0xffff)
#define WHERE_ENTRY(where) (((where) >> 16) & 0xffff)
#define WHERE_ACTIONS(where) (((where) >> 32) & 0xffff)
#define WHERE_UNREADABLE(where) (((where) >> 48) & 1)
#define WHERE_SIGNAL(where) (((where) >> 49) & 0x7f)
#define WHERE_CANNOT_DENY(where) (((where) >> 56) & 1)
#define WHERE_NAMES(where) (((where) >> 57) & 0x7f)

#define ACTS_DENY (RF_ACTION_SIGKILL | RF_ACTION_OVERRIDE)
#define ACTS (ACTS_DENY | RF_ACTION_SIGNAL)

static __always_inline void begin(struct rf_scratch *scratch, struct rf_process *process, u32 slot,
				  struct rf_policy *policy, u64 where, s32 verdict, u32 flags)
{
	struct rf_record_policy *record = (void *)scratch->record;
	u32 actions = WHERE_ACTIONS(where);

	rf_record_begin(scratch, RF_RECORD_POLICY, actions & ACTS ? RF_RING_VERDICT : RF_RING_OBSERVATION,
			sizeof(*record));
	record->process = process->key;
	record->cgroup_id = rf_cgroup_id(bpf_get_current_task_btf());
	record->policy = slot;
	record->incarnation = policy->incarnation;
	record->entry = WHERE_ENTRY(where);
	record->selector = WHERE_SELECTOR(where);
	record->arguments = 0;
	record->actions = actions;
	record->verdict = verdict;
	record->flags = flags | (process->flags & RF_PROCESS_LATE ? RF_POLICY_PROCESS_UNKNOWN : 0);
	record->signal = WHERE_SIGNAL(where);
	record->reserved = 0;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

static __always_inline s32 error_of(s32 error)
{
	return error < 0 && error >= -4095 ? error : -EPERM;
}

/*
 * rf_match - a selector matched: act, count, and begin the record if one is wanted
 * @slot: of the policy
 * @where: see ringfence/verdict.h
 * @error: -errno that a denial returns
 *
 * Returns what the hook returns because of this policy: 0, or -errno.
 */
__noinline int rf_match(struct rf_scratch *scratch, struct rf_process *process, u32 slot, u64 where, s32 error)
{
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);
	u32 actions = WHERE_ACTIONS(where), flags = 0;
	u32 signal = WHERE_SIGNAL(where), signals = WHERE_UNREADABLE(where) ? 0 : actions;
	bool monitored, denies, beside;
	s32 verdict = 0;

	if (!scratch || !process)
		return 0;
	scratch->cursor = 0;
	if (!policy || rf_is_off(policy))
		return 0;
	monitored = actions & ACTS && rf_monitoring(policy);
	denies = actions & ACTS_DENY && !WHERE_CANNOT_DENY(where);
	beside = rf_told_beside(scratch);
	/* a denial ends the call here, and whoever ends it tells */
	if (beside && (!denies || monitored))
		return 0;
	flags = rf_hold_back(policy, process, monitored ? RF_POLICY_MONITOR : 0, signals,
			     signal | WHERE_NAMES(where) << 8);
	if (beside && flags & RF_POLICY_MONITOR)
		return 0;
	if (WHERE_UNREADABLE(where))
		flags |= RF_POLICY_UNREADABLE;
	rf_count(WHERE_UNREADABLE(where) ? &policy->unreadable : &policy->matches);
	if (flags & RF_POLICY_MONITOR) {
		rf_count(&policy->monitored);
	} else {
		if (denies) {
			verdict = error_of(error);
			rf_count(&policy->denied);
		}
		flags = rf_send_signals(policy, flags, signals, signal);
	}
	if (actions & RF_ACTION_POST) {
		rf_count(&policy->posted);
		begin(scratch, process, slot, policy, where, verdict, flags);
	}
	return verdict;
}

__noinline int rf_undecided(u32 slot)
{
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);

	if (policy)
		rf_count(&policy->unreadable);
	return 0;
}

/*
 * rf_fail_closed - an enforcing policy on a hook for which no scratch could be had
 *
 * There is no memory to look at anything with, so nothing is told; the counters say that it happened.
 */
__noinline int rf_fail_closed(u32 slot, s32 error)
{
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);

	if (!policy || rf_is_off(policy))
		return 0;
	rf_count(&policy->unreadable);
	if (rf_monitoring(policy)) {
		rf_count(&policy->monitored);
		return 0;
	}
	rf_count(&policy->denied);
	return error_of(error);
}
