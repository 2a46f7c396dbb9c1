/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scratch memory of one invocation.
 *
 * Programs are preemptible: a buffer per CPU is overwritten by the next task that enters the program while
 * the first one waits. So a CPU has RF_SCRATCH_SLOTS buffers, and each invocation claims one of them by an
 * atomic bit. More invocations in flight than that are refused and counted; their hook takes its failure mode.
 */
#ifndef RINGFENCE_SCRATCH_H
#define RINGFENCE_SCRATCH_H

#include <ringfence/kernel.h>
#include <ringfence/abi.h>

/* A resolved path: its bytes end at text[RF_PATH_MAX]; what is behind lets bounded reads stay inside. */
struct rf_path {
	u32 flags; /* enum rf_path_flag */
	u32 start; /* of the first byte, RF_PATH_MAX when empty */
	u32 length;
	u32 mode;
	u64 inode;
	u32 device;
	u32 links;
	u8 text[2 * RF_PATH_MAX];
};

/*
 * A walk from an object to the root of its namespace. It is kept here and not on the stack, where the verifier would
 * follow each combination of its values through the loops.
 */
struct rf_walk {
	struct dentry *dentry;
	struct vfsmount *vfsmount;
	struct dentry *root; /* of vfsmount */
	struct dentry *origin; /* where the walk began */
	struct vfsmount *origin_mount;
	u64 mount_namespace;
	u64 chain; /* digest of what the last reading saw; 0 when it can not be relied on */
	u32 start;
	u32 flags;
	u32 settled;
	u32 reserved;
};

struct rf_scratch {
	u32 cpu;
	u32 bit;
	u32 cursor; /* end of the record under construction */
	u32 ring; /* that it goes to */
	u64 mount_namespace; /* of the task that paths are resolved for */
	struct rf_process process; /* under construction, and when no task storage can be had */
	struct rf_walk walk;
	struct rf_path paths[RF_PATH_SLOTS];
	u8 record[RF_RECORD_MAX];
};

struct rf_claims {
	u64 bits;
	u64 reserved[7]; /* one cache line: CPUs do not share it */
};

struct rf_scratch *rf_scratch_claim(void);
int rf_scratch_release(struct rf_scratch *scratch);
struct rf_scratch *rf_scratch_claim_sleepable(void);
int rf_scratch_release_sleepable(struct rf_scratch *scratch);

#endif
