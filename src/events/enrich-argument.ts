/** Arguments joined with what the policy declares them to be. */
import { pathFlag, position } from '#abi';
import { decodeText, type Text, textOf } from '#process';
import { assertNever } from '#std';
import type { EventArgument, IntegerArgument, PathArgument, SocketArgument } from './event-argument.ts';
import type { ArgumentDescription, HookDescription } from './policy-directory.ts';
import type { IntegerRecordArgument, PathRecordArgument, RecordArgument } from './record.ts';

/**
 * All that the policy declares, in its order: one that the record does not have is told as missing, so that the others
 * keep their places. What the record has and the policy does not declare is told by its kind.
 */
export function eventArguments(told: readonly RecordArgument[], hook: HookDescription): EventArgument[] {
  const found: EventArgument[] = [];
  let next = 0;
  const missing = (until: number) => {
    for (; next < until; next++) {
      const declared = hook.arguments[next];
      if (declared !== undefined && declared.type !== 'nop') found.push(untold(declared));
    }
  };
  for (const argument of told) {
    if (argument.position === position.result) continue;
    missing(argument.position);
    found.push(eventArgument(argument, hook.arguments[argument.position], hook));
    next = argument.position + 1;
  }
  missing(hook.arguments.length);
  return found;
}

export function untold(declared: ArgumentDescription): EventArgument {
  return { kind: 'error_arg', label: declared.label, message: 'not told: the record has no room for it' };
}

/** `declared` is undefined when the policy is not known any more: the kind alone then decides. */
export function eventArgument(
  argument: RecordArgument,
  declared: ArgumentDescription | undefined,
  hook: HookDescription,
): EventArgument {
  const label = declared?.label;
  const unread = unreadReason(argument, declared?.type);
  if (unread !== undefined) return { kind: 'error_arg', label, message: unread };
  switch (argument.kind) {
    case 'integer':
      return integerArgument(argument, declared, hook);
    case 'path':
      return pathArgument(argument, declared);
    case 'string':
      return {
        kind: 'string_arg',
        label,
        text: decodeText(argument.string),
        truncated: (argument.flags & pathFlag.truncated) !== 0,
      };
    case 'bytes': {
      const whole = argument.size <= BigInt(argument.bytes.length);
      const bytes = argument.bytes.slice();
      return { kind: whole ? 'bytes_arg' : 'truncated_bytes_arg', label, bytes, size: argument.size };
    }
    case 'socket':
      return { kind: kindOf(socketKinds, declared) ?? 'sock_arg', label, socket: argument.socket };
    case 'credentials':
      return { kind: 'process_credentials_arg', label, identity: argument.identity };
    default:
      return assertNever(argument);
  }
}

function integerArgument(
  { value }: IntegerRecordArgument,
  declared: ArgumentDescription | undefined,
  { architecture }: HookDescription,
): EventArgument {
  const label = declared?.label;
  if (declared?.type === 'capability') {
    return { kind: 'capability_arg', label, number: Number(BigInt.asIntN(32, value)) };
  }
  if (declared?.type === 'syscall64') {
    if (value === NO_SYSCALL) return { kind: 'error_arg', label, message: 'not within a system call' };
    const [own, foreign] = abis[architecture];
    const word = Number(BigInt.asUintN(32, value));
    return { kind: 'syscall_id', label, id: word & 0x7fff_ffff, abi: word > 0x7fff_ffff ? foreign : own };
  }
  return { kind: kindOf(integerKinds, declared) ?? 'long_arg', label, value };
}

const NO_SYSCALL = 0xffff_ffff_ffff_ffffn;

/** The table of the machine, and that of 32-bit programs, which bit 31 of a number stands for. */
const abis = { x86_64: ['x64', 'i386'], aarch64: ['arm64', 'arm32'] } as const;

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
  fd: 'file_arg',
  path: 'path_arg',
  dentry: 'path_arg',
  linux_binprm: 'linux_binprm_arg',
};

const socketKinds: Readonly<Record<string, SocketArgument['kind']>> = {
  sock: 'sock_arg',
  socket: 'sock_arg',
  skb: 'skb_arg',
  sockaddr: 'sockaddr_arg',
};

function kindOf<Kind>(
  kinds: Readonly<Record<string, Kind>>,
  declared: ArgumentDescription | undefined,
): Kind | undefined {
  return declared === undefined ? undefined : kinds[declared.type];
}

function pathArgument(argument: PathRecordArgument, declared: ArgumentDescription | undefined): PathArgument {
  return {
    kind: kindOf(pathKinds, declared) ?? 'path_arg',
    label: declared?.label,
    path: pathText(argument.path, argument.flags),
    flags: pathFlagsText(argument.flags),
    mode: argument.mode,
    inode: argument.inode,
    device: argument.device,
  };
}

/** What is read, as a word for the sentence. */
const nouns: Readonly<Record<RecordArgument['kind'], string>> = {
  integer: 'number',
  path: 'path',
  string: 'string',
  bytes: 'buffer',
  socket: 'socket',
  credentials: 'credentials',
};

/** The kernel side has tried to read what is marked as read; whether there is an answer is what the others say. */
function unreadReason({ kind, flags }: RecordArgument, type: string | undefined): string | undefined {
  if (flags & pathFlag.none)
    return type === 'fd' ? 'no file: not an open descriptor' : 'no object: the pointer is null';
  const noun = nouns[kind];
  if (flags & pathFlag.unstable) return `${noun} not read: renames or mounts kept changing it`;
  if (flags & pathFlag.fault) return `${noun} not read: memory fault`;
  return flags & pathFlag.read ? undefined : `${noun} not read`;
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
