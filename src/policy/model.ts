/** The policy as the compiler takes it: validated, supported, and with the place of everything that can still be wrong. */
import type { Diagnostic, Span } from '#diagnostics';
import type { Canary } from './nodes.ts';
import type { LabelRequirement, WorkloadSelector } from './workload-selector.ts';

/** A value and where it stands in the policy file. */
export type Spanned<Value> = { readonly value: Value; readonly span: Span };

export type PolicyFile = { readonly file: string; readonly text: string };

export type Policy = {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Where the name of the policy stands. */
  readonly span: Span;
  readonly mode: PolicyMode;
  readonly fileIdentity: FileIdentityMode;
  /** What it is about; undefined for everything on the node. */
  readonly scope: WorkloadSelector | undefined;
  /** How much it may kill before it only watches; undefined: any number. */
  readonly killBudget: KillBudget | undefined;
  /** Nodes on which it is loaded; empty for all. */
  readonly nodeSelector: readonly LabelRequirement[];
  /** Where it enforces, of these; undefined: on all. */
  readonly canary: Canary | undefined;
  /** In the order of the file; a `call: list:NAME` stands for one hook for each name of the list. */
  readonly hooks: readonly Hook[];
  /** The file that the policy was read from, and all of its text. */
  readonly source: string;
  readonly text: string;
};

/** `monitor` reports what `enforce` would do, and does none of it. */
export type PolicyMode = 'enforce' | 'monitor';

/**
 * `inode`: an `Equal` value on an argument that is a file also matches by device and inode of the file that has that
 * name when the policy is loaded, so that another name of the same file (hard link, bind mount, rename) counts.
 */
export type FileIdentityMode = 'path' | 'inode';

/** At most so many kills within a window, which begins with the first kill after the one before has ended. */
export type KillBudget = { readonly kills: number; readonly windowMs: number };

export type Hook = LsmHook | KprobeHook | TracepointHook;

type HookBase = {
  /** What the event calls it; see each kind. */
  readonly name: Spanned<string>;
  readonly span: Span;
  readonly message: string | undefined;
  readonly tags: readonly string[];
  readonly arguments: readonly Argument[];
  /** Never empty: a hook that has none written has one that matches everything and posts. */
  readonly selectors: readonly Selector[];
};

/** `name` is the hook without its `bpf_lsm_` prefix, such as `file_open`. */
export type LsmHook = HookBase & { readonly kind: 'lsm' };

/**
 * A kernel function or a system call. `name` is as written: a function (`tcp_connect`), a system call (`sys_openat`),
 * or one of one architecture and width (`__x64_sys_openat`, `__ia32_sys_openat`).
 */
export type KprobeHook = HookBase & {
  readonly kind: 'kprobe';
  /** The arguments are those of a system call, not of a function. */
  readonly syscall: boolean;
  /** One event for each call, once it has returned. */
  readonly returns: boolean;
  /** Only with `returns`; its index is 0. */
  readonly returnArgument: Argument | undefined;
  /** A kernel without the function is no error: the hook is left out. */
  readonly ignoreMissing: boolean;
};

/** `name` is `subsystem/event`. An index of a raw one is that of its argument, of another one that of its field. */
export type TracepointHook = HookBase & { readonly kind: 'tracepoint'; readonly raw: boolean };

export type Argument = {
  /** The position among the parameters of the hook, from 0. */
  readonly index: Spanned<number>;
  /** `auto` is resolved from BTF, by the compiler. */
  readonly type: Spanned<ArgumentType>;
  readonly label: string | undefined;
  /** For `char_buf`: which parameter of the hook, from 0, holds the number of bytes. */
  readonly sizeIndex: Spanned<number> | undefined;
  readonly span: Span;
};

/** Types whose value is the path of a file. */
export const pathTypes = ['file', 'path', 'dentry', 'fd', 'linux_binprm'] as const;

/** Types whose value is a string of bytes that is not a resolved path. */
export const stringTypes = ['string', 'filename', 'char_buf'] as const;

/** Types whose value has addresses, ports and what a socket has. */
export const socketTypes = ['sock', 'skb', 'sockaddr'] as const;

/** Width in bits and signedness of each spelling of an integer type. */
export const integerTypes = {
  int: { bits: 32, signed: true },
  sint8: { bits: 8, signed: true },
  int8: { bits: 8, signed: true },
  uint8: { bits: 8, signed: false },
  sint16: { bits: 16, signed: true },
  int16: { bits: 16, signed: true },
  uint16: { bits: 16, signed: false },
  sint32: { bits: 32, signed: true },
  int32: { bits: 32, signed: true },
  uint32: { bits: 32, signed: false },
  long: { bits: 64, signed: true },
  sint64: { bits: 64, signed: true },
  int64: { bits: 64, signed: true },
  ulong: { bits: 64, signed: false },
  uint64: { bits: 64, signed: false },
  size_t: { bits: 64, signed: false },
  /** The number of a system call; bit 31 says that it is of the 32-bit table. */
  syscall64: { bits: 64, signed: false },
  /** The number of a capability; its name is a value too. */
  capability: { bits: 32, signed: true },
} as const satisfies Record<string, IntegerShape>;

export type IntegerShape = { readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean };
export type PathType = (typeof pathTypes)[number];
export type StringType = (typeof stringTypes)[number];
export type SocketType = (typeof socketTypes)[number];
export type IntegerType = keyof typeof integerTypes;
/** `cred` is told of and not tested; `nop` is neither read nor told of. */
export type ArgumentType = 'auto' | PathType | StringType | SocketType | IntegerType | 'cred' | 'nop';

export function isPathType(type: string): type is PathType {
  return (pathTypes as readonly string[]).includes(type);
}

export function isStringType(type: string): type is StringType {
  return (stringTypes as readonly string[]).includes(type);
}

export function isSocketType(type: string): type is SocketType {
  return (socketTypes as readonly string[]).includes(type);
}

export function isIntegerType(type: string): type is IntegerType {
  return Object.hasOwn(integerTypes, type);
}

/** Filters are ANDed, the values of one filter are ORed; of the selectors of a hook the first that matches wins. */
export type Selector = {
  readonly label: string | undefined;
  readonly span: Span;
  /** Of what the policy is about; undefined for all of it. */
  readonly workloads: WorkloadSelector | undefined;
  readonly binaries: BinaryMatch | undefined;
  readonly pids: readonly PidMatch[];
  readonly namespaces: readonly NamespaceMatch[];
  readonly capabilities: readonly CapabilityMatch[];
  readonly arguments: readonly ArgumentMatch[];
  /** Tested when the call returns. When they do not hold nothing is told; what `actions` did at entry is done. */
  readonly returnArguments: readonly ArgumentMatch[];
  /** Never empty: a selector that has none written posts. */
  readonly actions: readonly Action[];
  /** Done when the call returns and `returnArguments` hold. */
  readonly returnActions: readonly Action[];
};

export const integerOperators = [
  'Equal',
  'NotEqual',
  'GT',
  'LT',
  'InRange',
  'NotInRange',
  'Mask',
  'InMap',
  'NotInMap',
] as const;
export const textOperators = ['Equal', 'NotEqual', 'Prefix', 'NotPrefix', 'Postfix', 'NotPostfix'] as const;
export const addressOperators = ['SAddr', 'DAddr', 'NotSAddr', 'NotDAddr'] as const;
export const portOperators = [
  'SPort',
  'DPort',
  'NotSPort',
  'NotDPort',
  'SPortPriv',
  'NotSportPriv',
  'DPortPriv',
  'NotDPortPriv',
] as const;
export const socketOperators = [...addressOperators, ...portOperators, 'Protocol', 'Family', 'State'] as const;

/** `GreaterThan` and `LessThan` are other spellings of `GT` and `LT`. */
export type ArgumentOperator = (typeof integerOperators | typeof textOperators | typeof socketOperators)[number];

export type ArgumentMatch = {
  /** The position in the `arguments` of the hook (not the index of the hook's parameter); -1 is the return value. */
  readonly argument: number;
  readonly operator: Spanned<ArgumentOperator>;
  /**
   * Never empty, all of one kind, no two equal. The kind follows type and operator; for `auto` the spelling:
   * - integers: `integer` for Equal, NotEqual, GT, LT and Mask, else `range`; `syscall` for what a list names
   * - texts: `string`
   * - sockets: `address`, or `range` for ports, Protocol, Family and State; the Priv forms have the range 0 to 1023
   */
  readonly values: readonly ArgumentValue[];
  readonly span: Span;
};

export type ArgumentValue = StringValue | IntegerValue | RangeValue | AddressValue | SyscallValue;
export type StringValue = {
  readonly kind: 'string';
  readonly text: string;
  /** UTF-8, without a terminating NUL; of a `char_buf` as written. */
  readonly bytes: Uint8Array;
  readonly span: Span;
};
export type IntegerValue = { readonly kind: 'integer'; readonly value: bigint; readonly span: Span };
/** Both ends belong to it; a single number is a range of one. */
export type RangeValue = {
  readonly kind: 'range';
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly span: Span;
};
/** `bytes`: 4 or 16, in network order, zero behind `prefixLength` bits. */
export type AddressValue = {
  readonly kind: 'address';
  readonly version: 4 | 6;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  readonly span: Span;
};
/** A system call by name, without `sys_`; its number is the compiler's to know. `width`: of the table it is in. */
export type SyscallValue = {
  readonly kind: 'syscall';
  readonly name: string;
  readonly width: 64 | 32;
  readonly span: Span;
};

/** How the path of a memory file begins (memfd_create): in no mount, so never in that of who executes it. */
export const MEMORY_FILE = '/memfd:';

export type BinaryMatch = {
  readonly operator: Spanned<'In' | 'NotIn' | 'Prefix' | 'NotPrefix' | 'Postfix' | 'NotPostfix'>;
  /** Never empty, no two equal; absolute paths but for Postfix and NotPostfix. */
  readonly values: readonly Spanned<string>[];
  /** The processes that descend from one that is listed count as listed. Only with In and NotIn. */
  readonly followChildren: boolean;
  readonly span: Span;
};

export type PidMatch = {
  readonly negated: boolean;
  /** Never empty, no two equal. Of thread groups, in the initial namespace or, by `inNamespace`, in their own. */
  readonly values: readonly number[];
  readonly inNamespace: boolean;
  /** The processes that descend from one that is listed count as listed. */
  readonly followForks: boolean;
  readonly span: Span;
};

export const namespaceKinds = [
  'Uts',
  'Ipc',
  'Mnt',
  'Pid',
  'PidForChildren',
  'Net',
  'Time',
  'TimeForChildren',
  'Cgroup',
  'User',
] as const;
export type NamespaceKind = (typeof namespaceKinds)[number];

export type NamespaceMatch = {
  readonly namespace: NamespaceKind;
  readonly negated: boolean;
  /** Inode numbers; `host` is that of process 1. Never empty. */
  readonly values: readonly (number | 'host')[];
  readonly span: Span;
};

export const capabilitySetNames = ['Effective', 'Inheritable', 'Permitted'] as const;
export type CapabilitySetName = (typeof capabilitySetNames)[number];

export type CapabilityMatch = {
  readonly set: CapabilitySetName;
  /** Holds when none of the capabilities is there; else when any is. */
  readonly negated: boolean;
  /** Holds only in another user namespace than that of process 1. */
  readonly inNamespace: boolean;
  /** A bit for each capability that is listed. */
  readonly mask: bigint;
  readonly span: Span;
};

export type Action =
  | { readonly kind: 'post'; readonly span: Span }
  | { readonly kind: 'nopost'; readonly span: Span }
  | { readonly kind: 'sigkill'; readonly span: Span }
  /** `signal` from 1 to 64; SIGKILL is written as `sigkill`. */
  | { readonly kind: 'signal'; readonly signal: number; readonly span: Span }
  /** `error` as written, from -4095 to -1: what the hook returns. */
  | { readonly kind: 'override'; readonly error: number; readonly span: Span };

/** A selector that stops something, rather than only telling of it. Another signal than SIGKILL stops nothing for sure. */
export function isEnforcing(selector: Selector): boolean {
  return selector.actions.some((action) => action.kind === 'sigkill' || action.kind === 'override');
}

/** `policies` are those documents that have no error; `diagnostics` are about all of them. */
export type ParseResult = {
  readonly policies: readonly Policy[];
  readonly diagnostics: readonly Diagnostic[];
};
