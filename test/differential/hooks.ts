/** The hooks that random policies are about: what they pass, and what the observer saw that is a call of them. */
import type { IntegerShape, IntegerType, ObservedArgument, ObservedEnd, ObservedText } from '#policy';
import { known } from '#std';
import type { Parameter } from '../property/place.ts';
import type { SeenHook, Sighting } from './observer.ts';
import type { Places } from './places.ts';

/** What a sighting says of one parameter. */
type See = (sighting: Sighting, places: Places) => ObservedArgument;

type RealParameter = {
  readonly parameter: Parameter;
  /** Types of numbers that policies are to give it. */
  readonly types?: readonly IntegerType[];
  /** Undefined for one that policies can not read. */
  readonly see?: See;
};

export type RealHook = {
  readonly kind: 'lsm' | 'kprobe';
  /** As policies write it. */
  readonly name: string;
  readonly syscall?: { readonly number: number; readonly movesTo: SeenHook };
  readonly seenAt: SeenHook;
  readonly parameters: readonly RealParameter[];
  /** Whether a call of it can be denied. */
  readonly denies: boolean;
};

const s32: IntegerShape = { bits: 32, signed: true };
const u32: IntegerShape = { bits: 32, signed: false };
const u64: IntegerShape = { bits: 64, signed: false };
const umode: IntegerShape = { bits: 16, signed: false };

function integer(index: number, shape: IntegerShape, types: readonly IntegerType[]): RealParameter {
  const see: See = ({ numbers }) => ({ kind: 'integer', value: known(numbers[index], 'number') });
  return { parameter: { kind: 'integer', shape }, types, see };
}

function named(bytes: Uint8Array): ObservedText {
  return { kind: 'path', bytes, truncated: false, identity: undefined };
}

type PathKind = 'file' | 'path' | 'dentry' | 'linux_binprm';

function path(index: number, type: PathKind): RealParameter {
  const see: See = ({ objects }, places) => named(places.pathOf(known(objects[index], 'object')));
  return { parameter: { kind: 'path', type }, see };
}

const deleted = new TextEncoder().encode(' (deleted)');

/** d_path() says of a file that it is deleted within its name; to a policy its name is what it was. */
function pathByKernel(type: PathKind): RealParameter {
  const see: See = ({ path }) => {
    if (path === undefined) return { kind: 'unreadable' };
    const isDeleted = Buffer.from(path).subarray(-deleted.length).equals(deleted);
    return named(isDeleted ? path.subarray(0, -deleted.length) : path);
  };
  return { parameter: { kind: 'path', type }, see };
}

function text(which: number): RealParameter {
  const see: See = ({ texts }) => {
    const bytes = texts[which];
    return bytes === undefined
      ? { kind: 'unreadable' }
      : { kind: 'string', bytes, truncated: false, identity: undefined };
  };
  return { parameter: { kind: 'string', type: 'string' }, see };
}

const nowhere: ObservedEnd = { address: undefined, port: undefined };
const [AF_INET, AF_INET6] = [2, 10];
/** sizeof(struct sockaddr_in); SIN6_LEN_RFC2133 */
const addressBytes: Readonly<Record<number, number>> = { [AF_INET]: 16, [AF_INET6]: 24 };

/** An address that is shorter than the kernel takes for its family has a family, and no more. */
const address: RealParameter = {
  parameter: { kind: 'socket', type: 'sockaddr' },
  see: ({ address }) => {
    if (address === undefined) return { kind: 'unreadable' };
    const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
    const family = address.length < 2 ? undefined : view.getUint16(0, true);
    const whole = family === undefined ? undefined : addressBytes[family];
    const has = whole !== undefined && address.length >= whole;
    const octets = family === AF_INET ? address.subarray(4, 8) : address.subarray(8, 24);
    const source = has ? { address: octets, port: view.getUint16(2) } : nowhere;
    return { kind: 'socket', family, protocol: undefined, state: undefined, source, destination: nowhere };
  },
};

const sock: RealParameter = {
  parameter: { kind: 'socket', type: 'sock' },
  see: ({ socket: { family, protocol, state, addresses, ports } }) => {
    const source = { address: addresses[0], port: ports[0] };
    const destination = { address: addresses[1], port: ports[1] };
    return { kind: 'socket', family, protocol, state, source, destination };
  },
};

/** Of no use to a policy. */
const other: RealParameter = { parameter: { kind: 'integer', shape: u64 } };

function lsm(name: SeenHook, ...parameters: readonly RealParameter[]): RealHook {
  return { kind: 'lsm', name, seenAt: name, parameters, denies: true };
}

export const realHooks: readonly RealHook[] = [
  lsm('file_open', pathByKernel('file')),
  lsm('file_permission', path(0, 'file'), integer(1, s32, ['int', 'uint8'])),
  lsm('path_link', path(0, 'dentry'), path(1, 'path'), path(2, 'dentry')),
  lsm('path_unlink', path(0, 'path'), path(1, 'dentry')),
  lsm(
    'path_rename',
    ...[path(0, 'path'), path(1, 'dentry'), path(2, 'path'), path(3, 'dentry')],
    integer(4, u32, ['uint32', 'int16']),
  ),
  lsm('path_mkdir', path(0, 'path'), path(1, 'dentry'), integer(2, umode, ['uint16', 'int'])),
  lsm('sb_mount', text(0), pathByKernel('path'), text(1), integer(3, u64, ['ulong', 'int32'])),
  lsm('socket_connect', other, address, integer(2, s32, ['int', 'size_t'])),
  lsm('socket_bind', other, address, integer(2, s32, ['int', 'uint16'])),
  lsm('bprm_check_security', pathByKernel('linux_binprm')),
  { ...lsm('file_open', pathByKernel('file')), kind: 'kprobe', name: 'security_file_open' },
  {
    ...{ kind: 'kprobe', name: 'sys_openat', syscall: { number: 257, movesTo: 'file_open' }, seenAt: 'sys_enter' },
    denies: true,
    parameters: [
      ...[integer(0, s32, ['int', 'int64']), text(0)],
      ...[integer(2, s32, ['int', 'uint32']), integer(3, umode, ['uint16', 'uint32'])],
    ],
  },
  {
    ...{ kind: 'kprobe', name: 'sys_connect', syscall: { number: 42, movesTo: 'socket_connect' }, seenAt: 'sys_enter' },
    denies: true,
    parameters: [integer(0, s32, ['int', 'uint64']), address, integer(2, s32, ['int', 'int8'])],
  },
  {
    ...{ kind: 'kprobe', name: 'fd_install', seenAt: 'fd_install', denies: false },
    parameters: [integer(0, u32, ['uint32', 'sint8']), path(1, 'file')],
  },
  { kind: 'kprobe', name: 'tcp_connect', seenAt: 'tcp_connect', denies: false, parameters: [sock] },
];
