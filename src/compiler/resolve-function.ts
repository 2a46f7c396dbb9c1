/** Resolves hooks on kernel functions. */
import { diagnostic } from '#diagnostics';
import type { KprobeHook } from '#policy';
import { known } from '#std';
import { resolveArguments } from './resolve-argument.ts';
import { canDeny, lsmPrototype } from './resolve-lsm.ts';
import { type LsmTwin, lsmTwin } from './resolve-lsm-twin.ts';
import { nearestHook } from './resolve-nearest-hook.ts';
import { neverReturns } from './resolve-never-returns.ts';
import { actionOf, enforcesHook, type Place, partOf, type Scope } from './resolve-place.ts';
import { functionParts, reachFunction, reportMissing, returnPart, unknownSlots, untraceable } from './resolve-reach.ts';
import type { ResolvedArgument } from './resolved.ts';

export function resolveFunction(hook: KprobeHook, entry: number, scope: Scope): Place | undefined {
  const { target, diagnostics } = scope;
  const name = hook.name.value;
  const twin = lsmTwin(name, target.btf);
  if (enforcesHook(hook) && twin?.kind === 'same' && canDeny(twin.hook, target.btf)) {
    return moveToTwin(hook, entry, twin, scope);
  }
  const missing = untraceable(name, hook, scope);
  if (missing !== undefined) {
    reportMissing(missing, hook, scope);
    return undefined;
  }
  const endless = neverReturns(hook, undefined);
  if (endless !== undefined) {
    diagnostics.push(endless);
    return undefined;
  }
  const better = twin?.hook ?? nearestHook(name, target.btf);
  if (!refuseOverride(hook, twin, better, scope)) return undefined;
  const reach = reachFunction(name, scope);
  const slots = reach.prototype?.slots ?? unknownSlots(scope, 'register');
  const arguments_ = resolveArguments(hook.arguments, { hook: name, slots }, diagnostics);
  if (arguments_ === undefined) return undefined;
  const parts = functionParts(hook, entry, reach, arguments_, holdsAtReturn(name, arguments_), scope);
  if (parts === undefined) return undefined;
  return {
    parts,
    why: whySentence(
      parts.map(({ point }) => point.kind),
      reach.why,
    ),
    blind: ['calls that the compiler of the kernel has inlined into their callers'],
    better,
  };
}

/** Nothing can be denied at a function: bpf_override_return needs a kernel that is built for fault injection. */
function refuseOverride(
  hook: KprobeHook,
  twin: LsmTwin | undefined,
  better: string | undefined,
  { diagnostics }: Scope,
): boolean {
  const override = actionOf(hook, 'override');
  if (override === undefined) return true;
  const name = hook.name.value;
  if (twin?.kind === 'differs') diagnostics.push(diagnostic('RF2023', override.span, { name, hook: twin.hook }));
  else {
    const instead = better === undefined ? 'find the hook of the kernel that is asked first' : `use hook ${better}`;
    diagnostics.push(diagnostic('RF2020', override.span, { name, instead }));
  }
  return false;
}

/** Numbers do, and what callers of security functions pass: they hold it until the function has returned. */
function holdsAtReturn(name: string, arguments_: readonly (ResolvedArgument | undefined)[]): boolean {
  return (
    name.startsWith('security_') || arguments_.every((each) => each === undefined || each.value.kind === 'integer')
  );
}

function whySentence(kinds: readonly string[], restriction: string): string {
  const where =
    kinds.length === 2
      ? 'At the entry of the function, where its arguments are whole, and at its return.'
      : kinds[0] === 'fexit'
        ? 'At the return of the function, where its arguments still hold.'
        : 'At the entry of the function.';
  return restriction === '' ? where : `${where} ${restriction}`;
}

function moveToTwin(
  hook: KprobeHook,
  entry: number,
  { hook: lsmHook, positions }: Extract<LsmTwin, { kind: 'same' }>,
  scope: Scope,
): Place | undefined {
  const name = hook.name.value;
  const functionId = known(scope.target.btf.findFunction(`bpf_lsm_${lsmHook}`), 'LSM hook');
  const passed = lsmPrototype(lsmHook, functionId, scope).slots;
  const slots = positions.map((position) => known(passed[position], 'parameter of the LSM hook'));
  const arguments_ = resolveArguments(hook.arguments, { hook: name, slots }, scope.diagnostics);
  if (arguments_ === undefined) return undefined;
  const point = { kind: 'lsm', hook: lsmHook } as const;
  const phase = hook.returns ? 'entry' : 'whole';
  const first = partOf(hook, entry, point, { phase, denies: true, arguments: arguments_ });
  const last = hook.returns ? waitFor(hook, entry, arguments_, scope) : [];
  if (last === undefined) return undefined;
  return {
    parts: [first, ...last],
    why: `Moved to the LSM hook ${lsmHook}, which ${name} is there to ask: only LSM programs can deny, and they are never skipped.`,
    blind: [
      'calls that another security module has denied before',
      ...(/^security_(inode|path)_/.test(name) ? ['files that the kernel keeps to itself'] : []),
    ],
    better: undefined,
  };
}

function waitFor(
  hook: KprobeHook,
  entry: number,
  arguments_: readonly (ResolvedArgument | undefined)[],
  scope: Scope,
): Place['parts'] | undefined {
  const missing = untraceable(hook.name.value, hook, scope);
  if (missing !== undefined) {
    reportMissing(missing, hook, scope);
    return undefined;
  }
  const last = returnPart(hook, entry, reachFunction(hook.name.value, scope), arguments_, scope);
  return last === undefined ? undefined : [last];
}
