/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is known of a process: kept in the task storage of its thread group leader. */
#ifndef RINGFENCE_PROCESS_H
#define RINGFENCE_PROCESS_H

#include <ringfence/scratch.h>

struct rf_process *rf_process_current(struct rf_scratch *scratch);
/* The same as long as nothing has to be made anew, else null: no scratch is needed for it. */
struct rf_process *rf_process_known(void);
/* Makes the state of the calling process anew, where it is missing or out of date. */
int rf_process_renew(struct rf_scratch *scratch);
int rf_process_binary(struct rf_process *process, struct rf_scratch *scratch, u32 slot);

/* The key that a process has when no record told of it: it started when it was forked. */
static __always_inline struct rf_process_key rf_process_forked_key(struct task_struct *leader)
{
	struct rf_process_key key = {
		.start_ns = leader->start_time,
		.pid = leader->tgid,
	};

	return key;
}

/*
 * It executed its program before anybody looked. That this is in another mount namespace now says nothing: a process
 * that makes itself one leaves its program behind.
 */
static __always_inline void rf_process_was_there(struct rf_process *process)
{
	process->flags &= ~RF_PROCESS_BINARY_ELSEWHERE;
}

#endif
