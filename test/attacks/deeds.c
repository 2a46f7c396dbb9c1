// SPDX-License-Identifier: Apache-2.0
/*
 * deeds: does one thing that a policy may forbid, or one beside it that no policy does, and exits with the errno of the
 * call that it is about; 0 is success.
 *
 *   deeds NAME ARGUMENT...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deeds.h"

static const struct deed *const groups[] = { file_deeds, program_deeds, network_deeds, kernel_deeds };

void broken(const char *call)
{
	fprintf(stderr, "deeds: %s: %s\n", call, strerror(errno));
	exit(EXIT_BROKEN);
}

int memory_copy(const char *name, const char *path)
{
	int copy = MUST(memfd_create(name, 0));
	int original = MUST(open(path, O_RDONLY | O_CLOEXEC));
	ssize_t bytes;

	do
		bytes = MUST(sendfile(copy, original, NULL, 1 << 20));
	while (bytes > 0);
	close(original);
	return copy;
}

int wait_for(pid_t child)
{
	int status;

	MUST(waitpid(child, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void own_mount_namespace(void)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

int do_deed(char **words)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	for (size_t group = 0; count > 0 && group < sizeof(groups) / sizeof(groups[0]); group++)
		for (const struct deed *deed = groups[group]; deed->name != NULL; deed++)
			if (strcmp(deed->name, words[0]) == 0 && count > deed->arguments)
				return deed->run(words + 1);
	errno = EINVAL;
	broken(count > 0 ? words[0] : "no deed");
}

int main(int count, char **words)
{
	(void)count;
	umask(0);
	return do_deed(words + 1);
}
