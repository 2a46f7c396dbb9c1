// SPDX-License-Identifier: Apache-2.0
/*
 * Ways to the content through an open file. The descriptor is held since before the policy was loaded, or comes from
 * another process, or is opened here (where a policy on reading alone allows it).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "intruder.h"
#include "uring.h"

static int reach(struct attempt *attempt)
{
	int fd;

	if (attempt->held != OPTION_NONE)
		return attempt->held;
	if (attempt->broker)
		return MUST(receive_from_broker(attempt->broker, 0));
	fd = open(attempt->path, O_RDONLY);
	return fd < 0 ? -errno : fd;
}

/* A refused open is the result; else @use is. */
static int reached(struct attempt *attempt, long (*use)(struct attempt *attempt, int fd))
{
	int fd = reach(attempt);
	long result;

	if (fd < 0)
		return fd;
	result = use(attempt, fd);
	if (result < 0)
		result = -errno;
	if (fd != attempt->held)
		close(fd);
	return result < 0 ? result : 0;
}

#define WAY(name) \
	static int name(struct attempt *attempt) \
	{ \
		return reached(attempt, use_##name); \
	}

static long use_with_read(struct attempt *attempt, int fd)
{
	lseek(fd, 0, SEEK_SET);
	return read(fd, attempt->lane, LANE_BYTES);
}
WAY(with_read)

/* One byte is a leak too. */
static long use_with_read_byte(struct attempt *attempt, int fd)
{
	lseek(fd, 0, SEEK_SET);
	return read(fd, attempt->lane, 1);
}
WAY(with_read_byte)

static long use_with_pread(struct attempt *attempt, int fd)
{
	return pread(fd, attempt->lane, LANE_BYTES, 0);
}
WAY(with_pread)

static struct iovec whole_lane(struct attempt *attempt)
{
	return (struct iovec){ .iov_base = attempt->lane, .iov_len = LANE_BYTES };
}

static long use_with_readv(struct attempt *attempt, int fd)
{
	struct iovec vector = whole_lane(attempt);

	lseek(fd, 0, SEEK_SET);
	return readv(fd, &vector, 1);
}
WAY(with_readv)

static long use_with_preadv(struct attempt *attempt, int fd)
{
	struct iovec vector = whole_lane(attempt);

	return preadv(fd, &vector, 1, 0);
}
WAY(with_preadv)

static long use_with_preadv2(struct attempt *attempt, int fd)
{
	struct iovec vector = whole_lane(attempt);

	return preadv2(fd, &vector, 1, 0, RWF_HIPRI);
}
WAY(with_preadv2)

static long use_with_sendfile(struct attempt *attempt, int fd)
{
	int out = MUST(open(attempt->leak_path, O_WRONLY));
	off_t from = 0;
	long result;

	MUST(lseek(out, attempt->lane_offset, SEEK_SET));
	result = sendfile(out, fd, &from, LANE_BYTES);
	close(out);
	return result;
}
WAY(with_sendfile)

static long use_with_splice(struct attempt *attempt, int fd)
{
	loff_t from = 0;

	return splice(fd, &from, attempt->pipe[1], NULL, LANE_BYTES, 0);
}
WAY(with_splice)

static long use_with_copy_file_range(struct attempt *attempt, int fd)
{
	char copy[PATH_MAX];
	loff_t from = 0;
	long result;
	int out;

	scratch_name(attempt, "copy", copy);
	out = MUST(open(copy, O_RDWR | O_CREAT, 0600));
	result = copy_file_range(fd, &from, out, NULL, LANE_BYTES, 0);
	close(out);
	return result;
}
WAY(with_copy_file_range)

static long map_and_copy(struct attempt *attempt, int fd, int flags)
{
	long bytes = lseek(fd, 0, SEEK_END);
	void *content = mmap(NULL, LANE_BYTES, PROT_READ, flags, fd, 0);

	if (content == MAP_FAILED)
		return -1;
	memcpy(attempt->lane, content, bytes < LANE_BYTES ? bytes : LANE_BYTES);
	munmap(content, LANE_BYTES);
	return 0;
}

static long use_with_mmap(struct attempt *attempt, int fd)
{
	return map_and_copy(attempt, fd, MAP_SHARED);
}
WAY(with_mmap)

static long use_with_private_mmap(struct attempt *attempt, int fd)
{
	return map_and_copy(attempt, fd, MAP_PRIVATE);
}
WAY(with_private_mmap)

static long use_with_aio(struct attempt *attempt, int fd)
{
	struct iocb request = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = fd,
		.aio_buf = (unsigned long)attempt->lane,
		.aio_nbytes = LANE_BYTES,
	};
	struct iocb *requests[] = { &request };
	struct io_event event = { 0 };
	aio_context_t context = 0;
	long result;

	MUST(syscall(SYS_io_setup, 1, &context));
	result = syscall(SYS_io_submit, context, 1, requests);
	if (result == 1)
		MUST(syscall(SYS_io_getevents, context, 1, 1, &event, NULL));
	syscall(SYS_io_destroy, context);
	if (result == 1 && event.res < 0)
		errno = -event.res;
	return result == 1 && event.res >= 0 ? 0 : -1;
}
WAY(with_aio)

static long use_with_compat_read(struct attempt *attempt, int fd)
{
	enum { compat_read = 3 };
	long result;

	lseek(fd, 0, SEEK_SET);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"((long)compat_read), "b"((long)fd), "c"(attempt->lane), "d"((long)LANE_BYTES)
			 : "memory", "r8", "r9", "r10", "r11");
	if ((int)result < 0)
		errno = -(int)result;
	return (int)result < 0 ? -1 : 0;
}
WAY(with_compat_read)

static long settle(int result)
{
	if (result < 0)
		errno = -result;
	return result < 0 ? -1 : 0;
}

static long uring_read_in(struct attempt *attempt, int fd, enum uring_mode mode)
{
	struct uring ring = uring_make(mode);
	int result = uring_read(&ring, fd, attempt->lane, LANE_BYTES);

	uring_close(&ring);
	return settle(result);
}

static long use_with_uring_read(struct attempt *attempt, int fd)
{
	return uring_read_in(attempt, fd, URING_INLINE);
}
WAY(with_uring_read)

static long use_with_uring_worker_read(struct attempt *attempt, int fd)
{
	return uring_read_in(attempt, fd, URING_WORKER);
}
WAY(with_uring_worker_read)

static long use_with_uring_poller_read(struct attempt *attempt, int fd)
{
	return uring_read_in(attempt, fd, URING_POLLER);
}
WAY(with_uring_poller_read)

static long use_with_uring_fixed_read(struct attempt *attempt, int fd)
{
	struct uring ring = uring_make(URING_INLINE);
	int result = uring_read_fixed(&ring, fd, attempt->lane, LANE_BYTES);

	uring_close(&ring);
	return settle(result);
}
WAY(with_uring_fixed_read)

static long use_with_uring_splice(struct attempt *attempt, int fd)
{
	struct uring ring = uring_make(URING_INLINE);
	int result = uring_splice(&ring, fd, attempt->pipe[1], LANE_BYTES);

	uring_close(&ring);
	return settle(result);
}
WAY(with_uring_splice)

/* Opens the open file again, through the name that /proc gives it. */
static long use_with_reopen(struct attempt *attempt, int fd)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return settle(take_opened(attempt, open(name, O_RDONLY)));
}
WAY(with_reopen)

/* Takes the descriptor out of the broker, without its help. */
static int with_pidfd_getfd(struct attempt *attempt)
{
	if (!attempt->broker)
		broken("pidfd-getfd needs --broker");
	return take_opened(attempt, MUST(receive_from_broker(attempt->broker, 1)));
}

const struct way read_ways[] = {
	{ "read", with_read },
	{ "read-byte", with_read_byte },
	{ "pread", with_pread },
	{ "readv", with_readv },
	{ "preadv", with_preadv },
	{ "preadv2", with_preadv2 },
	{ "sendfile", with_sendfile },
	{ "splice", with_splice },
	{ "copy-file-range", with_copy_file_range },
	{ "mmap", with_mmap },
	{ "mmap-private", with_private_mmap },
	{ "aio", with_aio },
	{ "compat-read", with_compat_read },
	{ "uring-read", with_uring_read },
	{ "uring-worker-read", with_uring_worker_read },
	{ "uring-poller-read", with_uring_poller_read },
	{ "uring-fixed-read", with_uring_fixed_read },
	{ "uring-splice", with_uring_splice },
	{ "reopen", with_reopen },
	{ "pidfd-getfd", with_pidfd_getfd },
	{ NULL },
};
