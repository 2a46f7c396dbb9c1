/** System calls on sockets, and the LSM hooks that they pass. */
import type { Copy, KernelCopyRow, LsmPlace } from './kernel-copies.ts';

/** The kernel copies the address before it asks. */
const address: Copy = { type: 'sockaddr', reader: 'sockaddr', parameter: 1, size: 2 };

function row(calls: readonly string[], hook: string, copies: LsmPlace['copies'] = {}, uring = false): KernelCopyRow {
  return {
    calls,
    take: 'first',
    places: [{ hook, copies }],
    reason: `the kernel asks ${hook} before it hands the call to the protocol`,
    blind: [],
    uring,
  };
}

export const socketRows: readonly KernelCopyRow[] = [
  row(['socket', 'socketpair'], 'socket_create', {}, true),
  row(['bind'], 'socket_bind', { 1: address }, true),
  row(['connect'], 'socket_connect', { 1: address }, true),
  row(['listen'], 'socket_listen', {}, true),
  row(['accept', 'accept4'], 'socket_accept', {}, true),
  row(['sendto', 'sendmsg', 'sendmmsg'], 'socket_sendmsg', {}, true),
  row(['recvfrom', 'recvmsg', 'recvmmsg'], 'socket_recvmsg', {}, true),
  row(['setsockopt'], 'socket_setsockopt', {}, true),
  row(['getsockopt'], 'socket_getsockopt', {}, true),
  row(['shutdown'], 'socket_shutdown', {}, true),
];
