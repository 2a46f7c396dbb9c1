/** The readers of facts on real objects: files, memory of the kernel and of this process, sockets, packets, this task. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, connect as netConnect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  addressLayout,
  bound,
  credentialsSlotLayout,
  keyLayout,
  namespacesLayout,
  pathFlag,
  socketFlag,
  socketLayout,
  subjectLayout,
} from '#abi';
import { ElfView } from '#bpf';
import { u32Key } from '#kernel';
import { known } from '#std';
import { openRuntime, passes, readOnly, viewOf } from './harness/index.ts';

const main = openRuntime('selftest.bpf.o');
after(() => main.close());
const directory = realpathSync(mkdtempSync('/tmp/facts-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Offsets of struct st_facts, from the types of the object. */
const at = (() => {
  const image = readFileSync(new URL('../../kprobes/build/selftest.bpf.o', import.meta.url));
  const btf = known(new ElfView(image).btf(), 'BTF of the self-tests');
  const facts = known(btf.findStruct('st_facts'), 'struct st_facts');
  return (name: string) => known(btf.findMember(facts, name), name).bitOffset / 8;
})();

type Given = {
  readonly raw?: bigint;
  readonly size?: bigint;
  readonly data?: Uint8Array;
  readonly memory?: Uint8Array;
};

function give({ raw = 0n, size = 0n, data = new Uint8Array(0) }: Given): void {
  const map = main.map('st_facts');
  const value = new Uint8Array(map.valueSize);
  viewOf(value).setBigUint64(at('raw'), raw, true);
  viewOf(value).setBigInt64(at('size'), size, true);
  value.set(data, at('data'));
  map.update(u32Key(0), value);
}

/** `memory` is handed to bpf(2): the program finds it there. */
function read(reader: string, given: Given): DataView {
  give(given);
  passes(main, `test_read_${reader}`, given.memory);
  return readOnly(main, 'st_facts');
}

function bytesAt(view: DataView, offset: number, length: number): Buffer {
  return Buffer.from(view.buffer, view.byteOffset + offset, length);
}

function textOf(view: DataView) {
  const start = view.getUint32(at('start'), true);
  const length = view.getUint32(at('length'), true);
  assert.equal(start + length, bound.pathMax, 'it ends where it should');
  return {
    result: view.getInt32(at('result'), true),
    flags: view.getUint32(at('flags'), true),
    text: bytesAt(view, at('text') + start, length).toString('latin1'),
    size: view.getUint32(at('whole'), true),
  };
}

function keyOf(view: DataView, name: 'forward' | 'reverse'): Buffer {
  const bits = view.getUint32(at(name) + keyLayout.bits, true);
  return bytesAt(view, at(name) + keyLayout.value, bits / 8);
}

const { read: isRead, truncated, fault, none, unreachable, deleted } = pathFlag;
const nothing = (flags: number) => ({ result: flags & fault ? -1 : 0, flags: isRead | flags, text: '', size: 0 });

describe('paths', () => {
  const path = join(directory, 'a file');
  writeFileSync(path, '');

  /** From the place where its file system is mounted. */
  function inItsFileSystem(name: string): string {
    const { dev } = statSync(name);
    let root = name;
    while (root !== '/' && statSync(dirname(root)).dev === dev) root = dirname(root);
    return root === '/' ? name : name.slice(root.length);
  }

  /** The same file by whatever leads to it. */
  for (const reader of ['fd', 'file', 'path', 'dentry', 'binprm']) {
    test(reader, () => {
      const fd = openSync(path, 'r');
      const view = read(reader, { raw: BigInt(fd) });
      closeSync(fd);
      const text = reader === 'dentry' ? inItsFileSystem(path) : path;
      assert.deepEqual(textOf(view), { result: 0, flags: isRead, text, size: 0 });
      assert.equal(view.getBigUint64(at('inode'), true), BigInt(statSync(path).ino));
      assert.equal(keyOf(view, 'forward').toString(), `${text}\0`);
      assert.equal(keyOf(view, 'reverse').toString(), [...text].toReversed().join(''));
    });
  }

  test('a dentry has no mount: its path begins at the root of its file system', () => {
    const fd = openSync('/proc/version', 'r');
    assert.equal(textOf(read('dentry', { raw: BigInt(fd) })).text, '/version');
    assert.equal(textOf(read('file', { raw: BigInt(fd) })).text, '/proc/version');
    closeSync(fd);
    const root = openSync('/proc', 'r');
    assert.equal(textOf(read('dentry', { raw: BigInt(root) })).text, '/');
    closeSync(root);
  });

  test('what is in no tree is called as its dentry is: a socket by its protocol', async () => {
    const before = new Set(socketsHere());
    using _server = await listening({ host: '127.0.0.1', port: 0 });
    const [socket = -1] = socketsHere().filter((fd) => !before.has(fd));
    for (const reader of ['file', 'dentry']) {
      const seen = textOf(read(reader, { raw: BigInt(socket) }));
      assert.deepEqual([seen.text, seen.flags & ~deleted], ['/TCP', isRead | unreachable], reader);
    }
  });

  for (const [name, raw] of [
    ['closed', 9_999n],
    ['negative', 0xffff_ffffn],
    ['below the table, whatever stands above', 0x7777_0000_ffff_ff9cn],
  ] as const) {
    test(`a number without a file: ${name}`, () => assert.deepEqual(textOf(read('fd', { raw })), nothing(none)));
  }

  test('the number is an int, whatever stands above it in its register', () => {
    const fd = openSync(path, 'r');
    assert.equal(textOf(read('fd', { raw: (0xdeadn << 32n) | BigInt(fd) })).text, path);
    closeSync(fd);
  });
});

/** Letters in an order that does not repeat soon. */
function letters(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => 97 + ((index * 7 + (index >> 8)) % 26)));
}

describe('strings', () => {
  const lengths = [0, 1, 7, 8, 254, 255, 256, 257, 4_094, 4_095, 4_096, 4_097, 5_000];
  for (const [reader, where] of [
    ['string', 'data'],
    ['string_user', 'memory'],
    ['filename', 'data'],
    ['binprm_name', 'data'],
  ] as const) {
    test(`${reader}: of every length, in one piece`, () => {
      for (const length of lengths) {
        const string = letters(length);
        const view = read(reader, { [where]: Buffer.concat([string, Buffer.from('\0behind')]) });
        const cut = length > bound.pathMax;
        const kept = string.subarray(0, bound.pathMax);
        const size = Math.min(length, bound.pathMax + 1);
        const flags = isRead | (cut ? truncated : 0);
        assert.deepEqual(textOf(view), { result: 0, flags, text: kept.toString(), size }, `${length} bytes`);
        const head = kept.subarray(0, bound.keyMax);
        const forward = length < bound.keyMax ? `${string}\0` : head.toString();
        assert.equal(keyOf(view, 'forward').toString(), forward, `${length} bytes`);
        const reversed = Buffer.from(kept).reverse().subarray(0, bound.keyMax);
        assert.equal(keyOf(view, 'reverse').toString(), reversed.toString(), `${length} bytes`);
      }
    });
  }

  test('where there is none, and where nobody can read', () => {
    assert.deepEqual(textOf(read('string', { raw: 8n })), nothing(fault));
    assert.deepEqual(textOf(read('string_user', { raw: 1n << 32n })), nothing(fault));
    assert.deepEqual(textOf(read('bytes', { raw: 8n, size: 1n })), nothing(fault));
    assert.deepEqual(textOf(read('bytes_user', { raw: 1n << 32n, size: 1n })), nothing(fault));
    passes(main, 'test_open_name_none');
  });

  test('the name of an open, as it was given', () => {
    using link = main.program('st_open_name').attach();
    const here = process.cwd();
    process.chdir(directory);
    try {
      give({ raw: BigInt(process.pid) });
      closeSync(openSync('.//a file', 'r'));
    } finally {
      link.destroy();
      process.chdir(here);
    }
    const view = readOnly(main, 'st_facts');
    assert.deepEqual(textOf(view), { result: 0, flags: isRead, text: './/a file', size: 9 });
    assert.equal(view.getBigUint64(at('number'), true), { x64: 257n, arm64: 56n }[process.arch as 'x64' | 'arm64']);
  });
});

describe('buffers', () => {
  for (const [reader, where] of [
    ['bytes', 'data'],
    ['bytes_user', 'memory'],
  ] as const) {
    test(`${reader}: as much as there is, up to ${bound.pathMax}`, () => {
      const buffer = Buffer.concat([Buffer.from('\0\xff', 'latin1'), letters(6_000)]);
      for (const size of [0, 1, 2, 9, 4_095, 4_096, 4_097, 6_000]) {
        const view = read(reader, { [where]: buffer, size: BigInt(size) });
        const text = buffer.subarray(0, Math.min(size, bound.pathMax)).toString('latin1');
        const flags = isRead | (size > bound.pathMax ? truncated : 0);
        assert.deepEqual(textOf(view), { result: 0, flags, text, size });
      }
      assert.deepEqual(textOf(read(reader, { [where]: buffer, size: -1n })), nothing(0));
      const { size } = textOf(read(reader, { [where]: buffer, size: 1n << 40n }));
      assert.equal(size, 0x7fff_ffff);
    });
  }
});

/** A server until the end of the block; what connects to it is dropped by then, too. */
async function listening(where: { readonly host: string; readonly port: 0 } | { readonly path: string }) {
  const peers = new Set<Socket>();
  const server = createServer((peer) => void peers.add(peer.resume())).listen(where);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.dispose]: () => {
      for (const peer of peers) peer.destroy();
      server.close();
    },
  };
}

function socketsHere(): readonly number[] {
  return readdirSync('/proc/self/fd').map(Number).filter(isSocket);
}

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false; // the one that the folder was read through
  }
}

function addressOf(view: DataView, side: 'source' | 'destination'): string {
  const offset = at('socket') + socketLayout[side];
  const version = view.getUint8(offset + addressLayout.version);
  const octets = bytesAt(view, offset + addressLayout.octets, 16);
  if (version === 4) {
    assert.ok(octets.subarray(4).every((octet) => octet === 0));
    return octets.subarray(0, 4).join('.');
  }
  return version === 6 ? octets.toString('hex') : '';
}

function socketOf(view: DataView) {
  const u16 = (name: 'family' | 'type' | 'protocol' | 'state' | 'sourcePort' | 'destinationPort') =>
    view.getUint16(at('socket') + socketLayout[name], true);
  const flags = view.getUint32(at('socket') + socketLayout.flags, true);
  return {
    flags,
    family: u16('family'),
    protocol: u16('protocol'),
    state: u16('state'),
    from: `${addressOf(view, 'source')}:${u16('sourcePort')}`,
    to: `${addressOf(view, 'destination')}:${u16('destinationPort')}`,
  };
}

const socketRead = socketFlag.read;
const inet = socketRead | socketFlag.addresses | socketFlag.ports | socketFlag.protocol;
const LOOPBACK = '00000000000000000000000000000001';
const ANY = '00000000000000000000000000000000';
const [AF_INET, AF_INET6, TCP, UDP, ESTABLISHED, LISTEN] = [2, 10, 6, 17, 1, 10];

describe('sockets', () => {
  for (const [name, row] of [
    ['IPv4', { listen: '127.0.0.1', connect: '127.0.0.1', own: '127.0.0.1', at: '127.0.0.1', family: AF_INET }],
    ['IPv6', { listen: '::1', connect: '::1', own: LOOPBACK, at: LOOPBACK, family: AF_INET6 }],
    ['IPv4 mapped into IPv6', { listen: '::', connect: '127.0.0.1', own: ANY, at: '127.0.0.1', family: AF_INET6 }],
  ] as const) {
    test(name, async () => {
      const before = new Set(socketsHere());
      using server = await listening({ host: row.listen, port: 0 });
      const client = netConnect(server.port, row.connect);
      using _client = { [Symbol.dispose]: () => void client.destroy() };
      await once(client, 'connect');
      await delay(20); // until the other end is accepted
      const fds = socketsHere().filter((fd) => !before.has(fd));
      for (const reader of ['sock', 'socket']) {
        const seen = fds.map((fd) => socketOf(read(reader, { raw: BigInt(fd) })));
        const common = { flags: inet | socketFlag.state, protocol: TCP };
        const listening = seen.find(({ state }) => state === LISTEN);
        const mine = `${row.at}:${client.localPort}`;
        const theirs = `${row.at}:${server.port}`;
        const nowhere = row.family === AF_INET ? '0.0.0.0:0' : `${ANY}:0`;
        assert.deepEqual(listening, {
          ...{ ...common, family: row.family, state: LISTEN },
          ...{ from: `${row.own}:${server.port}`, to: nowhere },
        });
        const connected = seen.filter(({ state }) => state === ESTABLISHED);
        assert.deepEqual(
          connected.map(({ from, to }) => `${from} ${to}`).toSorted(),
          [`${mine} ${theirs}`, `${theirs} ${mine}`].toSorted(),
        );
        assert.ok(connected.every(({ flags, protocol }) => flags === common.flags && protocol === TCP));
        assert.ok(connected.some(({ family }) => family === row.family));
      }
    });
  }

  test('a socket without addresses', async () => {
    const before = new Set(socketsHere());
    using _server = await listening({ path: join(directory, 'socket') });
    const [fd = -1] = socketsHere().filter((each) => !before.has(each));
    const seen = socketOf(read('sock', { raw: BigInt(fd) }));
    assert.deepEqual([seen.family, seen.from, seen.to], [1, ':0', ':0']);
    assert.equal(seen.flags, socketRead | socketFlag.state | socketFlag.protocol);
  });
});

/** `family` in the order of the machine, all else in that of the network. */
function sockaddr(family: number, hex: string): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16LE(family);
  return Buffer.concat([head, Buffer.from(hex.replaceAll(' ', ''), 'hex')]);
}

describe('socket addresses', () => {
  const alone = socketRead | socketFlag.noDestination;
  const full = alone | socketFlag.addresses | socketFlag.ports;
  const four = sockaddr(AF_INET, '01bb 0a010203 0000000000000000');
  const six = sockaddr(AF_INET6, '0035 00000000 20010db8000000000000000000000005 00000000');
  const mapped = sockaddr(AF_INET6, '0035 00000000 00000000000000000000ffff0a010203 00000000');
  const table: readonly (readonly [string, Uint8Array, bigint, number, number, string])[] = [
    ['IPv4', four, 16n, AF_INET, full, '10.1.2.3:443'],
    ['IPv4 in more room than it needs', Buffer.concat([four, letters(112)]), 128n, AF_INET, full, '10.1.2.3:443'],
    ['IPv4, too short for the kernel', four, 15n, AF_INET, alone, ':0'],
    ['IPv4, a length with more above it', four, (0x8000n << 32n) | 16n, AF_INET, full, '10.1.2.3:443'],
    ['IPv6', six, 28n, AF_INET6, full, '20010db8000000000000000000000005:53'],
    ['IPv6 without a scope', six, 24n, AF_INET6, full, '20010db8000000000000000000000005:53'],
    ['IPv6, too short for the kernel', six, 23n, AF_INET6, alone, ':0'],
    ['IPv4 mapped into IPv6', mapped, 28n, AF_INET6, full, '10.1.2.3:53'],
    ['no family, but an address', sockaddr(0, '01bb 0a010203 0000000000000000'), 16n, 0, full, '10.1.2.3:443'],
    ['no family', sockaddr(0, '0000 00000000 0000000000000000'), 16n, 0, alone, ':0'],
    ['another family', sockaddr(1, '2f746d70'), 6n, 1, alone, ':0'],
    ['one byte', four, 1n, 0, alone, ':0'],
    ['no byte', four, 0n, 0, alone, ':0'],
    ['fewer than none', four, -1n, 0, alone, ':0'],
  ];
  for (const [name, bytes, size, family, flags, from] of table) {
    test(name, () => {
      for (const [reader, given] of [
        ['sockaddr', { data: bytes, size }],
        ['sockaddr_user', { memory: bytes, size }],
      ] as const) {
        const view = read(reader, given);
        const expected = { flags, family, protocol: 0, state: 0, from, to: ':0' };
        assert.deepEqual(socketOf(view), expected, reader);
        assert.equal(view.getInt32(at('result'), true), 0);
      }
    });
  }

  test('where nobody can read', () => {
    for (const [reader, raw] of [
      ['sockaddr', 8n],
      ['sockaddr_user', 1n << 32n],
    ] as const) {
      const view = read(reader, { raw, size: 16n });
      assert.equal(view.getInt32(at('result'), true), -1);
      assert.equal(socketOf(view).flags, alone | socketFlag.fault);
    }
  });
});

describe('packets', () => {
  const HEADROOM = 32;
  const ports = '04d2 01bb 0000 0000';
  const ipv4 = ({ protocol = TCP, fragment = '0000', options = '' } = {}) =>
    `${options === '' ? '45' : '46'}00 0030 0001 ${fragment} 40 ${hex(protocol)} 0000 0a010203 c0a80001 ${options}`;
  const ipv6 = (next: number) =>
    `60000000 0010 ${hex(next)} 40 20010db8000000000000000000000001 20010db8000000000000000000000002`;
  const [from6, to6] = ['20010db8000000000000000000000001', '20010db8000000000000000000000002'];
  const hex = (byte: number) => byte.toString(16).padStart(2, '0');
  const four = { family: AF_INET, from: '10.1.2.3', to: '192.168.0.1' };
  const six = { family: AF_INET6, from: from6, to: to6 };
  const withPorts = { fromPort: 1234, toPort: 443, flags: inet };
  const without = { fromPort: 0, toPort: 0, flags: inet & ~socketFlag.ports };
  const unknown = { fromPort: 0, toPort: 0, flags: socketRead | socketFlag.addresses };
  const notIp = { family: 0, from: '', to: '', protocol: 0, fromPort: 0, toPort: 0, flags: socketRead };
  const [HOP, ROUTING, FRAGMENT, AH, OPTIONS, ESP, ICMP, SCTP] = [0, 43, 44, 51, 60, 50, 1, 132];

  const table = [
    ['IPv4, TCP', `${ipv4()} ${ports}`, { ...four, ...withPorts, protocol: TCP }],
    ['IPv4, UDP', `${ipv4({ protocol: UDP })} ${ports}`, { ...four, ...withPorts, protocol: UDP }],
    ['IPv4, SCTP', `${ipv4({ protocol: SCTP })} ${ports}`, { ...four, ...withPorts, protocol: SCTP }],
    ['IPv4 with options', `${ipv4({ options: '01010101' })} ${ports}`, { ...four, ...withPorts, protocol: TCP }],
    ['IPv4, ICMP', `${ipv4({ protocol: ICMP })} ${ports}`, { ...four, ...without, protocol: ICMP }],
    ['IPv4, first fragment', `${ipv4({ fragment: '2000' })} ${ports}`, { ...four, ...withPorts, protocol: TCP }],
    ['IPv4, later fragment', `${ipv4({ fragment: '2001' })} ${ports}`, { ...four, ...without, protocol: TCP }],
    ['IPv4, ports elsewhere', `${ipv4()} 04d2`, { ...four, ...without, protocol: TCP }],
    ['IPv4, cut', '45000030000100004006', notIp],
    ['IPv4, a header that is too short', `44${ipv4().slice(2)} ${ports}`, notIp],
    ['another version', `75${ipv4().slice(2)} ${ports}`, notIp],
    ['IPv6, UDP', `${ipv6(UDP)} ${ports}`, { ...six, ...withPorts, protocol: UDP }],
    [
      'IPv6, extension headers',
      `${ipv6(HOP)} ${hex(ROUTING)}00000000000000 ${hex(OPTIONS)}01000000000000 0000000000000000 ${hex(TCP)}00000000000000 ${ports}`,
      { ...six, ...withPorts, protocol: TCP },
    ],
    [
      'IPv6, authenticated',
      `${ipv6(AH)} ${hex(TCP)}0100000000000000000000 ${ports}`,
      { ...six, ...withPorts, protocol: TCP },
    ],
    [
      'IPv6, first fragment',
      `${ipv6(FRAGMENT)} ${hex(UDP)}00000100000000 ${ports}`,
      { ...six, ...withPorts, protocol: UDP },
    ],
    [
      'IPv6, later fragment',
      `${ipv6(FRAGMENT)} ${hex(UDP)}00000900000000 ${ports}`,
      { ...six, ...without, protocol: UDP },
    ],
    ['IPv6, encrypted', `${ipv6(ESP)} ${ports}`, { ...six, ...without, protocol: ESP }],
    ['IPv6, extension elsewhere', ipv6(HOP), { ...six, ...unknown, protocol: 0 }],
    [
      'IPv6, extensions without an end',
      `${ipv6(HOP)} ${`${hex(HOP)}00000000000000`.repeat(9)}`,
      { ...six, ...unknown, protocol: 0 },
    ],
  ] as const;
  for (const [name, packet, expected] of table) {
    test(name, () => {
      const bytes = Buffer.from(packet.replaceAll(' ', ''), 'hex');
      const data = Buffer.concat([Buffer.alloc(HEADROOM), bytes, letters(64)]);
      const view = read('skb', { raw: BigInt(HEADROOM), size: BigInt(HEADROOM + bytes.length), data });
      const { flags, family, protocol, from, to, fromPort, toPort } = expected;
      assert.deepEqual(socketOf(view), {
        ...{ flags, family, protocol, state: 0 },
        ...{ from: `${from}:${fromPort}`, to: `${to}:${toPort}` },
      });
      const number = (field: 'mark' | 'priority' | 'length') =>
        view.getUint32(at('socket') + socketLayout[field], true);
      assert.deepEqual([number('mark'), number('priority'), number('length')], [7, 8, bytes.length]);
    });
  }

  test('without a network header', () => {
    const view = read('skb', { raw: 0n, size: 64n, data: Buffer.from(ipv4().replaceAll(' ', ''), 'hex') });
    assert.equal(socketOf(view).flags, socketRead);
  });
});

describe('this task', () => {
  const status = (name: string) =>
    new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const capabilities = (name: string) => BigInt(`0x${status(name)}`);
  const inode = (name: string) => Number(statSync(`/proc/self/ns/${name}`).ino);

  test('its numbers, namespaces and capabilities', () => {
    const view = read('subject', {});
    const offset = at('subject');
    const u32 = (member: number) => view.getUint32(offset + member, true);
    assert.deepEqual(
      [u32(subjectLayout.flags), u32(subjectLayout.pid), u32(subjectLayout.nsPid)],
      [isRead, process.pid, process.pid],
    );
    for (const [member, file] of [
      ['uts', 'uts'],
      ['ipc', 'ipc'],
      ['mnt', 'mnt'],
      ['pid', 'pid'],
      ['pidForChildren', 'pid_for_children'],
      ['net', 'net'],
      ['time', 'time'],
      ['timeForChildren', 'time_for_children'],
      ['cgroup', 'cgroup'],
      ['user', 'user'],
    ] as const) {
      assert.equal(u32(subjectLayout.namespaces + namespacesLayout[member]), inode(file), file);
    }
    const u64 = (member: number) => view.getBigUint64(offset + member, true);
    assert.equal(u64(subjectLayout.credentialsCapEffective), capabilities('CapEff'));
    assert.equal(u64(subjectLayout.credentialsCapPermitted), capabilities('CapPrm'));
    assert.equal(u64(subjectLayout.credentialsCapInheritable), capabilities('CapInh'));
  });

  test('its credentials', () => {
    const view = read('cred', {});
    const u32 = (member: number) => view.getUint32(at('credentials') + member, true);
    const ids = [credentialsSlotLayout.identityCredentialsUid, credentialsSlotLayout.identityCredentialsEgid];
    assert.deepEqual(ids.map(u32), [process.getuid?.(), process.getegid?.()]);
    assert.equal(u32(credentialsSlotLayout.identityUserNsInum), inode('user'));
    assert.equal(u32(credentialsSlotLayout.identityUserNsLevel), 0);
    const effective = at('credentials') + credentialsSlotLayout.identityCredentialsCapEffective;
    assert.equal(view.getBigUint64(effective, true), capabilities('CapEff'));
  });

  test('the system call that it is in', () => {
    give({});
    passes(main, 'test_syscall');
    const number = readOnly(main, 'st_facts').getBigUint64(at('number'), true);
    assert.equal(number, { x64: 321n, arm64: 280n }[process.arch as 'x64' | 'arm64']);
  });
});
