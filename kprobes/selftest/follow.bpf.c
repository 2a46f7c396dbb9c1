// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whoever opens a file is looked at: its state is made, or made anew, as at the hook of a policy. */
#include <ringfence/maps.h>
#include <ringfence/process.h>

SEC("lsm/file_open")
int BPF_PROG(st_follow_open, struct file *file)
{
	struct rf_scratch *scratch = rf_scratch_claim();

	if (!scratch)
		return 0;
	rf_process_current(scratch);
	rf_scratch_release(scratch);
	return 0;
}
