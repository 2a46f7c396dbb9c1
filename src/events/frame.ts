/** Reading a record: numbers, ranges and the structures that several records share. */
import { bound, credentialsLayout, namespacesLayout, processKeyLayout, rangeLayout, recordLayout } from '#abi';
import type { Credentials, Namespaces, ProcessKey } from '#process';
import type { MalformedRecord } from './record.ts';

/** The bytes of one record in the memory of a ring. Offsets count from its first byte; who reads has checked them. */
export type Frame = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly length: number;
};

const LITTLE_ENDIAN = true;
const TWO_TO_32 = 4_294_967_296;

/** A ring is mapped once: its view is made once. */
let lastBytes: Uint8Array | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

export function frameOf(bytes: Uint8Array, start: number, length: number): Frame {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return { bytes, view: lastView, start, length };
}

export function u8(frame: Frame, at: number): number {
  return frame.view.getUint8(frame.start + at);
}

export function u16(frame: Frame, at: number): number {
  return frame.view.getUint16(frame.start + at, LITTLE_ENDIAN);
}

export function u32(frame: Frame, at: number): number {
  return frame.view.getUint32(frame.start + at, LITTLE_ENDIAN);
}

export function s32(frame: Frame, at: number): number {
  return frame.view.getInt32(frame.start + at, LITTLE_ENDIAN);
}

export function u64(frame: Frame, at: number): bigint {
  return frame.view.getBigUint64(frame.start + at, LITTLE_ENDIAN);
}

export function slice(frame: Frame, at: number, length: number): Uint8Array {
  return frame.bytes.subarray(frame.start + at, frame.start + at + length);
}

/** Undefined when the range ends outside of the record. */
export function range(frame: Frame, at: number, lengthMax: number): Uint8Array | undefined {
  const offset = u32(frame, at + rangeLayout.offset);
  const length = u32(frame, at + rangeLayout.length);
  if (length > lengthMax || offset > frame.length - length) return undefined;
  return slice(frame, offset, length);
}

export function sequence(frame: Frame): number {
  return u32(frame, recordLayout.sequence + 4) * TWO_TO_32 + u32(frame, recordLayout.sequence);
}

export function processKey(frame: Frame, at: number): ProcessKey {
  return {
    pid: u32(frame, at + processKeyLayout.pid),
    startNs: u64(frame, at + processKeyLayout.startNs),
  };
}

export function credentials(frame: Frame, at: number): Credentials {
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

export function namespaces(frame: Frame, at: number): Namespaces {
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

export function comm(frame: Frame, at: number): Uint8Array {
  return untilNul(frame, at, bound.commBytes);
}

/** The bytes before the first NUL. */
export function untilNul(frame: Frame, at: number, length: number): Uint8Array {
  let end = 0;
  while (end < length && u8(frame, at + end) !== 0) end += 1;
  return slice(frame, at, end);
}

export function malformed(reason: string): MalformedRecord {
  return { kind: 'malformed', reason };
}
