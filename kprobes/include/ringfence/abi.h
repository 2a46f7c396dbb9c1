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

#define RF_ABI_VERSION 5

/* Bounds. */
enum rf_bound {
	RF_PATH_MAX = 4096, /* bytes of a path, without a terminating NUL */
	RF_BINARY_MAX = 256, /* bytes of the executable's path that matchBinaries compares */
	RF_ARGV_MAX = 8192, /* bytes of argv kept with an exec */
	RF_RECORD_MAX = 28672, /* bytes of a record */
	RF_PATH_SLOTS = 4, /* paths and strings that an invocation holds at the same time */
	RF_SOCKET_SLOTS = 2, /* sockets, packets and socket addresses that an invocation holds at the same time */
	RF_FACT_MAX = 16, /* different values that the policies of one hook read */
	RF_BINARY_TAIL = 128, /* bytes of the end of the executable's path, for matchBinaries with Postfix */
	RF_KEY_MAX = 256, /* bytes of a value that is looked up in a set; longer ones are compared in code */
	RF_ROW_MAX = 8, /* sets that the policies of one hook look up */
	RF_ROW_WORDS = 16, /* words of a row: a bit for each test that a set answers */
	RF_FOLLOW_MAX = 64, /* different matchBinaries with followChildren and matchPIDs with followForks, at the same time */
	RF_SCOPE_MAX = 512, /* different workload selectors of all policies, at the same time */
	RF_SCOPE_WORDS = 8, /* words of 64 bits: a bit for each of them */
	RF_WORKLOAD_MAX = 4096, /* cgroups that are known, and two entries more; see enum rf_workload_place */
	RF_CALL_MAX = 4, /* calls of one task that wait for their return */
	RF_CALL_BYTES = 5120, /* of a record that waits for its call to return */
	RF_SCRATCH_SLOTS = 8, /* invocations in flight on one CPU, preempted ones included */
	RF_POLICY_MAX = 1024, /* policies loaded at the same time */
	RF_ARGUMENT_MAX = 8, /* arguments that one hook reports */
	RF_COMM_BYTES = 16, /* TASK_COMM_LEN */
	RF_HELD_NAME_BYTES = 256, /* of a program that was not executed */
	RF_TAMPER_NAME_BYTES = 64, /* of what somebody tampered with */
	RF_TAMPER_TOLD_MAX = 64, /* records of tampering within a second: they share the ring of verdicts */
	RF_BUDGET_BITS = 20, /* of a count of kills within a window */
	RF_CRITICAL_MAX = 128, /* paths of binaries that the node can not do without */
	RF_GUARD_CGROUP_MAX = 16, /* levels of the agent's cgroup that are guarded */
	RF_GUARD_MAP_MAX = 1024, /* guarded maps */
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
	RF_RECORD_TAMPER = 5,
	RF_RECORD_HELD = 6,
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
	__u64 cgroup_id; /* inode of the directory of the cgroup; in which hierarchy, see enum rf_hierarchy */
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
	RF_ACTION_SIGNAL = 1 << 4,
};

enum rf_policy_flag {
	RF_POLICY_MONITOR = 1 << 0, /* not enforced: the policy, or the whole agent, only watches */
	RF_POLICY_UNREADABLE = 1 << 1, /* an argument could not be read: failed closed, without a match */
	RF_POLICY_NOT_KILLED = 1 << 2, /* the signal was refused (init, kernel thread, exiting, critical): denied only */
	RF_POLICY_PROCESS_UNKNOWN = 1 << 3, /* the process was not known before this hook */
	RF_POLICY_RETURNED = 1 << 4, /* written when the call returned; its result is the argument at RF_POSITION_RESULT */
	RF_POLICY_RETURN_LOST = 1 << 5, /* the return could not be waited for, or never came: the half of the entry */
	RF_POLICY_RETURN_KILL = 1 << 6, /* killed at the return, too or only */
	RF_POLICY_RETURN_SIGNAL = 1 << 7, /* signalled at the return, too or only */
	RF_POLICY_CRITICAL = 1 << 8, /* the node can not do without the process: no signal is for it; see rf_critical */
	RF_POLICY_DEMOTED = 1 << 9, /* it would have been one kill too many: from here on the policy only watches */
};

/* Where an argument that is the result of the call stands. */
enum rf_position {
	RF_POSITION_RESULT = 0xffff,
};

enum rf_argument_kind {
	RF_ARGUMENT_INTEGER = 1,
	RF_ARGUMENT_PATH = 2, /* the bytes are the path */
	RF_ARGUMENT_STRING = 3, /* the bytes are the string, without a NUL */
	RF_ARGUMENT_BYTES = 4, /* the bytes are the buffer; value is how many it has in all */
	RF_ARGUMENT_SOCKET = 5, /* the bytes are a struct rf_socket */
	RF_ARGUMENT_CREDENTIALS = 6, /* the bytes are a struct rf_identity */
};

/* One argument of a policy record; its bytes follow it, padded to a multiple of 8. */
struct rf_argument {
	__u16 kind; /* enum rf_argument_kind */
	__u16 position; /* in the policy's args; RF_POSITION_RESULT for the result of the call */
	__u32 flags; /* enum rf_path_flag for all kinds: RF_PATH_READ says that there is an answer */
	__u64 value; /* integer; inode number of a path; size of a buffer */
	__u32 device;
	__u32 mode;
	__u32 length; /* of the bytes */
	__u32 reserved;
};

enum rf_socket_flag {
	RF_SOCKET_READ = 1 << 0, /* the slot holds an answer */
	RF_SOCKET_FAULT = 1 << 1, /* a read failed: no answer */
	RF_SOCKET_NONE = 1 << 2, /* there is no object (a null pointer) */
	RF_SOCKET_ADDRESSES = 1 << 3, /* source and destination are known; a socket address has the source only */
	RF_SOCKET_PORTS = 1 << 4, /* as with the addresses */
	RF_SOCKET_STATE = 1 << 5, /* state is known */
	RF_SOCKET_PROTOCOL = 1 << 6, /* protocol is known */
	RF_SOCKET_NO_DESTINATION = 1 << 7, /* a socket address: there is no destination */
};

/* An IPv4 address is the first four bytes; one that is mapped into IPv6 (::ffff:0:0/96) is an IPv4 address here. */
struct rf_address {
	__u8 version; /* 4, 6, or 0 when there is none */
	__u8 octets[16]; /* network order, the rest zero */
	__u8 reserved[7];
};

/* What is read of a socket, a packet or a socket address. */
struct rf_socket {
	__u32 flags; /* enum rf_socket_flag */
	__u32 owner; /* number of the fact that the slot holds */
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u16 state;
	__u16 source_port; /* host order */
	__u16 destination_port;
	__u32 mark;
	__u32 priority;
	__u32 length; /* of a packet */
	__u64 cookie; /* socket: its address in the kernel, as the events API has it */
	struct rf_address source;
	struct rf_address destination;
};

/* What is read of a struct cred. */
struct rf_identity {
	struct rf_credentials credentials;
	__u32 user_ns_level, user_ns_uid, user_ns_gid, user_ns_inum;
};

struct rf_record_policy {
	struct rf_record record;
	struct rf_process_key process;
	__u64 cgroup_id;
	__u32 policy; /* slot */
	__u32 incarnation; /* of the slot: which policy had it when this was written */
	__u16 entry; /* position of the hook in the policy */
	__u16 selector; /* in the hook of the policy */
	__u16 arguments; /* struct rf_argument that follow */
	__u16 actions; /* enum rf_action */
	__s32 verdict; /* what the hook returned: 0 or -errno */
	__u32 flags; /* enum rf_policy_flag */
	__u32 signal; /* that RF_ACTION_SIGNAL sent, or would have */
	__u32 reserved;
	char comm[RF_COMM_BYTES];
};

enum rf_held_flag {
	RF_HELD_MONITOR = 1 << 0, /* would have been held back: the whole agent only watches */
	RF_HELD_PROCESS_UNKNOWN = 1 << 1, /* the process was not known before */
};

/* What was to be executed in a cgroup where nothing is, see RF_WORKLOAD_HOLD. */
struct rf_record_held {
	struct rf_record record;
	struct rf_process_key process; /* that goes on as what it was */
	__u64 cgroup_id;
	__s32 verdict; /* 0 or -errno */
	__u32 flags; /* enum rf_held_flag */
	char comm[RF_COMM_BYTES];
	char name[RF_HELD_NAME_BYTES]; /* of the program, as exec was given it */
};

/* Map rf_processes (task storage of the thread group leader). */
enum rf_process_flag {
	RF_PROCESS_EXEMPT = 1 << 0, /* the agent itself; never inherited, cleared by exec */
	RF_PROCESS_FORKED = 1 << 1, /* image inherited: no exec yet */
	RF_PROCESS_EXITED = 1 << 2, /* the exit record is out */
	RF_PROCESS_LATE = 1 << 3, /* made at a hook, from what the kernel still knew */
	RF_PROCESS_FORK_TOLD = 1 << 5, /* the fork record is out */
	RF_PROCESS_BINARY_UNKNOWN = 1 << 4, /* the path of the binary could not be read; each hook tries again */
	RF_PROCESS_BINARY_ELSEWHERE = 1 << 6, /* it was not in the mount namespace of who executed it */
};

struct rf_process {
	struct rf_process_key key;
	struct rf_process_key parent;
	__u64 exec_id; /* task_struct.self_exec_id of the image; another value there means that this is stale */
	__u32 flags; /* enum rf_process_flag */
	__u32 binary_length; /* of the whole path; more than RF_BINARY_MAX means that only head and tail are here */
	__u64 follow; /* a bit for each list that it, or a process that it descends from, is in; see rf_follow_binaries */
	__u32 follow_generation; /* of the lists that `follow` was made from; another than that of rf_control: make it anew */
	__u32 reserved;
	char binary[RF_BINARY_MAX];
	char binary_tail[RF_BINARY_TAIL]; /* the end, right aligned; zero before a path that is shorter */
	__u64 own; /* of `follow`, the lists that its own binary is in */
};

/* Map rf_follow_binaries, a trie: the path of the executable, with its NUL; the value is the bits of its lists. */
struct rf_follow_key {
	__u32 bits; /* that count: 8 * (length + 1) */
	char binary[RF_BINARY_MAX];
};

/* Map rf_follow_pids; the value is the bits of its lists. */
struct rf_follow_pid {
	__u32 pid; /* thread group id */
	__u32 in_namespace; /* 1: in the innermost pid namespace of the process */
};

/* Whose hierarchy of cgroups tells workloads apart, and stands in records: the unified one, or that of a v1 controller. */
enum rf_hierarchy {
	RF_HIERARCHY_UNIFIED = 0,
	RF_HIERARCHY_MEMORY = 1,
	RF_HIERARCHY_PIDS = 2,
	RF_HIERARCHY_CPU = 3,
	RF_HIERARCHY_DEVICES = 4,
	RF_HIERARCHY_FREEZER = 5,
};

/*
 * Map rf_workloads has, by id of the cgroup, an index into rf_workload_entries; it is the same as long as it is there,
 * and a cgroup that is in none that is listed is the host. What is selected is written to the bits that nobody reads,
 * and then one word, `state`, says that they are the ones: each call sees one answer as a whole.
 */
enum rf_workload_place {
	RF_WORKLOAD_PLACE_HOST = 0,
	RF_WORKLOAD_PLACE_UNREADABLE = 1, /* of a cgroup that can not be read */
};

enum rf_workload_flag {
	RF_WORKLOAD_SECOND = 1 << 0, /* the second set of bits counts */
	RF_WORKLOAD_PENDING = 1 << 1, /* in a pod, of which nothing more is known yet */
	RF_WORKLOAD_HOLD = 1 << 2, /* nothing is executed here */
};

/* A word in memory and no null pointer says that nobody can tell: the verifier would follow each way to the end. */
struct rf_scopes {
	__u64 selected[RF_SCOPE_WORDS]; /* a bit for each workload selector that selects it */
	__u64 unknown; /* 1: whether they do, nobody can tell */
};

struct rf_workload {
	__u32 state; /* enum rf_workload_flag */
	__u32 reserved;
	__u64 cgroup_id; /* 0: of none */
	struct rf_scopes scopes[2];
};

/*
 * Map rf_critical, an array: paths of binaries that the node can not do without. A policy that does not name such a
 * process sends it no signal that could end it. The first entry of no length ends the list.
 */
struct rf_critical {
	__u32 length;
	__u32 prefix; /* 1: each path that begins so */
	char path[RF_BINARY_MAX];
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
	RF_MODE_OFF = 2, /* of a policy: it does and tells nothing, though its programs run */
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
	__u64 signalled; /* other signals than SIGKILL */
	__u64 return_lost; /* calls whose return could not be waited for, or never came */
	__u64 spared; /* signals that were held back from critical processes */
	__u32 budget_kills; /* within a window; the next one sets the mode to RF_MODE_MONITOR instead; 0: any number */
	__u32 budget_window_ms;
	__u64 budget_spent; /* when the window began, CLOCK_MONOTONIC in ms; below it, in RF_BUDGET_BITS, the kills since */
	__u64 demoted_ns; /* CLOCK_MONOTONIC of that; 0 as long as it has not happened. The agent clears it with the mode */
	__u32 demoted_told; /* written by the agent: it has told of it */
	__u32 reserved;
};

/* Map rf_control, one entry. */
struct rf_control {
	__u32 mode; /* enum rf_mode; over all policies */
	__u32 reader_awake; /* the agent drains on a timer: wake it only when a ring fills up */
	__u64 scratch_refused; /* invocations that found no scratch */
	__u64 path_unstable; /* walks given up */
	__u64 process_late; /* processes met at a hook before any record told of them */
	__u64 process_refused; /* processes for which no storage could be had */
	__u32 follow_generation; /* counts the changes of rf_follow_binaries and rf_follow_pids */
	__u32 reserved;
	__u32 follow_since[RF_FOLLOW_MAX]; /* generation since which the list of a bit is the same; 0: keep no such bit */
	__u32 epoch; /* of the newest programs; each set of programs that replaces another one has the next */
	__u32 swapping; /* programs of two epochs are attached: what both see is told once; see rf_told */
	__u32 ring_incarnation[RF_RING_COUNT]; /* random, from when the rings were made */
	__u64 told_scratch; /* written by the agent: of scratch_refused, what a loss event has told of */
	__u64 told_skipped; /* the same of the calls that the attached programs were skipped for */
	__u64 workload_pending; /* calls that a workload selector was asked of, in a cgroup that is pending */
	__u64 workload_unreadable; /* the same, where the cgroup could not be read */
	__u64 exec_held; /* refused by RF_WORKLOAD_HOLD */
};

/* Map rf_told (task storage), while programs are replaced: where this thread was last told of by the first of two. */
struct rf_told {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 hook; /* enum rf_hook_flag, and the digest of the attach point; 0 once the second one has seen it */
	__u32 epoch; /* in which the mark was made: another swap has others */
	__u32 looked; /* epoch in which the second one has looked last */
	__u32 reserved;
};

/* Number of an attach point, the same in each set of programs. */
enum rf_hook_flag {
	RF_HOOK_OLDEST_FIRST = 1 << 0, /* programs attached here run in the order in which they came; else the reverse */
};

/* ---- self-protection: the guard, which is an object of its own ---- */

enum rf_guard_level {
	RF_GUARD_LEVEL_OFF = 0,
	RF_GUARD_LEVEL_MAPS = 1, /* maps, programs, pins; and no tracing of the agent, which holds descriptors of them */
	RF_GUARD_LEVEL_AGENT = 2, /* the agent too: containers are refused, tasks of the host are told of */
	RF_GUARD_LEVEL_STRICT = 3, /* the agent is stopped by itself and by process 1, by nobody else */
};

/* What somebody tried to do to us. */
enum rf_tamper {
	RF_TAMPER_MAP = 1, /* detail: 1 to read, 2 to write, 3 both; 4 to freeze it */
	RF_TAMPER_PROGRAM = 2, /* a program of somebody else's that uses a guarded map */
	RF_TAMPER_SIGNAL = 3, /* detail: its number */
	RF_TAMPER_PTRACE = 4,
	RF_TAMPER_LIMIT = 5, /* detail: number of the resource */
	RF_TAMPER_CGROUP = 6, /* a file that steers the cgroup of the agent, opened for writing */
	RF_TAMPER_CGROUP_MOVE = 7,
	RF_TAMPER_PIN = 8, /* detail: enum rf_tamper_pin */
	RF_TAMPER_MOUNT = 9,
};

enum rf_tamper_pin {
	RF_TAMPER_PIN_UNLINK = 1,
	RF_TAMPER_PIN_RMDIR = 2,
	RF_TAMPER_PIN_RENAME = 3,
};

enum rf_tamper_flag {
	RF_TAMPER_MONITOR = 1 << 0, /* would have been refused: the whole agent only watches */
	RF_TAMPER_HOST = 1 << 1, /* by a task in the pid and mount namespaces of process 1 */
	RF_TAMPER_PROCESS_UNKNOWN = 1 << 2, /* the process was not known before */
};

struct rf_record_tamper {
	struct rf_record record;
	struct rf_process_key process; /* who tried */
	__u64 cgroup_id;
	__u64 subject; /* id of the map or program, pid of the agent, inode number */
	__u32 what; /* enum rf_tamper */
	__u32 detail;
	__s32 verdict; /* 0 or -errno */
	__u32 flags; /* enum rf_tamper_flag */
	char comm[RF_COMM_BYTES];
	char name[RF_TAMPER_NAME_BYTES]; /* of the map, program or file; empty when it has none */
};

enum rf_guard_flag {
	RF_GUARD_OTHER_MOUNTS = 1 << 0, /* the agent has a mount namespace of its own, and so will the next one */
};

/* Map rf_guard, one entry, written by programs only. */
struct rf_guard {
	__u32 level; /* enum rf_guard_level */
	__u32 agent_pid; /* thread group id; 0 while no agent lives */
	__u64 agent_start_ns; /* task_struct.start_time of its leader */
	__u64 armed_ns; /* CLOCK_BOOTTIME: since when this agent guards */
	__u64 directory_inode; /* of the pins; 0 when there is none */
	__u32 directory_device;
	__u32 flags; /* enum rf_guard_flag */
	__u64 cgroups[RF_GUARD_CGROUP_MAX]; /* ids of the agent's cgroup and of what it is in, without the root */
	__u64 window_ns; /* when the bound on records was last counted from */
	__u64 told; /* records since then */
	__u64 untold; /* attempts that the bound, or missing memory, left without a record */
	__u64 denied;
	__u64 seen; /* attempts that were let through and told of */
};

/* What the agent runs rf_guard_arm with. */
struct rf_guard_arm {
	__u32 level; /* enum rf_guard_level */
	__u32 directory_device;
	__u64 directory_inode;
};

/* What the agent runs rf_guard_list with. */
struct rf_guard_list {
	__u32 map; /* its id */
	__u32 guarded; /* 0: no longer */
};

#endif
