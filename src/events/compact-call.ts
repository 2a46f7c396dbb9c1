/** Calls as people know them: the glyph, the verb and the detail that the events API's command line gives each. */
import { assertNever } from '#std';
import { argumentText } from './compact-argument.ts';
import { compactWord } from './escape.ts';
import type { PolicyEvent } from './event.ts';
import type { EventArgument } from './event-argument.ts';

export type CompactCall = { readonly glyph: string; readonly verb: string; readonly details: readonly string[] };

/** What the number of a system call, in the table of `abi`, stands for; undefined when it is not known. */
export type SyscallNames = (id: number, abi: string) => string | undefined;

type List = readonly EventArgument[];
type Form = (list: List) => CompactCall | undefined;

export function compactCall({ hook: { declared }, arguments: list }: PolicyEvent, names: SyscallNames): CompactCall {
  switch (declared.kind) {
    case 'lsm':
      return { glyph: '🔒', verb: 'LSM', details: [compactWord(declared.functionName), ...list.map(argumentText)] };
    case 'kprobe':
      return functionCall(declared.functionName, list);
    case 'tracepoint':
      return tracepointCall(declared, list, names);
    default:
      return assertNever(declared);
  }
}

function functionCall(name: string, list: List): CompactCall {
  const form = forms.get(name.replace(/^__[a-z0-9]+_(?:compat_)?(?=sys_)/, ''));
  return form?.(list) ?? { glyph: '❓', verb: 'syscall', details: [compactWord(name), ...list.map(argumentText)] };
}

type Tracepoint = { readonly subsystem: string; readonly event: string };

function tracepointCall({ subsystem, event }: Tracepoint, list: List, names: SyscallNames): CompactCall {
  const [first, ...rest] = list;
  if (subsystem === 'raw_syscalls' && event === 'sys_enter' && first?.kind === 'syscall_id') {
    const called = names(first.id, first.abi) ?? argumentText(first);
    return { glyph: '☎ ', verb: 'syscall', details: [`${called}(${rest.map(argumentText).join(', ')})`] };
  }
  const details = [compactWord(subsystem), compactWord(event), ...list.map(argumentText)];
  return { glyph: '⁉️', verb: 'tracepoint', details };
}

/** A form that does not fit what the policy asks for gives way to the plain one. */
const formsByName: Readonly<Record<string, Form>> = {
  sys_write: ([file, , size]) => fileCall('📝', 'write', file, bytesText(size)),
  sys_read: ([file, , size]) => fileCall('📚', 'read', file, bytesText(size)),
  fd_install: ([, file]) => fileCall('📬', 'open', file),
  sys_openat: (list) => call('📬️', 'openat', ofKind(list, 'string_arg')),
  sys_open: (list) => call('📬️', 'open', ofKind(list, 'string_arg')),
  sys_close: ([file]) => fileCall('📪', 'close', file),
  sys_mount: ([source, target]) => call('💾', 'mount', known(source, target)),
  sys_pivot_root: ([root, old]) => call('💾', 'pivot_root', known(root, old)),
  sys_setuid: ([uid]) => call('🔑', 'setuid', known(uid)),
  sys_clock_settime: () => call('⏰', 'clock_settime', []),
  proc_exec_connector: () => call('🔧', 'proc_exec_connector', []),
  sys_setns: ([, kind]) => (isInteger(kind) ? call('🔧', 'setns', [], namespaceName(kind.value)) : undefined),
  tcp_connect: ([socket]) => socketCall('🔌', 'connect', socket),
  tcp_close: ([socket]) => socketCall('🧹', 'close', socket),
  tcp_sendmsg: ([socket, size]) =>
    socketCall('📤', 'sendmsg', socket, isInteger(size) ? `bytes ${argumentText(size)}` : ''),
  bpf_check: (list) => call('🐝', 'bpf_load', list),
  security_perf_event_alloc: (list) => call('🐝', 'perf_event_alloc', list),
  security_bpf_map_alloc: (list) => call('🗺', 'bpf_map_create', list),
  security_bpf_map_create: (list) => call('🗺', 'bpf_map_create', list),
  security_file_permission: ([file, mask]) => {
    const verb = isInteger(mask) ? permissions[String(mask.value)] : undefined;
    return verb === undefined ? undefined : fileCall(verb[0], verb[1], file);
  },
  security_mmap_file: ([file, protection]) =>
    isInteger(protection) ? fileCall('📝', `mmap-${protectionText(protection.value)}`, file) : undefined,
  security_path_truncate: ([path]) => fileCall('📝', 'truncate', path),
  security_file_truncate: ([file]) => fileCall('📝', 'truncate', file),
};

/** A function may be called as what every object has. */
const forms = new Map(Object.entries(formsByName));

/** MAY_WRITE and MAY_READ. */
const permissions: Readonly<Record<string, readonly [glyph: string, verb: string]>> = {
  2: ['📝', 'write'],
  4: ['📚', 'read'],
};

/** CLONE_NEW flags. */
const namespaceKinds: Readonly<Record<string, string>> = {
  0: 'any',
  128: 'time',
  131072: 'mnt',
  33554432: 'cgroup',
  67108864: 'uts',
  134217728: 'ipc',
  268435456: 'user',
  536870912: 'pid',
  1073741824: 'net',
};

function namespaceName(flags: bigint): string {
  return namespaceKinds[String(flags)] ?? `0x${flags.toString(16)}`;
}

function protectionText(bits: bigint): string {
  return `${bits & 1n ? 'r' : ''}${bits & 2n ? 'w' : ''}${bits & 4n ? 'x' : ''}`;
}

/** Undefined when there is nothing to show, so that the plain form shows what there is. */
function call(
  glyph: string,
  verb: string,
  list: List | undefined,
  ...more: readonly string[]
): CompactCall | undefined {
  return list === undefined ? undefined : { glyph, verb, details: [...list.map(argumentText), ...more] };
}

function fileCall(glyph: string, verb: string, file: EventArgument | undefined, ...more: readonly string[]) {
  const isFile = file?.kind === 'file_arg' || file?.kind === 'path_arg';
  return call(glyph, verb, isFile ? [file] : undefined, ...more);
}

function socketCall(glyph: string, verb: string, socket: EventArgument | undefined, ...more: readonly string[]) {
  return call(glyph, verb, socket?.kind === 'sock_arg' ? [socket] : undefined, ...more);
}

function known(...list: readonly (EventArgument | undefined)[]): List | undefined {
  const found = list.filter((each) => each !== undefined);
  return found.length === list.length ? found : undefined;
}

function ofKind(list: List, kind: EventArgument['kind']): List | undefined {
  return known(list.find((each) => each.kind === kind));
}

type IntegerArgument = Extract<EventArgument, { readonly value: bigint }>;

function isInteger(argument: EventArgument | undefined): argument is IntegerArgument {
  return argument !== undefined && 'value' in argument;
}

function bytesText(size: EventArgument | undefined): string {
  return isInteger(size) ? `${argumentText(size)} bytes` : '';
}
