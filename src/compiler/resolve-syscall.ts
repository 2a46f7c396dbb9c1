/** Resolves hooks on system calls: at their entry, or at the LSM hook where the kernel has copied what they say. */
import { diagnostic } from '#diagnostics';
import type { Argument, KprobeHook } from '#policy';
import { machines } from './arch.ts';
import { resolveArguments } from './resolve-argument.ts';
import { type Moved, moveToKernelCopy, otherWays } from './resolve-kernel-copy.ts';
import { nearestHook } from './resolve-nearest-hook.ts';
import { neverReturns } from './resolve-never-returns.ts';
import { type Passed, passedByText, type Slot } from './resolve-passed.ts';
import { actionOf, enforcesHook, type Place, type Scope } from './resolve-place.ts';
import { functionParts, reachFunction, reportMissing, unknownSlots, untraceable } from './resolve-reach.ts';
import type { ResolvedArgument } from './resolved.ts';
import { type SystemCall, systemCallOf } from './syscalls.ts';

export function resolveSyscall(hook: KprobeHook, entry: number, scope: Scope): Place | undefined {
  const { target, diagnostics } = scope;
  const named = systemCallOf(hook.name.value, target.arch);
  const call = named === undefined ? undefined : { ...named, entry: tracedEntry(named, scope) };
  const missing =
    call === undefined
      ? diagnostic('RF2016', hook.name.span, { name: hook.name.value, arch: target.arch })
      : untraceable(call.entry, hook, scope);
  if (call === undefined || missing !== undefined) {
    if (missing !== undefined) reportMissing(missing, hook, scope);
    return undefined;
  }
  const endless = neverReturns(hook, call.name);
  if (endless !== undefined) diagnostics.push(endless);
  if (!checkTypes(hook, call, scope) || endless !== undefined) return undefined;
  const slots = syscallSlots(call, scope);
  const arguments_ = resolveArguments(hook.arguments, { hook: hook.name.value, slots }, diagnostics);
  if (arguments_ === undefined) return undefined;
  const moved = enforcesHook(hook) ? moveToKernelCopy(hook, entry, call, arguments_, scope) : undefined;
  if (moved?.kind === 'failed') return undefined;
  if (moved?.kind === 'moved') return moved.place;
  return stay(hook, entry, call, arguments_, moved, scope);
}

/** The entry of a call without arguments is the function itself, and traced by the name of that. */
function tracedEntry({ entry, event, width }: SystemCall, { target }: Scope): string {
  const { entryAlias } = machines[target.arch];
  const alias = `${entryAlias}${event}`;
  const isAlias = entryAlias !== undefined && width === 64 && target.btf.findFunction(alias) !== undefined;
  return isAlias && target.functions.count(entry) === 0 && target.functions.count(alias) === 1 ? alias : entry;
}

/** A process passes numbers and addresses. */
const PASSED_BY_PROCESSES: readonly string[] = ['string', 'sockaddr', 'char_buf', 'fd', 'nop'];
const KERNEL_TYPES: readonly string[] = ['file', 'path', 'dentry', 'linux_binprm', 'filename', 'sock', 'skb', 'cred'];

function checkTypes(hook: KprobeHook, { width }: SystemCall, { diagnostics }: Scope): boolean {
  const refused = hook.arguments.filter(({ type }) => KERNEL_TYPES.includes(type.value));
  for (const { type } of refused) {
    diagnostics.push(
      diagnostic('RF2017', type.span, {
        name: hook.name.value,
        wanted: type.value,
        fits: PASSED_BY_PROCESSES.join(', '),
      }),
    );
  }
  const read = width === 32 ? hook.arguments.find(({ type }) => type.value !== 'nop') : undefined;
  if (read !== undefined) diagnostics.push(diagnostic('RF2026', read.span, { name: hook.name.value }));
  return refused.length === 0 && read === undefined;
}

const ARGUMENTS = 6;

/** Where a system call takes a socket address from the process, and its length with the next argument. */
const ADDRESSES: Readonly<Record<string, number>> = { connect: 1, bind: 1, sendto: 4 };

/** The tracepoint of the call, where the kernel has one, tells how wide its arguments are. */
function syscallSlots(call: SystemCall, scope: Scope): readonly Slot[] {
  const format = scope.target.tracepoints.format('syscalls', `sys_enter_${call.event}`);
  const start = format?.fields.findIndex(({ name }) => name === '__syscall_nr') ?? -1;
  const fields = start < 0 ? undefined : format?.fields.slice(start + 1);
  const unknown = unknownSlots(scope, 'syscall', fields?.length ?? ARGUMENTS);
  return unknown.map((slot, index) => {
    const field = fields?.[index];
    const declaration = field === undefined ? slot.declaration : `${field.type} ${field.name}`;
    const passed: Passed = field === undefined ? slot.passed : passedByText(field.type, field, true);
    const isAddress = ADDRESSES[call.name] === index;
    if (isAddress) return { ...slot, declaration, passed: { kind: 'sockaddr', user: true } };
    return { ...slot, declaration, passed: passed.kind === 'sockaddr' ? { kind: 'other', user: true } : passed };
  });
}

/** Calls that change the registers of the process, or never return. */
const UNSTABLE: readonly string[] = ['execve', 'execveat', 'rt_sigreturn', 'sigreturn', 'exit', 'exit_group'];

function stay(
  hook: KprobeHook,
  entry: number,
  call: SystemCall,
  arguments_: readonly (ResolvedArgument | undefined)[],
  stays: Extract<Moved, { kind: 'stays' }> | undefined,
  scope: Scope,
): Place | undefined {
  const { target, diagnostics } = scope;
  const reason = stays?.reason;
  const better = stays?.better ?? nearestHook(`sys_${call.name}`, target.btf);
  const override = actionOf(hook, 'override');
  if (override !== undefined) {
    const because = reason ?? 'no LSM hook is asked about each such call';
    const instead = better === undefined ? 'use an LSM hook that is asked before it acts' : `use hook ${better}`;
    diagnostics.push(diagnostic('RF2021', override.span, { name: hook.name.value, because, instead }));
    return undefined;
  }
  const reach = reachFunction(call.entry, scope);
  const holds = !UNSTABLE.includes(call.name) && arguments_.every((each) => each === undefined || isNumber(each));
  const parts = functionParts(hook, entry, reach, arguments_, holds, scope);
  if (parts === undefined) return undefined;
  const blind = [...otherWays(call, scope), ...hook.arguments.flatMap((each, at) => changing(each, arguments_[at]))];
  return {
    parts,
    why: [
      hook.returns && parts.length === 1 ? 'At the return of the system call.' : 'At the entry of the system call.',
      ...(hook.returns && parts.length === 2 ? ['And at its return.'] : []),
      ...(reach.why === '' ? [] : [reach.why]),
      ...(reason === undefined ? [] : [`Not moved to an LSM hook: ${reason}.`]),
    ].join(' '),
    blind,
    better,
  };
}

function isNumber({ value }: ResolvedArgument): boolean {
  return value.kind === 'integer';
}

function changing(declared: Argument, resolved: ResolvedArgument | undefined): readonly string[] {
  if (resolved === undefined || isNumber(resolved)) return [];
  const { value: index } = declared.index;
  return declared.type.value === 'fd'
    ? [`what another thread makes of the file descriptor (argument ${index}) between this look and the use`]
    : [`what another thread writes to argument ${index} between this look and the use`];
}
