// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Facts that are paths; see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/slot.h>

static __always_inline int read_path(struct rf_scratch *scratch, u32 slot, u32 fact, const struct path *from)
{
	struct rf_path *path = &scratch->paths[slot];

	path->owner = fact;
	if (!from)
		return rf_path_empty(path, RF_PATH_NONE);
	return rf_path_of_path(scratch, slot, from);
}

static __always_inline const struct path *path_of(u64 file)
{
	return file ? (void *)file + bpf_core_field_offset(struct file, f_path) : NULL;
}

__noinline int rf_read_file(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_path(scratch, slot, fact, path_of(scratch->arguments[fact]));
}

__noinline int rf_read_path(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	return read_path(scratch, slot, fact, (const struct path *)scratch->arguments[fact]);
}

__noinline int rf_read_dentry(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	path->owner = fact;
	if (!scratch->arguments[fact])
		return rf_path_empty(path, RF_PATH_NONE);
	scratch->walk.from = NULL;
	scratch->walk.origin = (struct dentry *)scratch->arguments[fact];
	return rf_walk_path(scratch, slot);
}

/* Reads a pointer; an object that can not be read is another thing than one that is not there. */
static __always_inline int follow(u64 *pointer, const void *from)
{
	return bpf_probe_read_kernel(pointer, sizeof(*pointer), from);
}

__noinline int rf_read_binprm(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);
	u64 bprm, file;

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	path->owner = fact;
	bprm = scratch->arguments[fact];
	if (!bprm)
		return rf_path_empty(path, RF_PATH_NONE);
	if (follow(&file, (void *)bprm + bpf_core_field_offset(struct linux_binprm, file)))
		return rf_path_empty(path, RF_PATH_FAULT);
	return read_path(scratch, slot, fact, path_of(file));
}

/* The file that has a number in the table of the calling task; *file is 0 when none has it. */
static __always_inline int find_file(s32 number, u64 *file)
{
	struct files_struct *files = BPF_CORE_READ(bpf_get_current_task_btf(), files);
	struct fdtable *table;
	struct file **entries;
	u32 size;

	*file = 0;
	if (number < 0 || !files)
		return 0;
	if (bpf_core_read(&table, sizeof(table), &files->fdt) ||
	    bpf_core_read(&size, sizeof(size), &table->max_fds) ||
	    bpf_core_read(&entries, sizeof(entries), &table->fd))
		return -1;
	return (u32)number < size ? follow(file, entries + (u32)number) : 0;
}

__noinline int rf_read_fd(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_path *path = rf_path_slot(scratch, slot, fact);
	u64 file;

	if (!path)
		return -1;
	if (rf_path_holds(path, fact))
		return rf_path_answer(path);
	path->owner = fact;
	if (find_file(scratch->arguments[fact], &file))
		return rf_path_empty(path, RF_PATH_FAULT);
	return read_path(scratch, slot, fact, path_of(file));
}
