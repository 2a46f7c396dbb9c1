// SPDX-License-Identifier: Apache-2.0
/*
 * racer openat ALLOWED FORBIDDEN TRIES
 * racer connect ALLOWED-PORT FORBIDDEN-PORT TRIES
 *
 * Calls again and again with a pointer to memory that another thread changes meanwhile: now it names what a policy
 * allows, now what it forbids. Says on one line of JSON how often it got which, and how often it was refused with the
 * error EACCES or with another one.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VALUE_BYTES 4096
#define EXIT_USAGE 2

/* What the calls point to. Values that differ in one aligned word only are whole at any time. */
static _Alignas(8) char shared[VALUE_BYTES];
static char allowed[VALUE_BYTES], forbidden[VALUE_BYTES];
static size_t first_word, words;
static atomic_int done;

struct tally {
	unsigned long allowed, forbidden, refused, failed;
};

static void *flip_forever(void *unused)
{
	(void)unused;
	while (!atomic_load_explicit(&done, memory_order_relaxed)) {
		for (size_t i = first_word; i < first_word + words; i++)
			((volatile unsigned long *)shared)[i] = ((unsigned long *)forbidden)[i];
		for (size_t i = first_word; i < first_word + words; i++)
			((volatile unsigned long *)shared)[i] = ((unsigned long *)allowed)[i];
	}
	return NULL;
}

static void find_difference(void)
{
	const unsigned long *a = (void *)allowed, *b = (void *)forbidden;
	size_t last = 0;

	first_word = VALUE_BYTES / sizeof(*a);
	for (size_t i = 0; i < VALUE_BYTES / sizeof(*a); i++) {
		if (a[i] == b[i])
			continue;
		if (i < first_word)
			first_word = i;
		last = i;
	}
	words = first_word > last ? 0 : last - first_word + 1;
	memcpy(shared, allowed, VALUE_BYTES);
}

static void count_error(struct tally *tally)
{
	if (errno == EACCES)
		tally->refused++;
	else
		tally->failed++;
}

static void open_once(struct tally *tally, const struct stat *wanted)
{
	int fd = syscall(SYS_openat, AT_FDCWD, shared, O_RDONLY | O_CLOEXEC, 0);
	struct stat got;

	if (fd < 0) {
		count_error(tally);
		return;
	}
	if (fstat(fd, &got) == 0 && got.st_ino == wanted->st_ino && got.st_dev == wanted->st_dev)
		tally->forbidden++;
	else
		tally->allowed++;
	close(fd);
}

static void connect_once(struct tally *tally, in_port_t forbidden_port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);
	struct linger hard = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)); /* or ports run out */
	if (syscall(SYS_connect, fd, shared, sizeof(struct sockaddr_in)) < 0)
		count_error(tally);
	else if (getpeername(fd, (void *)&peer, &length) == 0 && peer.sin_port == forbidden_port)
		tally->forbidden++;
	else
		tally->allowed++;
	close(fd);
}

static void loopback(char *value, const char *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	memcpy(value, &address, sizeof(address));
}

int main(int argc, char **argv)
{
	int opens = argc == 5 && strcmp(argv[1], "openat") == 0;
	struct tally tally = { 0 };
	struct stat wanted;
	pthread_t thread;

	if (argc != 5 || (!opens && strcmp(argv[1], "connect") != 0)) {
		fprintf(stderr, "usage: racer openat|connect ALLOWED FORBIDDEN TRIES\n");
		return EXIT_USAGE;
	}
	if (opens) {
		snprintf(allowed, VALUE_BYTES, "%s", argv[2]);
		snprintf(forbidden, VALUE_BYTES, "%s", argv[3]);
		if (stat(forbidden, &wanted) < 0)
			return EXIT_USAGE;
	} else {
		loopback(allowed, argv[2]);
		loopback(forbidden, argv[3]);
	}
	find_difference();
	if (pthread_create(&thread, NULL, flip_forever, NULL))
		return EXIT_USAGE;
	for (long left = atol(argv[4]); left > 0; left--) {
		if (opens)
			open_once(&tally, &wanted);
		else
			connect_once(&tally, htons(atoi(argv[3])));
	}
	atomic_store(&done, 1);
	pthread_join(thread, NULL);
	printf("{\"allowed\":%lu,\"forbidden\":%lu,\"refused\":%lu,\"failed\":%lu}\n", tally.allowed, tally.forbidden,
	       tally.refused, tally.failed);
	return 0;
}
