// SPDX-License-Identifier: Apache-2.0
/*
 * siege open COUNTERS THREADS PATH PAUSE-US      opens the file in tight loops, and does nothing else
 * siege kill COUNTERS PROCESSES PATH PAUSE-US    the same, each attempt by a new process, which expects to be killed
 * siege calls COUNTERS THREADS FILE PAUSE-US FIRST
 *                                                makes calls that carry a number, each number once
 *
 * After eight attempts each thread, or process, pauses, unless the pause is 0.
 * Until its standard input ends. What it did is in the file COUNTERS while it goes on: a lane for each thread, or
 * process, see struct lane. The calls of number n are shutdown(socket, n), where an odd number is to be denied with
 * EPERM and an even one is no valid argument, lseek(file, FAR + n), and openat of the file n in a directory that does
 * not exist. Thread t begins at FIRST + t * RANGE.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LANES_MAX 64
#define RANGE 1000000
#define FAR 0x500000000
#define NOWHERE "/nowhere"
#define BURST 8
#define NICE 15 /* so that the agent gets on, too */
#define EXIT_USAGE 2

/* One cache line each. */
struct lane {
	uint64_t attempts; /* that have ended; numbers that were used */
	uint64_t successes; /* the file was opened */
	uint64_t survivors; /* of processes: ran on after the call */
	uint64_t unexpected; /* ended in another way than the policy says */
	uint64_t reserved[4];
};

struct lanes {
	uint64_t stop;
	uint64_t reserved[7];
	struct lane lane[LANES_MAX];
};

static struct lanes *lanes;
static pthread_t threads[LANES_MAX];
static const char *path;
static long first, pause_us;

static void fail(const char *what)
{
	fprintf(stderr, "siege: %s: %s\n", what, strerror(errno));
	exit(EXIT_USAGE);
}

static int goes_on(void)
{
	return !__atomic_load_n(&lanes->stop, __ATOMIC_RELAXED);
}

/* Read by another process at any time; written by one thread only. */
static void count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

static void pause_after_burst(const struct lane *lane)
{
	if (pause_us > 0 && lane->attempts % BURST == 0)
		usleep(pause_us);
}

static void *open_forever(void *data)
{
	struct lane *lane = data;

	while (goes_on()) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0) {
			count(&lane->successes);
			close(fd);
		} else if (errno != EPERM) {
			count(&lane->unexpected);
		}
		count(&lane->attempts);
		pause_after_burst(lane);
	}
	return NULL;
}

static void open_once(struct lane *lane)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	count(&lane->survivors);
	if (fd >= 0)
		count(&lane->successes);
	_exit(0);
}

static void be_killed_forever(struct lane *lane)
{
	while (goes_on()) {
		pid_t child = fork();
		int status;

		if (child < 0)
			fail("fork");
		if (child == 0)
			open_once(lane);
		if (waitpid(child, &status, 0) != child)
			fail("waitpid");
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			count(&lane->unexpected);
		count(&lane->attempts);
		pause_after_burst(lane);
	}
}

static int opens_nothing(long number)
{
	char name[64];

	snprintf(name, sizeof(name), NOWHERE "/%ld", number);
	return open(name, O_RDONLY | O_CLOEXEC) < 0 && errno == ENOENT;
}

static void *call_forever(void *data)
{
	struct lane *lane = data;
	long number = first + (lane - lanes->lane) * (long)RANGE, last = number + RANGE;
	int file = open(path, O_RDONLY), peer = socket(AF_INET, SOCK_STREAM, 0);

	if (file < 0 || peer < 0)
		fail("nothing to call with");
	for (; goes_on() && number < last; number++) {
		if (shutdown(peer, number) == 0 || errno != (number & 1 ? EPERM : EINVAL))
			count(&lane->unexpected);
		if (lseek(file, FAR + number, SEEK_SET) != FAR + number)
			count(&lane->unexpected);
		if (!opens_nothing(number))
			count(&lane->unexpected);
		count(&lane->attempts);
		pause_after_burst(lane);
	}
	return NULL;
}

static int run_threads(int wanted, void *(*work)(void *))
{
	for (int i = 0; i < wanted; i++)
		if (pthread_create(&threads[i], NULL, work, &lanes->lane[i]))
			fail("pthread_create");
	return wanted;
}

static void run_processes(int processes)
{
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (child > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_killed_forever(&lanes->lane[i]);
		_exit(0);
	}
}

static void share_lanes(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ftruncate(fd, sizeof(*lanes)) < 0)
		fail(file);
	lanes = mmap(NULL, sizeof(*lanes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (lanes == MAP_FAILED)
		fail("mmap");
	close(fd);
}

int main(int argc, char **argv)
{
	int many = argc > 3 ? atoi(argv[3]) : 0, running = 0;
	const char *way = argc > 1 ? argv[1] : "";
	char rest[64];

	if (argc < 6 || many < 1 || many > LANES_MAX) {
		fprintf(stderr, "usage: siege open|kill|calls COUNTERS THREADS PATH PAUSE-US [FIRST]\n");
		return EXIT_USAGE;
	}
	share_lanes(argv[2]);
	path = argv[4];
	pause_us = atol(argv[5]);
	if (nice(NICE) < 0)
		fail("nice");
	if (strcmp(way, "open") == 0) {
		running = run_threads(many, open_forever);
	} else if (strcmp(way, "kill") == 0) {
		run_processes(many);
	} else if (strcmp(way, "calls") == 0 && argc == 7) {
		first = atol(argv[6]);
		running = run_threads(many, call_forever);
	} else {
		return EXIT_USAGE;
	}
	while (read(STDIN_FILENO, rest, sizeof(rest)) > 0)
		;
	__atomic_store_n(&lanes->stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < running; i++)
		pthread_join(threads[i], NULL);
	while (wait(NULL) > 0)
		;
	return 0;
}
