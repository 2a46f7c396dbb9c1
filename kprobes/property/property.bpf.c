// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stands in for what is around a compiled hook. Its facts are in the scratch before it begins: the test has written them
 * into the map, READ and with their owner, so that the runtime's readers return at once. What it would do is noted.
 *
 * Programs of a type that may sleep (BPF_PROG_TYPE_SYSCALL) can not look into a trie, so these are raw tracepoints that
 * are run by hand.
 */
#include <ringfence/maps.h>
#include <ringfence/verdict.h>
#include <ringfence/workload.h>
#include "notes.h"

/* Of the word that rf_match() is given; see ringfence/verdict.h. */
#define CANNOT_DENY(where) (((where) >> 56) & 1)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_scratch);
} rf_test_facts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct rf_notes);
} rf_test_notes SEC(".maps");

static __always_inline struct rf_notes *notes(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&rf_test_notes, &zero);
}

static __always_inline struct rf_note *note_of(struct rf_notes *all, u32 slot)
{
	slot &= RF_NOTE_POLICIES - 1;
	barrier_var(slot);
	return &all->policies[slot & (RF_NOTE_POLICIES - 1)];
}

static __always_inline struct rf_note *current_note(void)
{
	struct rf_notes *all = notes();

	return all ? note_of(all, all->current) : NULL;
}

__hidden __noinline struct rf_scratch *rf_test_begin(void *context)
{
	struct rf_notes *all = notes();
	u32 zero = 0;

	if (all)
		all->begun++;
	return bpf_map_lookup_elem(&rf_test_facts, &zero);
}

__hidden __noinline int rf_test_end(struct rf_scratch *scratch, void *context, s64 verdict)
{
	struct rf_notes *all = notes();

	if (!all)
		return -1;
	all->ended++;
	all->verdict = verdict;
	return 0;
}

/* Returns what the real one returns for a policy that is enforced. */
__hidden __noinline int rf_match(struct rf_scratch *scratch, struct rf_process *process, u32 policy, u64 where, s32 error)
{
	u32 actions = (where >> 32) & 0xffff;
	struct rf_notes *all = notes();
	struct rf_note *note;

	scratch->cursor = actions & RF_ACTION_POST ? sizeof(struct rf_record_policy) : 0;
	if (!all)
		return 0;
	all->current = policy;
	note = note_of(all, policy);
	note->matches++;
	note->where = where;
	note->error = error;
	return actions & (RF_ACTION_SIGKILL | RF_ACTION_OVERRIDE) && !CANNOT_DENY(where) ? error : 0;
}

__hidden __noinline const struct rf_scopes *rf_workload_scopes(void)
{
	struct rf_notes *all = notes();

	return all ? &all->scopes : NULL;
}

/* As rf_ends_of_file() has them, of the text that the test has put where the reader would. */
__hidden __noinline int rf_test_ends(struct rf_scratch *scratch, u32 slot, u32 fact, struct rf_ends *ends)
{
	struct rf_path *path;
	u32 start, length;

	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	start = path->start;
	length = path->length;
	if (path->owner != fact || path->flags & (RF_PATH_TRUNCATED | RF_PATH_UNSTABLE | RF_PATH_FAULT) ||
	    start > RF_PATH_MAX || length > RF_PATH_MAX)
		return -1;
	ends->head = 0;
	ends->tail = 0;
	ends->known = ~0ull;
	bpf_probe_read_kernel(&ends->head, length < 8 ? length : 8, &path->text[start]);
	if (length < 8)
		ends->known <<= 8 * (8 - length) & 63;
	bpf_probe_read_kernel(&ends->tail, 8, &path->text[RF_PATH_MAX - 8]);
	ends->tail &= ends->known;
	return 0;
}

__hidden __noinline int rf_undecided(u32 policy)
{
	struct rf_notes *all = notes();

	if (all)
		note_of(all, policy)->undecided++;
	return 0;
}

static __always_inline struct rf_note *tell(u32 position)
{
	struct rf_note *note = current_note();
	u32 bit = 1u << (position == RF_POSITION_RESULT ? RF_NOTE_RESULT : position & RF_NOTE_RESULT);

	if (!note)
		return NULL;
	note->twice |= note->told & bit;
	note->told |= bit;
	return note;
}

__hidden __noinline int rf_tell_integer(struct rf_scratch *scratch, u32 position, u64 value)
{
	struct rf_note *note = tell(position);

	if (!note)
		return -1;
	if (position == RF_POSITION_RESULT)
		note->result = value;
	else if (position < RF_ARGUMENT_MAX)
		note->integers[position] = value;
	return 0;
}

__hidden __noinline int rf_tell_path(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell(position) ? 0 : -1;
}

__hidden __noinline int rf_tell_string(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell(position) ? 0 : -1;
}

__hidden __noinline int rf_tell_bytes(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell(position) ? 0 : -1;
}

__hidden __noinline int rf_tell_socket(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell(position) ? 0 : -1;
}

__hidden __noinline int rf_tell_credentials(struct rf_scratch *scratch, u32 position)
{
	return tell(position) ? 0 : -1;
}

__hidden __noinline int rf_tell_end(struct rf_scratch *scratch)
{
	struct rf_note *note = current_note();

	if (note)
		note->sent++;
	return 0;
}

__hidden __noinline int rf_call_wait(struct rf_scratch *scratch, u32 slot, u32 entry)
{
	struct rf_notes *all = notes();
	struct rf_note *note;

	if (!all)
		return -1;
	note = note_of(all, slot);
	note->waits++;
	note->entry = entry;
	return 0;
}

__hidden __noinline int rf_call_return(struct rf_scratch *scratch, u32 slot, u32 entry)
{
	struct rf_notes *all = notes();

	if (!all || slot >= RF_NOTE_POLICIES)
		return 0;
	all->current = slot;
	note_of(all, slot)->entry = entry;
	barrier_var(slot);
	return all->waiting[slot & (RF_NOTE_POLICIES - 1)];
}

__hidden __noinline int rf_return_act(struct rf_scratch *scratch, struct rf_process *process, u32 slot, u32 actions, u32 how)
{
	struct rf_notes *all = notes();
	struct rf_note *note;

	if (!all)
		return -1;
	note = note_of(all, slot);
	note->return_actions |= actions;
	note->return_signal = how & 0xff;
	note->return_names = how >> 8;
	return 0;
}

__hidden __noinline int rf_fail_closed(u32 slot, s32 error)
{
	return error;
}
