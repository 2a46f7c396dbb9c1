/** Ring bytes to a record: every length and range is checked, strings stay where they are. */
import {
  argumentKind,
  argumentLayout,
  bound,
  credentialsLayout,
  namespacesLayout,
  processKeyLayout,
  rangeLayout,
  recordExecLayout,
  recordExitLayout,
  recordForkLayout,
  recordKind,
  recordLayout,
  recordPolicyLayout,
  ring,
} from '#abi';
import type { Credentials, Namespaces, ProcessKey } from '#process';
import { alignUp } from '#std';
import type {
  ExecRecord,
  ExitRecord,
  ForkRecord,
  KernelRecord,
  MalformedRecord,
  PolicyRecord,
  RecordArgument,
} from './record.ts';

const LITTLE_ENDIAN = true;
const TWO_TO_32 = 4_294_967_296;
/** Above it a sequence number is no integer of JavaScript; a CPU would need 285 years of a record per microsecond. */
const SEQUENCE_HIGH_MAX = 0x1f_ffff;

/** Decodes the record of `length` bytes that begins at `offset`. */
export function decodeRecord(bytes: Uint8Array, offset: number, length: number): KernelRecord | MalformedRecord {
  if (length < recordLayout.bytes) return malformed(`${length} bytes hold no record`);
  if (length > bound.recordMax) return malformed(`${length} bytes are more than a record may have`);
  if (offset < 0 || offset + length > bytes.length) return malformed('ends outside of the ring');
  const frame: Frame = { bytes, view: viewOf(bytes), start: offset, length };
  const stated = u32(frame, recordLayout.length);
  if (stated !== length) return malformed(`says ${stated} bytes, has ${length}`);
  if (u16(frame, recordLayout.ring) > ring.count) return malformed(`ring ${u16(frame, recordLayout.ring)}`);
  if (u32(frame, recordLayout.sequence + 4) > SEQUENCE_HIGH_MAX) return malformed('sequence number out of range');

  const kind = u16(frame, recordLayout.kind);
  switch (kind) {
    case recordKind.exec:
      return length < recordExecLayout.bytes ? cut('exec', length) : decodeExec(frame);
    case recordKind.fork:
      return length < recordForkLayout.bytes ? cut('fork', length) : decodeFork(frame);
    case recordKind.exit:
      return length < recordExitLayout.bytes ? cut('exit', length) : decodeExit(frame);
    case recordKind.policy:
      return length < recordPolicyLayout.bytes ? cut('policy', length) : decodePolicy(frame);
    default:
      return malformed(`kind ${kind}`);
  }
}

type Frame = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly length: number;
};

/** A ring is mapped once: its view is made once. */
let lastBytes: Uint8Array | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return lastView;
}

function decodeExec(frame: Frame): ExecRecord | MalformedRecord {
  const layout = recordExecLayout;
  const binary = range(frame, layout.binary, bound.pathMax);
  const cwd = range(frame, layout.cwd, bound.pathMax);
  const argv = range(frame, layout.argv, bound.argvMax);
  if (binary === undefined || cwd === undefined || argv === undefined)
    return malformed('a string outside of the record');
  return {
    kind: 'exec',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: key(frame, layout.process),
    parent: key(frame, layout.parent),
    cgroupId: u64(frame, layout.cgroupId),
    file: {
      inode: u64(frame, layout.binaryInode),
      device: u32(frame, layout.binaryDevice),
      links: u32(frame, layout.binaryLinks),
      mode: u32(frame, layout.binaryMode),
    },
    flags: u32(frame, layout.flags),
    binaryFlags: u32(frame, layout.binaryFlags),
    cwdFlags: u32(frame, layout.cwdFlags),
    argc: u32(frame, layout.argc),
    namespacePid: u32(frame, layout.nsPid),
    credentials: credentials(frame, layout.credentials),
    namespaces: namespaces(frame, layout.namespaces),
    binary,
    cwd,
    argv,
    comm: comm(frame, layout.comm),
  };
}

function decodeFork(frame: Frame): ForkRecord {
  return {
    kind: 'fork',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: key(frame, recordForkLayout.process),
    parent: key(frame, recordForkLayout.parent),
    cgroupId: u64(frame, recordForkLayout.cgroupId),
    namespacePid: u32(frame, recordForkLayout.nsPid),
  };
}

function decodeExit(frame: Frame): ExitRecord {
  return {
    kind: 'exit',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: key(frame, recordExitLayout.process),
    status: u32(frame, recordExitLayout.status),
  };
}

function decodePolicy(frame: Frame): PolicyRecord | MalformedRecord {
  const layout = recordPolicyLayout;
  const count = u16(frame, layout.arguments);
  if (count > bound.argumentMax) return malformed(`${count} arguments`);
  const found = decodeArguments(frame, count);
  if (found === undefined) return malformed('an argument outside of the record');
  return {
    kind: 'policy',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: key(frame, layout.process),
    cgroupId: u64(frame, layout.cgroupId),
    policy: u32(frame, layout.policy),
    incarnation: u32(frame, layout.incarnation),
    hook: u16(frame, layout.hook),
    selector: u16(frame, layout.selector),
    actions: u16(frame, layout.actions),
    verdict: frame.view.getInt32(frame.start + layout.verdict, LITTLE_ENDIAN),
    flags: u32(frame, layout.flags),
    comm: comm(frame, layout.comm),
    arguments: found,
  };
}

/** Arguments follow the record one by one, each path padded to a multiple of 8; undefined when they do not fit. */
function decodeArguments(frame: Frame, count: number): RecordArgument[] | undefined {
  const found: RecordArgument[] = [];
  let at: number = recordPolicyLayout.bytes;
  for (let index = 0; index < count; index++) {
    if (at + argumentLayout.bytes > frame.length) return undefined;
    const pathLength = u32(frame, at + argumentLayout.length);
    const next = at + argumentLayout.bytes + alignUp(pathLength, 8);
    if (pathLength > bound.pathMax || next > frame.length) return undefined;
    const argument = decodeArgument(frame, at, pathLength);
    if (argument === undefined) return undefined;
    found.push(argument);
    at = next;
  }
  return found;
}

function decodeArgument(frame: Frame, at: number, pathLength: number): RecordArgument | undefined {
  const position = u16(frame, at + argumentLayout.position);
  const flags = u32(frame, at + argumentLayout.flags);
  const value = u64(frame, at + argumentLayout.value);
  switch (u16(frame, at + argumentLayout.kind)) {
    case argumentKind.integer:
      return { kind: 'integer', position, flags, value };
    case argumentKind.path:
      return {
        kind: 'path',
        position,
        flags,
        inode: value,
        device: u32(frame, at + argumentLayout.device),
        mode: u32(frame, at + argumentLayout.mode),
        path: slice(frame, at + argumentLayout.bytes, pathLength),
      };
    default:
      return undefined;
  }
}

function credentials(frame: Frame, at: number): Credentials {
  return {
    uid: u32(frame, at + credentialsLayout.uid),
    gid: u32(frame, at + credentialsLayout.gid),
    euid: u32(frame, at + credentialsLayout.euid),
    egid: u32(frame, at + credentialsLayout.egid),
    suid: u32(frame, at + credentialsLayout.suid),
    sgid: u32(frame, at + credentialsLayout.sgid),
    fsuid: u32(frame, at + credentialsLayout.fsuid),
    fsgid: u32(frame, at + credentialsLayout.fsgid),
    securebits: u32(frame, at + credentialsLayout.securebits),
    auid: u32(frame, at + credentialsLayout.auid),
    effective: u64(frame, at + credentialsLayout.capEffective),
    permitted: u64(frame, at + credentialsLayout.capPermitted),
    inheritable: u64(frame, at + credentialsLayout.capInheritable),
  };
}

function namespaces(frame: Frame, at: number): Namespaces {
  return {
    uts: u32(frame, at + namespacesLayout.uts),
    ipc: u32(frame, at + namespacesLayout.ipc),
    mnt: u32(frame, at + namespacesLayout.mnt),
    pid: u32(frame, at + namespacesLayout.pid),
    pidForChildren: u32(frame, at + namespacesLayout.pidForChildren),
    net: u32(frame, at + namespacesLayout.net),
    time: u32(frame, at + namespacesLayout.time),
    timeForChildren: u32(frame, at + namespacesLayout.timeForChildren),
    cgroup: u32(frame, at + namespacesLayout.cgroup),
    user: u32(frame, at + namespacesLayout.user),
  };
}

function key(frame: Frame, at: number): ProcessKey {
  return {
    pid: u32(frame, at + processKeyLayout.pid),
    startNs: u64(frame, at + processKeyLayout.startNs),
  };
}

/** The bytes before the first NUL. */
function comm(frame: Frame, at: number): Uint8Array {
  const whole = slice(frame, at, bound.commBytes);
  const end = whole.indexOf(0);
  return end < 0 ? whole : whole.subarray(0, end);
}

function range(frame: Frame, at: number, lengthMax: number): Uint8Array | undefined {
  const offset = u32(frame, at + rangeLayout.offset);
  const length = u32(frame, at + rangeLayout.length);
  if (length > lengthMax || offset > frame.length - length) return undefined;
  return slice(frame, offset, length);
}

function slice(frame: Frame, at: number, length: number): Uint8Array {
  return frame.bytes.subarray(frame.start + at, frame.start + at + length);
}

function sequence(frame: Frame): number {
  return u32(frame, recordLayout.sequence + 4) * TWO_TO_32 + u32(frame, recordLayout.sequence);
}

function u16(frame: Frame, at: number): number {
  return frame.view.getUint16(frame.start + at, LITTLE_ENDIAN);
}

function u32(frame: Frame, at: number): number {
  return frame.view.getUint32(frame.start + at, LITTLE_ENDIAN);
}

function u64(frame: Frame, at: number): bigint {
  return frame.view.getBigUint64(frame.start + at, LITTLE_ENDIAN);
}

function cut(kind: string, length: number): MalformedRecord {
  return malformed(`${kind} record of ${length} bytes`);
}

function malformed(reason: string): MalformedRecord {
  return { kind: 'malformed', reason };
}
