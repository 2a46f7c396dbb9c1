// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whether scratch memory stays the invocation's own while other tasks run the same program on the same CPU. */
#include <ringfence/maps.h>
#include <ringfence/facts.h>
#include <ringfence/path.h>

#define SPINS 4000 /* widens the window in which the program is preempted */

struct st_torn {
	u32 tgid; /* in: whose threads are looked at */
	u32 reserved;
	u64 runs;
	u64 refused;
	u64 torn;
	u64 waited; /* runs during which another one held scratch on the same CPU */
};

struct st_torn_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct st_torn);
};

struct st_torn_map st_torn SEC(".maps");

static long spin(u32 index, void *context)
{
	barrier_var(index);
	return 0;
}

static __always_inline void mark(struct rf_scratch *scratch, u64 tid)
{
	*(volatile u64 *)scratch->record = tid;
	*(volatile u64 *)&scratch->record[RF_RECORD_MAX - 8] = tid;
	*(volatile u64 *)scratch->process.binary = tid;
}

static __always_inline bool marked(struct rf_scratch *scratch, u64 tid)
{
	return *(volatile u64 *)scratch->record == tid &&
	       *(volatile u64 *)&scratch->record[RF_RECORD_MAX - 8] == tid &&
	       *(volatile u64 *)scratch->process.binary == tid;
}

SEC("lsm/file_open")
int BPF_PROG(st_torn_open, struct file *file)
{
	u64 tid = bpf_get_current_pid_tgid();
	u32 zero = 0;
	struct st_torn *torn = bpf_map_lookup_elem(&st_torn, &zero);
	struct rf_scratch *scratch;
	struct rf_path *one, *two;

	if (!torn || torn->tgid != tid >> 32)
		return 0;
	__sync_fetch_and_add(&torn->runs, 1);
	scratch = rf_scratch_claim();
	if (!scratch) {
		__sync_fetch_and_add(&torn->refused, 1);
		return 0;
	}
	if (scratch->bit)
		__sync_fetch_and_add(&torn->waited, 1);
	mark(scratch, tid);
	rf_path_of_file(scratch, 0, file);
	rf_read_object(scratch, 0);
	bpf_loop(SPINS, spin, NULL, 0);
	rf_path_of_file(scratch, 1, file);
	rf_read_object(scratch, 1);
	one = &scratch->paths[0];
	two = &scratch->paths[1];
	if (!marked(scratch, tid) || one->start != two->start || one->length != two->length ||
	    one->inode != two->inode ||
	    *(volatile u64 *)&one->text[RF_PATH_MAX - 8] != *(volatile u64 *)&two->text[RF_PATH_MAX - 8])
		__sync_fetch_and_add(&torn->torn, 1);
	rf_scratch_release(scratch);
	return 0;
}
