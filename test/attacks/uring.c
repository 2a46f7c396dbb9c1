// SPDX-License-Identifier: Apache-2.0
/* Just enough io_uring to make one request at a time, without a library. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "intruder.h"
#include "uring.h"

#define ENTRIES 4

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

struct uring uring_make(enum uring_mode mode)
{
	struct io_uring_params parameters = {
		.flags = mode == URING_POLLER ? IORING_SETUP_SQPOLL : 0,
		.sq_thread_idle = 1000,
	};
	struct uring ring = { .mode = mode };
	char *base;

	ring.fd = MUST(syscall(SYS_io_uring_setup, ENTRIES, &parameters));
	ring.rings_bytes = larger(parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned int),
				  parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe));
	ring.requests_bytes = parameters.sq_entries * sizeof(struct io_uring_sqe);
	ring.rings = mmap(NULL, ring.rings_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
			  IORING_OFF_SQ_RING);
	ring.requests = mmap(NULL, ring.requests_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
			     IORING_OFF_SQES);
	if (ring.rings == MAP_FAILED || ring.requests == MAP_FAILED)
		broken("mmap of io_uring");
	base = ring.rings;
	ring.tail = (unsigned int *)(base + parameters.sq_off.tail);
	ring.mask = (unsigned int *)(base + parameters.sq_off.ring_mask);
	ring.array = (unsigned int *)(base + parameters.sq_off.array);
	ring.flags = (unsigned int *)(base + parameters.sq_off.flags);
	ring.completion_head = (unsigned int *)(base + parameters.cq_off.head);
	ring.completion_tail = (unsigned int *)(base + parameters.cq_off.tail);
	ring.completion_mask = (unsigned int *)(base + parameters.cq_off.ring_mask);
	ring.completions = (struct io_uring_cqe *)(base + parameters.cq_off.cqes);
	return ring;
}

void uring_close(struct uring *ring)
{
	munmap(ring->requests, ring->requests_bytes);
	munmap(ring->rings, ring->rings_bytes);
	close(ring->fd);
}

static void submit(struct uring *ring)
{
	unsigned int flags = IORING_ENTER_GETEVENTS;

	if (ring->mode == URING_POLLER) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(ring->flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
	}
	while (syscall(SYS_io_uring_enter, ring->fd, 1, 1, flags, NULL, 0) < 0)
		if (errno != EINTR)
			broken("io_uring_enter");
}

static int request(struct uring *ring, struct io_uring_sqe wanted)
{
	unsigned int slot = *ring->tail & *ring->mask;
	unsigned int head;
	int result;

	if (ring->mode == URING_WORKER)
		wanted.flags |= IOSQE_ASYNC;
	ring->requests[slot] = wanted;
	ring->array[slot] = slot;
	__atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
	submit(ring);
	head = *ring->completion_head;
	while (head == __atomic_load_n(ring->completion_tail, __ATOMIC_ACQUIRE))
		syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	result = ring->completions[head & *ring->completion_mask].res;
	__atomic_store_n(ring->completion_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

int uring_openat(struct uring *ring, const char *path)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)path,
		.open_flags = O_RDONLY,
	});
}

int uring_openat_direct(struct uring *ring, const char *path)
{
	int table[1] = { -1 };

	MUST(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, table, 1));
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)path,
		.open_flags = O_RDONLY,
		.file_index = 1,
	});
}

int uring_read(struct uring *ring, int fd, void *buffer, size_t bytes)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_READ,
		.fd = fd,
		.addr = (uintptr_t)buffer,
		.len = bytes,
	});
}

int uring_read_direct(struct uring *ring, void *buffer, size_t bytes)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_READ,
		.flags = IOSQE_FIXED_FILE,
		.fd = 0,
		.addr = (uintptr_t)buffer,
		.len = bytes,
	});
}

int uring_read_fixed(struct uring *ring, int fd, void *buffer, size_t bytes)
{
	struct iovec vector = { .iov_base = buffer, .iov_len = bytes };

	MUST(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_BUFFERS, &vector, 1));
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_READ_FIXED,
		.fd = fd,
		.addr = (uintptr_t)buffer,
		.len = bytes,
	});
}

int uring_splice(struct uring *ring, int fd, int pipe, size_t bytes)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_SPLICE,
		.fd = pipe,
		.splice_fd_in = fd,
		.splice_off_in = 0,
		.off = (uint64_t)-1,
		.len = bytes,
	});
}

int uring_write(struct uring *ring, int fd, const void *bytes, size_t size)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.fd = fd,
		.addr = (uintptr_t)bytes,
		.len = size,
		.off = (uint64_t)-1,
	});
}

int uring_connect(struct uring *ring, int fd, const void *address, size_t size)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_CONNECT,
		.fd = fd,
		.addr = (uintptr_t)address,
		.off = size,
	});
}

int uring_set_attribute(struct uring *ring, int fd, const char *name, const void *value, size_t size)
{
	return request(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_FSETXATTR,
		.fd = fd,
		.addr = (uintptr_t)name,
		.addr2 = (uintptr_t)value,
		.len = size,
	});
}
