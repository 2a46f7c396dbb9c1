/** The words of the events API for what has addresses and ports. A number without a word is told as it is. */

/** By number, without AF_. */
const families = [
  'UNSPEC UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECNET NETBEUI SECURITY KEY NETLINK PACKET',
  'ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF',
  'ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP',
]
  .join(' ')
  .split(' ')
  .map((name) => `AF_${name}`);

const types: Readonly<Record<number, string>> = {
  1: 'SOCK_STREAM',
  2: 'SOCK_DGRAM',
  3: 'SOCK_RAW',
  4: 'SOCK_RDM',
  5: 'SOCK_SEQPACKET',
  6: 'SOCK_DCCP',
  10: 'SOCK_PACKET',
};

const protocols: Readonly<Record<number, string>> = {
  0: 'IPPROTO_IP',
  1: 'IPPROTO_ICMP',
  2: 'IPPROTO_IGMP',
  4: 'IPPROTO_IPIP',
  6: 'IPPROTO_TCP',
  8: 'IPPROTO_EGP',
  12: 'IPPROTO_PUP',
  17: 'IPPROTO_UDP',
  22: 'IPPROTO_IDP',
  29: 'IPPROTO_TP',
  33: 'IPPROTO_DCCP',
  41: 'IPPROTO_IPV6',
  43: 'IPPROTO_ROUTING',
  44: 'IPPROTO_FRAGMENT',
  46: 'IPPROTO_RSVP',
  47: 'IPPROTO_GRE',
  50: 'IPPROTO_ESP',
  51: 'IPPROTO_AH',
  58: 'IPPROTO_ICMPV6',
  59: 'IPPROTO_NONE',
  60: 'IPPROTO_DSTOPTS',
  92: 'IPPROTO_MTP',
  94: 'IPPROTO_BEETPH',
  98: 'IPPROTO_ENCAP',
  103: 'IPPROTO_PIM',
  108: 'IPPROTO_COMP',
  115: 'IPPROTO_L2TP',
  132: 'IPPROTO_SCTP',
  135: 'IPPROTO_MH',
  136: 'IPPROTO_UDPLITE',
  137: 'IPPROTO_MPLS',
  143: 'IPPROTO_ETHERNET',
  144: 'IPPROTO_AGGFRAG',
  255: 'IPPROTO_RAW',
  256: 'IPPROTO_SMC',
  262: 'IPPROTO_MPTCP',
};

/** By number; 0 is no state. */
const states = [
  '0 TCP_ESTABLISHED TCP_SYN_SENT TCP_SYN_RECV TCP_FIN_WAIT1 TCP_FIN_WAIT2 TCP_TIME_WAIT TCP_CLOSE TCP_CLOSE_WAIT',
  'TCP_LAST_ACK TCP_LISTEN TCP_CLOSING TCP_NEW_SYN_RECV TCP_BOUND_INACTIVE',
]
  .join(' ')
  .split(' ');

export function familyName(number: number): string {
  return families[number] ?? String(number);
}

export function socketTypeName(number: number): string {
  return types[number] ?? String(number);
}

export function protocolName(number: number): string {
  return protocols[number] ?? String(number);
}

export function stateName(number: number): string {
  return states[number] ?? String(number);
}
