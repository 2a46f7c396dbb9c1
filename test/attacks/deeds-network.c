// SPDX-License-Identifier: Apache-2.0
/* Reaching an address: with a connection, without one, and by kinds of sockets that need neither. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deeds.h"
#include "uring.h"

struct peer {
	struct sockaddr_storage address;
	socklen_t size;
};

static struct peer peer_of(const char *address, const char *port)
{
	struct peer peer = { 0 };
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&peer.address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&peer.address;

	if (inet_pton(AF_INET, address, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(atoi(port));
		peer.size = sizeof(*ipv4);
		return peer;
	}
	if (inet_pton(AF_INET6, address, &ipv6->sin6_addr) != 1)
		broken(address);
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons(atoi(port));
	peer.size = sizeof(*ipv6);
	return peer;
}

static int socket_for(const struct peer *peer, int type)
{
	return MUST(socket(peer->address.ss_family, type, 0));
}

static int connect_with(char **arguments, int type)
{
	struct peer peer = peer_of(arguments[0], arguments[1]);

	return ERRNO_OF(connect(socket_for(&peer, type), (struct sockaddr *)&peer.address, peer.size));
}

static int connect_stream(char **arguments)
{
	return connect_with(arguments, SOCK_STREAM);
}

static int connect_datagram(char **arguments)
{
	return connect_with(arguments, SOCK_DGRAM);
}

static int connect_by_uring(char **arguments)
{
	struct peer peer = peer_of(arguments[0], arguments[1]);
	struct uring ring = uring_make(URING_WORKER);
	int result = uring_connect(&ring, socket_for(&peer, SOCK_STREAM), &peer.address, peer.size);

	return result < 0 ? -result : 0;
}

static int send_without_connect(char **arguments)
{
	struct peer peer = peer_of(arguments[0], arguments[1]);
	int fd = socket_for(&peer, SOCK_DGRAM);

	return ERRNO_OF(sendto(fd, "x", 1, 0, (struct sockaddr *)&peer.address, peer.size));
}

/* The data goes with the packet that opens the connection. */
static int fast_open(char **arguments)
{
	struct peer peer = peer_of(arguments[0], arguments[1]);
	int fd = socket_for(&peer, SOCK_STREAM);

	return ERRNO_OF(sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&peer.address, peer.size));
}

/* Connected to the one address, and sent to the other. */
static int send_elsewhere(char **arguments)
{
	struct peer near = peer_of(arguments[0], arguments[2]);
	struct peer far = peer_of(arguments[1], arguments[2]);
	int fd = socket_for(&near, SOCK_DGRAM);

	MUST(connect(fd, (struct sockaddr *)&near.address, near.size));
	return ERRNO_OF(sendto(fd, "x", 1, 0, (struct sockaddr *)&far.address, far.size));
}

static int make_packet_socket(char **arguments)
{
	(void)arguments;
	return ERRNO_OF(socket(AF_PACKET, SOCK_RAW, 0));
}

static int make_raw_socket(char **arguments)
{
	(void)arguments;
	return ERRNO_OF(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
}

const struct deed network_deeds[] = {
	{ "connect", 2, connect_stream },
	{ "connect-datagram", 2, connect_datagram },
	{ "connect-by-uring", 2, connect_by_uring },
	{ "send-without-connect", 2, send_without_connect },
	{ "fast-open", 2, fast_open },
	{ "send-elsewhere", 3, send_elsewhere },
	{ "packet-socket", 0, make_packet_socket },
	{ "raw-socket", 0, make_raw_socket },
	{ NULL },
};
