// SPDX-License-Identifier: Apache-2.0
/* A process that may open the file, and hands it to whoever asks; and how to ask. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "intruder.h"

/* Goes along with the descriptor, for those who would rather take it themselves. */
struct offer {
	pid_t pid;
	int fd;
};

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static struct sockaddr_un address_of(const char *broker)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s", broker) >= (int)sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		broken("socket path");
	}
	return address;
}

static void hand_out(int connection, struct offer offer)
{
	struct iovec body = { .iov_base = &offer, .iov_len = sizeof(offer) };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &body,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &offer.fd, sizeof(int));
	if (sendmsg(connection, &message, MSG_NOSIGNAL) < 0)
		perror("broker: sendmsg");
}

int serve_as_broker(const char *path, const char *broker)
{
	struct sockaddr_un address = address_of(broker);
	struct offer offer = { .pid = getpid() };
	int listener = MUST(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	int connection;

	offer.fd = MUST(open(path, O_RDONLY | O_CLOEXEC));
	unlink(broker);
	MUST(bind(listener, (struct sockaddr *)&address, sizeof(address)));
	MUST(listen(listener, 16));
	puts("serving");
	fflush(stdout);
	while ((connection = accept(listener, NULL, NULL)) >= 0) {
		hand_out(connection, offer);
		close(connection);
	}
	return 1;
}

static int take_by_pidfd(struct offer offer)
{
	int process = MUST(syscall(SYS_pidfd_open, offer.pid, 0));
	int fd = syscall(SYS_pidfd_getfd, process, offer.fd, 0);

	close(process);
	return fd;
}

int receive_from_broker(const char *broker, int by_pidfd)
{
	struct sockaddr_un address = address_of(broker);
	struct offer offer;
	struct iovec body = { .iov_base = &offer, .iov_len = sizeof(offer) };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &body,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int connection = MUST(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	struct cmsghdr *header;
	int fd;

	MUST(connect(connection, (struct sockaddr *)&address, sizeof(address)));
	MUST(recvmsg(connection, &message, MSG_CMSG_CLOEXEC));
	close(connection);
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		broken("the broker sent no descriptor");
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	if (!by_pidfd)
		return fd;
	close(fd);
	return take_by_pidfd(offer);
}
