/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An iterator over all threads: writes the thread id of each. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct task_struct {
	int pid;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};
#pragma clang attribute pop

SEC("iter/task") int threads(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (task) {
		int tid = task->pid;

		bpf_seq_write(context->meta->seq, &tid, sizeof(tid));
	}
	return 0;
}
