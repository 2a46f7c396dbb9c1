/** Records joined with the process table and with what the policy declared: the meaning of the numbers. */
import { action, pathFlag, policyFlag } from '#abi';
import { decodeText, type ForkFacts, noText, type ProcessFacts, type Text, textOf } from '#process';
import { argumentsText, flagsText } from './arguments.ts';
import type { EventArgument, IntegerArgument, KprobeAction, PathArgument, Verdict } from './event.ts';
import type { ArgumentDescription } from './policy-directory.ts';
import type { ExecRecord, ForkRecord, PathRecordArgument, PolicyRecord, RecordArgument } from './record.ts';

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

/** What became of the call, and of the process. */
export function verdictOf(record: PolicyRecord): Verdict {
  const enforcing = (record.actions & (action.sigkill | action.override)) !== 0;
  const unreadable = (record.flags & policyFlag.unreadable) !== 0;
  if (record.flags & policyFlag.monitor) return enforcing || unreadable ? 'would' : 'match';
  if (record.actions & action.sigkill && !(record.flags & policyFlag.notKilled)) return 'killed';
  return record.verdict === 0 ? 'match' : 'denied';
}

/** The events API has room for one action: the strongest. */
export function actionOf(record: PolicyRecord): KprobeAction {
  if (record.actions & action.sigkill) return 'KPROBE_ACTION_SIGKILL';
  if (record.actions & action.override || record.verdict !== 0) return 'KPROBE_ACTION_OVERRIDE';
  if (record.actions & action.nopost) return 'KPROBE_ACTION_NOPOST';
  return 'KPROBE_ACTION_POST';
}

/** `declared` is undefined when the policy is not known any more: the kind alone then decides. */
export function eventArgument(argument: RecordArgument, declared: ArgumentDescription | undefined): EventArgument {
  const label = declared?.label;
  if (argument.kind === 'path') return pathArgument(argument, declared?.type, label);
  return { kind: integerKind(declared?.type), label, value: argument.value };
}

function integerKind(type: string | undefined): IntegerArgument['kind'] {
  return (type === undefined ? undefined : integerKinds[type]) ?? 'long_arg';
}

const integerKinds: Readonly<Record<string, IntegerArgument['kind']>> = {
  int: 'int_arg',
  sint8: 'int_arg',
  int8: 'int_arg',
  sint16: 'int_arg',
  int16: 'int_arg',
  sint32: 'int_arg',
  int32: 'int_arg',
  uint8: 'uint_arg',
  uint16: 'uint_arg',
  uint32: 'uint_arg',
  long: 'long_arg',
  sint64: 'long_arg',
  int64: 'long_arg',
  ulong: 'size_arg',
  uint64: 'size_arg',
  size_t: 'size_arg',
};

const pathKinds: Readonly<Record<string, PathArgument['kind']>> = {
  file: 'file_arg',
  path: 'path_arg',
  linux_binprm: 'linux_binprm_arg',
};

function pathArgument(
  argument: PathRecordArgument,
  type: string | undefined,
  label: string | undefined,
): EventArgument {
  const unread = unreadReason(argument.flags);
  if (unread !== undefined) return { kind: 'error_arg', label, message: unread };
  return {
    kind: (type === undefined ? undefined : pathKinds[type]) ?? 'path_arg',
    label,
    path: pathText(argument.path, argument.flags),
    flags: pathFlagsText(argument.flags),
    mode: argument.mode,
    inode: argument.inode,
    device: argument.device,
  };
}

function unreadReason(flags: number): string | undefined {
  if (flags & pathFlag.none) return 'no object: the pointer is null';
  if (flags & pathFlag.read) return undefined;
  if (flags & pathFlag.unstable) return 'path not read: renames or mounts kept changing it';
  if (flags & pathFlag.fault) return 'path not read: memory fault';
  return 'path not read';
}

/** An empty path is the root; a file whose name is gone says so. */
function pathText(path: Uint8Array, flags: number): Text {
  const whole = path.length === 0 ? textOf('/') : decodeText(path);
  return flags & pathFlag.deleted ? { ...whole, text: `${whole.text} (deleted)` } : whole;
}

function pathFlagsText(flags: number): string {
  const words: string[] = [];
  if (flags & pathFlag.unreachable) words.push('unresolvedMountPoints');
  if (flags & pathFlag.truncated) words.push('unresolvedPathComponents');
  return words.join(' ');
}

function directoryText(path: Uint8Array, flags: number): Text {
  if (path.length > 0) return decodeText(path);
  return flags & pathFlag.read ? textOf('/') : noText;
}
