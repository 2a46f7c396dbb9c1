// SPDX-License-Identifier: Apache-2.0
/* Running programs: from files, from memory, by the loader, in a container. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deeds.h"

static int run(char **arguments)
{
	execv(arguments[0], arguments);
	return errno;
}

/* NAME PROGRAM ARGUMENT...: by a descriptor alone; NAME leads nowhere. */
static int run_memory(char **arguments)
{
	int copy = memory_copy(arguments[0], arguments[1]);

	syscall(SYS_execveat, copy, "", arguments + 1, environ, AT_EMPTY_PATH);
	return errno;
}

/* The file LOADER runs the program, which is not what the kernel is told to run. */
static int run_memory_by_loader(char **arguments)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", memory_copy("program", arguments[1]));
	arguments[1] = name;
	return run(arguments);
}

static int interpret_memory(char **arguments)
{
	int script = MUST(memfd_create("script", 0));
	char name[64];

	MUST(write(script, arguments[1], strlen(arguments[1])));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", script);
	arguments[1] = name;
	return run(arguments);
}

/* As in a container: the first process of a pid namespace, with mounts of its own. */
static int contained(char **arguments)
{
	pid_t child;

	MUST(unshare(CLONE_NEWPID));
	child = MUST(fork());
	if (child > 0)
		return wait_for(child);
	own_mount_namespace();
	_exit(do_deed(arguments));
}

const struct deed program_deeds[] = {
	{ "run", 1, run },
	{ "run-memory", 2, run_memory },
	{ "run-memory-by-loader", 2, run_memory_by_loader },
	{ "interpret-memory", 2, interpret_memory },
	{ "contained", 1, contained },
	{ NULL },
};
