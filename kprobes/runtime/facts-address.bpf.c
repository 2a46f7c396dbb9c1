// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Facts that are socket addresses, and where a message goes; see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/socket.h>

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

static __always_inline int read_address(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size, bool of_user)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);
	union address from = {};
	const void *place;
	u64 length;
	long error;

	if (!socket || size >= RF_FACT_MAX)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	place = (const void *)scratch->arguments[fact];
	if (!place)
		return rf_socket_end(socket, RF_SOCKET_NONE | RF_SOCKET_NO_DESTINATION);
	length = length_of(scratch->arguments[size]);
	error = of_user ? bpf_probe_read_user(&from, length, place) : bpf_probe_read_kernel(&from, length, place);
	if (error)
		return rf_socket_end(socket, RF_SOCKET_FAULT | RF_SOCKET_NO_DESTINATION);
	return keep_address(socket, &from, length);
}

__noinline int rf_read_sockaddr(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size)
{
	return read_address(scratch, slot, fact, size, false);
}

__noinline int rf_read_sockaddr_user(struct rf_scratch *scratch, u32 slot, u32 fact, u32 size)
{
	return read_address(scratch, slot, fact, size, true);
}

/* The other end of a socket, as a socket address has it. */
static __always_inline int keep_peer(struct rf_socket *socket, const struct sock *sock)
{
	u32 flags = RF_SOCKET_NO_DESTINATION, words[4];
	const struct sock_common *common = &sock->__sk_common;
	__be32 word;

	if (bpf_core_read(&socket->family, sizeof(socket->family), &common->skc_family))
		return rf_socket_end(socket, flags | RF_SOCKET_FAULT);
	if (socket->family == AF_INET) {
		if (bpf_core_read(&word, sizeof(word), &common->skc_daddr))
			return rf_socket_end(socket, flags | RF_SOCKET_FAULT);
		rf_address_set4(&socket->source, word);
	} else if (socket->family == AF_INET6 && bpf_core_field_exists(common->skc_v6_daddr)) {
		if (bpf_core_read(words, sizeof(words), &common->skc_v6_daddr))
			return rf_socket_end(socket, flags | RF_SOCKET_FAULT);
		rf_address_set6(&socket->source, words);
	} else {
		return rf_socket_end(socket, flags);
	}
	socket->source_port = __builtin_bswap16(BPF_CORE_READ(common, skc_dport));
	return rf_socket_end(socket, flags | RF_SOCKET_ADDRESSES | RF_SOCKET_PORTS);
}

/*
 * A stream that is connected goes to its other end, whatever the name of a message is: tcp_sendmsg() does not look at it.
 * Without a connection the name opens one (MSG_FASTOPEN). SCTP may look for another association.
 */
static __always_inline bool is_connected_stream(const struct sock *sock)
{
	u16 family = BPF_CORE_READ(sock, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sock, sk_type) == SOCK_STREAM &&
	       BPF_CORE_READ(sock, sk_protocol) != IPPROTO_SCTP &&
	       BPF_CORE_READ(sock, __sk_common.skc_state) != TCP_CLOSE;
}

/* To IPv6 a name without a family is none (udpv6_sendmsg(), net/ipv6/udp.c); to IPv4 it is, see is_address4(). */
static __always_inline bool is_no_name(const struct sock *sock, const union address *name)
{
	return name->four.family == AF_UNSPEC && BPF_CORE_READ(sock, __sk_common.skc_family) == AF_INET6;
}

static __always_inline int read_message(struct rf_socket *socket, const struct msghdr *message, const struct sock *sock)
{
	union address name = {};
	s32 size = 0;
	u64 address, length;

	if (!message)
		return rf_socket_end(socket, RF_SOCKET_NONE | RF_SOCKET_NO_DESTINATION);
	if (bpf_core_read(&address, sizeof(address), &message->msg_name) ||
	    bpf_core_read(&size, sizeof(size), &message->msg_namelen))
		return rf_socket_end(socket, RF_SOCKET_FAULT | RF_SOCKET_NO_DESTINATION);
	if (!address || is_connected_stream(sock))
		return keep_peer(socket, sock);
	length = length_of(size);
	if (bpf_probe_read_kernel(&name, length, (void *)address))
		return rf_socket_end(socket, RF_SOCKET_FAULT | RF_SOCKET_NO_DESTINATION);
	return is_no_name(sock, &name) ? keep_peer(socket, sock) : keep_address(socket, &name, length);
}

__noinline int rf_read_msghdr_sock(struct rf_scratch *scratch, u32 slot, u32 fact, u32 sock)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);

	if (!socket || sock >= RF_FACT_MAX)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	return read_message(socket, (const struct msghdr *)scratch->arguments[fact],
			    (const struct sock *)scratch->arguments[sock]);
}

__noinline int rf_read_msghdr_socket(struct rf_scratch *scratch, u32 slot, u32 fact, u32 from)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);
	const struct socket *owner;

	if (!socket || from >= RF_FACT_MAX)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	owner = (const struct socket *)scratch->arguments[from];
	return read_message(socket, (const struct msghdr *)scratch->arguments[fact], BPF_CORE_READ(owner, sk));
}
