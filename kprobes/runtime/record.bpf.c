// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Records: begun in the scratch, grown by parts, sent to a ring once they are whole.
 *
 * The number of a record is taken before there is room for it: a record that finds none leaves a hole in the
 * numbers, which the reader sees, and a count of what was dropped, which says how much.
 */
#include <ringfence/maps.h>
#include <ringfence/record.h>

__hidden __noinline int rf_record_begin(struct rf_scratch *scratch, u32 kind, u32 ring, u32 bytes)
{
	struct rf_record *record = (void *)scratch->record;

	record->kind = kind;
	record->ring = ring;
	record->sequence = 0;
	record->time_ns = bpf_ktime_get_ns();
	record->cpu = bpf_get_smp_processor_id();
	record->tid = (u32)bpf_get_current_pid_tgid();
	scratch->ring = ring;
	scratch->cursor = bytes;
	return 0;
}

/*
 * Brings the end of the record to a multiple of 8. The padding crosses to user space like all the rest: nothing that
 * an earlier record left in this memory may go with it.
 */
__hidden __noinline int rf_record_pad(struct rf_scratch *scratch)
{
	u32 cursor = scratch->cursor, word = cursor & ~7u, used = cursor & 7;

	if (!used)
		return 0;
	if (word > RF_RECORD_MAX - 8)
		return -1;
	*(u64 *)&scratch->record[word] &= (1ull << (8 * used)) - 1;
	scratch->cursor = word + 8;
	return 0;
}

#define SHORT_BYTES 64

/*
 * Most paths are short: some loads and stores cost less than the helper. By words: what is too much of the last one is
 * behind the end, where the record goes on or is padded.
 */
static __always_inline void copy_short(u8 *to, const u8 *from, u32 length)
{
#pragma unroll
	for (u32 at = 0; at < SHORT_BYTES; at += 8)
		if (at < length)
			*(volatile u64 *)(to + at) = *(const volatile u64 *)(from + at);
}

/* Appends the bytes of a path slot, padded to a multiple of 8. Returns -1, and no bytes, when it does not fit. */
__hidden __noinline int rf_record_append_path(struct rf_scratch *scratch, u32 slot, struct rf_range *range)
{
	u32 cursor = scratch->cursor, start, length;
	struct rf_path *path;

	range->offset = cursor;
	range->length = 0;
	if (slot >= RF_PATH_SLOTS)
		return -1;
	path = &scratch->paths[slot];
	start = path->start;
	length = path->length;
	if (start > RF_PATH_MAX || length > RF_PATH_MAX || cursor > RF_RECORD_MAX - RF_PATH_MAX - 8)
		return -1;
	if (length <= SHORT_BYTES)
		copy_short(&scratch->record[cursor], &path->text[start], length);
	else if (bpf_probe_read_kernel(&scratch->record[cursor], length, &path->text[start]))
		return -1;
	range->length = length;
	scratch->cursor = cursor + length;
	return rf_record_pad(scratch);
}

/*
 * While the agent drains on a timer a wake-up is pure cost to the watched process (5-7 us); it is woken early
 * only when half of the ring is in use. While it sleeps, the kernel's own rule stands: wake on the first record.
 */
static __always_inline u64 wake_flags(void *ring)
{
	struct rf_control *control = rf_control_word();

	if (!control || !*(volatile u32 *)&control->reader_awake)
		return 0;
	if (bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) > ((struct bpf_map *)ring)->max_entries / 2)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline long output(struct rf_record *record, u32 length, u32 ring)
{
	if (ring == RF_RING_VERDICT)
		return bpf_ringbuf_output(&rf_verdicts, record, length, wake_flags(&rf_verdicts));
	return bpf_ringbuf_output(&rf_observations, record, length, wake_flags(&rf_observations));
}

/* @room: bytes that there are in memory; a constant, so that the verifier sees that no more are sent. */
static __always_inline int send(struct rf_record *record, u32 length, u32 room, u32 ring)
{
	u32 cpu = bpf_get_smp_processor_id();
	u32 index = ring == RF_RING_VERDICT ? cpu : rf_cpus + cpu;
	struct rf_ring_state *state = bpf_map_lookup_elem(&rf_ring_states, &index);

	if (!state)
		return -1;
	record->length = length;
	record->cpu = cpu;
	record->sequence = __sync_fetch_and_add(&state->sequence, 1) + 1;
	if (length > room || output(record, length, ring)) {
		__sync_fetch_and_add(&state->dropped, 1);
		__sync_fetch_and_add(&state->dropped_bytes, length);
		return -1;
	}
	return 0;
}

__hidden __noinline int rf_record_submit(struct rf_scratch *scratch)
{
	return send((void *)scratch->record, scratch->cursor, RF_RECORD_MAX, scratch->ring);
}

/* @length is a constant of the caller's: the record is on its stack. */
__hidden __noinline int rf_record_submit_small(struct rf_record *record, u32 length)
{
	return send(record, length, RF_RECORD_SMALL, RF_RING_VERDICT);
}

__hidden __noinline int rf_record_submit_call(struct rf_call *call)
{
	return send((void *)call->record, call->length, RF_CALL_BYTES, call->ring);
}
