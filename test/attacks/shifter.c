// SPDX-License-Identifier: Apache-2.0
/*
 * shifter: a process of two threads, the leader and another one, that change what they are, one by one, and try to open
 * files before and after. It reads what to do from its standard input, one a line, and answers each with a line of
 * JSON: {"result":N}, 0 or what the kernel returned, negative for an error. First, and after an exec, {"pid":N}.
 *
 *   WHO open PATH           as itself
 *   WHO worker PATH         lets a worker of its io_uring open it
 *   WHO poller PATH         lets the kernel thread of an io_uring open it, which the leader made at the beginning
 *   WHO setresuid UID       the system call, so for this thread only
 *   WHO setns PATH TYPE     joins the namespace that the file stands for
 *   WHO unshare FLAGS
 *   WHO exec PATH           this program again, from another file; the other thread ends
 *   WHO exit                this thread ends, and the process goes on
 *
 * WHO is `leader` or `thread`. A third thread reads, so that both may end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "intruder.h"
#include "uring.h"

#define LINE_BYTES 8192
#define WORDS_MAX 4

struct actor {
	const char *name;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	char *words[WORDS_MAX]; /* what to do; the first is NULL when there is nothing */
	struct uring ring;
};

#define ACTOR(name) { name, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, { NULL }, { 0 } }

static struct actor leader = ACTOR("leader"), other = ACTOR("thread");
static struct uring polled;

void broken(const char *call)
{
	fprintf(stderr, "shifter: %s: %s\n", call, strerror(errno));
	exit(EXIT_BROKEN);
}

static void say(const char *what, long number)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "{\"%s\":%ld}\n", what, number);

	if (write(STDOUT_FILENO, text, length) != length)
		exit(EXIT_BROKEN);
}

static long closed(long fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static long result_of(long returned)
{
	return returned < 0 ? -errno : returned;
}

static long join_namespace(const char *file, const char *type)
{
	int fd = MUST(open(file, O_RDONLY | O_CLOEXEC));
	long result = result_of(setns(fd, strtol(type, NULL, 0)));

	close(fd);
	return result;
}

static long act(struct actor *self)
{
	const char *verb = self->words[1], *object = self->words[2] ? self->words[2] : "";
	long number = strtol(object, NULL, 0);

	if (strcmp(verb, "open") == 0)
		return closed(result_of(open(object, O_RDONLY | O_CLOEXEC)));
	if (strcmp(verb, "worker") == 0)
		return closed(uring_openat(&self->ring, object));
	if (strcmp(verb, "poller") == 0)
		return closed(uring_openat(&polled, object));
	if (strcmp(verb, "setresuid") == 0)
		return result_of(syscall(SYS_setresuid, number, number, number));
	if (strcmp(verb, "setns") == 0 && self->words[3])
		return join_namespace(object, self->words[3]);
	if (strcmp(verb, "unshare") == 0)
		return result_of(unshare(number));
	if (strcmp(verb, "exec") == 0) {
		execl(object, object, NULL);
		return -errno;
	}
	if (strcmp(verb, "exit") == 0) {
		say("result", 0);
		pthread_exit(NULL);
	}
	broken(verb);
}

/* Each thread has a ring of its own, so that its workers are its own. */
static void *be(void *data)
{
	struct actor *self = data;

	self->ring = uring_make(URING_WORKER);
	pthread_mutex_lock(&self->mutex);
	for (;;) {
		while (!self->words[0])
			pthread_cond_wait(&self->changed, &self->mutex);
		say("result", act(self));
		self->words[0] = NULL;
	}
	return NULL;
}

static void tell(struct actor *actor, char *line)
{
	pthread_mutex_lock(&actor->mutex);
	memset(actor->words, 0, sizeof(actor->words));
	for (int i = 0; i < WORDS_MAX && line; i++)
		actor->words[i] = strsep(&line, " ");
	if (!actor->words[1])
		broken("a line has too few words");
	pthread_cond_signal(&actor->changed);
	pthread_mutex_unlock(&actor->mutex);
}

/* Byte by byte: what follows the line may be for another image of this program. */
static int read_line(char *line)
{
	for (size_t length = 0; length < LINE_BYTES; length++) {
		if (read(STDIN_FILENO, &line[length], 1) != 1)
			return 0;
		if (line[length] == '\n') {
			line[length] = 0;
			return 1;
		}
	}
	broken("a line is too long");
}

/* The next line comes when the one before has been answered. */
static void *read_lines(void *unused)
{
	static char line[LINE_BYTES];

	(void)unused;
	while (read_line(line))
		tell(strncmp(line, "leader ", 7) == 0 ? &leader : &other, line);
	exit(0);
}

/* As the file system has it: in a pid namespace of its own a process does not know the number that others know. */
static long own_pid(void)
{
	char digits[16] = "";

	MUST(readlink("/proc/self", digits, sizeof(digits) - 1));
	return atol(digits);
}

int main(void)
{
	pthread_t thread;

	polled = uring_make(URING_POLLER);
	say("pid", own_pid());
	if (pthread_create(&thread, NULL, be, &other) || pthread_create(&thread, NULL, read_lines, NULL))
		broken("pthread_create");
	be(&leader);
}
