// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The fact that is a packet (struct sk_buff); see ringfence/facts.h. */
#include <ringfence/maps.h>
#include <ringfence/socket.h>

/* include/uapi/linux/if_ether.h, in network order; include/uapi/linux/in.h, in6.h */
#define ETH_P_IP 0x0008
#define ETH_P_IPV6 0xdd86
#define IPPROTO_HOPOPTS 0
#define IPPROTO_UDP 17
#define IPPROTO_DCCP 33
#define IPPROTO_ROUTING 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_AH 51
#define IPPROTO_DSTOPTS 60
#define IPPROTO_MH 135
#define IPPROTO_UDPLITE 136

#define EXTENSIONS_MAX 8

struct ipv4 {
	u8 version_length; /* in words of four bytes */
	u8 tos;
	__be16 total;
	__be16 id;
	__be16 fragment;
	u8 ttl;
	u8 protocol;
	u16 checksum;
	__be32 source, destination;
};

struct ipv6 {
	__be32 version_flow;
	__be16 payload;
	u8 next;
	u8 hops;
	u32 source[4], destination[4];
};

struct extension {
	u8 next;
	u8 length;
	__be16 fragment;
};

/* The part of a packet that lies in one piece. */
struct linear {
	u64 head;
	u32 length;
};

static __always_inline int pull(const struct linear *packet, u32 offset, void *to, u32 size)
{
	if (offset + size > packet->length)
		return -1;
	return bpf_probe_read_kernel(to, size, (void *)packet->head + offset);
}

static __always_inline bool has_ports(u32 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_UDPLITE || protocol == IPPROTO_DCCP;
}

/* All protocols that have ports begin with them. */
static __always_inline u32 read_ports(struct rf_socket *socket, const struct linear *packet, u32 offset)
{
	__be16 ports[2];

	if (!has_ports(socket->protocol) || pull(packet, offset, ports, sizeof(ports)))
		return 0;
	socket->source_port = __builtin_bswap16(ports[0]);
	socket->destination_port = __builtin_bswap16(ports[1]);
	return RF_SOCKET_PORTS;
}

static __always_inline u32 read_ipv4(struct rf_socket *socket, const struct linear *packet, u32 offset)
{
	u32 flags = RF_SOCKET_ADDRESSES | RF_SOCKET_PROTOCOL, length;
	struct ipv4 header;

	if (pull(packet, offset, &header, sizeof(header)))
		return 0;
	length = 4 * (header.version_length & 0xf);
	if (length < sizeof(header))
		return 0;
	socket->family = AF_INET;
	socket->protocol = header.protocol;
	rf_address_set4(&socket->source, header.source);
	rf_address_set4(&socket->destination, header.destination);
	/* of a packet in fragments only the first one has them */
	if (!(__builtin_bswap16(header.fragment) & 0x1fff))
		flags |= read_ports(socket, packet, offset + length);
	return flags;
}

/* The bytes of an extension header, or 0 for what is none. */
static __always_inline u32 extension_length(u32 protocol, const struct extension *extension)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
		return 8 * (extension->length + 1);
	case IPPROTO_FRAGMENT:
		return 8;
	case IPPROTO_AH:
		return 4 * (extension->length + 2);
	default:
		return 0;
	}
}

/* Which protocol is behind the extension headers, where one can tell. */
static __always_inline u32 read_extensions(struct rf_socket *socket, const struct linear *packet, u32 offset,
					   u32 protocol)
{
	struct extension extension;
	u32 index, length;

	for (index = 0; index < EXTENSIONS_MAX; index++) {
		if (!extension_length(protocol, &(struct extension){})) {
			socket->protocol = protocol;
			return RF_SOCKET_PROTOCOL | read_ports(socket, packet, offset);
		}
		if (pull(packet, offset, &extension, sizeof(extension)))
			return 0;
		length = extension_length(protocol, &extension);
		if (protocol == IPPROTO_FRAGMENT && __builtin_bswap16(extension.fragment) & 0xfff8) {
			socket->protocol = extension.next; /* of the first fragment; this one begins in its middle */
			return RF_SOCKET_PROTOCOL;
		}
		protocol = extension.next;
		offset += length;
	}
	return 0;
}

static __always_inline u32 read_ipv6(struct rf_socket *socket, const struct linear *packet, u32 offset)
{
	struct ipv6 header;

	if (pull(packet, offset, &header, sizeof(header)))
		return 0;
	socket->family = AF_INET6;
	rf_address_set6(&socket->source, header.source);
	rf_address_set6(&socket->destination, header.destination);
	return RF_SOCKET_ADDRESSES | read_extensions(socket, packet, offset + sizeof(header), header.next);
}

/* A packet that is being made has no network header yet, or has not been told what it is. */
static __always_inline u32 read_headers(struct rf_socket *socket, const struct sk_buff *skb)
{
	struct linear packet = { .head = (u64)BPF_CORE_READ(skb, head), .length = BPF_CORE_READ(skb, tail) };
	u32 offset = BPF_CORE_READ(skb, network_header), type = BPF_CORE_READ(skb, protocol);
	u8 version;

	if (!offset || (type && type != ETH_P_IP && type != ETH_P_IPV6) || pull(&packet, offset, &version, 1))
		return 0;
	version >>= 4;
	if (version == 4 && type != ETH_P_IPV6)
		return read_ipv4(socket, &packet, offset);
	if (version == 6 && type != ETH_P_IP)
		return read_ipv6(socket, &packet, offset);
	return 0;
}

__noinline int rf_read_skb(struct rf_scratch *scratch, u32 slot, u32 fact)
{
	struct rf_socket *socket = rf_socket_slot(scratch, slot, fact);
	const struct sk_buff *skb;

	if (!socket)
		return -1;
	if (rf_socket_holds(socket, fact))
		return rf_socket_answer(socket);
	rf_socket_begin(socket, fact);
	skb = (const struct sk_buff *)scratch->arguments[fact];
	if (!skb)
		return rf_socket_end(socket, RF_SOCKET_NONE);
	if (bpf_core_read(&socket->length, sizeof(socket->length), &skb->len))
		return rf_socket_end(socket, RF_SOCKET_FAULT);
	socket->mark = BPF_CORE_READ(skb, mark);
	socket->priority = BPF_CORE_READ(skb, priority);
	return rf_socket_end(socket, read_headers(socket, skb));
}
