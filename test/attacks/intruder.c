// SPDX-License-Identifier: Apache-2.0
/*
 * intruder WAY PATH --leak FILE [--scratch DIR] [--rounds N] [--tries N] [--threads N] [--broker SOCKET]
 *          [--flip KIND --decoy FILE] [--direct]
 * intruder held PATH --leak FILE [--scratch DIR] [--rounds N]
 * intruder broker PATH --broker SOCKET
 * intruder ways
 *
 * A supervisor forks a child for each round; --threads of the child make --tries attempts each. Each prints nothing:
 * the supervisor looks into the lanes after the child is gone, and reports on one line of JSON. With --direct there is
 * no supervisor: this very process makes one attempt. `held` opens the file at once, and then reads the names of ways
 * from its standard input, one a line.
 *
 * A byte of the secret has its top bit set and no other byte has, so that one byte tells which file it is from.
 *
 * Exit status: 0 something was obtained, 1 nothing was, 2 wrong usage, 3 an attempt could not be made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intruder.h"

#define ERRNO_MAX 134

struct options {
	const struct way *way;
	const char *path;
	const char *leak;
	const char *scratch;
	const char *broker;
	const char *decoy;
	unsigned long rounds;
	unsigned long tries;
	unsigned int threads;
	enum flip flip;
	int held;
	int direct;
};

/* Shared between the supervisor, the attempts and the flipping process; counters only grow. */
struct tally {
	unsigned long attempts;
	unsigned long errors[ERRNO_MAX];
	unsigned long flips;
};

/* Counted by the supervisor alone. */
struct outcome {
	unsigned long obtained; /* lanes that held a byte after a round */
	unsigned long secrets; /* ... of the secret */
	unsigned long killed; /* children that ended by SIGKILL */
	unsigned long broken; /* children that could not make their attempt, or crashed */
};

struct worker {
	const struct options *options;
	struct attempt *attempt;
	struct tally *tally;
	pthread_barrier_t *start;
};

static const struct way *const all_ways[] = { open_ways, name_ways, read_ways, exec_ways };
#define WAY_TABLES (sizeof(all_ways) / sizeof(all_ways[0]))

void broken(const char *call)
{
	dprintf(STDERR_FILENO, "broken attempt: %s: %s\n", call, strerror(errno));
	_exit(EXIT_BROKEN);
}

void join_path(char *joined, const char *directory, const char *name)
{
	if (snprintf(joined, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		broken("join_path");
	}
}

void scratch_name(const struct attempt *attempt, const char *kind, char *name)
{
	char leaf[64];

	snprintf(leaf, sizeof(leaf), "%s-%u", kind, attempt->number);
	join_path(name, attempt->scratch, leaf);
	unlink(name);
}

int take(struct attempt *attempt, int fd)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return read(fd, attempt->lane, LANE_BYTES) < 0 ? -errno : 0;
}

int take_opened(struct attempt *attempt, int fd)
{
	int result;

	if (fd < 0)
		return -errno;
	result = take(attempt, fd);
	close(fd);
	return result;
}

static const struct way *find_way(const char *name)
{
	for (size_t table = 0; table < WAY_TABLES; table++)
		for (const struct way *way = all_ways[table]; way->name; way++)
			if (strcmp(way->name, name) == 0)
				return way;
	return NULL;
}

static int list_ways(void)
{
	for (size_t table = 0; table < WAY_TABLES; table++)
		for (const struct way *way = all_ways[table]; way->name; way++)
			puts(way->name);
	return 0;
}

static void count_result(struct tally *tally, int result)
{
	if (result < 0 && -result < ERRNO_MAX)
		__atomic_add_fetch(&tally->errors[-result], 1, __ATOMIC_SEQ_CST);
}

static void *work(void *argument)
{
	const struct worker *worker = argument;

	pthread_barrier_wait(worker->start);
	for (unsigned long i = 0; i < worker->options->tries; i++) {
		__atomic_add_fetch(&worker->tally->attempts, 1, __ATOMIC_SEQ_CST);
		count_result(worker->tally, worker->options->way->attempt(worker->attempt));
	}
	return NULL;
}

/* One thread makes its attempts itself: some ways may only be tried by a process that has no other thread. */
static void run_child(const struct options *options, struct attempt *attempts, struct tally *tally)
{
	struct worker workers[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, options->threads);
	for (unsigned int i = 0; i < options->threads; i++)
		workers[i] = (struct worker){ options, &attempts[i], tally, &start };
	for (unsigned int i = 1; i < options->threads; i++)
		if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
			broken("pthread_create");
	work(&workers[0]);
	for (unsigned int i = 1; i < options->threads; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* What an attempt moved to where the kernel keeps it, it may not have lived to fetch. */
static void collect(struct attempt *attempt)
{
	char copy[PATH_MAX], leaf[64];
	int fd;

	while (read(attempt->pipe[0], attempt->lane, LANE_BYTES) > 0)
		;
	snprintf(leaf, sizeof(leaf), "copy-%u", attempt->number);
	join_path(copy, attempt->scratch, leaf);
	fd = open(copy, O_RDONLY);
	if (fd < 0)
		return;
	if (read(fd, attempt->lane, LANE_BYTES) < 0)
		perror(copy);
	close(fd);
	unlink(copy);
}

/* Moves what the lane holds into the evidence, unless that already holds a secret, and empties the lane. */
static void examine(const struct attempt *attempt, unsigned char *evidence, struct outcome *outcome)
{
	int any = 0, secret = 0, known = 0;

	for (size_t i = 0; i < LANE_BYTES; i++) {
		any |= attempt->lane[i];
		secret |= attempt->lane[i] & 0x80;
		known |= evidence[i] & 0x80;
	}
	if (!any)
		return;
	outcome->obtained++;
	outcome->secrets += secret != 0;
	if (!known)
		memcpy(evidence, attempt->lane, LANE_BYTES);
	memset(attempt->lane, 0, LANE_BYTES);
}

static void judge(int status, struct outcome *outcome)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		outcome->killed++;
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		outcome->broken++;
}

static void run_round(const struct options *options, struct attempt *attempts, struct tally *tally,
		      unsigned char *evidence, struct outcome *outcome)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		run_child(options, attempts, tally);
	if (child < 0 || waitpid(child, &status, 0) != child)
		broken("fork");
	for (unsigned int i = 0; i < options->threads; i++) {
		collect(&attempts[i]);
		if (options->way->restore)
			options->way->restore(&attempts[i]);
		examine(&attempts[i], evidence, outcome);
	}
	judge(status, outcome);
}

static void report(const struct options *options, const struct tally *tally, const struct outcome *outcome)
{
	const char *separator = "";

	printf("{\"way\":\"%s\",\"attempts\":%lu,\"obtained\":%lu,\"secrets\":%lu,\"killed\":%lu,\"broken\":%lu,"
	       "\"flips\":%lu,\"errors\":{",
	       options->way->name, tally->attempts, outcome->obtained, outcome->secrets, outcome->killed,
	       outcome->broken, tally->flips);
	for (int error = 1; error < ERRNO_MAX; error++) {
		if (!tally->errors[error])
			continue;
		printf("%s\"%s\":%lu", separator, strerrorname_np(error) ?: "unknown", tally->errors[error]);
		separator = ",";
	}
	puts("}}");
}

static unsigned char *map_leak(const struct options *options)
{
	size_t bytes = (options->threads + 1) * (size_t)LANE_BYTES;
	unsigned char *leak;
	struct stat now;
	int fd;

	fd = MUST(open(options->leak, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	MUST(fstat(fd, &now));
	if ((size_t)now.st_size < bytes)
		MUST(ftruncate(fd, bytes));
	leak = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_32BIT, fd, 0);
	if (leak == MAP_FAILED)
		broken("mmap of the leak file");
	close(fd);
	return leak;
}

static void prepare_attempt(const struct options *options, unsigned int number, int held, unsigned char *leak,
			    struct attempt *attempt)
{
	char copy[PATH_MAX];

	*attempt = (struct attempt){
		.path = options->path,
		.scratch = options->scratch,
		.leak_path = options->leak,
		.broker = options->broker,
		.lane = leak + (number + 1) * (size_t)LANE_BYTES,
		.lane_offset = (number + 1) * (off_t)LANE_BYTES,
		.number = number,
		.held = held,
	};
	snprintf(copy, sizeof(copy), "%s", options->path);
	snprintf(attempt->directory, sizeof(attempt->directory), "%s", dirname(copy));
	snprintf(copy, sizeof(copy), "%s", options->path);
	snprintf(attempt->name, sizeof(attempt->name), "%s", basename(copy));
	MUST(pipe2(attempt->pipe, O_NONBLOCK));
}

static pid_t start_flipping(const struct options *options, const struct attempt *attempt, struct tally *tally)
{
	pid_t child = fork();

	if (child < 0)
		broken("fork");
	if (child > 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	flip_forever(options->flip, attempt, options->decoy, &tally->flips);
	_exit(0);
}

static void stop_flipping(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

struct supervision {
	struct attempt attempts[THREADS_MAX];
	struct tally *tally;
	unsigned char *leak;
};

static void prepare(const struct options *options, int held, struct supervision *supervision)
{
	for (unsigned int i = 0; i < options->threads; i++)
		prepare_attempt(options, i, held, supervision->leak, &supervision->attempts[i]);
}

static int run_rounds(const struct options *options, struct supervision *supervision, pid_t flipper)
{
	struct outcome outcome = { 0 };

	for (unsigned long round = 0; round < options->rounds; round++)
		run_round(options, supervision->attempts, supervision->tally, supervision->leak, &outcome);
	if (flipper)
		stop_flipping(flipper);
	report(options, supervision->tally, &outcome);
	if (outcome.broken)
		return 3;
	return outcome.obtained ? 0 : 1;
}

static int supervise_flipped(struct options *options, struct supervision *supervision)
{
	static char attacked[PATH_MAX];
	struct attempt named;
	struct stat secret;
	pid_t flipper;
	int status;

	MUST(stat(options->path, &secret));
	prepare_attempt(options, 0, OPTION_NONE, supervision->leak, &named);
	flip_prepare(options->flip, &named, options->decoy, attacked);
	flipper = start_flipping(options, &named, supervision->tally);
	options->path = attacked;
	prepare(options, OPTION_NONE, supervision);
	status = run_rounds(options, supervision, flipper);
	flip_restore(options->flip, &named, options->decoy, secret.st_ino);
	return status;
}

static int supervise_held(struct options *options, struct supervision *supervision)
{
	char line[64];

	prepare(options, MUST(open(options->path, O_RDONLY)), supervision);
	puts("holding");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		options->way = find_way(line);
		if (!options->way)
			return 2;
		memset(supervision->tally, 0, sizeof(*supervision->tally));
		run_rounds(options, supervision, 0);
		fflush(stdout);
	}
	return 0;
}

static int supervise(struct options *options)
{
	static struct supervision supervision;

	supervision.leak = map_leak(options);
	supervision.tally = mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (supervision.tally == MAP_FAILED)
		broken("mmap");
	if (options->held)
		return supervise_held(options, &supervision);
	if (options->flip != FLIP_NONE)
		return supervise_flipped(options, &supervision);
	prepare(options, OPTION_NONE, &supervision);
	if (options->direct)
		return options->way->attempt(&supervision.attempts[0]) < 0;
	return run_rounds(options, &supervision, 0);
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || value == 0 || value > max) {
		fprintf(stderr, "intruder: %s is not a number from 1 to %lu\n", text, max);
		exit(2);
	}
	return value;
}

static int usage(void)
{
	fprintf(stderr, "usage: intruder WAY PATH --leak FILE [--scratch DIR] [--rounds N] [--tries N] [--threads N]\n"
			"                [--broker SOCKET] [--flip KIND --decoy FILE] [--direct]\n"
			"       intruder held PATH --leak FILE [--scratch DIR] [--rounds N]\n"
			"       intruder broker PATH --broker SOCKET\n"
			"       intruder ways\n");
	return 2;
}

static int parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "leak", required_argument, NULL, 'l' },   { "scratch", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' }, { "tries", required_argument, NULL, 'n' },
		{ "threads", required_argument, NULL, 't' }, { "broker", required_argument, NULL, 'b' },
		{ "flip", required_argument, NULL, 'f' },   { "decoy", required_argument, NULL, 'd' },
		{ "direct", no_argument, NULL, 'x' },       { NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'l': options->leak = optarg; break;
		case 's': options->scratch = optarg; break;
		case 'r': options->rounds = number(optarg, 10000000); break;
		case 'n': options->tries = number(optarg, 10000000); break;
		case 't': options->threads = number(optarg, THREADS_MAX); break;
		case 'b': options->broker = optarg; break;
		case 'f': options->flip = flip_from_name(optarg); break;
		case 'd': options->decoy = optarg; break;
		case 'x': options->direct = 1; break;
		default: return -1;
		}
	}
	return (int)options->flip < 0 || (options->flip != FLIP_NONE && !options->decoy) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct options options = { .scratch = "/tmp", .rounds = 1, .tries = 1, .threads = 1 };

	if (parse(argc, argv, &options) < 0 || optind >= argc)
		return usage();
	if (strcmp(argv[optind], "ways") == 0)
		return list_ways();
	if (optind + 2 != argc)
		return usage();
	options.path = argv[optind + 1];
	if (strcmp(argv[optind], "broker") == 0)
		return options.broker ? serve_as_broker(options.path, options.broker) : usage();
	options.held = strcmp(argv[optind], "held") == 0;
	options.way = find_way(argv[optind]);
	if ((!options.way && !options.held) || !options.leak)
		return usage();
	return supervise(&options);
}
