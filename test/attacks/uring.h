/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough io_uring to make one request at a time, without a library. */
#ifndef URING_H
#define URING_H

#include <stddef.h>
#include <linux/io_uring.h>

enum uring_mode {
	URING_INLINE, /* the caller itself makes the request */
	URING_WORKER, /* a worker of the ring makes it (IOSQE_ASYNC) */
	URING_POLLER, /* the kernel thread of the ring makes it (IORING_SETUP_SQPOLL) */
};

struct uring {
	int fd;
	enum uring_mode mode;
	unsigned int *tail, *mask, *array, *flags;
	unsigned int *completion_head, *completion_tail, *completion_mask;
	struct io_uring_sqe *requests;
	struct io_uring_cqe *completions;
	void *rings;
	size_t rings_bytes, requests_bytes;
};

struct uring uring_make(enum uring_mode mode);
void uring_close(struct uring *ring);

/* Each returns what the request returned: a descriptor, a number of bytes, or -errno. */
int uring_openat(struct uring *ring, const char *path);
int uring_openat_direct(struct uring *ring, const char *path);
int uring_read(struct uring *ring, int fd, void *buffer, size_t bytes);
int uring_read_direct(struct uring *ring, void *buffer, size_t bytes);
int uring_read_fixed(struct uring *ring, int fd, void *buffer, size_t bytes);
int uring_splice(struct uring *ring, int fd, int pipe, size_t bytes);
int uring_write(struct uring *ring, int fd, const void *bytes, size_t size);
int uring_connect(struct uring *ring, int fd, const void *address, size_t size);
int uring_set_attribute(struct uring *ring, int fd, const char *name, const void *value, size_t size);

#endif
