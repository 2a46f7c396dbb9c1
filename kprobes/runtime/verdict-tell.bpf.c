// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The arguments of a policy record, one after the other. Nothing is told when no record was begun. */
#include <ringfence/maps.h>
#include <ringfence/verdict.h>
#include <ringfence/record.h>
#include <ringfence/facts.h>

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

__noinline int rf_tell_integer(struct rf_scratch *scratch, u32 position, u64 value)
{
	struct rf_argument *argument;

	if (!scratch)
		return -1;
	argument = next_argument(scratch, RF_ARGUMENT_INTEGER, position);
	if (!argument)
		return -1;
	argument->flags = RF_PATH_READ;
	argument->value = value;
	return 0;
}

/* A slot that no reader has filled is told as not read: what it holds is of an earlier invocation. */
static __always_inline int tell_text(struct rf_scratch *scratch, u32 kind, u32 position, u32 slot)
{
	struct rf_argument *argument;
	struct rf_range range = {};
	struct rf_path *path;

	if (!scratch || slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	argument = next_argument(scratch, kind, position);
	if (!argument || !(path->flags & RF_PATH_READ))
		return -1;
	rf_read_object(scratch, slot);
	argument->flags = path->flags;
	argument->value = kind == RF_ARGUMENT_BYTES ? path->size : path->inode;
	argument->device = path->device;
	argument->mode = path->mode;
	if (rf_record_append_path(scratch, slot, &range))
		argument->flags &= ~RF_PATH_READ; /* an empty text would be another answer */
	argument->length = range.length;
	return 0;
}

__noinline int rf_tell_path(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell_text(scratch, RF_ARGUMENT_PATH, position, slot);
}

__noinline int rf_tell_string(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell_text(scratch, RF_ARGUMENT_STRING, position, slot);
}

__noinline int rf_tell_bytes(struct rf_scratch *scratch, u32 position, u32 slot)
{
	return tell_text(scratch, RF_ARGUMENT_BYTES, position, slot);
}

/* Appends what has the same size each time; null when it does not fit. */
static __always_inline void *append_fixed(struct rf_scratch *scratch, struct rf_argument *argument, u32 size)
{
	u64 cursor = scratch->cursor;

	barrier_var(cursor); /* the compiler knows what it is, the verifier is to see the bound of this very number */
	if (cursor > RF_RECORD_MAX - size)
		return NULL;
	argument->flags = RF_PATH_READ;
	argument->length = size;
	scratch->cursor = cursor + size;
	return &scratch->record[cursor];
}

_Static_assert(sizeof(struct rf_socket) % 8 == 0 && sizeof(struct rf_identity) % 8 == 0, "records have no padding");

__noinline int rf_tell_socket(struct rf_scratch *scratch, u32 position, u32 slot)
{
	struct rf_argument *argument;
	struct rf_socket *from, *to;

	if (!scratch || slot >= RF_SOCKET_SLOTS)
		return -1;
	from = &scratch->sockets[slot];
	argument = next_argument(scratch, RF_ARGUMENT_SOCKET, position);
	if (!argument || !(from->flags & RF_SOCKET_READ))
		return -1;
	to = append_fixed(scratch, argument, sizeof(*to));
	if (!to)
		return -1;
	*to = *from;
	argument->flags |= (from->flags & RF_SOCKET_FAULT ? RF_PATH_FAULT : 0) |
			   (from->flags & RF_SOCKET_NONE ? RF_PATH_NONE : 0);
	return 0;
}

__noinline int rf_tell_credentials(struct rf_scratch *scratch, u32 position)
{
	struct rf_credentials_slot *from;
	struct rf_argument *argument;
	struct rf_identity *to;

	if (!scratch)
		return -1;
	from = &scratch->credentials;
	argument = next_argument(scratch, RF_ARGUMENT_CREDENTIALS, position);
	if (!argument || !(from->flags & RF_PATH_READ))
		return -1;
	to = append_fixed(scratch, argument, sizeof(*to));
	if (!to)
		return -1;
	*to = from->identity;
	argument->flags |= from->flags;
	return 0;
}

__noinline int rf_tell_end(struct rf_scratch *scratch)
{
	if (!scratch || scratch->cursor < sizeof(struct rf_record_policy))
		return 0;
	return rf_record_submit(scratch);
}
