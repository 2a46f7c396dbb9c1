// SPDX-License-Identifier: Apache-2.0
/*
 * watcher LEAK: the second process. Looks at the leak file until its standard input is closed, and says on one line of
 * JSON how often it looked and how often it saw a byte of a secret (top bit set).
 *
 * Exit status: 0 it saw none, 1 it saw one, 2 it could not watch.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOP_BITS 0x8080808080808080ULL

static int sees_secret(const volatile uint64_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (words[i] & TOP_BITS)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct pollfd end = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned long looks = 0, sightings = 0;
	const volatile uint64_t *words;
	struct stat leak;
	int fd;

	fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	if (fd < 0 || fstat(fd, &leak) < 0 || leak.st_size == 0) {
		fprintf(stderr, "usage: watcher LEAK (a file that is not empty)\n");
		return 2;
	}
	words = mmap(NULL, leak.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (words == MAP_FAILED)
		return 2;
	puts("watching");
	fflush(stdout);
	do {
		looks++;
		sightings += sees_secret(words, leak.st_size / sizeof(*words));
		sched_yield();
	} while (looks % 64 != 0 || poll(&end, 1, 0) == 0);
	printf("{\"looks\":%lu,\"sightings\":%lu}\n", looks, sightings);
	return sightings ? 1 : 0;
}
