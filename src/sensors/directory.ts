/** What the numbers of a policy record stand for: by slot, incarnation and position of the hook in the policy. */
import { type Architecture, sectionOf } from '#bpf';
import type { HookPlan, HookReport, PolicyPlan, SocketReader, TextReader, ToldArgument } from '#compiler';
import type { Argument, ArgumentType, Hook, IntegerShape, KprobeHook, Policy } from '#policy';
import { assertNever, known } from '#std';

export type DirectoryEntry = {
  readonly policyName: string;
  readonly namespace: string | undefined;
  /** As the policy has it, whatever its programs are attached to. */
  readonly declared: DeclaredHook;
  readonly message: string | undefined;
  readonly tags: readonly string[];
  readonly arguments: readonly ArgumentEntry[];
  readonly result: ArgumentEntry | undefined;
  readonly architecture: Architecture;
  /** Undefined when the verdict is taken where the policy says. */
  readonly decided: { readonly at: string; readonly on: string } | undefined;
  readonly racy: boolean;
  /** What the programs return can stop the call. */
  readonly denies: boolean;
};

export type DeclaredHook =
  | { readonly kind: 'lsm' | 'kprobe'; readonly functionName: string }
  | { readonly kind: 'tracepoint'; readonly subsystem: string; readonly event: string };

export type ArgumentEntry = { readonly type: string; readonly label: string | undefined };

export type SlotOwner = { readonly policy: Policy; readonly slot: number; readonly incarnation: number };

/** What the compiler made of all policies. */
export type CompiledHooks = {
  readonly programs: readonly { readonly plan: HookPlan }[];
  readonly reports: readonly HookReport[];
};

/** A replacement tells of all its policies anew, so what is oldest is what was replaced first. */
const ENTRIES_MAX = 65_536;

export class Directory {
  readonly #entries = new Map<string, DirectoryEntry>();
  #last: { readonly compiled: CompiledHooks; readonly index: Index } | undefined;

  find(slot: number, incarnation: number, entry: number): DirectoryEntry | undefined {
    return this.#entries.get(keyOf(slot, incarnation, entry));
  }

  add({ policy, slot, incarnation }: SlotOwner, compiled: CompiledHooks): void {
    const { parts, reports } = this.#indexOf(compiled);
    for (const [entry, own] of Map.groupBy(parts.get(slot) ?? [], ({ part }) => part.entry)) {
      const hook = policy.hooks[entry];
      if (hook === undefined) continue;
      this.#entries.set(keyOf(slot, incarnation, entry), describe(policy, hook, own, reports.get(hook)));
    }
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) break;
      this.#entries.delete(oldest);
    }
  }

  /** Made once for all the policies that were compiled together: a hook may be one of thousands. */
  #indexOf(compiled: CompiledHooks): Index {
    if (this.#last?.compiled !== compiled) this.#last = { compiled, index: indexOf(compiled) };
    return this.#last.index;
  }
}

function keyOf(slot: number, incarnation: number, entry: number): string {
  return `${slot}/${incarnation}/${entry}`;
}

/** One hook of a policy at one attach point; one that waits for a return has two. */
type Part = { readonly plan: HookPlan; readonly part: PolicyPlan };

type Index = {
  /** By slot. */
  readonly parts: ReadonlyMap<number, readonly Part[]>;
  readonly reports: ReadonlyMap<Hook, HookReport>;
};

function indexOf({ programs, reports }: CompiledHooks): Index {
  const parts = programs.flatMap(({ plan }) => plan.policies.map((part) => ({ plan, part })));
  return {
    parts: Map.groupBy(parts, ({ part }) => part.slot),
    reports: new Map(reports.map((report) => [report.hook, report])),
  };
}

function describe(policy: Policy, hook: Hook, parts: readonly Part[], report: HookReport | undefined): DirectoryEntry {
  const { arch } = known(parts[0], 'part of a hook').plan;
  const deciding = parts.filter(({ part }) => part.phase !== 'return');
  const told = parts.flatMap(({ part }) => part.told);
  const result = parts.find(({ part }) => part.result !== undefined)?.part.result;
  return {
    policyName: policy.name,
    namespace: policy.namespace,
    declared: declaredHook(hook, parts, arch),
    message: hook.message,
    tags: hook.tags,
    arguments: hook.arguments.map((argument, position) =>
      argumentEntry(
        argument,
        told.find((each) => each.position === position),
      ),
    ),
    result: hook.kind === 'kprobe' ? resultEntry(hook.returnArgument, result?.shape) : undefined,
    architecture: arch,
    decided: decisionOf(hook, deciding, report),
    racy: report?.racy ?? false,
    denies: deciding.length > 0 && deciding.every(({ plan }) => plan.denies),
  };
}

function declaredHook(hook: Hook, parts: readonly Part[], arch: Architecture): DeclaredHook {
  const name = hook.name.value;
  switch (hook.kind) {
    case 'lsm':
      return { kind: 'lsm', functionName: name };
    case 'kprobe':
      return { kind: 'kprobe', functionName: attachedFunction(parts) ?? functionName(hook, arch) };
    case 'tracepoint': {
      const slash = name.indexOf('/');
      return { kind: 'tracepoint', subsystem: name.slice(0, slash), event: name.slice(slash + 1) };
    }
    default:
      return assertNever(hook);
  }
}

/** The entry of a system call may be called otherwise than the call. */
function attachedFunction(parts: readonly Part[]): string | undefined {
  return parts.map(({ plan }) => plan.point).find((point) => 'function' in point)?.function;
}

/** Where system calls enter, for a hook whose programs are not there. */
const syscallEntries: Readonly<Record<Architecture, string>> = { x86_64: '__x64_', aarch64: '__arm64_' };

function functionName({ name: { value }, syscall }: KprobeHook, arch: Architecture): string {
  return syscall && value.startsWith('sys_') ? `${syscallEntries[arch]}${value}` : value;
}

/** An LSM hook that nobody declared: the compiler moved the decision to it. */
function decisionOf(hook: Hook, deciding: readonly Part[], report: HookReport | undefined): DirectoryEntry['decided'] {
  if (hook.kind === 'lsm') return undefined;
  const moved = deciding.map(({ plan }) => plan.point).filter((point) => point.kind === 'lsm');
  if (moved.length === 0) return undefined;
  return { at: [...new Set(moved.map(sectionOf))].join(', '), on: report?.decidesOn ?? 'kernel objects' };
}

/** `auto` is what the kernel's types made of it. */
function argumentEntry({ type, label }: Argument, told: ToldArgument | undefined): ArgumentEntry {
  return { type: type.value === 'auto' ? resolvedType(told) : type.value, label };
}

function resultEntry(argument: Argument | undefined, shape: IntegerShape | undefined): ArgumentEntry | undefined {
  if (argument === undefined) return undefined;
  const { type, label } = argument;
  return { type: type.value === 'auto' && shape !== undefined ? integerType(shape) : type.value, label };
}

function resolvedType(told: ToldArgument | undefined): string {
  if (told === undefined) return 'auto';
  const { value, source } = told.fact;
  switch (value.kind) {
    case 'integer':
      if (source.kind === 'syscall64' || source.kind === 'current-syscall') return 'syscall64';
      return integerType(told.shape ?? { bits: 64, signed: false });
    case 'text':
    case 'socket':
      return readerTypes[value.reader];
    case 'credentials':
      return 'cred';
    default:
      return assertNever(value);
  }
}

function integerType({ bits, signed }: IntegerShape): string {
  return `${signed ? 'int' : 'uint'}${bits}`;
}

const readerTypes: Readonly<Record<TextReader | SocketReader, ArgumentType>> = {
  file: 'file',
  path: 'path',
  dentry: 'dentry',
  binprm: 'linux_binprm',
  fd: 'fd',
  string: 'string',
  string_user: 'string',
  filename: 'filename',
  open_name: 'string',
  binprm_name: 'string',
  bytes: 'char_buf',
  bytes_user: 'char_buf',
  sock: 'sock',
  socket: 'sock',
  skb: 'skb',
  sockaddr: 'sockaddr',
  sockaddr_user: 'sockaddr',
  msghdr_sock: 'sockaddr',
  msghdr_socket: 'sockaddr',
};
