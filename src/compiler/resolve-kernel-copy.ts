/** Moves a hook on a system call to the LSM hook that is asked about it; see kernel-copies.ts. */
import type { KprobeHook } from '#policy';
import { known } from '#std';
import { machines } from './arch.ts';
import { type Copy, type KernelCopyRow, kernelCopies, type LsmPlace } from './kernel-copies.ts';
import { addressLength } from './resolve-argument.ts';
import { canDeny, lsmPrototype } from './resolve-lsm.ts';
import type { KernelObject, Slot } from './resolve-passed.ts';
import { isTested, type Place, partOf, type Scope } from './resolve-place.ts';
import { reachFunction, returnPart } from './resolve-reach.ts';
import type { ResolvedArgument, ResolvedPart } from './resolved.ts';
import { type SystemCall, syscallNumber } from './syscalls.ts';

export type Moved =
  | { readonly kind: 'moved'; readonly place: Place }
  /** `better`: the LSM hook that would do. */
  | { readonly kind: 'stays'; readonly reason: string; readonly better: string | undefined }
  /** A diagnostic says why. */
  | { readonly kind: 'failed' };

type Arguments = readonly (ResolvedArgument | undefined)[];

export function moveToKernelCopy(
  hook: KprobeHook,
  entry: number,
  call: SystemCall,
  arguments_: Arguments,
  scope: Scope,
): Moved {
  const guard = syscallNumber(call, scope.target.arch);
  const row = call.width === 64 ? kernelCopies(call.name) : undefined;
  if (row === undefined || guard === undefined) {
    return { kind: 'stays', reason: 'no LSM hook is asked about each such call', better: undefined };
  }
  const places = placesOf(row, scope);
  if (places === undefined) {
    return { kind: 'stays', reason: `this kernel lacks the LSM hook ${namesOf(row.places)}`, better: undefined };
  }
  const moved = places.map((place) => moveArguments(hook, arguments_, place, scope));
  const uncopied = moved.find((each) => typeof each === 'number');
  if (typeof uncopied === 'number') {
    const reason = `LSM hook ${namesOf(places)} has no copy of argument ${uncopied}, which a selector tests`;
    return { kind: 'stays', reason, better: places[0]?.hook };
  }
  const parts: ResolvedPart[] = places.map(({ hook: lsmHook }, index) =>
    partOf(
      hook,
      entry,
      { kind: 'lsm', hook: lsmHook },
      {
        phase: hook.returns ? 'entry' : 'whole',
        denies: true,
        guard,
        arguments: known(moved[index], 'arguments of a part') as Arguments,
      },
    ),
  );
  if (hook.returns) {
    const last = returnPart(hook, entry, reachFunction(call.entry, scope), arguments_, scope);
    if (last === undefined) return { kind: 'failed' };
    parts.push(last);
  }
  return { kind: 'moved', place: placeOf(parts, places, row, call, hook, scope) };
}

/** Undefined when this kernel lacks a hook that is needed. */
function placesOf({ places, take }: KernelCopyRow, { target }: Scope): readonly LsmPlace[] | undefined {
  const there = places.filter(({ hook }) => canDeny(hook, target.btf));
  if (take === 'first') return there.length === 0 ? undefined : there.slice(0, 1);
  return there.length === places.length ? there : undefined;
}

/** The arguments as the LSM hook has them, or the index of one that is tested there and has no copy. */
function moveArguments(hook: KprobeHook, arguments_: Arguments, place: LsmPlace, scope: Scope): Arguments | number {
  const functionId = known(scope.target.btf.findFunction(`bpf_lsm_${place.hook}`), 'LSM hook');
  const { slots } = lsmPrototype(place.hook, functionId, scope);
  const moved: (ResolvedArgument | undefined)[] = [];
  for (const [position, argument] of arguments_.entries()) {
    if (argument === undefined || argument.value.kind === 'integer') {
      moved.push(argument);
      continue;
    }
    const index = argument.declared.index.value;
    const copied = copyOf(argument, place.copies[index], slots);
    if (copied === undefined && argument.type !== 'fd' && isTested(hook, position)) return index;
    moved.push(copied ?? argument);
  }
  return moved;
}

/** Undefined when there is no copy, or this kernel's hook does not pass what the table says. */
function copyOf(
  argument: ResolvedArgument,
  copy: Copy | undefined,
  slots: readonly Slot[],
): ResolvedArgument | undefined {
  if (copy === undefined || copy.type !== argument.type) return undefined;
  const source = copy.parameter === undefined ? ({ kind: 'none' } as const) : sourceOf(copy, slots);
  if (source === undefined) return undefined;
  if (copy.type !== 'sockaddr') {
    return {
      ...argument,
      source,
      value: { kind: 'text', reader: copy.reader, isPath: copy.type === 'fd', size: undefined },
    };
  }
  const length = slots[copy.size];
  if (length?.passed.kind !== 'integer' || length.source === undefined) return undefined;
  return { ...argument, source, value: { kind: 'socket', reader: copy.reader, size: addressLength(length.source) } };
}

const OBJECTS: Readonly<Partial<Record<Copy['reader'], KernelObject>>> = {
  binprm_name: 'linux_binprm',
  file: 'file',
  path: 'path',
};

function sourceOf(copy: Copy, slots: readonly Slot[]): Slot['source'] {
  const slot = copy.parameter === undefined ? undefined : slots[copy.parameter];
  if (slot === undefined) return undefined;
  const { passed } = slot;
  const object = OBJECTS[copy.reader];
  const fits =
    object !== undefined
      ? passed.kind === 'object' && passed.object === object
      : copy.type === 'sockaddr'
        ? passed.kind === 'sockaddr'
        : passed.kind === 'characters';
  return fits ? slot.source : undefined;
}

function placeOf(
  parts: readonly ResolvedPart[],
  places: readonly LsmPlace[],
  row: KernelCopyRow,
  call: SystemCall,
  hook: KprobeHook,
  scope: Scope,
): Place {
  const names = namesOf(places);
  return {
    parts,
    why: `Moved to the LSM hook ${names}, where calls can be denied: ${row.reason}.`,
    blind: [
      `calls that fail before they reach ${names}: they have no effect, and nothing is told of them`,
      ...row.blind,
      ...otherWays(call, scope),
      ...(row.uring ? ['the same done through io_uring, which makes no system call for it'] : []),
      ...hook.arguments.flatMap((_, position) => loose(parts[0]?.arguments[position])),
    ],
    better: places[0]?.hook,
  };
}

/** Ways to the same effect that do not pass the entry of this call. */
export function otherWays({ name, width }: SystemCall, { target }: Scope): readonly string[] {
  if (width === 32) return [];
  const entries = machines[target.arch].entries32.map((entry) => `${entry}${name}`);
  return [`calls of 32-bit programs: they enter by ${entries.join(' or ')}`];
}

/** What is still read where the process can change it. */
function loose(argument: ResolvedArgument | undefined): readonly string[] {
  if (argument === undefined || argument.value.kind === 'integer' || argument.value.kind === 'credentials') return [];
  const { reader } = argument.value;
  const index = argument.declared.index.value;
  if (reader === 'fd')
    return [`what another thread has made of the file descriptor (argument ${index}) since the call began`];
  if (!reader.endsWith('_user')) return [];
  return [
    `argument ${index} as it was: it is told of from user memory, and may have been changed since the call began`,
  ];
}

function namesOf(places: readonly LsmPlace[]): string {
  return places.map(({ hook }) => hook).join(' or ');
}
