// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The path of what a watched thread opens last, by our walk, by its ends alone, and by the kernel's own bpf_d_path(). */
#include <ringfence/maps.h>
#include <ringfence/ends.h>
#include <ringfence/facts.h>
#include <ringfence/path.h>

struct st_opened {
	u32 opens; /* how many files the thread opened */
	u32 flags; /* enum rf_path_flag */
	u32 start;
	u32 length;
	s64 kernel_length; /* of what bpf_d_path() wrote, with its NUL, or -errno */
	u64 inode;
	u8 text[RF_PATH_MAX];
	u8 kernel_text[RF_PATH_MAX];
	struct rf_ends ends;
	s64 ends_answer;
};

struct st_watched_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32); /* tid */
};

struct st_opened_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct st_opened);
};

struct st_watched_map st_watched SEC(".maps");
struct st_opened_map st_opened SEC(".maps");

SEC("lsm/file_open")
int BPF_PROG(st_file_open, struct file *file)
{
	u32 zero = 0, *watched = bpf_map_lookup_elem(&st_watched, &zero);
	struct st_opened *opened = bpf_map_lookup_elem(&st_opened, &zero);
	struct rf_scratch *scratch;
	struct rf_ends ends = {};
	struct rf_path *path;

	if (!watched || !opened || *watched != (u32)bpf_get_current_pid_tgid())
		return 0;
	opened->ends_answer = rf_ends_of_file(file, &ends, 1);
	opened->ends = ends;
	scratch = rf_scratch_claim();
	if (!scratch)
		return 0;
	rf_path_of_file(scratch, 0, file);
	rf_read_object(scratch, 0);
	path = &scratch->paths[0];
	opened->opens++;
	opened->flags = path->flags;
	opened->start = path->start;
	opened->length = path->length;
	opened->inode = path->inode;
	bpf_probe_read_kernel(opened->text, sizeof(opened->text), path->text);
	opened->kernel_length = bpf_d_path(&file->f_path, (char *)opened->kernel_text, sizeof(opened->kernel_text));
	rf_scratch_release(scratch);
	return 0;
}
