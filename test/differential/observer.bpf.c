// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A second pair of eyes: what hooks are called with, written down for tests that compare. It shares nothing with
 * kprobes/. Objects are told by their own name and by device, inode and mount, from which the test makes their path;
 * where the kernel allows it, its own d_path() tells the path too.
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

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_RINGBUF = 27,
};

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define NAME_BYTES 256
#define TEXT_BYTES 512
#define ADDRESS_BYTES 32 /* more than sockaddr_in6, and a power of two */
#define PF_IO_WORKER 0x00000010

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};
struct uts_namespace {
	struct ns_common ns;
};
struct ipc_namespace {
	struct ns_common ns;
};
struct mnt_namespace {
	struct ns_common ns;
};
struct pid_namespace {
	struct ns_common ns;
};
struct net {
	struct ns_common ns;
};
struct time_namespace {
	struct ns_common ns;
};
struct cgroup_namespace {
	struct ns_common ns;
};
struct user_namespace {
	struct ns_common ns;
};
struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
};
struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[1];
};
/* Two 32-bit words before 6.3, one of 64 bits since: the same bytes. */
typedef struct {
	__u64 val;
} kernel_cap_t;
struct cred {
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};
struct super_block {
	unsigned int s_dev;
};
struct inode {
	unsigned long i_ino;
};
struct qstr {
	const unsigned char *name;
};
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};
struct vfsmount {
	struct dentry *mnt_root;
};
struct mount {
	struct vfsmount mnt;
	int mnt_id;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct path f_path;
};
struct linux_binprm {
	struct file *file;
};
struct in6_addr {
	__u8 bytes[16];
};
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};
struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
};
struct mm_struct {
	struct file *exe_file;
};
struct task_struct {
	unsigned int flags;
	int tgid;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct pid *thread_pid;
	const struct cred *cred;
	struct nsproxy *nsproxy;
};
struct pt_regs {
	unsigned long r10, r9, r8, dx, si, di, orig_ax;
};

#pragma clang attribute pop

struct socket;
struct sockaddr;

/* In the order of `hookNames` of observer.ts. */
enum hook {
	FILE_OPEN,
	FILE_PERMISSION,
	PATH_LINK,
	PATH_UNLINK,
	PATH_RENAME,
	PATH_MKDIR,
	SB_MOUNT,
	SOCKET_CONNECT,
	SOCKET_BIND,
	BPRM_CHECK_SECURITY,
	FD_INSTALL,
	TCP_CONNECT,
	SYS_ENTER,
};

enum {
	WITH_PATH = 1 << 0,
	WITH_FIRST_TEXT = 1 << 1,
	WITH_SECOND_TEXT = 1 << 2,
	WITH_ADDRESS = 1 << 3,
};

struct object {
	__u64 inode; /* 0: nothing has that name */
	__u64 parent;
	__u32 device;
	__s32 mount; /* -1: not told of one */
	char name[NAME_BYTES];
};

/* Read by observer.ts, member by member. */
struct sighting {
	__u32 hook;
	__u32 tgid;
	__u32 tid;
	__u32 flags;
	__s32 namespace_pid;
	__u32 call; /* of the table of x86_64; all ones in a worker of the kernel */
	__u32 namespaces[10]; /* in the order of the policy language */
	__u64 capabilities[3]; /* effective, inheritable, permitted */
	struct object binary;
	struct object objects[4]; /* by index of the parameter */
	__u64 numbers[6]; /* likewise */
	char path[TEXT_BYTES];
	char texts[2][TEXT_BYTES];
	__u8 address[ADDRESS_BYTES];
	__u32 address_bytes;
	__u8 ends[2][16]; /* of a socket: source, destination; IPv4 in the first four bytes */
	__u16 ports[2];
	__u16 family;
	__u16 protocol;
	__u16 state;
};

_Static_assert(sizeof(struct sighting) == 3152, "as observer.ts reads it");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} sightings SEC(".maps");

struct watched {
	__u32 uts[2];
	__u32 lost;
};

/* The namespaces that calls are watched in. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watched);
} scope SEC(".maps");

static __always_inline struct watched *watched(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scope, &zero);
}

static __always_inline bool is_watched(void)
{
	__u32 uts = bpf_get_current_task_btf()->nsproxy->uts_ns->ns.inum;
	struct watched *these = watched();

	return these && uts && (uts == these->uts[0] || uts == these->uts[1]);
}

/*
 * Never by a direct load from d_inode: the verifier of 6.12 takes it for a pointer that is never NULL, drops the test,
 * and leaves out what catches the fault. Of a name that has no file the kernel then panics.
 */
static __always_inline void see_dentry(struct object *object, struct dentry *dentry)
{
	object->inode = BPF_CORE_READ(dentry, d_inode, i_ino);
	object->parent = BPF_CORE_READ(dentry, d_parent, d_inode, i_ino);
	object->device = dentry->d_sb->s_dev;
	object->mount = -1;
	bpf_probe_read_kernel_str(object->name, sizeof(object->name), dentry->d_name.name);
}

static __always_inline void see_path(struct object *object, const struct path *path)
{
	struct mount *mount = (void *)BPF_CORE_READ(path, mnt) - bpf_core_field_offset(struct mount, mnt);

	see_dentry(object, path->dentry);
	bpf_core_read(&object->mount, sizeof(object->mount), &mount->mnt_id);
}

static __always_inline void see_pid(struct sighting *seen, struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	const void *first = __builtin_preserve_access_index(&pid->numbers[0]);
	__u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *namespace;
	struct upid number;

	bpf_probe_read_kernel(&number, sizeof(number), first + level * bpf_core_type_size(struct upid));
	namespace = number.ns;
	seen->namespace_pid = number.nr;
	bpf_core_read(&seen->namespaces[3], sizeof(__u32), &namespace->ns.inum);
}

static __always_inline void see_process(struct sighting *seen)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct nsproxy *namespaces = task->nsproxy;
	const struct cred *cred = task->cred;
	struct pt_regs *registers = (void *)bpf_task_pt_regs(task);
	struct file *binary = task->mm->exe_file;
	__u64 pid = bpf_get_current_pid_tgid();

	seen->tgid = pid >> 32;
	seen->tid = pid;
	see_pid(seen, task);
	seen->call = task->flags & PF_IO_WORKER ? ~0u : registers->orig_ax;
	seen->namespaces[0] = namespaces->uts_ns->ns.inum;
	seen->namespaces[1] = namespaces->ipc_ns->ns.inum;
	seen->namespaces[2] = namespaces->mnt_ns->ns.inum;
	seen->namespaces[4] = namespaces->pid_ns_for_children->ns.inum;
	seen->namespaces[5] = namespaces->net_ns->ns.inum;
	seen->namespaces[6] = namespaces->time_ns->ns.inum;
	seen->namespaces[7] = namespaces->time_ns_for_children->ns.inum;
	seen->namespaces[8] = namespaces->cgroup_ns->ns.inum;
	seen->namespaces[9] = cred->user_ns->ns.inum;
	bpf_core_read(&seen->capabilities[0], sizeof(__u64), &cred->cap_effective);
	bpf_core_read(&seen->capabilities[1], sizeof(__u64), &cred->cap_inheritable);
	bpf_core_read(&seen->capabilities[2], sizeof(__u64), &cred->cap_permitted);
	see_path(&seen->binary, &binary->f_path);
}

/* NULL where nobody watches, or there is no room. */
static __always_inline struct sighting *begin(enum hook hook)
{
	struct watched *these = watched();
	struct sighting *seen;

	if (!these || !is_watched())
		return NULL;
	seen = bpf_ringbuf_reserve(&sightings, sizeof(*seen), 0);
	if (!seen) {
		__sync_fetch_and_add(&these->lost, 1);
		return NULL;
	}
	bpf_probe_read_kernel(seen, sizeof(*seen), NULL); /* fails, and clears what it was to fill */
	seen->hook = hook;
	see_process(seen);
	return seen;
}

static __always_inline void end(struct sighting *seen)
{
	bpf_ringbuf_submit(seen, 0);
}

static __always_inline void see_text(struct sighting *seen, __u32 which, const char *text)
{
	if (bpf_probe_read_kernel_str(seen->texts[which], TEXT_BYTES, text) >= 0)
		seen->flags |= WITH_FIRST_TEXT << which;
}

static __always_inline __u32 address_bytes(__s32 bytes)
{
	__u32 most = ADDRESS_BYTES - 1;
	__u32 length = bytes < 0 ? 0 : (__u32)bytes > most ? most : (__u32)bytes;

	barrier_var(length); /* the compiler knows the bound, the verifier has to be shown */
	return length & most;
}

static __always_inline void see_address(struct sighting *seen, const struct sockaddr *address, int bytes)
{
	__u32 length = address_bytes(bytes);

	seen->numbers[2] = bytes;
	seen->address_bytes = length;
	if (!bpf_probe_read_kernel(seen->address, length, address))
		seen->flags |= WITH_ADDRESS;
}

SEC("lsm/file_open")
int BPF_PROG(see_file_open, struct file *file)
{
	struct sighting *seen = begin(FILE_OPEN);

	if (!seen)
		return 0;
	see_path(&seen->objects[0], &file->f_path);
	if (bpf_d_path(&file->f_path, seen->path, TEXT_BYTES) >= 0)
		seen->flags |= WITH_PATH;
	end(seen);
	return 0;
}

SEC("lsm/file_permission")
int BPF_PROG(see_file_permission, struct file *file, int mask)
{
	struct sighting *seen = begin(FILE_PERMISSION);

	if (!seen)
		return 0;
	see_path(&seen->objects[0], &file->f_path);
	seen->numbers[1] = mask;
	end(seen);
	return 0;
}

SEC("lsm/path_link")
int BPF_PROG(see_path_link, struct dentry *old, const struct path *directory, struct dentry *new)
{
	struct sighting *seen = begin(PATH_LINK);

	if (!seen)
		return 0;
	see_dentry(&seen->objects[0], old);
	see_path(&seen->objects[1], directory);
	see_dentry(&seen->objects[2], new);
	end(seen);
	return 0;
}

SEC("lsm/path_unlink")
int BPF_PROG(see_path_unlink, const struct path *directory, struct dentry *dentry)
{
	struct sighting *seen = begin(PATH_UNLINK);

	if (!seen)
		return 0;
	see_path(&seen->objects[0], directory);
	see_dentry(&seen->objects[1], dentry);
	end(seen);
	return 0;
}

SEC("lsm/path_rename")
int BPF_PROG(see_path_rename, const struct path *old_directory, struct dentry *old, const struct path *new_directory,
	     struct dentry *new, unsigned int flags)
{
	struct sighting *seen = begin(PATH_RENAME);

	if (!seen)
		return 0;
	see_path(&seen->objects[0], old_directory);
	see_dentry(&seen->objects[1], old);
	see_path(&seen->objects[2], new_directory);
	see_dentry(&seen->objects[3], new);
	seen->numbers[4] = flags;
	end(seen);
	return 0;
}

SEC("lsm/path_mkdir")
int BPF_PROG(see_path_mkdir, const struct path *directory, struct dentry *dentry, unsigned int mode)
{
	struct sighting *seen = begin(PATH_MKDIR);

	if (!seen)
		return 0;
	see_path(&seen->objects[0], directory);
	see_dentry(&seen->objects[1], dentry);
	seen->numbers[2] = mode & 0xffff; /* umode_t */
	end(seen);
	return 0;
}

SEC("lsm/sb_mount")
int BPF_PROG(see_sb_mount, const char *device, const struct path *path, const char *type, unsigned long flags)
{
	struct sighting *seen = begin(SB_MOUNT);

	if (!seen)
		return 0;
	see_text(seen, 0, device);
	see_path(&seen->objects[1], path);
	see_text(seen, 1, type);
	seen->numbers[3] = flags;
	if (bpf_d_path((struct path *)path, seen->path, TEXT_BYTES) >= 0)
		seen->flags |= WITH_PATH;
	end(seen);
	return 0;
}

SEC("lsm/socket_connect")
int BPF_PROG(see_socket_connect, struct socket *socket, struct sockaddr *address, int bytes)
{
	struct sighting *seen = begin(SOCKET_CONNECT);

	if (!seen)
		return 0;
	see_address(seen, address, bytes);
	end(seen);
	return 0;
}

SEC("lsm/socket_bind")
int BPF_PROG(see_socket_bind, struct socket *socket, struct sockaddr *address, int bytes)
{
	struct sighting *seen = begin(SOCKET_BIND);

	if (!seen)
		return 0;
	see_address(seen, address, bytes);
	end(seen);
	return 0;
}

SEC("lsm/bprm_check_security")
int BPF_PROG(see_bprm_check, struct linux_binprm *bprm)
{
	struct sighting *seen = begin(BPRM_CHECK_SECURITY);

	if (!seen)
		return 0;
	see_path(&seen->objects[0], &bprm->file->f_path);
	if (bpf_d_path(&bprm->file->f_path, seen->path, TEXT_BYTES) >= 0)
		seen->flags |= WITH_PATH;
	end(seen);
	return 0;
}

SEC("fentry/fd_install")
int BPF_PROG(see_fd_install, unsigned int number, struct file *file)
{
	struct sighting *seen = begin(FD_INSTALL);

	if (!seen)
		return 0;
	seen->numbers[0] = number;
	see_path(&seen->objects[1], &file->f_path);
	end(seen);
	return 0;
}

SEC("fentry/tcp_connect")
int BPF_PROG(see_tcp_connect, struct sock *sock)
{
	struct sighting *seen = begin(TCP_CONNECT);
	struct sock_common *common = &sock->__sk_common;

	if (!seen)
		return 0;
	seen->family = common->skc_family;
	seen->state = common->skc_state;
	seen->protocol = sock->sk_protocol;
	seen->ports[0] = common->skc_num;
	seen->ports[1] = __builtin_bswap16(common->skc_dport);
	bpf_core_read(seen->ends[0], 4, &common->skc_rcv_saddr);
	bpf_core_read(seen->ends[1], 4, &common->skc_daddr);
	if (common->skc_family == 10) {
		bpf_core_read(seen->ends[0], 16, &common->skc_v6_rcv_saddr);
		bpf_core_read(seen->ends[1], 16, &common->skc_v6_daddr);
	}
	end(seen);
	return 0;
}

/* Strings and addresses are in the memory of the process. */
SEC("tp_btf/sys_enter")
int BPF_PROG(see_sys_enter, struct pt_regs *registers, long number)
{
	const int openat = 257, connect = 42;
	struct sighting *seen;
	__u32 length;

	if (number != openat && number != connect)
		return 0;
	seen = begin(SYS_ENTER);
	if (!seen)
		return 0;
	seen->numbers[0] = registers->di;
	seen->numbers[1] = registers->si;
	seen->numbers[2] = registers->dx;
	seen->numbers[3] = registers->r10;
	if (number == openat) {
		if (bpf_probe_read_user_str(seen->texts[0], TEXT_BYTES, (void *)registers->si) >= 0)
			seen->flags |= WITH_FIRST_TEXT;
	} else {
		length = address_bytes(registers->dx);
		seen->address_bytes = length;
		if (!bpf_probe_read_user(seen->address, length, (void *)registers->si))
			seen->flags |= WITH_ADDRESS;
	}
	end(seen);
	return 0;
}

char observer_license[] SEC("license") = "Dual BSD/GPL";
