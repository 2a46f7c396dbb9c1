/* The kernel's calls, and the little of a C library that the hook needs. */
#include "system.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/time_types.h>
#include <linux/un.h>

#include "machine.h"

enum {
	CLOCK_WALL = 0, /* CLOCK_REALTIME */
	CLOCK_STEADY = 1, /* CLOCK_MONOTONIC */
	STREAM = 1, /* SOCK_STREAM */
	UNIX = 1, /* AF_UNIX */
	ERRORS = 2, /* standard error */
	NO_SIGNAL = 0x4000, /* MSG_NOSIGNAL */
};

static long call(long number, long a, long b, long c, long d)
{
	return machine_call(number, a, b, c, d, 0);
}

void *memcpy(void *to, const void *from, size_t bytes)
{
	char *target = to;
	const char *source = from;

	while (bytes--)
		*target++ = *source++;
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	char *target = to;

	while (bytes--)
		*target++ = (char)value;
	return to;
}

int memcmp(const void *one, const void *other, size_t bytes)
{
	const unsigned char *left = one, *right = other;

	for (; bytes--; left++, right++) {
		if (*left != *right)
			return *left - *right;
	}
	return 0;
}

int same_text(struct text one, struct text other)
{
	return one.length == other.length && memcmp(one.at, other.at, one.length) == 0;
}

struct text text_of(const char *string)
{
	size_t length = 0;

	while (string[length])
		length++;
	return (struct text){ string, length };
}

u64 number_of(struct text from)
{
	u64 number = 0;

	for (size_t at = 0; at < from.length && at < 18; at++) {
		if (from.at[at] < '0' || from.at[at] > '9')
			break;
		number = number * 10 + (u64)(from.at[at] - '0');
	}
	return number;
}

void finish(int status)
{
	for (;;)
		call(__NR_exit_group, status, 0, 0, 0);
}

void complain(struct text what, struct text about)
{
	const struct text prefix = TEXT("ringfence: ");

	write_some(ERRORS, prefix.at, prefix.length);
	write_some(ERRORS, what.at, what.length);
	write_some(ERRORS, about.at, about.length);
	write_some(ERRORS, "\n", 1);
}

static struct __kernel_timespec clock(int which)
{
	struct __kernel_timespec time = { 0 };

	call(__NR_clock_gettime, which, (long)&time, 0, 0);
	return time;
}

u64 now_ms(void)
{
	struct __kernel_timespec time = clock(CLOCK_STEADY);

	return (u64)time.tv_sec * 1000 + (u64)time.tv_nsec / 1000000;
}

u64 wall_seconds(void)
{
	return (u64)clock(CLOCK_WALL).tv_sec;
}

static struct __kernel_timespec span(u64 milliseconds)
{
	return (struct __kernel_timespec){ (__s64)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000 };
}

void pause_ms(u64 milliseconds)
{
	struct __kernel_timespec time = span(milliseconds);

	call(__NR_nanosleep, (long)&time, 0, 0, 0);
}

long open_file(const char *path, int flags)
{
	return call(__NR_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, 0600);
}

long read_some(int file, void *into, size_t bytes)
{
	return call(__NR_read, file, (long)into, (long)bytes, 0);
}

long write_some(int file, const void *from, size_t bytes)
{
	return call(__NR_write, file, (long)from, (long)bytes, 0);
}

void close_file(int file)
{
	call(__NR_close, file, 0, 0, 0);
}

int stat_file(const char *path, struct statx *into)
{
	return (int)machine_call(__NR_statx, AT_FDCWD, (long)path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, (long)into);
}

long read_link(const char *path, char *into, size_t bytes)
{
	long length = call(__NR_readlinkat, AT_FDCWD, (long)path, (long)into, (long)bytes - 1);

	into[length < 0 ? 0 : length] = 0;
	return length;
}

int wait_for(int file, int to_write, u64 deadline_ms)
{
	struct pollfd wanted = { .fd = file, .events = (short)(to_write ? POLLOUT : POLLIN) };
	u64 now = now_ms();
	struct __kernel_timespec left = span(deadline_ms > now ? deadline_ms - now : 0);

	return call(__NR_ppoll, (long)&wanted, 1, (long)&left, 0) > 0;
}

long read_whole(int file, char *into, size_t bytes, u64 deadline_ms)
{
	size_t had = 0;

	for (;;) {
		char more;
		long got;

		if (!wait_for(file, 0, deadline_ms))
			return -ETIMEDOUT;
		got = had < bytes ? read_some(file, into + had, bytes - had) : read_some(file, &more, 1);
		if (got == -EINTR || got == -EAGAIN)
			continue;
		if (got <= 0)
			return got < 0 ? got : (long)had;
		had += (size_t)got;
		if (had > bytes)
			return (long)had;
	}
}

int write_whole(int file, struct text from, u64 deadline_ms)
{
	while (from.length > 0) {
		long wrote;

		if (!wait_for(file, 1, deadline_ms))
			return -ETIMEDOUT;
		wrote = machine_call(__NR_sendto, file, (long)from.at, (long)from.length, NO_SIGNAL, 0);
		if (wrote == -EINTR || wrote == -EAGAIN)
			continue;
		if (wrote < 0)
			return (int)wrote;
		from.at += wrote;
		from.length -= (size_t)wrote;
	}
	return 0;
}

long connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = UNIX };
	struct text name = text_of(path);
	long file, error;

	if (name.length >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, name.at, name.length);
	file = call(__NR_socket, UNIX, STREAM | O_CLOEXEC | O_NONBLOCK, 0, 0);
	if (file < 0)
		return file;
	error = call(__NR_connect, file, (long)&address, sizeof(address), 0);
	if (error < 0) {
		close_file((int)file);
		return error;
	}
	return file;
}
