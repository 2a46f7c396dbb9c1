// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Facts that are strings and buffers; see ringfence/facts.h.
 *
 * A string is fetched once, to behind its place, and moved when its length is known: user memory that is read twice
 * may be two strings.
 */
#include <ringfence/maps.h>
#include <ringfence/slot.h>

enum memory {
	KERNEL,
	USER,
};

/* One byte for the NUL, and one more: that tells a string that just fits from one that is cut. */
#define STRING_ROOM (RF_PATH_MAX + 2)

static __always_inline int keep(struct rf_path *path, u32 length, u32 size)
{
	rf_path_empty(path, size > length ? RF_PATH_TRUNCATED : 0);
	path->start = RF_PATH_MAX - length;
	path->length = length;
	path->size = size;
	return 0;
}

/* Where a text of @length bytes begins: one number, so that it is not taken apart into two that have no bounds. */
static __always_inline u64 start_of(u64 length)
{
	u64 start = RF_PATH_MAX - length;

	barrier_var(start);
	return start;
}

static __always_inline int read_string(struct rf_path *path, u32 fact, u64 address, enum memory memory)
{
	const void *from = (const void *)address;
	u8 *stage = &path->text[RF_PATH_MAX];
	u64 size, length;
	long read;

	path->owner = fact;
	if (!address)
		return rf_path_empty(path, RF_PATH_NONE);
	read = memory == USER ? bpf_probe_read_user_str(stage, STRING_ROOM, from) :
				bpf_probe_read_kernel_str(stage, STRING_ROOM, from);
	if (read < 0)
		return rf_path_empty(path, RF_PATH_FAULT);
	/* strncpy_from_user_nofault() counts the NUL, but not of an empty string */
	size = read ? read - 1 : 0;
	length = rf_at_most(size, RF_PATH_MAX);
	if (bpf_probe_read_kernel(&path->text[start_of(length)], length, stage))
		return rf_path_empty(path, RF_PATH_FAULT);
	return keep(path, length, size);
}

__noinline int rf_read_string(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_string(path, fact, scratch->arguments[fact], KERNEL);
}

__noinline int rf_read_string_user(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_string(path, fact, scratch->arguments[fact], USER);
}

/* A string that an object points to; the object may be missing, its string may not. */
static __always_inline int read_member(struct rf_path *path, u32 fact, u64 object, u32 offset)
{
	u64 address;

	path->owner = fact;
	if (!object)
		return rf_path_empty(path, RF_PATH_NONE);
	if (bpf_probe_read_kernel(&address, sizeof(address), (void *)object + offset))
		return rf_path_empty(path, RF_PATH_FAULT);
	return read_string(path, fact, address, KERNEL);
}

__noinline int rf_read_filename(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_member(path, fact, scratch->arguments[fact], bpf_core_field_offset(struct filename, name));
}

__noinline int rf_read_open_name(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);
	struct nameidata *walk;

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	walk = BPF_CORE_READ(bpf_get_current_task_btf(), nameidata);
	return read_member(path, fact, walk ? (u64)BPF_CORE_READ(walk, name) : 0,
			   bpf_core_field_offset(struct filename, name));
}

__noinline int rf_read_binprm_name(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_member(path, fact, scratch->arguments[fact], bpf_core_field_offset(struct linux_binprm, filename));
}

static __always_inline int read_bytes(struct rf_path *path, u32 fact, u64 address, s64 count, enum memory memory)
{
	const void *from = (const void *)address;
	u64 size, length;
	void *to;

	path->owner = fact;
	if (!address)
		return rf_path_empty(path, RF_PATH_NONE);
	size = count < 0 ? 0 : rf_at_most(count, 0x7fffffff); /* more than any system call takes */
	length = rf_at_most(size, RF_PATH_MAX);
	to = &path->text[start_of(length)];
	if (memory == USER ? bpf_probe_read_user(to, length, from) : bpf_probe_read_kernel(to, length, from))
		return rf_path_empty(path, RF_PATH_FAULT);
	return keep(path, length, size);
}

__noinline int rf_read_bytes(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path || size >= RF_FACT_MAX)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_bytes(path, fact, scratch->arguments[fact], scratch->arguments[size], KERNEL);
}

__noinline int rf_read_bytes_user(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path || size >= RF_FACT_MAX)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_bytes(path, fact, scratch->arguments[fact], scratch->arguments[size], USER);
}
