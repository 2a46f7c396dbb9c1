// SPDX-License-Identifier: Apache-2.0
/*
 * trigger: makes the system calls that it reads from its standard input, one a line, and answers each on a line of
 * JSON: {"result":N} with what the kernel returned, negative for an error; "bytes" is what a buffer holds then.
 *
 *   NAME ARGUMENT...    a call by name; compat:NUMBER by its number in the 32-bit table, number:NUMBER in the native
 *   thread NAME ...     the same, made by a thread of its own
 *   fork                a child goes on with the lines; this process ends when and as the child ends
 *   into PATH           the same, and the child begins in this cgroup
 *   exec PATH           this program again, from another file
 *
 * Arguments: i and a number, x and the hexadecimal bytes that a pointer is to lead to (a NUL follows them), o and the
 * size of a buffer that is to be filled. What begins to run says {"pid":N}, its pid in the initial namespace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES 65536
#define ARENA_BYTES (4 * LINE_BYTES)
#define ARGUMENTS_MAX 6
#define SHOWN_BYTES_MAX 64
#define EXIT_USAGE 2

struct call {
	long number;
	int compat;
	long arguments[ARGUMENTS_MAX];
	unsigned char *buffer; /* the first `o` argument, or NULL */
	size_t buffer_bytes;
	long result;
};

struct named_call {
	const char *name;
	long number;
};

#define CALL(name) { #name, SYS_##name }

static const struct named_call calls[] = {
	CALL(read), CALL(write), CALL(close), CALL(fstat), CALL(lseek), CALL(mmap), CALL(mprotect), CALL(ioctl),
	CALL(pread64), CALL(pwrite64), CALL(readv), CALL(dup), CALL(getpid), CALL(getppid), CALL(gettid), CALL(getuid),
	CALL(socket), CALL(connect), CALL(sendto), CALL(bind), CALL(listen), CALL(accept4), CALL(shutdown),
	CALL(setsockopt), CALL(getsockopt), CALL(getsockname), CALL(socketpair), CALL(execve), CALL(execveat), CALL(exit_group),
	CALL(kill), CALL(tgkill), CALL(uname), CALL(fcntl), CALL(ftruncate), CALL(truncate), CALL(chdir), CALL(fchdir),
	CALL(openat), CALL(openat2), CALL(mkdirat), CALL(mknodat), CALL(unlinkat), CALL(renameat2), CALL(linkat),
	CALL(symlinkat), CALL(readlinkat), CALL(fchmodat), CALL(fchownat), CALL(faccessat), CALL(fchmod), CALL(fchown),
	CALL(chroot), CALL(mount), CALL(umount2), CALL(sethostname), CALL(setuid), CALL(setgid), CALL(setresuid),
	CALL(capset), CALL(capget), CALL(prctl), CALL(ptrace), CALL(unshare), CALL(setns), CALL(bpf),
	CALL(perf_event_open), CALL(memfd_create), CALL(pipe2), CALL(eventfd2), CALL(getrandom), CALL(sched_yield),
	CALL(setpriority), CALL(getpriority), CALL(umask), CALL(nanosleep), CALL(personality), CALL(init_module),
	CALL(finit_module), CALL(delete_module), CALL(pidfd_open), CALL(io_uring_setup),
#ifdef SYS_open
	CALL(open), CALL(creat), CALL(stat), CALL(mkdir), CALL(rmdir), CALL(unlink), CALL(rename), CALL(link),
	CALL(symlink), CALL(readlink), CALL(chmod), CALL(chown), CALL(access), CALL(pipe), CALL(dup2), CALL(alarm),
#endif
};

/* In the lowest 4 GiB, which is what 32-bit calls can point to. */
static unsigned char *arena;
static size_t arena_used;

static void fail(const char *what)
{
	fprintf(stderr, "trigger: %s\n", what);
	exit(EXIT_USAGE);
}

static unsigned char *take(size_t bytes)
{
	unsigned char *taken = arena + arena_used;

	arena_used += (bytes + 15) & ~(size_t)15;
	if (arena_used > ARENA_BYTES)
		fail("the arguments are too long");
	return taken;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	fail("not a hexadecimal digit");
	return 0;
}

static unsigned char *take_bytes(const char *digits)
{
	size_t length = strlen(digits) / 2;
	unsigned char *bytes = take(length + 1);

	for (size_t i = 0; i < length; i++)
		bytes[i] = digit(digits[2 * i]) << 4 | digit(digits[2 * i + 1]);
	bytes[length] = 0;
	return bytes;
}

static long argument_of(struct call *call, const char *word)
{
	unsigned char *buffer;

	switch (word[0]) {
	case 'i':
		return word[1] == '-' ? strtoll(word + 1, NULL, 10) : (long)strtoull(word + 1, NULL, 10);
	case 'x':
		return (long)take_bytes(word + 1);
	case 'o':
		call->buffer_bytes = strtoul(word + 1, NULL, 10);
		buffer = take(call->buffer_bytes);
		memset(buffer, 0, call->buffer_bytes);
		call->buffer = buffer;
		return (long)buffer;
	default:
		fail("an argument begins with i, x or o");
		return 0;
	}
}

static void find_call(struct call *call, const char *name)
{
	if (sscanf(name, "compat:%ld", &call->number) == 1) {
		call->compat = 1;
		return;
	}
	if (sscanf(name, "number:%ld", &call->number) == 1)
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].name, name) == 0) {
			call->number = calls[i].number;
			return;
		}
	}
	fail(name);
}

static long compat_call(const struct call *call)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(call->number), "b"(call->arguments[0]), "c"(call->arguments[1]),
			   "d"(call->arguments[2]), "S"(call->arguments[3]), "D"(call->arguments[4])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
#else
	(void)call;
	return -ENOSYS;
#endif
}

static void *make_call(void *data)
{
	struct call *call = data;
	const long *a = call->arguments;

	if (call->compat) {
		call->result = compat_call(call);
		return NULL;
	}
	call->result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (call->result == -1)
		call->result = -errno;
	return NULL;
}

static void say(const char *text)
{
	size_t length = strlen(text);

	if (write(STDOUT_FILENO, text, length) != (ssize_t)length)
		exit(EXIT_USAGE);
}

/* As the file system has it: in a pid namespace of its own a process does not know the number that others know. */
static long own_pid(void)
{
	char digits[16] = "";

	if (readlink("/proc/self", digits, sizeof(digits) - 1) < 0)
		fail("/proc/self");
	return atol(digits);
}

static void say_number(const char *what, long number)
{
	char text[64];

	snprintf(text, sizeof(text), "{\"%s\":%ld}\n", what, number);
	say(text);
}

static void answer(const struct call *call)
{
	char text[64 + 2 * SHOWN_BYTES_MAX], *end = text;

	end += sprintf(end, "{\"result\":%ld", call->result);
	if (call->buffer) {
		end += sprintf(end, ",\"bytes\":\"");
		for (size_t i = 0; i < call->buffer_bytes && i < SHOWN_BYTES_MAX; i++)
			end += sprintf(end, "%02x", call->buffer[i]);
		end += sprintf(end, "\"");
	}
	sprintf(end, "}\n");
	say(text);
}

/* The child is followed into its end, so that whoever waits for this process sees how the child ended. */
static void go_on_in_child(pid_t child)
{
	int status;

	if (child < 0)
		fail("fork");
	if (child == 0) {
		say_number("pid", own_pid());
		return;
	}
	while (waitpid(child, &status, 0) < 0)
		;
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		kill(getpid(), WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

static pid_t fork_into(const char *cgroup)
{
	int directory = open(cgroup, O_RDONLY | O_DIRECTORY);
	struct clone_args arguments = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = directory };
	pid_t child;

	if (directory < 0)
		fail("the cgroup can not be opened");
	child = syscall(SYS_clone3, &arguments, sizeof(arguments));
	close(directory);
	return child;
}

static void run_line(char *line)
{
	char *words[ARGUMENTS_MAX + 2], *rest = line;
	struct call call = { 0 };
	size_t count = 0, first = 0;
	pthread_t thread;

	for (char *word; (word = strsep(&rest, " ")) != NULL; words[count++] = word)
		if (count == ARGUMENTS_MAX + 2)
			fail("too many words");
	if (strcmp(words[0], "fork") == 0) {
		go_on_in_child(fork());
		return;
	}
	if (strcmp(words[0], "into") == 0 && count == 2) {
		go_on_in_child(fork_into(words[1]));
		return;
	}
	if (strcmp(words[0], "exec") == 0 && count == 2) {
		execl(words[1], words[1], NULL);
		say_number("result", -errno);
		return;
	}
	if (strcmp(words[0], "thread") == 0 && count > 1)
		first = 1;
	if (count - first - 1 > ARGUMENTS_MAX)
		fail("too many arguments");
	find_call(&call, words[first]);
	arena_used = 0;
	for (size_t i = first + 1; i < count; i++)
		call.arguments[i - first - 1] = argument_of(&call, words[i]);
	if (first == 0)
		make_call(&call);
	else if (pthread_create(&thread, NULL, make_call, &call) || pthread_join(thread, NULL))
		fail("no thread");
	answer(&call);
}

/* Byte by byte: what follows the line is for whoever reads next, a child or another image of this program. */
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
	fail("a line is too long");
	return 0;
}

int main(void)
{
	static char line[LINE_BYTES];

	arena = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (arena == MAP_FAILED)
		fail("mmap");
	say_number("pid", own_pid());
	while (read_line(line))
		run_line(line);
	return 0;
}
