// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Facts that are sockets and socket addresses; see ringfence/facts.h. */
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

/* include/uapi/linux/in.h, in6.h; the flow information and the scope of an IPv6 one are not looked at. */
struct address4 {
	u16 family;
	__be16 port;
	__be32 address;
	u8 reserved[8];
};

struct address6 {
	u16 family;
	__be16 port;
	__be32 flow;
	u32 address[4];
};

/* Of addresses that are shorter the kernel takes none. */
_Static_assert(sizeof(struct address4) == 16 && sizeof(struct address6) == 24, "as long as the kernel wants them");

union address {
	struct address4 four;
	struct address6 six;
};

/*
 * Without a family a datagram goes where an IPv4 address says (net/ipv4/udp.c), but a connection is dissolved by one
 * of zeroes: those have none.
 */
static __always_inline bool is_address4(const union address *from)
{
	return from->four.family == AF_INET || (from->four.family == AF_UNSPEC && from->four.address);
}

static __always_inline int keep_address(struct rf_socket *socket, const union address *from, u32 size)
{
	u32 flags = RF_SOCKET_NO_DESTINATION;

	if (size >= sizeof(from->four.family))
		socket->family = from->four.family;
	if (size >= sizeof(from->four) && is_address4(from)) {
		rf_address_set4(&socket->source, from->four.address);
		flags |= RF_SOCKET_ADDRESSES | RF_SOCKET_PORTS;
	} else if (size >= sizeof(from->six) && from->six.family == AF_INET6) {
		rf_address_set6(&socket->source, from->six.address);
		flags |= RF_SOCKET_ADDRESSES | RF_SOCKET_PORTS;
	}
	if (flags & RF_SOCKET_PORTS)
		socket->source_port = __builtin_bswap16(from->four.port);
	return rf_socket_end(socket, flags);
}

/* The kernel takes the length of an address as an int, whatever stands above it in a register. */
static __always_inline u64 length_of(s32 size)
{
	return size < 0 ? 0 : rf_at_most(size, sizeof(union address));
}

__noinline int rf_read_sockaddr(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);
	union address from = {};
	u64 length;

	if (!socket || size >= RF_FACT_MAX)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	if (!scratch->arguments[fact])
		return rf_socket_end(socket, RF_SOCKET_NONE | RF_SOCKET_NO_DESTINATION);
	length = length_of(scratch->arguments[size]);
	if (bpf_probe_read_kernel(&from, length, (void *)scratch->arguments[fact]))
		return rf_socket_end(socket, RF_SOCKET_FAULT | RF_SOCKET_NO_DESTINATION);
	return keep_address(socket, &from, length);
}

__noinline int rf_read_sockaddr_user(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);
	union address from = {};
	u64 length;

	if (!socket || size >= RF_FACT_MAX)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	if (!scratch->arguments[fact])
		return rf_socket_end(socket, RF_SOCKET_NONE | RF_SOCKET_NO_DESTINATION);
	length = length_of(scratch->arguments[size]);
	if (bpf_probe_read_user(&from, length, (void *)scratch->arguments[fact]))
		return rf_socket_end(socket, RF_SOCKET_FAULT | RF_SOCKET_NO_DESTINATION);
	return keep_address(socket, &from, length);
}
