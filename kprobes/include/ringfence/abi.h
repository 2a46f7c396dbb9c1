/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract between the kernel side and the agent: every byte that crosses a ring, an iterator or a
 * map is laid out here, and nowhere else. src/abi/abi.gen.ts is generated from it; change RF_ABI_VERSION
 * with any change of layout or meaning.
 *
 * All integers are little endian. A structure has no implicit padding and its size is a multiple of 8.
 */
#ifndef RINGFENCE_ABI_H
#define RINGFENCE_ABI_H

#define RF_ABI_VERSION 2

/* Bounds. */
enum rf_bound {
	RF_PATH_MAX = 4096, /* bytes of a path, without a terminating NUL */
	RF_BINARY_MAX = 256, /* bytes of the executable's path that matchBinaries compares */
	RF_ARGV_MAX = 8192, /* bytes of argv kept with an exec */
	RF_RECORD_MAX = 28672, /* bytes of a record */
	RF_PATH_SLOTS = 2, /* path arguments that one hook may need at the same time */
	RF_SCRATCH_SLOTS = 8, /* invocations in flight on one CPU, preempted ones included */
	RF_POLICY_MAX = 1024, /* policies loaded at the same time */
	RF_ARGUMENT_MAX = 8, /* arguments that one hook reports */
	RF_COMM_BYTES = 16, /* TASK_COMM_LEN */
};

/* The two rings. A flood of observations can not touch a verdict. */
enum rf_ring {
	RF_RING_VERDICT = 0, /* denials, kills, exec, fork, exit: who did it is read before what was done */
	RF_RING_OBSERVATION = 1, /* matches that only report */
	RF_RING_COUNT = 2,
};

enum rf_record_kind {
	RF_RECORD_EXEC = 1,
	RF_RECORD_FORK = 2,
	RF_RECORD_EXIT = 3,
	RF_RECORD_POLICY = 4,
};

/* What every record begins with. */
struct rf_record {
	__u32 length; /* bytes of the whole record */
	__u16 kind; /* enum rf_record_kind */
	__u16 ring; /* enum rf_ring; RF_RING_COUNT for records read through the iterator */
	__u64 sequence; /* per ring and CPU, from 1, taken before the record is written: a hole is a loss */
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 cpu; /* that took the sequence number */
	__u32 tid; /* of the calling thread, in the initial pid namespace */
};

/* Identity of a process image: a pid alone is reused, pid and time together are not. */
struct rf_process_key {
	__u64 start_ns; /* CLOCK_MONOTONIC of exec; of fork while the image is the parent's */
	__u32 pid; /* thread group id in the initial pid namespace */
	__u32 reserved;
};

/* A range of bytes within the record, from its first byte; length 0 when there is nothing. */
struct rf_range {
	__u32 offset;
	__u32 length;
};

struct rf_credentials {
	__u32 uid, gid, euid, egid, suid, sgid, fsuid, fsgid;
	__u32 securebits;
	__u32 auid; /* login uid; 4294967295 when unset */
	__u64 cap_effective, cap_permitted, cap_inheritable;
};

/* Inode numbers of the namespaces, in the order of the events API. */
struct rf_namespaces {
	__u32 uts, ipc, mnt, pid, pid_for_children, net, time, time_for_children, cgroup, user;
};

enum rf_exec_flag {
	RF_EXEC_SEEDED = 1 << 0, /* ran before the sensor; found by the task iterator */
	RF_EXEC_CLONE = 1 << 1, /* first exec after a fork: the parent is the process that forked */
	RF_EXEC_ARGV_TRUNCATED = 1 << 2,
	RF_EXEC_ARGV_ERROR = 1 << 3, /* the new stack could not be read */
	RF_EXEC_MEMFD = 1 << 4, /* the binary lives in an anonymous memory file */
	RF_EXEC_UNLINKED = 1 << 5, /* the binary has no name any more */
	RF_EXEC_CWD_ROOT = 1 << 6,
	RF_EXEC_SETUID = 1 << 7, /* euid comes from the file */
	RF_EXEC_SETGID = 1 << 8,
	RF_EXEC_FILE_CAPABILITIES = 1 << 9, /* permitted capabilities grew over the exec */
};

enum rf_path_flag {
	RF_PATH_READ = 1 << 0, /* the slot holds an answer */
	RF_PATH_TRUNCATED = 1 << 1, /* longer than RF_PATH_MAX: the leaf's end is kept */
	RF_PATH_UNSTABLE = 1 << 2, /* a part of this very path moved during each try: no answer */
	RF_PATH_FAULT = 1 << 3, /* a kernel read failed: no answer */
	RF_PATH_DELETED = 1 << 4, /* the name is gone, the path is the last one it had */
	RF_PATH_UNREACHABLE = 1 << 5, /* ends outside of the caller's mount namespace */
	RF_PATH_NONE = 1 << 6, /* there is no object (a null pointer) */
};

struct rf_record_exec {
	struct rf_record record;
	struct rf_process_key process;
	struct rf_process_key parent; /* by RF_EXEC_CLONE the forking process, else this one's previous image */
	__u64 cgroup_id; /* inode of the cgroup v2 directory */
	__u64 binary_inode;
	__u32 binary_device; /* kernel encoding: major << 20 | minor */
	__u32 binary_links;
	__u32 binary_mode;
	__u32 flags; /* enum rf_exec_flag */
	__u32 binary_flags; /* enum rf_path_flag */
	__u32 cwd_flags; /* enum rf_path_flag */
	__u32 argc;
	__u32 ns_pid; /* in the process's own pid namespace */
	struct rf_credentials credentials;
	struct rf_namespaces namespaces;
	struct rf_range binary; /* path of the executable */
	struct rf_range cwd;
	struct rf_range argv; /* strings, each with its NUL, but for one that is cut; argv[0] first */
	char comm[RF_COMM_BYTES];
};

struct rf_record_fork {
	struct rf_record record;
	struct rf_process_key process; /* the child */
	struct rf_process_key parent;
	__u64 cgroup_id;
	__u32 ns_pid;
	__u32 reserved;
};

struct rf_record_exit {
	struct rf_record record;
	struct rf_process_key process;
	__u32 status; /* as wait(2) gives it: code << 8 | signal */
	__u32 reserved;
};

/* What a matching selector did. In monitor mode the bits say what it would have done. */
enum rf_action {
	RF_ACTION_POST = 1 << 0,
	RF_ACTION_SIGKILL = 1 << 1,
	RF_ACTION_OVERRIDE = 1 << 2,
	RF_ACTION_NOPOST = 1 << 3,
};

enum rf_policy_flag {
	RF_POLICY_MONITOR = 1 << 0, /* not enforced: the policy, or the whole agent, only watches */
	RF_POLICY_UNREADABLE = 1 << 1, /* an argument could not be read: failed closed, without a match */
	RF_POLICY_NOT_KILLED = 1 << 2, /* the signal was refused (init, kernel thread, exiting): denied only */
	RF_POLICY_PROCESS_UNKNOWN = 1 << 3, /* the process was not known before this hook */
};

enum rf_argument_kind {
	RF_ARGUMENT_INTEGER = 1,
	RF_ARGUMENT_PATH = 2,
};

/* One argument of a policy record; the bytes of a path follow it, padded to a multiple of 8. */
struct rf_argument {
	__u16 kind; /* enum rf_argument_kind */
	__u16 position; /* in the policy's args */
	__u32 flags; /* enum rf_path_flag */
	__u64 value; /* integer, or inode number */
	__u32 device;
	__u32 mode;
	__u32 length; /* bytes of the path */
	__u32 reserved;
};

struct rf_record_policy {
	struct rf_record record;
	struct rf_process_key process;
	__u64 cgroup_id;
	__u32 policy; /* slot */
	__u32 incarnation; /* of the slot: which policy had it when this was written */
	__u16 hook; /* in the sensor image */
	__u16 selector; /* in the hook of the policy */
	__u16 arguments; /* struct rf_argument that follow */
	__u16 actions; /* enum rf_action */
	__s32 verdict; /* what the hook returned: 0 or -errno */
	__u32 flags; /* enum rf_policy_flag */
	char comm[RF_COMM_BYTES];
};

/* Map rf_processes (task storage of the thread group leader). */
enum rf_process_flag {
	RF_PROCESS_EXEMPT = 1 << 0, /* the agent itself; never inherited, cleared by exec */
	RF_PROCESS_FORKED = 1 << 1, /* image inherited: no exec yet */
	RF_PROCESS_EXITED = 1 << 2, /* the exit record is out */
	RF_PROCESS_LATE = 1 << 3, /* made at a hook, from what the kernel still knew */
	RF_PROCESS_BINARY_UNKNOWN = 1 << 4, /* the path of the binary could not be read; each hook tries again */
};

struct rf_process {
	struct rf_process_key key;
	struct rf_process_key parent;
	__u64 exec_id; /* task_struct.self_exec_id of the image; another value there means that this is stale */
	__u32 flags; /* enum rf_process_flag */
	__u32 binary_length; /* of the whole path; more than RF_BINARY_MAX means that only the head is here */
	char binary[RF_BINARY_MAX];
};

/* Map rf_ring_states, index ring * CPUs + cpu. */
struct rf_ring_state {
	__u64 sequence; /* last number given out */
	__u64 dropped; /* records that found no room */
	__u64 dropped_bytes;
	__u64 reserved[5]; /* one cache line: CPUs do not share it */
};

enum rf_mode {
	RF_MODE_ENFORCE = 0,
	RF_MODE_MONITOR = 1,
};

/* Map rf_policies, index slot. */
struct rf_policy {
	__u32 mode; /* enum rf_mode */
	__u32 incarnation;
	__u64 matches;
	__u64 posted;
	__u64 killed;
	__u64 denied; /* hooks that returned an error because of this policy; kills included */
	__u64 monitored; /* kills and denials that monitor mode held back */
	__u64 unreadable; /* selectors that could not be decided */
};

/* Map rf_control, one entry. */
struct rf_control {
	__u32 mode; /* enum rf_mode; over all policies */
	__u32 reader_awake; /* the agent drains on a timer: wake it only when a ring fills up */
	__u64 scratch_refused; /* invocations that found no scratch */
	__u64 path_unstable; /* walks given up */
	__u64 process_late; /* processes met at a hook before any record told of them */
	__u64 process_refused; /* processes for which no storage could be had */
};

#endif
