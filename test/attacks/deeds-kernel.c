// SPDX-License-Identifier: Apache-2.0
/* Loading code into the kernel, and reaching into other processes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "deeds.h"

static int load_module(char **arguments)
{
	return ERRNO_OF(syscall(SYS_finit_module, MUST(open(arguments[0], O_RDONLY)), "", 0));
}

/* The file has no name below the directory of modules, only what is in it. */
static int load_module_from_memory_file(char **arguments)
{
	char name[64];
	char *opened[] = { name, NULL };

	snprintf(name, sizeof(name), "/proc/self/fd/%d", memory_copy("module", arguments[0]));
	return load_module(opened);
}

static int load_module_from_memory(char **arguments)
{
	int fd = MUST(open(arguments[0], O_RDONLY));
	struct stat file;
	void *bytes;

	MUST(fstat(fd, &file));
	bytes = malloc(file.st_size);
	if (bytes == NULL || read(fd, bytes, file.st_size) != file.st_size)
		broken("read the module");
	return ERRNO_OF(syscall(SYS_init_module, bytes, file.st_size, ""));
}

/* Of a family that the kernel would load a module for. */
static int make_rare_socket(char **arguments)
{
	return ERRNO_OF(socket(atoi(arguments[0]), SOCK_STREAM, 0));
}

static char secret[] = "memory of another process";

/* A child that waits, for the attempts on it; it ends with this process' attempt. */
static int on_child(int (*attempt)(pid_t child))
{
	pid_t child = MUST(fork());
	int result;

	if (child == 0) {
		pause();
		_exit(0);
	}
	result = attempt(child);
	kill(child, SIGKILL);
	return result;
}

static int attach_to(pid_t child)
{
	return ERRNO_OF(ptrace(PTRACE_ATTACH, child, NULL, NULL));
}

static int seize(pid_t child)
{
	return ERRNO_OF(ptrace(PTRACE_SEIZE, child, NULL, NULL));
}

static int read_memory_of(pid_t child)
{
	char taken[sizeof(secret)];
	struct iovec here = { taken, sizeof(taken) }, there = { secret, sizeof(secret) };

	return ERRNO_OF(process_vm_readv(child, &here, 1, &there, 1, 0));
}

static int open_of(pid_t child, const char *file, int flags)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/%s", child, file);
	return ERRNO_OF(open(name, flags));
}

static int open_memory_of(pid_t child)
{
	return open_of(child, "mem", O_RDWR);
}

static int open_environment_of(pid_t child)
{
	return open_of(child, "environ", O_RDONLY);
}

static int take_descriptor_of(pid_t child)
{
	return ERRNO_OF(syscall(SYS_pidfd_getfd, MUST(syscall(SYS_pidfd_open, child, 0)), STDERR_FILENO, 0));
}

static int attach(char **arguments)
{
	(void)arguments;
	return on_child(attach_to);
}

static int attach_by_seize(char **arguments)
{
	(void)arguments;
	return on_child(seize);
}

static int read_memory(char **arguments)
{
	(void)arguments;
	return on_child(read_memory_of);
}

static int open_memory(char **arguments)
{
	(void)arguments;
	return on_child(open_memory_of);
}

static int open_environment(char **arguments)
{
	(void)arguments;
	return on_child(open_environment_of);
}

static int take_descriptor(char **arguments)
{
	(void)arguments;
	return on_child(take_descriptor_of);
}

static int let_parent_trace(char **arguments)
{
	pid_t child = MUST(fork());

	(void)arguments;
	if (child > 0)
		return wait_for(child);
	_exit(ERRNO_OF(ptrace(PTRACE_TRACEME, 0, NULL, NULL)));
}

const struct deed kernel_deeds[] = {
	{ "load-module", 1, load_module },
	{ "load-module-from-memory-file", 1, load_module_from_memory_file },
	{ "load-module-from-memory", 1, load_module_from_memory },
	{ "rare-socket", 1, make_rare_socket },
	{ "attach", 0, attach },
	{ "attach-by-seize", 0, attach_by_seize },
	{ "read-memory", 0, read_memory },
	{ "open-memory", 0, open_memory },
	{ "open-environment", 0, open_environment },
	{ "take-descriptor", 0, take_descriptor },
	{ "let-parent-trace", 0, let_parent_trace },
	{ NULL },
};
