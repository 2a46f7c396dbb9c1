/** The record of a policy: what it says of the call, and the arguments that follow it. */
import {
  argumentKind,
  argumentLayout,
  bound,
  identityLayout,
  pathFlag,
  recordLayout,
  recordPolicyLayout,
  socketLayout,
} from '#abi';
import { alignUp } from '#std';
import { addressText } from './address-text.ts';
import {
  comm,
  credentials,
  type Frame,
  frameOf,
  malformed,
  processKey,
  s32,
  sequence,
  slice,
  u8,
  u16,
  u32,
  u64,
} from './frame.ts';
import type { IdentityFacts, MalformedRecord, PolicyRecord, RecordArgument, SocketFacts } from './record.ts';

/** The record has its length, which is not less than that of a policy record without arguments. */
export function decodePolicy(frame: Frame): PolicyRecord | MalformedRecord {
  const layout = recordPolicyLayout;
  const count = u16(frame, layout.arguments);
  if (count > ARGUMENTS_MAX) return malformed(`${count} arguments`);
  const found = decodeArguments(frame, count);
  if (typeof found === 'string') return malformed(found);
  return {
    kind: 'policy',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: processKey(frame, layout.process),
    cgroupId: u64(frame, layout.cgroupId),
    policy: u32(frame, layout.policy),
    incarnation: u32(frame, layout.incarnation),
    entry: u16(frame, layout.entry),
    selector: u16(frame, layout.selector),
    actions: u16(frame, layout.actions),
    signal: u32(frame, layout.signal),
    verdict: s32(frame, layout.verdict),
    flags: u32(frame, layout.flags),
    comm: comm(frame, layout.comm),
    arguments: found,
  };
}

/** Those of the hook, and the result of the call. */
const ARGUMENTS_MAX = bound.argumentMax + 1;

/** Arguments follow the record one by one, their bytes padded to a multiple of 8. Returns why not when they do not. */
function decodeArguments(frame: Frame, count: number): RecordArgument[] | string {
  const found: RecordArgument[] = [];
  let at: number = recordPolicyLayout.bytes;
  for (let index = 0; index < count; index++) {
    if (at + argumentLayout.bytes > frame.length) return 'an argument outside of the record';
    const length = u32(frame, at + argumentLayout.length);
    const next = at + argumentLayout.bytes + alignUp(length, 8);
    if (length > bound.pathMax || next > frame.length) return 'an argument outside of the record';
    const argument = decodeArgument(frame, at, length);
    if (typeof argument === 'string') return argument;
    found.push(argument);
    at = next;
  }
  return found;
}

function decodeArgument(frame: Frame, at: number, length: number): RecordArgument | string {
  const position = u16(frame, at + argumentLayout.position);
  const flags = u32(frame, at + argumentLayout.flags);
  const body = at + argumentLayout.bytes;
  const kind = u16(frame, at + argumentLayout.kind);
  switch (kind) {
    case argumentKind.integer:
      if (length !== 0) return `a number with ${length} bytes`;
      return { kind: 'integer', position, flags, value: u64(frame, at + argumentLayout.value) };
    case argumentKind.path:
      return {
        kind: 'path',
        position,
        flags,
        inode: u64(frame, at + argumentLayout.value),
        device: u32(frame, at + argumentLayout.device),
        mode: u32(frame, at + argumentLayout.mode),
        path: slice(frame, body, length),
      };
    case argumentKind.string:
      return { kind: 'string', position, flags, string: slice(frame, body, length) };
    case argumentKind.bytes: {
      const size = u64(frame, at + argumentLayout.value);
      return { kind: 'bytes', position, flags, size, bytes: slice(frame, body, length) };
    }
    case argumentKind.socket: {
      if (isUnread(flags) && length === 0) return { kind: 'socket', position, flags, socket: noSocket };
      if (length !== socketLayout.bytes) return `a socket of ${length} bytes`;
      const socket = decodeSocket(frame, body);
      return socket === undefined ? 'an address of no version' : { kind: 'socket', position, flags, socket };
    }
    case argumentKind.credentials:
      if (isUnread(flags) && length === 0) return { kind: 'credentials', position, flags, identity: noIdentity };
      if (length !== identityLayout.bytes) return `credentials of ${length} bytes`;
      return { kind: 'credentials', position, flags, identity: decodeIdentity(frame, body) };
    default:
      return `an argument of kind ${kind}`;
  }
}

const noSocket: SocketFacts = {
  flags: 0,
  family: 0,
  type: 0,
  protocol: 0,
  state: 0,
  source: '',
  sourcePort: 0,
  destination: '',
  destinationPort: 0,
  mark: 0,
  priority: 0,
  length: 0,
  cookie: 0n,
};

const noIdentity = decodeIdentity(frameOf(new Uint8Array(identityLayout.bytes), 0, identityLayout.bytes), 0);

/** What could not be read may come without its bytes. */
function isUnread(flags: number): boolean {
  return (flags & pathFlag.read) === 0;
}

/** Undefined when an address is neither IPv4 nor IPv6 nor none. */
function decodeSocket(frame: Frame, at: number): SocketFacts | undefined {
  const layout = socketLayout;
  const source = decodeAddress(frame, at + layout.sourceVersion, at + layout.sourceOctets);
  const destination = decodeAddress(frame, at + layout.destinationVersion, at + layout.destinationOctets);
  if (source === undefined || destination === undefined) return undefined;
  return {
    flags: u32(frame, at + layout.flags),
    family: u16(frame, at + layout.family),
    type: u16(frame, at + layout.type),
    protocol: u16(frame, at + layout.protocol),
    state: u16(frame, at + layout.state),
    source,
    sourcePort: u16(frame, at + layout.sourcePort),
    destination,
    destinationPort: u16(frame, at + layout.destinationPort),
    mark: u32(frame, at + layout.mark),
    priority: u32(frame, at + layout.priority),
    length: u32(frame, at + layout.length),
    cookie: u64(frame, at + layout.cookie),
  };
}

function decodeAddress(frame: Frame, version: number, octets: number): string | undefined {
  return addressText(u8(frame, version), frame.bytes, frame.start + octets);
}

function decodeIdentity(frame: Frame, at: number): IdentityFacts {
  return {
    credentials: credentials(frame, at + identityLayout.credentials),
    userNamespace: {
      level: s32(frame, at + identityLayout.userNsLevel),
      uid: u32(frame, at + identityLayout.userNsUid),
      gid: u32(frame, at + identityLayout.userNsGid),
      inum: u32(frame, at + identityLayout.userNsInum),
    },
  };
}
