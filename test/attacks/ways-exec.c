// SPDX-License-Identifier: Apache-2.0
/*
 * Ways to run a program. Its first instructions write a byte to descriptor 3, which is the leak file at this attempt's
 * lane: an empty lane means that not one of them ran.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "intruder.h"

enum { evidence_fd = 3 };

static char *const arguments[] = { "target", NULL };
static char *const environment[] = { NULL };

static void aim(const struct attempt *attempt)
{
	int out = MUST(open(attempt->leak_path, O_WRONLY));

	MUST(lseek(out, attempt->lane_offset, SEEK_SET));
	if (out != evidence_fd) {
		MUST(dup2(out, evidence_fd));
		close(out);
	}
}

/* Returns only when refused. */
static int run(const struct attempt *attempt, const char *path)
{
	aim(attempt);
	execve(path, arguments, environment);
	return -errno;
}

static int run_descriptor(const struct attempt *attempt, int fd)
{
	int moved = MUST(fcntl(fd, F_DUPFD, evidence_fd + 1));

	aim(attempt);
	syscall(SYS_execveat, moved, "", arguments, environment, AT_EMPTY_PATH);
	return -errno;
}

static int with_execve(struct attempt *attempt)
{
	return run(attempt, attempt->path);
}

static int with_relative(struct attempt *attempt)
{
	char name[PATH_MAX];

	MUST(chdir(attempt->directory));
	join_path(name, ".", attempt->name);
	return run(attempt, name);
}

static int with_execveat_path(struct attempt *attempt)
{
	return run_descriptor(attempt, MUST(open(attempt->path, O_PATH)));
}

static int with_fexecve(struct attempt *attempt)
{
	return run_descriptor(attempt, MUST(open(attempt->path, O_RDONLY)));
}

static int through_symlink(struct attempt *attempt)
{
	char link[PATH_MAX];

	scratch_name(attempt, "symlink", link);
	MUST(symlink(attempt->path, link));
	return run(attempt, link);
}

static int through_proc_fd(struct attempt *attempt)
{
	int fd = MUST(fcntl(MUST(open(attempt->path, O_PATH)), F_DUPFD, evidence_fd + 1));
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return run(attempt, name);
}

static int through_script(struct attempt *attempt)
{
	char script[PATH_MAX];
	int fd;

	scratch_name(attempt, "script", script);
	fd = MUST(open(script, O_CREAT | O_WRONLY | O_CLOEXEC, 0700));
	if (dprintf(fd, "#!%s\n", attempt->path) < 0)
		broken("write the script");
	close(fd);
	return run(attempt, script);
}

static int in_chroot(struct attempt *attempt)
{
	char name[PATH_MAX];

	aim(attempt);
	MUST(chroot(attempt->directory));
	join_path(name, "", attempt->name);
	execve(name, arguments, environment);
	return -errno;
}

static void *execve_in_thread(void *argument)
{
	struct attempt *attempt = argument;

	return (void *)(long)run(attempt, attempt->path);
}

/* The thread that calls execve becomes the leader. */
static int from_thread(struct attempt *attempt)
{
	pthread_t thread;
	void *result;

	if (pthread_create(&thread, NULL, execve_in_thread, attempt) != 0)
		broken("pthread_create");
	pthread_join(thread, &result);
	return (int)(long)result;
}

static int with_compat(struct attempt *attempt)
{
	enum { compat_execve = 11 };
	char *low = mmap(NULL, 2 * PATH_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	unsigned int *vector = (unsigned int *)(low + PATH_MAX);
	long result;

	if (low == MAP_FAILED)
		broken("mmap");
	snprintf(low, PATH_MAX, "%s", attempt->path);
	vector[0] = (unsigned int)(unsigned long)low;
	vector[1] = 0;
	aim(attempt);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"((long)compat_execve), "b"(low), "c"(vector), "d"(&vector[1])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static int through_hard_link(struct attempt *attempt)
{
	char name[PATH_MAX];

	scratch_name(attempt, "link", name);
	MUST(link(attempt->path, name));
	return run(attempt, name);
}

static int through_bind_mount(struct attempt *attempt)
{
	char name[PATH_MAX];

	scratch_name(attempt, "mountpoint", name);
	close(MUST(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0700)));
	own_mount_namespace();
	MUST(mount(attempt->path, name, NULL, MS_BIND, NULL));
	return run(attempt, name);
}

/* A copy of the program, which no rule on the original's name or inode is about: for the events it leaves. */
static int copy_into(const struct attempt *attempt, int copy)
{
	int original = MUST(open(attempt->path, O_RDONLY | O_CLOEXEC));
	ssize_t bytes;

	do
		bytes = MUST(sendfile(copy, original, NULL, 1 << 20));
	while (bytes > 0);
	close(original);
	return copy;
}

static int from_memory(struct attempt *attempt)
{
	return run_descriptor(attempt, copy_into(attempt, MUST(memfd_create("nameless", MFD_CLOEXEC))));
}

/* Opened again to read: a file that is open for writing can not be run. */
static int after_unlink(struct attempt *attempt)
{
	char name[PATH_MAX];
	int fd;

	scratch_name(attempt, "unlinked", name);
	close(copy_into(attempt, MUST(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0700))));
	fd = MUST(open(name, O_PATH | O_CLOEXEC));
	MUST(unlink(name));
	return run_descriptor(attempt, fd);
}

const struct way exec_ways[] = {
	{ "exec", with_execve },
	{ "exec-relative", with_relative },
	{ "exec-at", with_execveat_path },
	{ "exec-descriptor", with_fexecve },
	{ "exec-symlink", through_symlink },
	{ "exec-proc-fd", through_proc_fd },
	{ "exec-script", through_script },
	{ "exec-chroot", in_chroot },
	{ "exec-thread", from_thread },
	{ "exec-compat", with_compat },
	{ "exec-hard-link", through_hard_link },
	{ "exec-bind-mount", through_bind_mount },
	{ "exec-memory", from_memory },
	{ "exec-unlinked", after_unlink },
	{ NULL },
};
