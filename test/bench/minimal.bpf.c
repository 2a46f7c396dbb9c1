// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that each check takes, written by hand: what ours is measured beside. There is no process filter and no
 * event, scratch belongs to a CPU, and paths of more than 256 bytes are let through: a bound, and no design.
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h, .../errno-base.h */
enum {
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LPM_TRIE = 11,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_F_NO_PREALLOC = 1,
	BPF_RB_NO_WAKEUP = 1,
};
#define EPERM 1
#define PATH_BYTES 256 /* the longest key of a trie */
#define ARGUMENT_BYTES 256
#define RING_BYTES (16 * 1024 * 1024) /* nobody reads it */

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct path;
struct file {
	struct path {
		void *mnt;
	} f_path;
};
struct sock_common {
	__be32 skc_daddr;
};
struct sock {
	struct sock_common __sk_common;
};
struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
};
struct task_struct {
	struct mm_struct *mm;
	int tgid;
	int exit_code;
	__u64 start_boottime;
};
struct linux_binprm {
	const char *filename;
};
#pragma clang attribute pop

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct path_key {
	__u32 bits;
	char path[PATH_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct path_key);
	__type(value, __u32);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct path_key);
} scratch SEC(".maps");

struct address_key {
	__u32 bits;
	__be32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct address_key);
	__type(value, __u32);
} networks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} ring SEC(".maps");

static __always_inline int is_below(struct file *file)
{
	__u32 zero = 0;
	struct path_key *key = bpf_map_lookup_elem(&scratch, &zero);
	long length;

	if (key == NULL)
		return 0;
	length = bpf_d_path(&file->f_path, key->path, sizeof(key->path));
	if (length <= 0)
		return 0;
	key->bits = (length - 1) * 8;
	return bpf_map_lookup_elem(&prefixes, key) != NULL;
}

SEC("lsm/file_open")
int BPF_PROG(minimal_open, struct file *file)
{
	return is_below(file) ? -EPERM : 0;
}

/* Where an LSM program may not call bpf_d_path, and this may. */
SEC("fentry/security_file_permission")
int BPF_PROG(minimal_read, struct file *file, int mask)
{
	if (is_below(file))
		bpf_send_signal(9);
	return 0;
}

SEC("fentry/tcp_connect")
int BPF_PROG(minimal_connect, struct sock *sk)
{
	struct address_key key = { .bits = 32, .address = sk->__sk_common.skc_daddr };

	if (bpf_map_lookup_elem(&networks, &key) != NULL)
		bpf_send_signal(9);
	return 0;
}

struct birth {
	__u64 time, started;
	__u32 kind, tgid, child;
};

struct death {
	__u64 time, started;
	__u32 kind, tgid, code;
};

struct execution {
	__u64 time, started;
	__u32 kind, tgid, length;
	char name[16];
	char filename[ARGUMENT_BYTES];
	char arguments[ARGUMENT_BYTES];
};

SEC("tp_btf/sched_process_fork")
int BPF_PROG(minimal_fork, struct task_struct *parent, struct task_struct *child)
{
	struct birth *birth = bpf_ringbuf_reserve(&ring, sizeof(*birth), 0);

	if (birth == NULL)
		return 0;
	*birth = (struct birth){
		.time = bpf_ktime_get_boot_ns(),
		.started = child->start_boottime,
		.kind = 1,
		.tgid = parent->tgid,
		.child = child->tgid,
	};
	bpf_ringbuf_submit(birth, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(minimal_exec, struct task_struct *task, int old, struct linux_binprm *binprm)
{
	struct execution *execution = bpf_ringbuf_reserve(&ring, sizeof(*execution), 0);
	struct mm_struct *mm = task->mm;
	__u32 length;

	if (execution == NULL)
		return 0;
	execution->time = bpf_ktime_get_boot_ns();
	execution->started = task->start_boottime;
	execution->kind = 2;
	execution->tgid = task->tgid;
	bpf_get_current_comm(execution->name, sizeof(execution->name));
	bpf_probe_read_kernel_str(execution->filename, sizeof(execution->filename), binprm->filename);
	length = mm->arg_end - mm->arg_start;
	if (length > ARGUMENT_BYTES)
		length = ARGUMENT_BYTES;
	execution->length = length;
	bpf_probe_read_user(execution->arguments, length, (void *)mm->arg_start);
	bpf_ringbuf_submit(execution, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(minimal_exit, struct task_struct *task)
{
	struct death *death = bpf_ringbuf_reserve(&ring, sizeof(*death), 0);

	if (death == NULL)
		return 0;
	*death = (struct death){
		.time = bpf_ktime_get_boot_ns(),
		.started = task->start_boottime,
		.kind = 3,
		.tgid = task->tgid,
		.code = task->exit_code,
	};
	bpf_ringbuf_submit(death, BPF_RB_NO_WAKEUP);
	return 0;
}
