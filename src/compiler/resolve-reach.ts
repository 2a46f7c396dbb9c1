/** How programs get at a kernel function: by trampoline, which is typed, or by breakpoint. */
import { type Diagnostic, diagnostic, type Span } from '#diagnostics';
import type { Argument, KprobeHook } from '#policy';
import type { BtfTypeId } from '#std';
import { machines } from './arch.ts';
import { resolveArgument } from './resolve-argument.ts';
import { type Passed, type Prototype, passedBy, prototypeOf, type Slot } from './resolve-passed.ts';
import { actionOf, partOf, type Scope } from './resolve-place.ts';
import { userPointersOf } from './resolve-user-memory.ts';
import type { ResolvedArgument, ResolvedPart } from './resolved.ts';

export type Reach = {
  readonly function: string;
  readonly by: 'trampoline' | 'breakpoint';
  /** Why not the better way: a sentence, or nothing. */
  readonly why: string;
  /** Undefined where BTF does not have the function. */
  readonly prototype: Prototype | undefined;
};

/** Undefined when a diagnostic says why the function cannot be hooked; the caller has seen that it is traceable. */
export function reachFunction(name: string, { target }: Scope): Reach {
  const id = target.btf.findFunction(name);
  const by = (way: Reach['by'], why: string, prototype?: Prototype): Reach => ({
    function: name,
    by: way,
    why,
    prototype,
  });
  if (id === undefined) {
    return by(
      'breakpoint',
      'By breakpoint, as the kernel has no types for the function: what the policy declares is believed.',
    );
  }
  const { argumentRegisters } = machines[target.arch];
  const typed = (from: 'context' | 'register'): Prototype =>
    prototypeOf(target.btf, id, { from, limit: argumentRegisters, userPointers: userPointersOf(name) });
  const prototype = typed('context');
  if (target.features.trampoline.kind === 'no') {
    return by('breakpoint', `By breakpoint: ${target.features.trampoline.reason}.`, typed('register'));
  }
  if (prototype.words > argumentRegisters) {
    return by(
      'breakpoint',
      'By breakpoint, as the function has more arguments than a trampoline passes.',
      typed('register'),
    );
  }
  if (prototype.odd) {
    return by(
      'breakpoint',
      'By breakpoint, as the function has an argument or a result that no trampoline passes.',
      typed('register'),
    );
  }
  return by('trampoline', '', prototype);
}

/** Undefined when the function can be traced, once and whole. */
export function untraceable(name: string, hook: KprobeHook, { target }: Scope): Diagnostic | undefined {
  const { functions, release, btf } = target;
  const { span } = hook.name;
  const count = functions.count(name);
  if (count === 1) return undefined;
  if (count > 1) return diagnostic('RF2014', span, { name, count });
  const clones = functions.clones(name);
  if (clones.length > 0) return diagnostic('RF2012', span, { name, release, clones: clones.join(', ') });
  if (btf.findFunction(name) !== undefined) return diagnostic('RF2013', span, { name, release });
  return undefinedFunction(name, span, hook, { release, similar: functions.similar(name, 3) });
}

function undefinedFunction(
  name: string,
  span: Span,
  hook: KprobeHook,
  { release, similar }: { readonly release: string; readonly similar: readonly string[] },
): Diagnostic {
  const near = similar.length === 0 ? 'see /proc/kallsyms for what there is' : `near it: ${similar.join(', ')}`;
  return hook.syscall
    ? diagnostic('RF2015', span, { name: hook.name.value, release, similar: near })
    : diagnostic('RF2011', span, { name, release, similar: near });
}

/** Codes that say that a function is not there, rather than that it cannot be hooked. */
const MISSING: readonly string[] = ['RF2011', 'RF2012', 'RF2015', 'RF2016'];

/** Reports; a hook whose function may be missing is left out instead. */
export function reportMissing(found: Diagnostic, hook: KprobeHook, { target, diagnostics }: Scope): void {
  const left = hook.ignoreMissing && MISSING.includes(found.code);
  const { value: name, span } = hook.name;
  diagnostics.push(left ? diagnostic('RF2403', span, { name, release: target.release }) : found);
}

/** Registers that arguments are in, where nothing is known of the function. */
export function unknownSlots({ target }: Scope, from: 'register' | 'syscall', count?: number): readonly Slot[] {
  return Array.from({ length: count ?? machines[target.arch].argumentRegisters }, (_, index) => ({
    declaration: `argument ${index}`,
    name: '',
    passed: { kind: 'unknown', user: from === 'syscall' },
    source: { kind: from, index },
  }));
}

/** The parts of a hook on a function that is entered, and that may be waited for. */
export function functionParts(
  hook: KprobeHook,
  entry: number,
  reach: Reach,
  arguments_: readonly (ResolvedArgument | undefined)[],
  holds: boolean,
  scope: Scope,
): readonly ResolvedPart[] | undefined {
  const typed = reach.by === 'trampoline';
  const enter = { kind: typed ? 'fentry' : 'kprobe', function: reach.function } as const;
  if (!hook.returns) return [partOf(hook, entry, enter, { arguments: arguments_ })];
  const last = returnPart(hook, entry, reach, arguments_, scope);
  if (last === undefined) return undefined;
  // a signal at the entry interrupts a call that waits; and what is only told of is cheaper in one program than in two
  const once = typed && holds && actionOf(hook, 'sigkill', 'signal') === undefined;
  if (once) return [{ ...last, phase: 'whole' }];
  return [partOf(hook, entry, enter, { phase: 'entry', arguments: arguments_ }), last];
}

/** Undefined when a diagnostic says why what the policy declares of the result is not there. */
export function returnPart(
  hook: KprobeHook,
  entry: number,
  reach: Reach,
  arguments_: readonly (ResolvedArgument | undefined)[],
  scope: Scope,
): ResolvedPart | undefined {
  const result = resolveResult(hook.returnArgument, reach, hook, scope);
  if (result === 'refused') return undefined;
  const point = { kind: reach.by === 'trampoline' ? 'fexit' : 'kretprobe', function: reach.function } as const;
  return partOf(hook, entry, point, { phase: 'return', arguments: arguments_, result });
}

function resolveResult(
  declared: Argument | undefined,
  { prototype }: Reach,
  hook: KprobeHook,
  { target, diagnostics }: Scope,
): ResolvedArgument | 'refused' | undefined {
  if (declared === undefined || declared.type.value === 'nop') return undefined;
  const passed = prototype === undefined ? unknownResult : resultOf(target.btf, prototype.result);
  if (passed.kind !== 'integer' && passed.kind !== 'unknown') {
    const returned = prototype === undefined ? 'nothing' : target.btf.describe(prototype.result);
    diagnostics.push(diagnostic('RF2025', declared.type.span, { name: hook.name.value, returned }));
    return 'refused';
  }
  const slot: Slot = {
    declaration: 'the result',
    name: '',
    passed,
    source: { kind: 'result', index: prototype?.words ?? 0 },
  };
  const at = { ...declared, index: { value: 0, span: declared.index.span } };
  const found = resolveArgument(at, { hook: hook.name.value, slots: [slot] }, diagnostics);
  return found === undefined ? 'refused' : { ...found, declared };
}

const unknownResult: Passed = { kind: 'unknown', user: true };

function resultOf(btf: Scope['target']['btf'], id: BtfTypeId): Passed {
  return passedBy(btf, id, false);
}
