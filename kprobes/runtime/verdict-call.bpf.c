// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calls whose return is told of. At the entry the record waits with the thread; at the return it goes on. One that can
 * not wait, or whose call never comes back, is sent as it is, and says so.
 */
#include <ringfence/budget.h>
#include <ringfence/verdict.h>
#include <ringfence/record.h>

static __always_inline struct rf_call *call_at(struct task_struct *task, u32 place, u64 flags)
{
	switch (place) {
	case 0:
		return bpf_task_storage_get(&rf_calls_0, task, 0, flags);
	case 1:
		return bpf_task_storage_get(&rf_calls_1, task, 0, flags);
	case 2:
		return bpf_task_storage_get(&rf_calls_2, task, 0, flags);
	default:
		return bpf_task_storage_get(&rf_calls_3, task, 0, flags);
	}
}
_Static_assert(RF_CALL_MAX == 4, "a map for each call that waits");

static __always_inline bool take(struct rf_call *call, u32 state)
{
	return __sync_val_compare_and_swap(&call->state, state, RF_CALL_BUSY) == state;
}

static __always_inline void put(struct rf_call *call, u32 state)
{
	__sync_lock_test_and_set(&call->state, state);
}

static __always_inline bool is_of(const struct rf_call *call, u32 slot, u32 entry)
{
	return call->state == RF_CALL_WAITING && call->slot == slot && call->entry == entry;
}

static __always_inline void count_lost(u32 slot)
{
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);

	if (policy)
		rf_count(&policy->return_lost);
}

static __noinline int lose(struct rf_call *call)
{
	struct rf_record_policy *record = (void *)call->record;

	record->flags |= RF_POLICY_RETURN_LOST;
	count_lost(call->slot);
	rf_record_submit_call(call);
	put(call, RF_CALL_FREE);
	return 0;
}

static __always_inline int keep(struct rf_scratch *scratch, struct rf_call *call, u32 slot, u32 entry, u32 length)
{
	call->slot = slot;
	call->entry = entry;
	call->length = length;
	call->ring = scratch->ring;
	bpf_probe_read_kernel(call->record, length, scratch->record);
	put(call, RF_CALL_WAITING);
	return 0;
}

/* The policy may be another one by now, with other selectors; or its programs are gone, and nobody comes for it. */
static __always_inline bool is_current(const struct rf_call *call)
{
	const struct rf_record_policy *record = (const void *)call->record;
	u32 slot = call->slot;
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);

	return policy && policy->incarnation == record->incarnation;
}

static __always_inline int park(struct rf_scratch *scratch, u32 slot, u32 entry, u32 length)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_call *call;
	u32 place;

	if (length > RF_CALL_BYTES)
		return -1;
	for (place = 0; place < RF_CALL_MAX; place++) {
		call = call_at(task, place, 0);
		if (!call || call->state != RF_CALL_WAITING)
			continue;
		if ((is_of(call, slot, entry) || !is_current(call)) && take(call, RF_CALL_WAITING))
			lose(call);
	}
	for (place = 0; place < RF_CALL_MAX; place++) {
		call = call_at(task, place, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!call)
			return -1; /* no place without those before it, see rf_calls_abandon() */
		if (take(call, RF_CALL_FREE))
			return keep(scratch, call, slot, entry, length);
	}
	return -1;
}

__noinline int rf_call_wait(struct rf_scratch *scratch, u32 slot, u32 entry)
{
	struct rf_record_policy *record;
	u32 length;

	if (!scratch)
		return -1;
	length = scratch->cursor;
	if (length < sizeof(*record) || !park(scratch, slot, entry, length))
		return 0;
	record = (void *)scratch->record;
	record->flags |= RF_POLICY_RETURN_LOST;
	count_lost(slot);
	return rf_record_submit(scratch);
}

static __always_inline int go_on(struct rf_scratch *scratch, struct rf_call *call)
{
	struct rf_record_policy *record = (void *)scratch->record;
	u32 length = call->length;

	if (length > RF_CALL_BYTES)
		length = RF_CALL_BYTES;
	bpf_probe_read_kernel(scratch->record, length, call->record);
	scratch->cursor = length;
	scratch->ring = call->ring;
	put(call, RF_CALL_FREE);
	record->flags |= RF_POLICY_RETURNED;
	/* a selector that was undecided is no match: nothing is to be done, and it is told of */
	return 1 + (record->flags & RF_POLICY_UNREADABLE ? RF_SELECTOR_NONE : record->selector);
}

__noinline int rf_call_return(struct rf_scratch *scratch, u32 slot, u32 entry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct rf_call *call;
	u32 place;

	if (!scratch)
		return 0;
	scratch->cursor = 0;
	for (place = 0; place < RF_CALL_MAX; place++) {
		call = call_at(task, place, 0);
		if (!call || !is_of(call, slot, entry) || !take(call, RF_CALL_WAITING))
			continue;
		if (is_current(call))
			return go_on(scratch, call);
		lose(call);
		return 0;
	}
	return 0;
}

__noinline int rf_return_act(struct rf_scratch *scratch, struct rf_process *process, u32 slot, u32 actions, u32 how)
{
	u32 signal = how & 0xff;
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);
	struct rf_record_policy *record;
	u32 flags;

	if (!scratch || !process || !policy)
		return -1;
	flags = (actions & RF_ACTION_SIGKILL ? RF_POLICY_RETURN_KILL : 0) |
		(actions & RF_ACTION_SIGNAL ? RF_POLICY_RETURN_SIGNAL : 0);
	if (!flags)
		return 0;
	if (rf_monitoring(policy))
		flags |= RF_POLICY_MONITOR;
	flags = rf_hold_back(policy, process, flags, actions, how);
	if (flags & RF_POLICY_MONITOR)
		rf_count(&policy->monitored);
	else
		flags = rf_send_signals(policy, flags, actions, signal);
	if (scratch->cursor < sizeof(*record))
		return 0;
	record = (void *)scratch->record;
	record->flags |= flags;
	if (actions & RF_ACTION_SIGNAL)
		record->signal = signal;
	record->record.ring = RF_RING_VERDICT;
	scratch->ring = RF_RING_VERDICT;
	return 0;
}

/* Most threads have never waited: they have not even the first place, and that is all that each end has to look up. */
__hidden __noinline int rf_calls_abandon(struct task_struct *task)
{
	struct rf_call *call;
	u32 place;

	for (place = 0; place < RF_CALL_MAX; place++) {
		call = call_at(task, place, 0);
		if (!call)
			break;
		if (take(call, RF_CALL_WAITING))
			lose(call);
	}
	return 0;
}
