/** The example about egress, with addresses that are public by their number and live on the loopback of the guest. */
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { type Example, testExamples } from './harness/index.ts';

// Networks for documentation (RFC 5737, RFC 3849): nobody has them, and no list of private ones names them.
const PUBLIC = '203.0.113.7';
const PUBLIC_V6 = '2001:db8::7';
const MAPPED = `::ffff:${PUBLIC}`;
const PRIVATE = '10.20.30.40';
const PORT = 7077;
const port = `${PORT}`;
const addresses = [`${PUBLIC}/32`, `${PUBLIC_V6}/128`, `${PRIVATE}/32`];

const connecting = { hook: 'socket_connect' } as const;
const sending = { hook: 'socket_sendmsg' } as const;
const making = { hook: 'socket_create' } as const;

const egress: Example = {
  policy: 'no-public-egress',
  deeds: [
    { title: 'TCP to a public address', words: ['connect', PUBLIC, port], denied: connecting },
    { title: 'TCP over IPv6', words: ['connect', PUBLIC_V6, port], denied: connecting },
    { title: 'UDP', words: ['connect-datagram', PUBLIC, port], denied: connecting },
    { title: 'UDP without connect', words: ['send-without-connect', PUBLIC, port], denied: sending },
    { title: 'loopback', words: ['connect', '127.0.0.1', port] },
    { title: 'loopback over IPv6', words: ['connect', '::1', port] },
    { title: 'a private address', words: ['connect', PRIVATE, port] },
    { title: 'UDP to a private address', words: ['connect-datagram', PRIVATE, port] },
    { title: 'who fetches images', as: '/usr/bin/dockerd', words: ['connect', PUBLIC, port] },
    { title: 'variant: io_uring', words: ['connect-by-uring', PUBLIC, port], denied: connecting },
    { title: 'variant: IPv4 in IPv6', words: ['connect', MAPPED, port], denied: connecting },
    {
      title: 'variant: UDP without connect, IPv4 in IPv6',
      words: ['send-without-connect', MAPPED, port],
      denied: sending,
    },
    { title: 'variant: data with the first packet', words: ['fast-open', PUBLIC, port], denied: sending },
    { title: 'variant: a packet socket', words: ['packet-socket'], denied: making },
    { title: 'variant: a raw socket', words: ['raw-socket'], denied: making },
    { title: 'UDP without connect to a private address', words: ['send-without-connect', PRIVATE, port] },
    {
      title: 'variant: UDP that is connected to one address and sends to another',
      words: ['send-elsewhere', PRIVATE, PUBLIC, port],
      denied: sending,
    },
    {
      title: 'variant: the same over IPv6, to an IPv4 address in disguise',
      words: ['send-elsewhere', '::1', MAPPED, port],
      denied: sending,
    },
    { title: 'UDP that sends to another private address', words: ['send-elsewhere', '127.0.0.1', PRIVATE, port] },
  ],
};

testExamples([egress], () => {
  for (const address of addresses) execFileSync('ip', ['address', 'add', address, 'dev', 'lo']);
  const server: Server = createServer((socket) => socket.destroy()).listen(PORT, '::');
  return () => {
    server.close();
    for (const address of addresses) execFileSync('ip', ['address', 'del', address, 'dev', 'lo']);
  };
});
