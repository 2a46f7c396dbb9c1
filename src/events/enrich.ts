/** Records of processes, in the form that the process table takes. */
import { pathFlag } from '#abi';
import { decodeText, type ForkFacts, noText, type ProcessFacts, type Text, textOf } from '#process';
import { argumentsText, flagsText, isUnread } from './arguments.ts';
import type { ExecRecord, ForkRecord } from './record.ts';

export function execFacts(record: ExecRecord): ProcessFacts {
  return {
    key: record.process,
    parent: record.parent,
    tid: record.tid,
    cwd: directoryText(record.cwd, record.cwdFlags),
    binary: decodeText(record.binary),
    arguments: argumentsText(record.argv),
    flags: flagsText(record),
    execFlags: record.flags,
    cgroupId: record.cgroupId,
    namespacePid: record.namespacePid,
    credentials: record.credentials,
    namespaces: record.namespaces,
    file: record.file,
  };
}

/** The task that forked wrote the record; the child's own thread is its leader. */
export function forkFacts(record: ForkRecord): ForkFacts {
  return {
    key: record.process,
    parent: record.parent,
    tid: record.process.pid,
    cgroupId: record.cgroupId,
    namespacePid: record.namespacePid,
  };
}

function directoryText(path: Uint8Array, flags: number): Text {
  if (path.length > 0) return decodeText(path);
  return isUnread(flags) || flags & pathFlag.none ? noText : textOf('/');
}
