/** Addresses and ports, wherever a hook has them, with each operator: who tells is compared with what the words mean. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { BlockList, createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Bench, type Case, type HookSpec, hookOf, socketAddress, Trigger } from './harness/index.ts';

const [AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM] = [2, 10, 1, 2];

/** What is to be seen of a call; an IPv4 address that is mapped into IPv6 is an IPv4 address. */
type Facts = {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination?: string;
  readonly destinationPort?: number;
  readonly family: 'AF_INET' | 'AF_INET6';
  readonly protocol?: 'IPPROTO_TCP' | 'IPPROTO_UDP';
  readonly state?: 'TCP_SYN_SENT' | 'TCP_CLOSE';
};

type Operator = { readonly values?: readonly string[]; readonly holds: (facts: Facts) => boolean | undefined };

const networks = ['127.0.0.1/32', '127.0.2.0/24', '::1'];
const ports = ['40001', '40003:40004'];
const isListed = (port: number | undefined) => port && (port === 40_001 || (port >= 40_003 && port <= 40_004));
const isPrivileged = (port: number | undefined) => port && port < 1024;

const listed = new BlockList();
listed.addAddress('127.0.0.1');
listed.addSubnet('127.0.2.0', 24);
listed.addAddress('::1', 'ipv6');

function isIn(address: string | undefined): boolean | undefined {
  return address === undefined ? undefined : listed.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

/** Of what is not there, neither an operator holds nor its negation. */
const not = (answer: boolean | 0 | undefined) => (answer === undefined ? undefined : !answer);
const is = (answer: boolean | 0 | undefined) => (answer === 0 ? false : answer);

const operators: Readonly<Record<string, Operator>> = {
  SAddr: { values: networks, holds: ({ source }) => isIn(source) },
  NotSAddr: { values: networks, holds: ({ source }) => not(isIn(source)) },
  DAddr: { values: networks, holds: ({ destination }) => isIn(destination) },
  NotDAddr: { values: networks, holds: ({ destination }) => not(isIn(destination)) },
  SPort: { values: ports, holds: ({ sourcePort }) => is(isListed(sourcePort)) },
  NotSPort: { values: ports, holds: ({ sourcePort }) => not(isListed(sourcePort)) },
  DPort: { values: ports, holds: ({ destinationPort }) => is(isListed(destinationPort)) },
  NotDPort: { values: ports, holds: ({ destinationPort }) => not(isListed(destinationPort)) },
  SPortPriv: { holds: ({ sourcePort }) => is(isPrivileged(sourcePort)) },
  NotSportPriv: { holds: ({ sourcePort }) => not(isPrivileged(sourcePort)) },
  DPortPriv: { holds: ({ destinationPort }) => is(isPrivileged(destinationPort)) },
  NotDPortPriv: { holds: ({ destinationPort }) => not(isPrivileged(destinationPort)) },
  Protocol: { values: ['IPPROTO_TCP'], holds: ({ protocol }) => protocol && protocol === 'IPPROTO_TCP' },
  Family: { values: ['AF_INET6'], holds: ({ family }) => family === 'AF_INET6' },
  State: { values: ['TCP_SYN_SENT', 'TCP_LISTEN'], holds: ({ state }) => state && state === 'TCP_SYN_SENT' },
};

/** A socket of the trigger, bound, and what it is pointed at. */
type Call = {
  readonly kind: 'tcp' | 'udp';
  readonly from: readonly [address: string, port: number];
  readonly to: readonly [address: string, port: number];
};

const calls: readonly Call[] = [
  { kind: 'tcp', from: ['127.0.0.1', 40_001], to: ['127.0.0.1', 9] },
  { kind: 'tcp', from: ['127.0.2.5', 40_002], to: ['127.0.1.1', 40_001] },
  { kind: 'tcp', from: ['127.0.3.1', 40_003], to: ['127.0.2.255', 40_005] },
  { kind: 'tcp', from: ['127.0.0.1', 900], to: ['127.0.0.1', 40_004] },
  { kind: 'tcp', from: ['::1', 40_004], to: ['::1', 9] },
  { kind: 'tcp', from: ['::1', 40_006], to: ['::1', 40_003] },
  { kind: 'tcp', from: ['::ffff:127.0.0.1', 40_007], to: ['::ffff:127.0.1.1', 1024] },
  { kind: 'udp', from: ['127.0.0.1', 40_008], to: ['127.0.0.1', 9] },
  { kind: 'udp', from: ['127.0.2.5', 40_009], to: ['127.0.1.1', 40_003] },
];

const unmapped = (address: string) => address.replace('::ffff:', '');
const familyOf = ({ from: [address] }: Call) => (address.includes(':') ? 'AF_INET6' : 'AF_INET');

type Place = {
  readonly hook: 'kprobes' | 'lsmhooks';
  readonly spec: HookSpec;
  readonly argument: { readonly index: number; readonly type: string };
  readonly sees: (call: Call) => Facts | undefined;
  readonly without: readonly string[];
};

const DESTINATION = ['DAddr', 'NotDAddr', 'DPort', 'NotDPort', 'DPortPriv', 'NotDPortPriv'];

function bothEnds(call: Call): Facts {
  const [source, sourcePort] = call.from;
  const [destination, destinationPort] = call.to;
  return {
    ...{ source: unmapped(source), sourcePort, destination: unmapped(destination), destinationPort },
    family: familyOf(call),
    protocol: call.kind === 'tcp' ? 'IPPROTO_TCP' : 'IPPROTO_UDP',
  };
}

/** What a call is pointed at is all that a socket address says. */
function onlyTarget(call: Call): Facts {
  const [address, port] = call.to;
  return { source: unmapped(address), sourcePort: port, family: familyOf(call) };
}

const places: Readonly<Record<string, Place>> = {
  sock: {
    ...{ hook: 'kprobes', spec: { call: 'tcp_connect', syscall: false }, argument: { index: 0, type: 'sock' } },
    sees: (call) => (call.kind === 'tcp' ? { ...bothEnds(call), state: 'TCP_SYN_SENT' } : undefined),
    without: [],
  },
  socket: {
    ...{ hook: 'lsmhooks', spec: { hook: 'socket_getsockname' }, argument: { index: 0, type: 'sock' } },
    sees: (call) => {
      const { source, sourcePort, family, protocol } = bothEnds(call);
      const none = family === 'AF_INET6' ? '::' : '0.0.0.0';
      const unconnected = { destination: none, destinationPort: 0, state: 'TCP_CLOSE' } as const;
      return { source, sourcePort, family, ...(protocol && { protocol }), ...unconnected };
    },
    without: [...DESTINATION, 'State'],
  },
  sockaddr: {
    ...{ hook: 'lsmhooks', spec: { hook: 'socket_connect' }, argument: { index: 1, type: 'sockaddr' } },
    ...{ sees: onlyTarget, without: [...DESTINATION, 'Protocol', 'State'] },
  },
  'sockaddr-of-syscall': {
    ...{ hook: 'kprobes', spec: { call: 'sys_connect' }, argument: { index: 1, type: 'sockaddr' } },
    ...{ sees: onlyTarget, without: [...DESTINATION, 'Protocol', 'State'] },
  },
  'message-of-socket': {
    ...{ hook: 'lsmhooks', spec: { hook: 'socket_sendmsg' }, argument: { index: 1, type: 'sockaddr' } },
    sees: (call) => (call.kind === 'udp' ? onlyTarget(call) : undefined),
    without: [...DESTINATION, 'Protocol', 'State'],
  },
  'message-of-sock': {
    ...{ hook: 'kprobes', spec: { call: 'udp_sendmsg', syscall: false }, argument: { index: 1, type: 'sockaddr' } },
    sees: (call) => (call.kind === 'udp' ? onlyTarget(call) : undefined),
    without: [...DESTINATION, 'Protocol', 'State'],
  },
  skb: {
    ...{ hook: 'kprobes', spec: { call: 'ip_send_skb', syscall: false }, argument: { index: 1, type: 'skb' } },
    sees: (call) => (call.kind === 'udp' ? bothEnds(call) : undefined),
    without: ['State'],
  },
};

const scope = 'trigger';
const policies = Object.entries(places).flatMap(([place, { hook, spec, argument, sees, without }]) =>
  Object.entries(operators)
    .filter(([operator]) => !without.includes(operator))
    .map(([operator, { values, holds }]) => {
      const matchArgs = [{ index: argument.index, operator, ...(values && { values }) }];
      return {
        name: `${place}-${operator}`.toLowerCase(),
        spec: { [hook]: [{ ...spec, args: [argument], selectors: [{ matchArgs }] }] },
        holdsFor: (call: Call) => {
          const facts = sees(call);
          return facts !== undefined && holds(facts) === true;
        },
      };
    }),
);

const cases: readonly Case[] = policies.map(({ name, spec }) => ({ ...{ name, spec, steps: [], program: scope } }));

describe('sockets', () => {
  let bench: Bench;
  const servers: Socket[] = [];
  before(async () => {
    for (const { kind, to } of calls) if (kind === 'udp') servers.push(await listen(...to));
    bench = await Bench.start(cases);
  });
  after(async () => {
    await bench.stop();
    for (const server of servers) server.close();
  });

  for (const call of calls) {
    test(`${call.kind} from ${call.from.join(' ')} to ${call.to.join(' ')}`, async () => {
      await using trigger = await Trigger.start(bench.programOf(scope));
      await make(trigger, call);
      const events = await bench.eventsOfProcess(trigger.pid);
      const told = new Set(events.map((event) => hookOf(event)?.policy_name));
      const expected = policies.filter(({ holdsFor }) => holdsFor(call)).map(({ name }) => name);
      assert.deepEqual([...told].toSorted(), expected.toSorted());
    });
  }
});

/** Where nobody listens, the packet is answered with another one, in the name of the process that sent it. */
async function listen(address: string, port: number): Promise<Socket> {
  const server = createSocket('udp4');
  server.bind(port, address);
  await once(server, 'listening');
  return server;
}

async function make(trigger: Trigger, { kind, from, to }: Call): Promise<void> {
  const isIpv6 = from[0].includes(':');
  const made = await trigger.call('socket', isIpv6 ? AF_INET6 : AF_INET, kind === 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0);
  const bound = socketAddress(...from);
  const target = socketAddress(...to);
  assert.equal(made.kind === 'returned' ? made.error : made.signal, undefined);
  const bind = await trigger.call('bind', 3, bound, bound.length);
  assert.equal(bind.kind === 'returned' ? bind.error : bind.signal, undefined, `bind to ${from.join(' ')}`);
  await trigger.call('getsockname', 3, { buffer: 28 }, Buffer.from([28, 0, 0, 0]));
  await trigger.call('connect', 3, target, target.length);
  if (kind === 'udp') await trigger.call('sendto', 3, 'x', 1, 0, 0, 0);
}

describe('where a message goes', () => {
  const CONNECTED = ['127.0.0.1', 40_010] as const;
  const ELSEWHERE = ['127.0.4.4', 40_011] as const;
  const policy = (name: string, addresses: readonly string[]): Case => ({
    ...{ name, steps: [], program: scope },
    spec: {
      lsmhooks: [
        {
          hook: 'socket_sendmsg',
          args: [{ index: 1, type: 'sockaddr' }],
          selectors: [
            {
              matchArgs: [{ index: 1, operator: 'SAddr', values: addresses }],
              matchActions: [{ action: 'Override', argError: -1 }],
            },
          ],
        },
      ],
    },
  });
  let bench: Bench;
  const servers: Socket[] = [];
  before(async () => {
    servers.push(await listen(...CONNECTED), await listen(...ELSEWHERE));
    bench = await Bench.start([policy('elsewhere', [ELSEWHERE[0]])]);
  });
  after(async () => {
    await bench.stop();
    for (const server of servers) server.close();
  });

  const MSG_NOSIGNAL = 0x4000;
  const send = async (trigger: Trigger, to?: readonly [string, number]) => {
    const name = to === undefined ? undefined : socketAddress(...to);
    const answer = await trigger.call('sendto', 3, 'x', 1, MSG_NOSIGNAL, name ?? 0, name?.length ?? 0);
    return answer.kind === 'returned' ? (answer.error ?? answer.result) : answer.signal;
  };
  const connected = async (type: number, to: readonly [string, number], family = AF_INET) => {
    const trigger = await Trigger.start(bench.programOf(scope));
    await trigger.call('socket', family, type, 0);
    const target = socketAddress(...to);
    const answer = await trigger.call('connect', 3, target, target.length);
    assert.equal(answer.kind === 'returned' && answer.error, undefined);
    return trigger;
  };

  test('without a name, to the other end', async () => {
    await using trigger = await connected(SOCK_DGRAM, CONNECTED);
    assert.equal(await send(trigger), 1);
    await using there = await connected(SOCK_DGRAM, ELSEWHERE);
    assert.equal(await send(there), 'EPERM');
  });

  test('with one, there, whatever the other end is', async () => {
    await using trigger = await connected(SOCK_DGRAM, CONNECTED);
    assert.equal(await send(trigger, ELSEWHERE), 'EPERM');
    await using there = await connected(SOCK_DGRAM, ELSEWHERE);
    assert.equal(await send(there, CONNECTED), 1);
  });

  test('over IPv6 to an IPv4 address in disguise', async () => {
    await using trigger = await connected(SOCK_DGRAM, ['::ffff:127.0.0.1', CONNECTED[1]], AF_INET6);
    assert.equal(await send(trigger), 1);
    assert.equal(await send(trigger, [`::ffff:${ELSEWHERE[0]}`, ELSEWHERE[1]]), 'EPERM');
    assert.equal(await send(trigger, ELSEWHERE), 'EPERM');
  });

  test('a stream that is connected, to its other end, whatever is said', async () => {
    const listening = await Promise.all(
      [CONNECTED, ELSEWHERE].map(async ([address, port]) => {
        const server = createServer((socket) => socket.on('error', () => undefined)).listen(port, address);
        await once(server, 'listening');
        return server;
      }),
    );
    {
      await using trigger = await connected(SOCK_STREAM, ELSEWHERE);
      assert.equal(await send(trigger, CONNECTED), 'EPERM');
      await using near = await connected(SOCK_STREAM, CONNECTED);
      assert.equal(await send(near, ELSEWHERE), 1);
    }
    for (const server of listening) server.close();
  });
});
