// SPDX-License-Identifier: Apache-2.0
/*
 * tamper PLACE WAY ARGUMENT...: one attempt on the agent, or on what it has in the kernel.
 *
 * PLACE: `host`; `mounts`, root with all capabilities in a mount namespace of its own, as a privileged container that
 * shares the pid namespace of the host has it; `container`, with a pid namespace of its own too.
 * Prints the errno of what failed, 0 for success; what could not be tried at all is exit status 2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char **arguments;

static long number(int index)
{
	return atol(arguments[index]);
}

static int bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int map_by_id(uint32_t flags)
{
	union bpf_attr attributes = { .map_id = number(0) };

	attributes.open_flags = flags;
	return bpf(BPF_MAP_GET_FD_BY_ID, &attributes);
}

static int map_by_pin(void)
{
	union bpf_attr attributes = { .pathname = (uintptr_t)arguments[0] };

	return bpf(BPF_OBJ_GET, &attributes);
}

static int delete_from(int map)
{
	uint64_t key[64] = {};
	union bpf_attr attributes = { .map_fd = map, .key = (uintptr_t)key };

	return map < 0 ? -1 : bpf(BPF_MAP_DELETE_ELEM, &attributes);
}

static int map_write(void)
{
	return delete_from(map_by_id(0));
}

static int map_write_often(void)
{
	for (long rounds = number(1); rounds > 0; rounds--)
		if (map_by_id(0) >= 0)
			return 0;
	return -1;
}

static int map_write_only(void)
{
	return delete_from(map_by_id(BPF_F_WRONLY));
}

static int map_read(void)
{
	return map_by_id(BPF_F_RDONLY);
}

static int map_freeze(void)
{
	union bpf_attr attributes = { .map_fd = map_by_id(BPF_F_RDONLY) };

	return (int)attributes.map_fd < 0 ? -1 : bpf(BPF_MAP_FREEZE, &attributes);
}

static int pin_write(void)
{
	return delete_from(map_by_pin());
}

/* A program that uses the map, loaded with a descriptor for reading. */
static int program(void)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map_by_id(BPF_F_RDONLY) },
		{},
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)instructions,
		.insn_cnt = sizeof(instructions) / sizeof(*instructions),
		.license = (uintptr_t) "GPL",
	};

	return instructions[0].imm < 0 ? -1 : bpf(BPF_PROG_LOAD, &attributes);
}

/* Every program of the machine, as tools that list them do. */
static int programs(void)
{
	union bpf_attr attributes = {};

	for (uint32_t id = 0;; id = attributes.next_id) {
		memset(&attributes, 0, sizeof(attributes));
		attributes.start_id = id;
		if (bpf(BPF_PROG_GET_NEXT_ID, &attributes) < 0)
			return errno == ENOENT && id ? 0 : -1;
		union bpf_attr get = { .prog_id = attributes.next_id };

		if (bpf(BPF_PROG_GET_FD_BY_ID, &get) < 0)
			return -1;
	}
}

static int link_by_id(void)
{
	union bpf_attr attributes = { .link_id = number(0) };

	return bpf(BPF_LINK_GET_FD_BY_ID, &attributes);
}

static int link_detach(void)
{
	union bpf_attr attributes = {};

	attributes.link_detach.link_fd = link_by_id();
	return (int)attributes.link_detach.link_fd < 0 ? -1 : bpf(BPF_LINK_DETACH, &attributes);
}

static int signal_kill(void)
{
	return kill(number(0), number(1));
}

static int signal_thread(void)
{
	return syscall(SYS_tgkill, number(0), number(0), number(1));
}

static int signal_pidfd(void)
{
	int pidfd = syscall(SYS_pidfd_open, number(0), 0);

	return pidfd < 0 ? -1 : syscall(SYS_pidfd_send_signal, pidfd, number(1), NULL, 0);
}

/* Stops it, and has it go on after a second. */
static int signal_stop(void)
{
	if (kill(number(0), SIGSTOP) < 0)
		return -1;
	sleep(1);
	return kill(number(0), SIGCONT);
}

/* A file that is ready sends its owner the signal of our choice: the kernel says whether it did to nobody. */
static int signal_file(void)
{
	int ends[2];

	if (pipe(ends) < 0 || fcntl(ends[0], F_SETOWN, number(0)) < 0 || fcntl(ends[0], F_SETSIG, number(1)) < 0)
		return -1;
	if (fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK) < 0)
		return -1;
	if (write(ends[1], "x", 1) != 1)
		return -1;
	return fcntl(ends[0], F_SETFL, O_NONBLOCK); /* else the end of the pipe is one more */
}

static int limit(void)
{
	struct rlimit limits = { .rlim_cur = 1, .rlim_max = 1 };

	return prlimit(number(0), RLIMIT_CPU, &limits, NULL);
}

static int look_at_limit(void)
{
	struct rlimit limits;

	return prlimit(number(0), RLIMIT_CPU, NULL, &limits);
}

static int trace(void)
{
	return ptrace(PTRACE_SEIZE, number(0), NULL, NULL);
}

static int take_descriptor(void)
{
	int pidfd = syscall(SYS_pidfd_open, number(0), 0);

	return pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, number(1), 0);
}

static int memory_file(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/mem", number(0));
	return open(path, O_RDWR);
}

static int look_at_process(void)
{
	char path[64], byte;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/maps", number(0));
	fd = open(path, O_RDONLY);
	return fd < 0 || read(fd, &byte, 1) != 1 ? -1 : 0;
}

static int write_file(void)
{
	int fd = open(arguments[0], O_WRONLY);

	return fd < 0 || write(fd, arguments[1], strlen(arguments[1])) < 0 ? -1 : 0;
}

/* Freezes, and thaws after a second. */
static int freeze(void)
{
	int fd = open(arguments[0], O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) < 0)
		return -1;
	sleep(1);
	return write(fd, "0", 1) < 0 ? -1 : 0;
}

static int remove_name(void)
{
	return unlink(arguments[0]);
}

static int remove_directory(void)
{
	return rmdir(arguments[0]);
}

static int rename_to(void)
{
	return rename(arguments[0], arguments[1]);
}

static int unmount(void)
{
	return umount2(arguments[0], MNT_DETACH);
}

static const struct {
	const char *name;
	int (*attempt)(void);
	int arguments;
} ways[] = {
	{ "map-write", map_write, 1 },
	{ "map-write-often", map_write_often, 2 },
	{ "map-write-only", map_write_only, 1 },
	{ "map-read", map_read, 1 },
	{ "map-freeze", map_freeze, 1 },
	{ "pin-write", pin_write, 1 },
	{ "program", program, 1 },
	{ "programs", programs, 0 },
	{ "link-detach", link_detach, 1 },
	{ "kill", signal_kill, 2 },
	{ "tgkill", signal_thread, 2 },
	{ "pidfd", signal_pidfd, 2 },
	{ "stop", signal_stop, 1 },
	{ "sigio", signal_file, 2 },
	{ "limit", limit, 1 },
	{ "look-at-limit", look_at_limit, 1 },
	{ "trace", trace, 1 },
	{ "getfd", take_descriptor, 2 },
	{ "mem", memory_file, 1 },
	{ "look", look_at_process, 1 },
	{ "write", write_file, 2 },
	{ "freeze", freeze, 1 },
	{ "unlink", remove_name, 1 },
	{ "rmdir", remove_directory, 1 },
	{ "rename", rename_to, 2 },
	{ "umount", unmount, 1 },
};

static int run(const char *name, int count)
{
	for (size_t index = 0; index < sizeof(ways) / sizeof(*ways); index++) {
		if (strcmp(ways[index].name, name))
			continue;
		if (count != ways[index].arguments)
			break;
		errno = 0;
		printf("%d\n", ways[index].attempt() < 0 ? errno : 0);
		return 0;
	}
	fprintf(stderr, "tamper: no way %s with %d arguments\n", name, count);
	return 2;
}

int main(int argc, char **argv)
{
	int flags = CLONE_NEWNS, status;

	if (argc < 3) {
		fprintf(stderr, "usage: tamper host|mounts|container WAY ARGUMENT...\n");
		return 2;
	}
	arguments = &argv[3];
	if (!strcmp(argv[1], "host"))
		return run(argv[2], argc - 3);
	if (!strcmp(argv[1], "container"))
		flags |= CLONE_NEWPID;
	if (unshare(flags) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
		perror("unshare");
		return 2;
	}
	switch (fork()) {
	case -1:
		perror("fork");
		return 2;
	case 0:
		return run(argv[2], argc - 3);
	}
	if (wait(&status) < 0 || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}
