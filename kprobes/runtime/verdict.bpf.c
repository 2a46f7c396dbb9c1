// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What compiled policies call once a selector has matched, or could not be decided.
 *
 * Killed means denied: SIGKILL is delivered on the way back to user mode, after the hooked call has done its
 * work, so a kill is always an error of the hook too, and the work is never done.
 */
#include <ringfence/maps.h>
#include <ringfence/verdict.h>
#include <ringfence/record.h>

/* rf_match() takes the selector, the hook and the actions in one register. */
#define WHERE_SELECTOR(where) ((where) & 0xffff)
#define WHERE_HOOK(where) (((where) >> 16) & 0xffff)
#define WHERE_ACTIONS(where) (((where) >> 32) & 0xffff)
#define WHERE_UNREADABLE(where) (((where) >> 48) & 1)

static __always_inline void count(u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline int monitoring(struct rf_policy *policy)
{
	struct rf_control *control = rf_control_word();

	return *(volatile u32 *)&policy->mode == RF_MODE_MONITOR ||
	       (control && *(volatile u32 *)&control->mode == RF_MODE_MONITOR);
}

static __always_inline void begin(struct rf_scratch *scratch, struct rf_process *process, u32 slot,
				  struct rf_policy *policy, u64 where, s32 verdict, u32 flags)
{
	struct rf_record_policy *record = (void *)scratch->record;
	u32 ring = WHERE_ACTIONS(where) & (RF_ACTION_SIGKILL | RF_ACTION_OVERRIDE) ? RF_RING_VERDICT :
										     RF_RING_OBSERVATION;

	rf_record_begin(scratch, RF_RECORD_POLICY, ring, sizeof(*record));
	record->process = process->key;
	record->cgroup_id = bpf_get_current_cgroup_id();
	record->policy = slot;
	record->incarnation = policy->incarnation;
	record->hook = WHERE_HOOK(where);
	record->selector = WHERE_SELECTOR(where);
	record->arguments = 0;
	record->actions = WHERE_ACTIONS(where);
	record->verdict = verdict;
	record->flags = flags | (process->flags & RF_PROCESS_LATE ? RF_POLICY_PROCESS_UNKNOWN : 0);
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

/*
 * rf_match - a selector matched: act, count, and begin the record if one is wanted
 * @slot: of the policy
 * @where: see the WHERE_ macros; the unreadable bit says that an argument could not be read, so that an enforcing
 *         selector denies without a match
 * @error: -errno that a denial returns
 *
 * Returns what the hook returns because of this policy: 0, or -errno.
 */
__hidden __noinline int rf_match(struct rf_scratch *scratch, struct rf_process *process, u32 slot, u64 where, s32 error)
{
	u32 actions = WHERE_ACTIONS(where), flags = 0;
	u32 enforcing = actions & (RF_ACTION_SIGKILL | RF_ACTION_OVERRIDE);
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);
	s32 verdict = 0;

	scratch->cursor = 0;
	if (!policy)
		return 0;
	count(WHERE_UNREADABLE(where) ? &policy->unreadable : &policy->matches);
	if (WHERE_UNREADABLE(where))
		flags |= RF_POLICY_UNREADABLE;
	if (enforcing && monitoring(policy)) {
		flags |= RF_POLICY_MONITOR;
		count(&policy->monitored);
	} else if (enforcing) {
		verdict = error < 0 && error >= -4095 ? error : -EPERM;
		count(&policy->denied);
		if (actions & RF_ACTION_SIGKILL && !WHERE_UNREADABLE(where)) {
			if (bpf_send_signal(SIGKILL))
				flags |= RF_POLICY_NOT_KILLED;
			else
				count(&policy->killed);
		}
	}
	if (actions & RF_ACTION_POST) {
		count(&policy->posted);
		begin(scratch, process, slot, policy, where, verdict, flags);
	}
	return verdict;
}

/* Room for one more argument, or null when nothing is told or the record is full. */
static __always_inline struct rf_argument *next_argument(struct rf_scratch *scratch, u32 kind, u32 position)
{
	struct rf_record_policy *record = (void *)scratch->record;
	u32 cursor = scratch->cursor;
	struct rf_argument *argument;

	if (cursor < sizeof(*record) || cursor > RF_RECORD_MAX - sizeof(*argument))
		return NULL;
	argument = (void *)&scratch->record[cursor];
	argument->kind = kind;
	argument->position = position;
	argument->flags = 0;
	argument->value = 0;
	argument->device = 0;
	argument->mode = 0;
	argument->length = 0;
	argument->reserved = 0;
	record->arguments++;
	scratch->cursor = cursor + sizeof(*argument);
	return argument;
}

__hidden __noinline int rf_tell_integer(struct rf_scratch *scratch, u32 position, u64 value)
{
	struct rf_argument *argument = next_argument(scratch, RF_ARGUMENT_INTEGER, position);

	if (argument)
		argument->value = value;
	return 0;
}

/* A slot that no rf_path_of_ function has filled is told as not read: what it holds is of an earlier invocation. */
__hidden __noinline int rf_tell_path(struct rf_scratch *scratch, u32 position, u32 slot)
{
	struct rf_argument *argument;
	struct rf_range range = {};
	struct rf_path *path;

	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	argument = next_argument(scratch, RF_ARGUMENT_PATH, position);
	if (!argument)
		return -1;
	if (!(path->flags & RF_PATH_READ))
		return -1;
	argument->flags = path->flags;
	argument->value = path->inode;
	argument->device = path->device;
	argument->mode = path->mode;
	if (rf_record_append_path(scratch, slot, &range))
		argument->flags &= ~RF_PATH_READ; /* an empty path would be another answer */
	argument->length = range.length;
	return 0;
}

__hidden __noinline int rf_tell_end(struct rf_scratch *scratch)
{
	if (scratch->cursor < sizeof(struct rf_record_policy))
		return 0;
	return rf_record_submit(scratch);
}

/*
 * rf_fail_closed - an enforcing policy on a hook for which no scratch could be had
 *
 * There is no memory to look at anything with, so nothing is told; the counters say that it happened.
 */
__hidden __noinline int rf_fail_closed(u32 slot)
{
	struct rf_policy *policy = bpf_map_lookup_elem(&rf_policies, &slot);

	if (!policy)
		return 0;
	count(&policy->unreadable);
	if (monitoring(policy)) {
		count(&policy->monitored);
		return 0;
	}
	count(&policy->denied);
	return -EPERM;
}
