// SPDX-License-Identifier: Apache-2.0
/* Ways to open a file by the name that it has. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "intruder.h"
#include "uring.h"

static int with_openat(struct attempt *attempt)
{
	return take_opened(attempt, openat(AT_FDCWD, attempt->path, O_RDONLY));
}

static int with_open(struct attempt *attempt)
{
	return take_opened(attempt, syscall(SYS_open, attempt->path, O_RDONLY, 0));
}

static int with_openat2(struct attempt *attempt)
{
	struct open_how how = { .flags = O_RDONLY };

	return take_opened(attempt, syscall(SYS_openat2, AT_FDCWD, attempt->path, &how, sizeof(how)));
}

/* The kernel resolves the name from the directory as if that were the root. */
static int with_openat2_in_root(struct attempt *attempt)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	int directory = MUST(open(attempt->directory, O_PATH | O_DIRECTORY));
	int result = take_opened(attempt, syscall(SYS_openat2, directory, attempt->name, &how, sizeof(how)));

	close(directory);
	return result;
}

static int read_write(struct attempt *attempt)
{
	return take_opened(attempt, open(attempt->path, O_RDWR));
}

static int read_write_append(struct attempt *attempt)
{
	return take_opened(attempt, open(attempt->path, O_RDWR | O_APPEND | O_NONBLOCK));
}

static int with_o_creat(struct attempt *attempt)
{
	return take_opened(attempt, open(attempt->path, O_RDWR | O_CREAT, 0600));
}

/* An O_PATH descriptor is made without asking; it can not be read, but opened again. */
static int reopen_o_path(struct attempt *attempt)
{
	int fd = MUST(open(attempt->path, O_PATH));
	char name[64];
	int result;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	result = take_opened(attempt, open(name, O_RDONLY));
	close(fd);
	return result;
}

static int from_dirfd(struct attempt *attempt)
{
	int directory = MUST(open(attempt->directory, O_RDONLY | O_DIRECTORY));
	int result = take_opened(attempt, openat(directory, attempt->name, O_RDONLY));

	close(directory);
	return result;
}

static int with_dotdot(struct attempt *attempt)
{
	char directory[PATH_MAX], name[PATH_MAX];

	snprintf(name, sizeof(name), "%s", attempt->directory);
	if (snprintf(directory, sizeof(directory), "%s/./../%s/.", name, strrchr(name, '/') + 1) >= PATH_MAX)
		broken("with_dotdot");
	join_path(name, directory, attempt->name);
	return take_opened(attempt, open(name, O_RDONLY));
}

static int with_slashes(struct attempt *attempt)
{
	char directory[PATH_MAX], name[PATH_MAX];

	join_path(directory, "/", attempt->directory);
	join_path(name, directory, "");
	join_path(directory, name, attempt->name);
	return take_opened(attempt, open(directory, O_RDONLY));
}

static int through_symlink(struct attempt *attempt)
{
	char link[PATH_MAX];

	scratch_name(attempt, "symlink", link);
	MUST(symlink(attempt->path, link));
	return take_opened(attempt, open(link, O_RDONLY));
}

static int through_symlinked_directory(struct attempt *attempt)
{
	char link[PATH_MAX], name[PATH_MAX];

	scratch_name(attempt, "directory", link);
	MUST(symlink(attempt->directory, link));
	join_path(name, link, attempt->name);
	return take_opened(attempt, open(name, O_RDONLY));
}

static int through_proc_root(struct attempt *attempt)
{
	char name[PATH_MAX];

	join_path(name, "/proc/self/root", attempt->path);
	return take_opened(attempt, open(name, O_RDONLY));
}

static int through_proc_cwd(struct attempt *attempt)
{
	char name[PATH_MAX];

	MUST(chdir(attempt->directory));
	join_path(name, "/proc/self/cwd", attempt->name);
	return take_opened(attempt, open(name, O_RDONLY));
}

static int relative(struct attempt *attempt)
{
	MUST(chdir(attempt->directory));
	return take_opened(attempt, open(attempt->name, O_RDONLY));
}

static int in_chroot(struct attempt *attempt)
{
	char name[PATH_MAX];

	MUST(chroot(attempt->directory));
	join_path(name, "", attempt->name);
	return take_opened(attempt, open(name, O_RDONLY));
}

static int in_chroot_relative(struct attempt *attempt)
{
	MUST(chdir(attempt->directory));
	MUST(chroot(attempt->directory));
	return take_opened(attempt, open(attempt->name, O_RDONLY));
}

static int in_mount_namespace(struct attempt *attempt)
{
	own_mount_namespace();
	return take_opened(attempt, open(attempt->path, O_RDONLY));
}

static int in_user_namespace(struct attempt *attempt)
{
	MUST(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	return take_opened(attempt, open(attempt->path, O_RDONLY));
}

/* A handle names the inode, not a path. */
static int by_handle(struct attempt *attempt)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int directory = MUST(open(attempt->directory, O_RDONLY | O_DIRECTORY));
	int mount_id, result;

	MUST(name_to_handle_at(AT_FDCWD, attempt->path, &file.handle, &mount_id, 0));
	result = take_opened(attempt, open_by_handle_at(directory, &file.handle, O_RDONLY));
	close(directory);
	return result;
}

/* The 32-bit system call of a 64-bit process takes its pointers from the lowest 4 GiB. */
static int with_compat(struct attempt *attempt)
{
	enum { compat_openat = 295 };
	char *name = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long fd;

	if (name == MAP_FAILED)
		broken("mmap");
	snprintf(name, PATH_MAX, "%s", attempt->path);
	__asm__ volatile("int $0x80"
			 : "=a"(fd)
			 : "a"((long)compat_openat), "b"((long)AT_FDCWD), "c"(name), "d"((long)O_RDONLY), "S"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	munmap(name, PATH_MAX);
	return (int)fd < 0 ? (int)fd : take_opened(attempt, (int)fd);
}

static int uring_open(struct attempt *attempt, enum uring_mode mode)
{
	struct uring ring = uring_make(mode);
	int fd = uring_openat(&ring, attempt->path);

	uring_close(&ring);
	return fd < 0 ? fd : take_opened(attempt, fd);
}

static int with_uring(struct attempt *attempt)
{
	return uring_open(attempt, URING_INLINE);
}

static int with_uring_worker(struct attempt *attempt)
{
	return uring_open(attempt, URING_WORKER);
}

static int with_uring_poller(struct attempt *attempt)
{
	return uring_open(attempt, URING_POLLER);
}

/* Opened into the ring's own table: no descriptor is ever made. */
static int with_uring_direct(struct attempt *attempt)
{
	struct uring ring = uring_make(URING_INLINE);
	int result = uring_openat_direct(&ring, attempt->path);

	if (result == 0)
		result = uring_read_direct(&ring, attempt->lane, LANE_BYTES);
	uring_close(&ring);
	return result < 0 ? result : 0;
}

const struct way open_ways[] = {
	{ "openat", with_openat },
	{ "open", with_open },
	{ "openat2", with_openat2 },
	{ "openat2-in-root", with_openat2_in_root },
	{ "open-read-write", read_write },
	{ "open-append", read_write_append },
	{ "open-create", with_o_creat },
	{ "o-path-reopen", reopen_o_path },
	{ "dirfd", from_dirfd },
	{ "dotdot", with_dotdot },
	{ "slashes", with_slashes },
	{ "symlink", through_symlink },
	{ "symlinked-directory", through_symlinked_directory },
	{ "proc-root", through_proc_root },
	{ "proc-cwd", through_proc_cwd },
	{ "relative", relative },
	{ "chroot", in_chroot },
	{ "chroot-relative", in_chroot_relative },
	{ "mount-namespace", in_mount_namespace },
	{ "user-namespace", in_user_namespace },
	{ "handle", by_handle },
	{ "compat", with_compat },
	{ "uring", with_uring },
	{ "uring-worker", with_uring_worker },
	{ "uring-poller", with_uring_poller },
	{ "uring-direct", with_uring_direct },
	{ NULL },
};
