/** Ring bytes to a record: every length and range is checked, strings stay where they are. */
import {
  bound,
  recordExecLayout,
  recordExitLayout,
  recordForkLayout,
  recordHeldLayout,
  recordKind,
  recordLayout,
  recordPolicyLayout,
  recordTamperLayout,
  ring,
  tamper,
} from '#abi';
import { decodePolicy } from './decode-policy.ts';
import {
  comm,
  credentials,
  type Frame,
  frameOf,
  malformed,
  namespaces,
  processKey,
  range,
  s32,
  sequence,
  u16,
  u32,
  u64,
  untilNul,
} from './frame.ts';
import type {
  ExecRecord,
  ExitRecord,
  ForkRecord,
  HeldRecord,
  KernelRecord,
  MalformedRecord,
  TamperRecord,
} from './record.ts';

/** Above it a sequence number is no integer of JavaScript; a CPU would need 285 years of a record per microsecond. */
const SEQUENCE_HIGH_MAX = 0x1f_ffff;

/** Decodes the record of `length` bytes that begins at `offset`. */
export function decodeRecord(bytes: Uint8Array, offset: number, length: number): KernelRecord | MalformedRecord {
  if (length < recordLayout.bytes) return malformed(`${length} bytes hold no record`);
  if (length > bound.recordMax) return malformed(`${length} bytes are more than a record may have`);
  if (offset < 0 || offset + length > bytes.length) return malformed('ends outside of the ring');
  const frame = frameOf(bytes, offset, length);
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
    case recordKind.held:
      return length < recordHeldLayout.bytes ? cut('held', length) : decodeHeld(frame);
    case recordKind.tamper:
      return length < recordTamperLayout.bytes ? cut('tamper', length) : decodeTamper(frame);
    default:
      return malformed(`kind ${kind}`);
  }
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
    process: processKey(frame, layout.process),
    parent: processKey(frame, layout.parent),
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
    process: processKey(frame, recordForkLayout.process),
    parent: processKey(frame, recordForkLayout.parent),
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
    process: processKey(frame, recordExitLayout.process),
    status: u32(frame, recordExitLayout.status),
  };
}

const tamperKinds: ReadonlySet<number> = new Set(Object.values(tamper));

function decodeTamper(frame: Frame): TamperRecord | MalformedRecord {
  const layout = recordTamperLayout;
  const what = u32(frame, layout.what);
  if (!tamperKinds.has(what)) return malformed(`tampering of kind ${what}`);
  return {
    kind: 'tamper',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: processKey(frame, layout.process),
    cgroupId: u64(frame, layout.cgroupId),
    subject: u64(frame, layout.subject),
    what,
    detail: u32(frame, layout.detail),
    verdict: s32(frame, layout.verdict),
    flags: u32(frame, layout.flags),
    comm: comm(frame, layout.comm),
    name: untilNul(frame, layout.name, bound.tamperNameBytes),
  };
}

function decodeHeld(frame: Frame): HeldRecord {
  const layout = recordHeldLayout;
  return {
    kind: 'held',
    ring: u16(frame, recordLayout.ring),
    cpu: u32(frame, recordLayout.cpu),
    sequence: sequence(frame),
    timeNs: u64(frame, recordLayout.timeNs),
    tid: u32(frame, recordLayout.tid),
    process: processKey(frame, layout.process),
    cgroupId: u64(frame, layout.cgroupId),
    verdict: s32(frame, layout.verdict),
    flags: u32(frame, layout.flags),
    comm: comm(frame, layout.comm),
    name: untilNul(frame, layout.name, bound.heldNameBytes),
  };
}

function cut(kind: string, length: number): MalformedRecord {
  return malformed(`${kind} record of ${length} bytes`);
}
