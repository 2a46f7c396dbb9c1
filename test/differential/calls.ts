/** Real system calls, each after steps that make it come out the same whatever happened before; and who makes them. */
import { type CallArgument, socketAddress } from '../kernel/harness/index.ts';
import type { Random } from '../property/random.ts';
import { type CallScene, longFile } from './scene.ts';

type Step = readonly [name: string, ...args: CallArgument[]];

export type Call = {
  readonly name: string;
  readonly way: 'plain' | 'thread' | 'ring' | 'worker';
  /** The last is what it is about; how the others end does not matter. */
  readonly steps: readonly Step[];
  /** Whether it can be made in the second mount namespace: what it mounts there would stay. */
  readonly anywhere: boolean;
};

export type Who = {
  readonly pid: number;
  /** In its own namespace. */
  readonly inner: number | undefined;
  readonly binary: string | undefined;
  readonly line: string;
};

const AT_FDCWD = -100;
const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_DIRECTORY = 0o200000;
const RENAME_EXCHANGE = 2;
const MS_BIND = 4096;
const [AF_UNIX, AF_INET, AF_INET6] = [1, 2, 10];
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2];

const buffer = new Uint8Array(64);
/** A signal ends a reading of a directory early, but not before its first entry. */
const oneEntryBytes = 24;

function unixAddress(path: string): Uint8Array {
  return Buffer.concat([Buffer.of(AF_UNIX, 0), Buffer.from(`${path}\0`)]);
}

export function makeCalls(scene: CallScene): readonly Call[] {
  const at = (name: string) => scene.path(name);
  const open = (name: string, flags = 0): Step => ['openat', AT_FDCWD, at(name), flags, 0o640];
  const unlink = (name: string): Step => ['unlinkat', AT_FDCWD, at(name), 0];
  const rmdir = (name: string): Step => ['unlinkat', AT_FDCWD, at(name), 0o1000];
  const make = (name: string): Step => open(name, O_CREAT | O_WRONLY);
  const link = (from: string, to: string): Step => ['linkat', AT_FDCWD, at(from), AT_FDCWD, at(to), 0];
  const rename = (from: string, to: string, flags = 0): Step => [
    'renameat2',
    AT_FDCWD,
    at(from),
    AT_FDCWD,
    at(to),
    flags,
  ];
  const connect = (address: Uint8Array, bytes = address.length): Step => ['connect', 3, address, bytes];
  const bind = (address: Uint8Array): Step => ['bind', 3, address, address.length];
  const tcp: Step = ['socket', AF_INET, SOCK_STREAM, 0];
  const tcp6: Step = ['socket', AF_INET6, SOCK_STREAM, 0];
  const udp: Step = ['socket', AF_INET, SOCK_DGRAM, 0];
  const unix: Step = ['socket', AF_UNIX, SOCK_STREAM, 0];
  const pipe: Step = ['pipe2', buffer, 0];
  const local = (port: number) => socketAddress('127.0.0.1', port);

  const call = (name: string, ...steps: readonly Step[]): Call => ({ name, way: 'plain', steps, anywhere: true });
  const by = (way: Call['way'], { name, steps, anywhere }: Call): Call => ({
    name: `${name}, ${way}`,
    way,
    steps,
    anywhere,
  });
  const here = (each: Call): Call => ({ ...each, anywhere: false });

  const openOne = call('openat', open('a/one'));
  const read = call('read', open('a/one'), ['read', 3, buffer, 16]);
  const write = call('write', make('a/written'), ['write', 3, 'text', 4]);
  const linked = call('linkat', unlink('b/linked'), link('a/one', 'b/linked'));
  const unlinked = call('unlinkat', make('a/short-lived'), unlink('a/short-lived'));
  const renamed = call('renameat2', make('a/from'), rename('a/from', 'b/to'));
  const made = call('mkdirat', rmdir('b/made'), ['mkdirat', AT_FDCWD, at('b/made'), 0o755]);
  const connected = call('connect', tcp, connect(local(443)));
  return [
    ...[openOne, by('thread', openOne), by('ring', openOne), by('worker', openOne)],
    call('openat makes', unlink('b/new'), make('b/new')),
    call('openat makes through a bind mount', unlink('bind/new'), make('bind/new')),
    call('openat relative', ['chdir', scene.root], ['openat', AT_FDCWD, 'a/two', 0, 0]),
    call('openat below', open('a', O_DIRECTORY), ['openat', 3, 'one', O_WRONLY, 0]),
    call('openat through a link', open('link')),
    call('openat through a bind mount', open('bind/one')),
    call('openat of a bind mount', open('bind', O_DIRECTORY)),
    call('openat deep', open('deep/down/below/all/one')),
    call('openat of a long name', open(longFile)),
    call('openat of a directory', open('b', O_DIRECTORY)),
    call('openat of the root of the file system', open('.', O_DIRECTORY)),
    call('openat of nothing', open('a/missing')),
    call('openat of no name', ['openat', AT_FDCWD, 8, 0, 0]),
    call('openat of a deleted file', make('a/gone'), unlink('a/gone'), ['openat', AT_FDCWD, '/proc/self/fd/3', 0, 0]),
    call('open', ['open', at('b/one'), 0, 0]),
    call('creat', ['creat', at('b/created'), 0o600]),
    ...[read, by('thread', read), by('ring', read), by('worker', read)],
    call('pread64', open('bind/two'), ['pread64', 3, buffer, 8, 4]),
    ...[write, by('worker', write)],
    call('read of a deleted file', make('a/gone'), open('a/gone'), unlink('a/gone'), ['read', 4, buffer, 8]),
    call('read of a pipe', pipe, ['write', 4, 'text', 4], ['read', 3, buffer, 4]),
    call('getdents64', open('deep', O_DIRECTORY), ['getdents64', 3, buffer, oneEntryBytes]),
    ...[linked, by('worker', linked)],
    call('linkat through a bind mount', unlink('bind/linked'), link('bind/two', 'bind/linked')),
    ...[unlinked, by('thread', unlinked), by('worker', unlinked)],
    call('unlink through a bind mount', make('bind/short-lived'), ['unlink', at('bind/short-lived')]),
    ...[renamed, by('worker', renamed)],
    call('rename', make('a/x'), ['rename', at('a/x'), at('a/y')]),
    call('renameat2 exchanges', make('a/this'), make('b/that'), rename('a/this', 'b/that', RENAME_EXCHANGE)),
    ...[made, by('worker', made)],
    call('mkdir through a bind mount', rmdir('bind/made'), ['mkdir', at('bind/made'), 0o700]),
    here(call('mount of no type', ['mount', 'device', at('a'), 'nothing', 1, 0])),
    here(call('mount', ['umount2', at('b/mnt'), 2], ['mount', 'a', at('b/mnt'), 'tmpfs', 0, 0])),
    here(call('mount binds', ['umount2', at('b/mnt'), 2], ['mount', at('a'), at('b/mnt'), '', MS_BIND, 0])),
    ...[connected, by('thread', connected), by('worker', connected)],
    call('connect IPv6', tcp6, connect(socketAddress('::1', 22))),
    call('connect mapped', tcp6, connect(socketAddress('::ffff:127.0.0.1', 80))),
    call('connect UDP', udp, connect(socketAddress('127.0.0.1', 1023))),
    call('connect to a path', unix, connect(unixAddress(at('b/no-socket')))),
    call('connect with a short address', tcp, connect(local(80), 8)),
    call('connect without a socket', ['connect', 63, local(22), 16]),
    call('connect to nobody', udp, connect(new Uint8Array(16))),
    call('bind', tcp, bind(local(1024))),
    call('bind IPv6', tcp6, bind(socketAddress('::1', 8080))),
    call('bind to a path', unlink('b/socket'), unix, bind(unixAddress(at('b/socket')))),
    call('execve', ['execve', at('a/program'), 0, 0]),
    call('execve through a bind mount', ['execve', at('bind/program'), 0, 0]),
    call('execve of what can not be run', ['execve', at('a/one'), 0, 0]),
    call('socket', tcp),
    call('memfd_create', ['memfd_create', 'memory', 0]),
    call('eventfd2', ['eventfd2', 0, 0]),
    call('pipe2', pipe),
    call('dup', open('a/two'), ['dup', 3]),
  ];
}

/** Processes have numbers from here on, so that policies can name them before they are there. */
export const firstPid = 20_001;
export const innerPids = [2_000, 2_001, 2_002] as const;

const secondNamespaces = ['ipc', 'mnt', 'net', 'time', 'cgroup'] as const;
/** CAP_CHOWN, CAP_KILL, CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_MAC_ADMIN, CAP_BPF: what random policies ask for. */
const capabilityBits = [0n, 5n, 12n, 21n, 33n, 39n];

export function makeWho(call: Call, index: number, scene: CallScene, random: Random): Who {
  const pid = firstPid + index;
  const inner = random.chance(25) ? random.pick(innerPids) : undefined;
  const binary = random.chance(40) ? random.pick(scene.binaries.slice(1)) : undefined;
  const second = secondNamespaces.filter((name) => random.chance(30) && (call.anywhere || name !== 'mnt'));
  const words = [
    `pid=${pid}`,
    `way=${call.way}`,
    ...(inner === undefined ? [] : [`inner=${inner}`]),
    ...(binary === undefined ? [] : [`binary=${binary}`]),
    ...(second.length === 0 ? [] : [`ns=${second.join(',')}`]),
    ...(random.chance(25) ? ['user=1'] : []),
    ...(random.chance(50) ? [`caps=${capabilitySets(random)}`] : []),
  ];
  const steps = call.steps.map(([name, ...args]) => [name, ...args.map(encoded)].join(' '));
  return { pid, inner, binary, line: [words.join(' '), ...steps].join(';') };
}

/** None is effective or inheritable that is not permitted. */
function capabilitySets(random: Random): string {
  const some = () => capabilityBits.reduce((mask, bit) => (random.chance(60) ? mask | (1n << bit) : mask), 0n);
  const permitted = some();
  return [some() & permitted, some() & permitted, permitted].map((mask) => mask.toString(16)).join(',');
}

function encoded(argument: CallArgument): string {
  if (typeof argument === 'number' || typeof argument === 'bigint') return `i${argument}`;
  if (typeof argument === 'string') return `x${Buffer.from(argument).toString('hex')}`;
  return argument instanceof Uint8Array ? `x${Buffer.from(argument).toString('hex')}` : `i${argument.buffer}`;
}
