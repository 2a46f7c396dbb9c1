/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The half of a linked object that declares: programs that call what runtime.bpf.c defines. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} tasks SEC(".maps");

extern struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

extern int emit(__u64 sequence);

const volatile __u64 first = 0;
__u64 calls = 0;
__u64 watched_tgid = 0;
__u64 seen = 0;
__u64 lost = 0;

struct request {
	__u64 count;
	__u64 tgid;
	__u64 emitted;
};

static long emit_one(__u64 index, struct request *request)
{
	request->emitted += emit(first + index) == 0;
	return 0;
}

/* Emits @count records, numbered from `first`; every fifth is discarded. */
SEC("syscall") int produce(struct request *request)
{
	struct request own = { .count = request->count };

	__sync_fetch_and_add(&calls, 1);
	bpf_loop(own.count, emit_one, &own, 0);
	request->emitted = own.emitted;
	request->tgid = bpf_get_current_pid_tgid() >> 32;
	return -7;
}

/* Counts the system calls of one process. */
SEC("raw_tp/sys_enter") int watch(void *context)
{
	if (bpf_get_current_pid_tgid() >> 32 == watched_tgid)
		__sync_fetch_and_add(&seen, 1);
	return 0;
}

/* Emits one record for each system call of one process. */
SEC("raw_tp/sys_enter") int stream(void *context)
{
	if (bpf_get_current_pid_tgid() >> 32 != watched_tgid)
		return 0;
	if (emit(__sync_fetch_and_add(&seen, 1)))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

struct task_struct;

/* Leaves a number in the storage of the task that runs it. */
SEC("syscall") int remember(struct request *request)
{
	__u64 *value = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!value)
		return -1;
	*value = request->count;
	return 0;
}

/* Reads through a pointer that may be null: the verifier refuses it. */
SEC("?syscall") int refused(void *context)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&numbers, &key);
	return *value;
}
