// SPDX-License-Identifier: Apache-2.0
/*
 * What a watched process does, again and again, and what each batch of it cost: processor time of this process and of
 * the children that it has waited for, in nanoseconds, which are instructions where the clock counts those.
 *
 *   workload KIND ARGUMENT PER_BATCH BATCHES    one line for each batch
 *   workload cpu PID                            processor time that a process has used
 *   workload shake DIRECTORY                    renames and mounts there until it is killed
 *   workload crowd FILE THREADS PER_THREAD      opens at once: wall-clock and processor time of all
 *   workload exit                               does nothing
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../attacks/uring.h"

#define CROWD_MAX 16
#define CLIENT_PORT 20001
#define SERVER_PORT 20002

typedef unsigned long long ns_t;

static const char *argument;

#define MUST(call) ({ __typeof__(call) result_ = (call); if (result_ < 0) broken(#call); result_; })

/* uring.c calls it too. */
__attribute__((noreturn)) void broken(const char *call)
{
	perror(call);
	exit(2);
}

static ns_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	MUST(clock_gettime(clock, &now));
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static ns_t of_timeval(struct timeval time)
{
	return time.tv_sec * 1000000000ULL + time.tv_usec * 1000ULL;
}

static ns_t spent(void)
{
	struct rusage children;

	MUST(getrusage(RUSAGE_CHILDREN, &children));
	return nanoseconds(CLOCK_PROCESS_CPUTIME_ID) + of_timeval(children.ru_utime) + of_timeval(children.ru_stime);
}

static void nothing(void)
{
}

/* ---- what is done ---- */

static void open_once(void)
{
	close(MUST(open(argument, O_RDONLY)));
}

static int file = -1;

static void read_prepare(void)
{
	file = MUST(open(argument, O_RDONLY));
}

static void read_once(void)
{
	char byte;

	MUST(pread(file, &byte, 1, 0));
}

static void getpid_once(void)
{
	syscall(SYS_getpid);
}

static struct uring ring;

static void uring_prepare(void)
{
	ring = uring_make(URING_INLINE);
}

static void uring_once(void)
{
	int opened = uring_openat(&ring, argument);

	if (opened < 0) {
		errno = -opened;
		broken("IORING_OP_OPENAT");
	}
	close(opened);
}

static int listener = -1;

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int bound_socket(int port)
{
	struct sockaddr_in address = loopback(port);
	int on = 1, fd = MUST(socket(AF_INET, SOCK_STREAM, 0));

	MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	MUST(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

static void connect_prepare(void)
{
	listener = bound_socket(SERVER_PORT);
	MUST(listen(listener, 8));
}

/* Always the same ports, which a reset frees at once: nothing is searched for, and nothing waits in TIME_WAIT. */
static void connect_once(void)
{
	struct sockaddr_in address = loopback(SERVER_PORT);
	struct linger reset = { .l_onoff = 1 };
	int client = bound_socket(CLIENT_PORT), server;

	MUST(connect(client, (struct sockaddr *)&address, sizeof(address)));
	server = MUST(accept(listener, NULL, NULL));
	MUST(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)));
	close(client);
	close(server);
}

static void exec_once(void)
{
	char *argv[] = { (char *)argument, "exit", NULL }, *environment[] = { NULL };
	int status;
	pid_t child = MUST(fork());

	if (child == 0) {
		execve(argument, argv, environment);
		_exit(127);
	}
	MUST(waitpid(child, &status, 0));
	if (status != 0)
		broken("a child failed");
}

static const struct kind {
	const char *name;
	void (*prepare)(void);
	void (*once)(void);
} kinds[] = {
	{ "open", nothing, open_once },
	{ "read", read_prepare, read_once },
	{ "getpid", nothing, getpid_once },
	{ "uring-open", uring_prepare, uring_once },
	{ "connect", connect_prepare, connect_once },
	{ "exec", nothing, exec_once },
};

static int run(const struct kind *kind, long per_batch, long batches)
{
	ns_t *costs = calloc(batches, sizeof(*costs));

	if (costs == NULL)
		broken("calloc");
	kind->prepare();
	for (long batch = 0; batch < batches; batch++) {
		ns_t before = spent();

		for (long each = 0; each < per_batch; each++)
			kind->once();
		costs[batch] = spent() - before;
	}
	for (long batch = 0; batch < batches; batch++)
		printf("%llu\n", costs[batch]);
	return 0;
}

/* ---- others beside it ---- */

static int tell_cpu(pid_t pid)
{
	clockid_t clock;

	if ((errno = clock_getcpuclockid(pid, &clock)) != 0)
		broken("clock_getcpuclockid");
	printf("%llu\n", nanoseconds(clock));
	return 0;
}

/* Moves the sequence numbers of renames and of mounts on. Its mounts are its own, and end with it. */
static void shake(const char *directory)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(chdir(directory));
	MUST(mkdir("a", 0700));
	MUST(mkdir("m", 0700));
	for (;;) {
		MUST(rename("a", "b"));
		MUST(rename("b", "a"));
		MUST(mount("none", "m", "tmpfs", 0, NULL));
		MUST(umount("m"));
	}
}

static long per_thread;

static void *open_many(void *unused)
{
	for (long each = 0; each < per_thread; each++)
		open_once();
	return unused;
}

static int crowd(int threads)
{
	pthread_t ids[CROWD_MAX];
	ns_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);

	for (int each = 0; each < threads; each++)
		if ((errno = pthread_create(&ids[each], NULL, open_many, NULL)) != 0)
			broken("pthread_create");
	for (int each = 0; each < threads; each++)
		pthread_join(ids[each], NULL);
	printf("%llu\n%llu\n", nanoseconds(CLOCK_MONOTONIC) - wall, nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	return 0;
}

static long number(const char *text, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*end != '\0' || value < 1 || value > max) {
		fprintf(stderr, "%s is not a number from 1 to %ld\n", text, max);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "exit") == 0)
		return 0;
	if (argc == 3 && strcmp(argv[1], "cpu") == 0)
		return tell_cpu(number(argv[2], 1 << 22));
	if (argc == 3 && strcmp(argv[1], "shake") == 0)
		shake(argv[2]);
	if (argc != 5) {
		fprintf(stderr, "workload KIND ARGUMENT PER_BATCH BATCHES\n");
		return 2;
	}
	argument = argv[2];
	if (strcmp(argv[1], "crowd") == 0) {
		per_thread = number(argv[4], 100000000);
		return crowd(number(argv[3], CROWD_MAX));
	}
	for (size_t each = 0; each < sizeof(kinds) / sizeof(kinds[0]); each++)
		if (strcmp(argv[1], kinds[each].name) == 0)
			return run(&kinds[each], number(argv[3], 100000000), number(argv[4], 1000));
	fprintf(stderr, "no work is called %s\n", argv[1]);
	return 2;
}
