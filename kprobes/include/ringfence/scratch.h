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

/*
 * A resolved path, or a string: its bytes end at text[RF_PATH_MAX]. What is behind lets bounded reads stay inside, and
 * takes strings until their length is known.
 */
struct rf_path {
	u32 flags; /* enum rf_path_flag */
	u32 start; /* of the first byte, RF_PATH_MAX when empty */
	u32 length;
	u32 owner; /* number of the fact that the slot holds */
	u64 inode;
	u32 device;
	u32 links;
	u32 mode;
	u32 size; /* of a buffer, all of it; what is here may be less */
	struct dentry *object; /* whose inode nobody has asked for yet; see rf_read_object() */
	u8 text[2 * RF_PATH_MAX + 8];
};

/* What is looked up in a set (a BPF_MAP_TYPE_LPM_TRIE). */
struct rf_key {
	u32 bits; /* that count */
	u8 value[RF_KEY_MAX];
	u32 reserved;
};

/* What a set said of a value: a bit for each test that holds. */
struct rf_row {
	u64 words[RF_ROW_WORDS];
};

/* The calling task, as matchPIDs, matchNamespaces and matchCapabilities see it. */
struct rf_subject {
	u32 flags; /* RF_PATH_READ, RF_PATH_FAULT */
	u32 pid; /* thread group id in the initial namespace */
	u32 ns_pid; /* thread group id in its own namespace */
	u32 reserved;
	struct rf_namespaces namespaces;
	struct rf_credentials credentials;
};

/* The struct cred that is an argument. */
struct rf_credentials_slot {
	u32 flags; /* RF_PATH_READ, RF_PATH_FAULT, RF_PATH_NONE */
	u32 owner; /* number of the fact that the slot holds */
	struct rf_identity identity;
};

/* How a mount stands in the tree of mounts: what a walk needs of it, as the kernel has it side by side. */
struct rf_mount_head {
	struct mount *parent;
	struct dentry *mountpoint;
	struct dentry *root;
};

#define RF_DENTRY_READ 80 /* bytes of a dentry that are read at once */
#define RF_DENTRY_COPY (RF_DENTRY_READ + 56) /* with room for bounded reads behind */

/*
 * A walk from an object to the root of its namespace: from where `from` points, or, when that is null, from `origin` to
 * the root of its tree, whatever that is mounted on. It is kept here and not on the stack, where the verifier would
 * follow each combination of its values through the loops.
 */
struct rf_walk {
	const struct path *from;
	struct vfsmount *origin_mount; /* where the walk began, side by side as in struct path */
	struct dentry *origin;
	struct dentry *dentry;
	struct mount *mount; /* that the dentry is in; null outside of any */
	struct rf_mount_head mount_head; /* of it */
	u64 mount_namespace;
	u64 chain; /* digest of what the last reading saw; 0 when it can not be relied on */
	u32 start;
	u32 flags;
	u32 settled;
	u32 deleted; /* whether the origin has lost its name */
	u8 copy[RF_DENTRY_COPY] __attribute__((aligned(8))); /* of the dentry at hand; see path.bpf.c */
};

/* How a text begins and how it ends, of eight bytes each; what it does not have is zero. */
struct rf_ends {
	u64 head; /* from its first byte on */
	u64 tail; /* up to its last, which is the uppermost */
	u64 known; /* bits of the tail */
};

struct rf_scratch {
	u32 cpu;
	u32 bit;
	u32 cursor; /* end of the record under construction */
	u32 ring; /* that it goes to */
	u32 hook; /* number of the attach point; 0 outside of the programs of policies */
	u32 told; /* enum rf_told_answer, for all policies of this invocation */
	u64 mount_namespace; /* of the task that paths are resolved for */
	u64 arguments[RF_FACT_MAX]; /* by number of the fact: an integer, or the address of an object */
	u64 rows_ready; /* a bit for each of the rows that holds an answer */
	s64 verdict; /* what the hook will return; kept here and not on the stack, where the verifier would follow it */
	u64 undecided; /* whether a test of the selector at hand could not be told */
	struct rf_key key; /* under construction */
	struct rf_row rows[RF_ROW_MAX];
	struct rf_subject subject;
	struct rf_credentials_slot credentials;
	struct rf_socket sockets[RF_SOCKET_SLOTS];
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
