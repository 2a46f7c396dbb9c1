// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What compiled policies call has to be allowed in programs of each kind that they can be. These are loaded, and
 * attached to what the test does itself; each does what a policy does, with all that it may call.
 */
#include <ringfence/maps.h>
#include <ringfence/facts.h>
#include <ringfence/process.h>
#include <ringfence/verdict.h>

enum st_kind {
	KIND_LSM,
	KIND_FENTRY,
	KIND_FEXIT,
	KIND_KPROBE,
	KIND_KRETPROBE,
	KIND_TP_BTF,
	KIND_TRACEPOINT,
	KIND_COUNT,
};

struct st_kinds {
	u32 tid; /* in: which thread is looked at */
	u32 slot; /* in: of the policy */
	u64 runs[KIND_COUNT];
	u64 process[KIND_COUNT]; /* its pid */
};

struct st_kinds_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct st_kinds);
};

struct st_kinds_map st_kinds SEC(".maps");

#define ACTIONS (RF_ACTION_POST | RF_ACTION_SIGKILL)

/* All readers are called, on nothing: the facts are null. The policy is in monitor mode. */
static __always_inline int act(struct rf_scratch *scratch, u32 slot)
{
	struct rf_process *process = rf_process_current(scratch);

	if (process->flags & RF_PROCESS_EXEMPT)
		return 0;
	__builtin_memset(scratch->arguments, 0, sizeof(scratch->arguments));
	rf_read_file(scratch, 0, 0);
	rf_read_fd(scratch, 0, 1);
	rf_read_dentry(scratch, 0, 2);
	rf_read_string_user(scratch, 1, 3);
	rf_read_bytes_user(scratch, 1, 4, 5);
	rf_read_open_name(scratch, 1, 6);
	rf_read_skb(scratch, 0, 7);
	rf_read_sockaddr_user(scratch, 1, 8, 5);
	rf_read_sock(scratch, 1, 9);
	rf_read_cred(scratch, 10);
	rf_read_subject(scratch);
	rf_key_forward(scratch, 0);
	rf_key_binary_reverse(scratch, process);
	scratch->arguments[0] = rf_syscall_current() + rf_syscall_argument(0);
	rf_match(scratch, process, slot, (u64)ACTIONS << 32, -EPERM);
	rf_tell_path(scratch, 0, 0);
	rf_tell_bytes(scratch, 1, 1);
	rf_tell_socket(scratch, 2, 0);
	rf_tell_credentials(scratch, 3);
	rf_call_wait(scratch, slot, 0);
	if (!rf_call_return(scratch, slot, 0))
		return 0;
	rf_return_act(scratch, process, slot, RF_ACTION_SIGKILL, 0);
	rf_tell_end(scratch);
	return process->key.pid;
}

static __always_inline int run(enum st_kind kind)
{
	u32 zero = 0;
	struct st_kinds *kinds = bpf_map_lookup_elem(&st_kinds, &zero);
	struct rf_scratch *scratch;

	if (!kinds || kinds->tid != (u32)bpf_get_current_pid_tgid())
		return 0;
	scratch = rf_scratch_claim();
	if (!scratch)
		return rf_fail_closed(kinds->slot, -EPERM);
	__sync_fetch_and_add(&kinds->runs[kind], 1);
	kinds->process[kind] = act(scratch, kinds->slot);
	rf_scratch_release(scratch);
	return 0;
}

SEC("lsm/file_open")
int st_kind_lsm(void *context)
{
	run(KIND_LSM);
	return 0;
}

SEC("fentry/vfs_open")
int st_kind_fentry(void *context)
{
	run(KIND_FENTRY);
	return 0;
}

SEC("fexit/vfs_open")
int st_kind_fexit(void *context)
{
	run(KIND_FEXIT);
	return 0;
}

SEC("kprobe/vfs_open")
int st_kind_kprobe(void *context)
{
	run(KIND_KPROBE);
	return 0;
}

SEC("kretprobe/vfs_open")
int st_kind_kretprobe(void *context)
{
	run(KIND_KRETPROBE);
	return 0;
}

SEC("tp_btf/sys_enter")
int st_kind_tp_btf(void *context)
{
	run(KIND_TP_BTF);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int st_kind_tracepoint(void *context)
{
	run(KIND_TRACEPOINT);
	return 0;
}
