// SPDX-License-Identifier: Apache-2.0
/*
 * caller: makes each system call that it reads from its standard input in a process of its own, which has the number,
 * the binary, the namespaces and the capabilities that the line asks for, and tells how call and process ended.
 *
 *   WORD... ; STEP ; STEP ; ... ; STEP
 *
 * Words say who calls: pid=N, inner=N (its number in a second pid namespace), binary=PATH (a copy of this program),
 * ns=ipc,mnt,net,time,cgroup (second namespaces), user=1 (a second user namespace), caps=E,I,P (hexadecimal),
 * way=plain|thread|ring|worker. Steps are a name and arguments, i and a number or x and hexadecimal bytes; how those
 * but the last end does not matter. Only the last is made in one of the two UTS namespaces that are told of at the
 * beginning, and nothing else is: whoever looks at these sees that call alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 16384
#define EXIT_BROKEN 2

/* Where children find them: above what steps open. */
enum {
	FD_NOTE = 100,
	FD_IPC,
	FD_MNT,
	FD_NET,
	FD_TIME,
	FD_CGROUP,
	FD_UTS,
	FD_PID,
	FD_USER,
	FD_USER_UTS,
	FD_OWN_PID,
};

/* What is left of a call when its process has ended. */
struct note {
	long result;
	int returned;
	unsigned long signals;
};

static struct note *note;

static void broken(const char *what)
{
	fprintf(stderr, "caller: %s: %s\n", what, strerror(errno));
	_exit(EXIT_BROKEN);
}

static long must(long result, const char *what)
{
	if (result < 0)
		broken(what);
	return result;
}

/* ---- who calls ---- */

struct who {
	int pid, inner, user;
	char *binary, *namespaces, *way;
	unsigned long long caps[3];
	int with_caps;
};

static void read_word(struct who *who, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		broken(word);
	*value++ = 0;
	if (!strcmp(word, "pid"))
		who->pid = atoi(value);
	else if (!strcmp(word, "inner"))
		who->inner = atoi(value);
	else if (!strcmp(word, "user"))
		who->user = atoi(value);
	else if (!strcmp(word, "binary"))
		who->binary = value;
	else if (!strcmp(word, "ns"))
		who->namespaces = value;
	else if (!strcmp(word, "way"))
		who->way = value;
	else if (!strcmp(word, "caps"))
		who->with_caps = sscanf(value, "%llx,%llx,%llx", &who->caps[0], &who->caps[1], &who->caps[2]) == 3;
	else
		broken(word);
}

static void enter_second(const char *names)
{
	static const struct {
		const char *name;
		int fd;
	} all[] = { { "ipc", FD_IPC }, { "mnt", FD_MNT }, { "net", FD_NET }, { "time", FD_TIME }, { "cgroup", FD_CGROUP } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strstr(names, all[i].name))
			must(setns(all[i].fd, 0), all[i].name);
}

static void set_capabilities(const struct who *who)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int half = 0; half < 2; half++) {
		data[half].effective = who->caps[0] >> (32 * half);
		data[half].inheritable = who->caps[1] >> (32 * half);
		data[half].permitted = who->caps[2] >> (32 * half);
	}
	must(syscall(SYS_capset, &header, data), "capset");
}

/* ---- what is called ---- */

struct call {
	long number;
	long arguments[6];
};

#define CALL(name) { #name, SYS_##name }

static const struct {
	const char *name;
	long number;
} calls[] = {
	CALL(bind), CALL(close), CALL(connect), CALL(copy_file_range), CALL(dup), CALL(execve), CALL(fcntl), CALL(ftruncate),
	CALL(getpid), CALL(io_uring_setup), CALL(linkat), CALL(listen), CALL(memfd_create), CALL(mkdirat), CALL(mount),
	CALL(openat), CALL(openat2), CALL(pipe2), CALL(pread64), CALL(read), CALL(renameat2), CALL(sendfile),
	CALL(socket), CALL(symlinkat), CALL(umount2), CALL(unlinkat), CALL(write), CALL(open), CALL(creat), CALL(link),
	CALL(mkdir), CALL(rename), CALL(unlink), CALL(dup2), CALL(getdents64), CALL(chdir), CALL(eventfd2),
};

static long argument_of(const char *word)
{
	size_t length = strlen(word + 1) / 2;
	char *bytes;

	if (word[0] == 'i')
		return word[1] == '-' ? strtoll(word + 1, NULL, 10) : (long)strtoull(word + 1, NULL, 10);
	bytes = calloc(1, length + 1);
	for (size_t i = 0; bytes && i < length; i++)
		sscanf(word + 1 + 2 * i, "%2hhx", (unsigned char *)&bytes[i]);
	return (long)bytes;
}

static struct call read_step(char *step)
{
	struct call call = { .number = -1 };
	size_t count = 0;
	char *name = NULL;

	for (char *word; (word = strsep(&step, " ")) != NULL;) {
		if (!*word)
			continue;
		if (!name)
			name = word;
		else if (count < 6)
			call.arguments[count++] = argument_of(word);
	}
	for (size_t i = 0; name && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name))
			call.number = calls[i].number;
	if (call.number < 0)
		broken(name ? name : "a step without a name");
	return call;
}

static long make_call(const struct call *call)
{
	const long *a = call->arguments;
	long result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);

	return result == -1 ? -errno : result;
}

/* ---- the same through io_uring ---- */

struct ring {
	int fd;
	unsigned int *tail, *array, *completed;
	struct io_uring_sqe *request;
	struct io_uring_cqe *completion;
};

static void *map_ring(int fd, size_t bytes, off_t where)
{
	void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, where);

	if (mapped == MAP_FAILED)
		broken("mmap of io_uring");
	return mapped;
}

static struct ring make_ring(void)
{
	struct io_uring_params parameters = { 0 };
	struct ring ring = { .fd = must(syscall(SYS_io_uring_setup, 1, &parameters), "io_uring_setup") };
	char *base = map_ring(ring.fd, parameters.cq_off.cqes + parameters.cq_entries * sizeof(*ring.completion),
			      IORING_OFF_SQ_RING);

	ring.tail = (unsigned int *)(base + parameters.sq_off.tail);
	ring.array = (unsigned int *)(base + parameters.sq_off.array);
	ring.completed = (unsigned int *)(base + parameters.cq_off.tail);
	ring.completion = (struct io_uring_cqe *)(base + parameters.cq_off.cqes);
	ring.request = map_ring(ring.fd, sizeof(*ring.request), IORING_OFF_SQES);
	return ring;
}

static struct io_uring_sqe request_of(const struct call *call)
{
	const long *a = call->arguments;

	switch (call->number) {
	case SYS_openat:
		return (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = a[0], .addr = a[1],
					      .open_flags = a[2], .len = a[3] };
	case SYS_read:
		return (struct io_uring_sqe){ .opcode = IORING_OP_READ, .fd = a[0], .addr = a[1], .len = a[2] };
	case SYS_write:
		return (struct io_uring_sqe){ .opcode = IORING_OP_WRITE, .fd = a[0], .addr = a[1], .len = a[2] };
	case SYS_connect:
		return (struct io_uring_sqe){ .opcode = IORING_OP_CONNECT, .fd = a[0], .addr = a[1], .off = a[2] };
	case SYS_unlinkat:
		return (struct io_uring_sqe){ .opcode = IORING_OP_UNLINKAT, .fd = a[0], .addr = a[1],
					      .unlink_flags = a[2] };
	case SYS_mkdirat:
		return (struct io_uring_sqe){ .opcode = IORING_OP_MKDIRAT, .fd = a[0], .addr = a[1], .len = a[2] };
	case SYS_linkat:
		return (struct io_uring_sqe){ .opcode = IORING_OP_LINKAT, .fd = a[0], .addr = a[1], .len = a[2],
					      .addr2 = a[3], .hardlink_flags = a[4] };
	case SYS_renameat2:
		return (struct io_uring_sqe){ .opcode = IORING_OP_RENAMEAT, .fd = a[0], .addr = a[1], .len = a[2],
					      .addr2 = a[3], .rename_flags = a[4] };
	default:
		broken("io_uring has no such call here");
		return (struct io_uring_sqe){ 0 };
	}
}

static long make_request(struct ring *ring)
{
	__atomic_store_n(ring->tail, 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	while (!__atomic_load_n(ring->completed, __ATOMIC_ACQUIRE))
		syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	return ring->completion->res;
}

/* ---- one call ---- */

struct task {
	const struct who *who;
	struct call call;
	struct ring ring;
	int with_ring;
};

/* Nothing but the call happens between the entry into the namespace and the end of the process. */
static void *perform(void *data)
{
	struct task *task = data;
	const struct who *who = task->who;

	must(setns(who->user ? FD_USER_UTS : FD_UTS, CLONE_NEWUTS), "setns");
	if (who->with_caps)
		set_capabilities(who);
	note->result = task->with_ring ? make_request(&task->ring) : make_call(&task->call);
	note->returned = 1;
	return NULL;
}

static void keep_signal(int number)
{
	__atomic_fetch_or(&note->signals, 1ul << (number - 1), __ATOMIC_RELAXED);
}

static void hear_signals(void)
{
	static const int heard[] = { SIGHUP, SIGUSR1, SIGUSR2, 64 };
	struct sigaction action = { .sa_handler = keep_signal, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
		must(sigaction(heard[i], &action, NULL), "sigaction");
}

static struct who read_line(char *line, char **steps)
{
	struct who who = { .namespaces = "", .way = "plain" };
	char *words = strsep(&line, ";");

	for (char *word; (word = strsep(&words, " ")) != NULL;)
		if (*word)
			read_word(&who, word);
	*steps = line;
	return who;
}

static void call_and_end(char *line)
{
	char *steps;
	struct who who = read_line(line, &steps);
	struct task task = { .who = &who };
	pthread_t thread;

	hear_signals();
	for (char *step; (step = strsep(&steps, ";")) != NULL;) {
		task.call = read_step(step);
		if (steps)
			make_call(&task.call);
	}
	task.with_ring = !strcmp(who.way, "ring") || !strcmp(who.way, "worker");
	if (task.with_ring) {
		task.ring = make_ring();
		*task.ring.request = request_of(&task.call);
		task.ring.request->flags = !strcmp(who.way, "worker") ? IOSQE_ASYNC : 0;
		task.ring.array[0] = 0;
	}
	enter_second(who.namespaces);
	if (who.user)
		must(setns(FD_USER, CLONE_NEWUSER), "setns user");
	if (strcmp(who.way, "thread") != 0)
		perform(&task);
	else if (pthread_create(&thread, NULL, perform, &task) || pthread_join(thread, NULL))
		broken("no thread");
	_exit(0);
}

static void map_note(void)
{
	note = mmap(NULL, sizeof(*note), PROT_READ | PROT_WRITE, MAP_SHARED, FD_NOTE, 0);
	if (note == MAP_FAILED)
		broken("mmap");
}

/* In the namespace of the second pid namespace the process has the first of two numbers. */
static pid_t make_process(const struct who *who)
{
	pid_t numbers[2] = { who->inner, who->pid };
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)(who->inner ? numbers : numbers + 1),
		.set_tid_size = who->inner ? 2 : 1,
	};
	pid_t child;

	if (who->inner)
		must(setns(FD_PID, CLONE_NEWPID), "setns pid");
	child = syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (child == 0)
		return 0;
	must(child, "clone3");
	if (who->inner)
		must(setns(FD_OWN_PID, CLONE_NEWPID), "setns own pid");
	return child;
}

static void run_line(const char *line)
{
	char *copy = strdup(line), *steps;
	struct who who = read_line(copy, &steps);
	int status;
	pid_t child;

	memset(note, 0, sizeof(*note));
	child = make_process(&who);
	if (child == 0) {
		if (who.binary)
			must(execl(who.binary, who.binary, "--call", line, NULL), who.binary);
		free(copy);
		copy = strdup(line);
		call_and_end(copy);
	}
	must(waitpid(child, &status, 0), "waitpid");
	printf("{\"returned\":%s,\"result\":%ld,\"signals\":\"%lu\",\"status\":%d,\"endedBy\":%d}\n",
	       note->returned ? "true" : "false", note->result, note->signals,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	fflush(stdout);
	free(copy);
}

/* ---- second namespaces ---- */

static void bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	must(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
	close(fd);
}

/* A process that waits in new namespaces, until this one ends. */
static pid_t keeper(int flags)
{
	int ready[2];
	pid_t child;
	char byte;

	must(pipe(ready), "pipe");
	child = must(fork(), "fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		must(unshare(flags), "unshare");
		if (flags & CLONE_NEWNET)
			bring_up_loopback();
		must(write(ready[1], "", 1), "write");
		if (!(flags & CLONE_NEWPID))
			for (;;)
				pause();
		must(fork(), "fork");
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* the first process of the namespace has not got it from its parent */
		for (;;)
			pause();
	}
	must(read(ready[0], &byte, 1), "read");
	close(ready[0]);
	close(ready[1]);
	return child;
}

static unsigned long keep_namespace(pid_t pid, const char *link, int fd)
{
	char path[64];
	struct stat status;
	int opened;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, link);
	while ((opened = open(path, O_RDONLY)) < 0 && errno == ENOENT)
		sched_yield(); /* of a pid namespace: its first process is about to be there */
	must(opened, path);
	must(dup2(opened, fd), "dup2");
	close(opened);
	must(fstat(fd, &status), "fstat");
	return status.st_ino;
}

static void write_map(pid_t pid, const char *name)
{
	char path[64];
	const char *map = "0 0 65536";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = must(open(path, O_WRONLY), path);
	must(write(fd, map, strlen(map)), path);
	close(fd);
}

static void make_namespaces(void)
{
	pid_t first = keeper(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWTIME | CLONE_NEWCGROUP |
			     CLONE_NEWPID);
	pid_t second = keeper(CLONE_NEWUSER | CLONE_NEWUTS);

	write_map(second, "uid_map");
	write_map(second, "gid_map");
	keep_namespace(getpid(), "pid", FD_OWN_PID);
	printf("{\"pid\":%d,\"keeper\":%d,\"Uts\":%lu,\"userUts\":%lu,\"Ipc\":%lu,\"Mnt\":%lu,\"Net\":%lu,"
	       "\"Time\":%lu,\"Cgroup\":%lu,\"Pid\":%lu,\"User\":%lu}\n",
	       getpid(), first, keep_namespace(first, "uts", FD_UTS), keep_namespace(second, "uts", FD_USER_UTS),
	       keep_namespace(first, "ipc", FD_IPC), keep_namespace(first, "mnt", FD_MNT),
	       keep_namespace(first, "net", FD_NET), keep_namespace(first, "time_for_children", FD_TIME),
	       keep_namespace(first, "cgroup", FD_CGROUP), keep_namespace(first, "pid_for_children", FD_PID),
	       keep_namespace(second, "user", FD_USER));
	fflush(stdout);
}

int main(int count, char **words)
{
	static char line[LINE_BYTES];
	int fd;

	if (count == 3 && !strcmp(words[1], "--call")) {
		map_note();
		call_and_end(words[2]);
	}
	fd = must(memfd_create("note", 0), "memfd_create");
	must(ftruncate(fd, sizeof(*note)), "ftruncate");
	must(dup2(fd, FD_NOTE), "dup2");
	close(fd);
	map_note();
	make_namespaces();
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		run_line(line);
	}
	return 0;
}
