// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Self-tests of runtime/process.bpf.c: the state of the process that runs them, spoilt and asked for again. */
#include <ringfence/maps.h>
#include <ringfence/process.h>
#include "check.h"

enum spoil {
	SPOIL_NONE, /* none is there */
	SPOIL_EXEC_ID, /* of another image */
	SPOIL_BINARY, /* its name could not be read */
	SPOIL_AGENT, /* the agent's mark, and nothing else */
};

struct st_process {
	u32 tid; /* in: the next file that this thread opens runs the test */
	u32 spoil; /* in: enum spoil */
	u32 done; /* out */
	s32 failed; /* out: line */
	u64 late; /* out: how many times it was made from what the kernel knows */
	struct rf_process process; /* out */
};

struct st_process_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct st_process);
};

struct st_process_map st_process SEC(".maps");

static __always_inline int run(struct st_process *context)
{
	struct task_struct *leader = bpf_get_current_task_btf()->group_leader;
	struct rf_scratch *scratch = rf_scratch_claim_sleepable();
	struct rf_control *control = rf_control_word();
	struct rf_process *process;
	u64 late;

	CHECK(scratch && control);
	late = control->process_late;
	if (context->spoil == SPOIL_NONE || context->spoil == SPOIL_AGENT)
		bpf_task_storage_delete(&rf_processes, leader);
	if (context->spoil != SPOIL_NONE) {
		process = bpf_task_storage_get(&rf_processes, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
		CHECK(process);
		if (context->spoil == SPOIL_EXEC_ID)
			process->exec_id--;
		if (context->spoil == SPOIL_AGENT)
			process->flags = RF_PROCESS_EXEMPT;
		else
			process->key.start_ns = 12345;
		if (context->spoil == SPOIL_BINARY)
			process->flags |= RF_PROCESS_BINARY_UNKNOWN | RF_PROCESS_EXEMPT;
		if (context->spoil != SPOIL_AGENT)
			process->binary_length = 0;
	}
	process = rf_process_current(scratch);
	CHECK(process == bpf_task_storage_get(&rf_processes, leader, 0, 0)); /* it is kept */
	CHECK(process == rf_process_current(scratch)); /* and found again */
	context->late = control->process_late - late;
	context->process = *process;
	rf_scratch_release_sleepable(scratch);
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(st_process_open, struct file *file)
{
	u32 zero = 0;
	struct st_process *context = bpf_map_lookup_elem(&st_process, &zero);

	if (!context || context->done || context->tid != (u32)bpf_get_current_pid_tgid())
		return 0;
	context->failed = run(context);
	context->done = 1;
	return 0;
}
