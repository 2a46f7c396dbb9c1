// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Facts that are sockets; see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/socket.h>

/* Returns the flags of what could be read. */
static __always_inline u32 read_ends(struct rf_socket *socket, const struct sock_common *common)
{
	u32 words[4];
	__be32 word;

	if (socket->family == AF_INET) {
		if (bpf_core_read(&word, sizeof(word), &common->skc_rcv_saddr))
			return RF_SOCKET_FAULT;
		rf_address_set4(&socket->source, word);
		if (bpf_core_read(&word, sizeof(word), &common->skc_daddr))
			return RF_SOCKET_FAULT;
		rf_address_set4(&socket->destination, word);
	} else if (socket->family == AF_INET6 && bpf_core_field_exists(common->skc_v6_daddr)) {
		if (bpf_core_read(words, sizeof(words), &common->skc_v6_rcv_saddr))
			return RF_SOCKET_FAULT;
		rf_address_set6(&socket->source, words);
		if (bpf_core_read(words, sizeof(words), &common->skc_v6_daddr))
			return RF_SOCKET_FAULT;
		rf_address_set6(&socket->destination, words);
	} else {
		return 0;
	}
	socket->source_port = BPF_CORE_READ(common, skc_num);
	socket->destination_port = __builtin_bswap16(BPF_CORE_READ(common, skc_dport));
	return RF_SOCKET_ADDRESSES | RF_SOCKET_PORTS;
}

/* Half-open and closing connections have the common part only, and are of TCP. */
static __always_inline void read_kind(struct rf_socket *socket, const struct sock *sock)
{
	if (socket->state == TCP_NEW_SYN_RECV || socket->state == TCP_TIME_WAIT) {
		socket->type = SOCK_STREAM;
		socket->protocol = IPPROTO_TCP;
		return;
	}
	socket->type = BPF_CORE_READ(sock, sk_type);
	socket->protocol = BPF_CORE_READ(sock, sk_protocol);
	socket->mark = BPF_CORE_READ(sock, sk_mark);
	socket->priority = BPF_CORE_READ(sock, sk_priority);
}

static __always_inline int read_sock(struct rf_socket *socket, const struct sock *sock)
{
	if (!sock)
		return rf_socket_end(socket, RF_SOCKET_NONE);
	if (bpf_core_read(&socket->family, sizeof(socket->family), &sock->__sk_common.skc_family))
		return rf_socket_end(socket, RF_SOCKET_FAULT);
	socket->cookie = (u64)sock;
	socket->state = BPF_CORE_READ(sock, __sk_common.skc_state);
	read_kind(socket, sock);
	return rf_socket_end(socket, RF_SOCKET_STATE | RF_SOCKET_PROTOCOL | read_ends(socket, &sock->__sk_common));
}

__noinline int rf_read_sock(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);

	if (!socket)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	return read_sock(socket, (const struct sock *)scratch->arguments[fact]);
}

__noinline int rf_read_socket(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);
	const struct socket *from;
	u64 sock;

	if (!socket)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	from = (const struct socket *)scratch->arguments[fact];
	if (!from)
		return rf_socket_end(socket, RF_SOCKET_NONE);
	if (bpf_core_read(&sock, sizeof(sock), &from->sk))
		return rf_socket_end(socket, RF_SOCKET_FAULT);
	return read_sock(socket, (const struct sock *)sock);
}
