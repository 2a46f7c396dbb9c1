/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the readers of sockets, packets and socket addresses have in common. */
#ifndef RINGFENCE_SOCKET_H
#define RINGFENCE_SOCKET_H

#include <ringfence/facts.h>

/* include/linux/socket.h, include/uapi/linux/in.h, include/net/tcp_states.h, include/linux/net.h */
#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_SCTP 132
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_NEW_SYN_RECV 12
#define SOCK_STREAM 1

/* Null when the arguments are of no slot or no fact. */
static __always_inline struct rf_socket *rf_socket_slot(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	if (!scratch || slot >= RF_SOCKET_SLOTS || fact >= RF_FACT_MAX)
		return NULL;
	return &scratch->sockets[slot];
}

static __always_inline bool rf_socket_holds(const struct rf_socket *socket, u32 fact)
{
	return socket->flags & RF_SOCKET_READ && socket->owner == fact;
}

/* What the reader of a slot that holds its fact returns. */
static __always_inline int rf_socket_answer(const struct rf_socket *socket)
{
	return socket->flags & RF_SOCKET_FAULT ? -1 : 0;
}

static __always_inline void rf_socket_begin(struct rf_socket *socket, u32 fact)
{
	__builtin_memset(socket, 0, sizeof(*socket));
	socket->owner = fact;
}

static __always_inline int rf_socket_end(struct rf_socket *socket, u32 flags)
{
	socket->flags = RF_SOCKET_READ | flags;
	return rf_socket_answer(socket);
}

static __always_inline void rf_address_set4(struct rf_address *address, __be32 word)
{
	address->version = 4;
	__builtin_memcpy(address->octets, &word, sizeof(word));
}

/* One that is mapped into IPv6 is an IPv4 address: the kernel sends it as one. */
static __always_inline void rf_address_set6(struct rf_address *address, const u32 words[4])
{
	if (!words[0] && !words[1] && words[2] == 0xffff0000) { /* in network order */
		rf_address_set4(address, words[3]);
		return;
	}
	address->version = 6;
	__builtin_memcpy(address->octets, words, sizeof(address->octets));
}

#endif
