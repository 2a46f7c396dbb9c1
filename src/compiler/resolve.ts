/** Resolves hooks and arguments against the kernel's own types: what exists, and what it passes. */
import type { BtfView, Target } from '#bpf';
import { type Diagnostic, diagnostic } from '#diagnostics';
import { type Argument, type IntegerShape, integerTypes, isIntegerType, type LsmHook, type PathType } from '#policy';
import type { BtfTypeId } from '#std';

export type ResolvedHook = {
  readonly hook: LsmHook;
  readonly denies: boolean;
  /** One for each of the hook's arguments, in order. */
  readonly arguments: readonly ResolvedArgument[];
};

export type ResolvedArgument =
  | { readonly kind: 'path'; readonly parameter: number; readonly type: PathType }
  | { readonly kind: 'integer'; readonly parameter: number; readonly shape: IntegerShape };

type Parameter = { readonly name: string; readonly typeId: BtfTypeId };

/** `struct NAME *` parameters that are objects with a path. */
const PATH_STRUCTS: Readonly<Record<string, PathType>> = {
  file: 'file',
  path: 'path',
  linux_binprm: 'linux_binprm',
};

/** The kernel has one function for each hook, `bpf_lsm_NAME`, whose prototype is what the hook passes. */
export function resolveHook(hook: LsmHook, target: Target, diagnostics: Diagnostic[]): ResolvedHook | undefined {
  const functionId = target.btf.findFunction(`bpf_lsm_${hook.name.value}`);
  if (functionId === undefined) {
    diagnostics.push(
      diagnostic('RF2001', hook.name.span, {
        hook: hook.name.value,
        release: target.release,
        similar: similarHooks(hook, target.btf),
      }),
    );
    return undefined;
  }
  const parameters = target.btf.functionParameters(functionId);
  const denies = returnsError(target.btf, functionId);
  if (!denies) refuseDenial(hook, diagnostics);
  const resolved: ResolvedArgument[] = [];
  for (const argument of hook.arguments) {
    const one = resolveArgument(hook, argument, parameters, target.btf, diagnostics);
    if (one !== undefined) resolved.push(one);
  }
  if (resolved.length !== hook.arguments.length) return undefined;
  return { hook, denies, arguments: resolved };
}

function returnsError(btf: BtfView, functionId: BtfTypeId): boolean {
  return btf.type(btf.skipModifiers(btf.functionReturn(functionId))).kind === 'int';
}

/** A hook without a result reports what has happened: nothing that it returns could stop it. */
function refuseDenial(hook: LsmHook, diagnostics: Diagnostic[]): void {
  for (const selector of hook.selectors) {
    for (const action of selector.actions) {
      if (action.kind === 'override' || action.kind === 'sigkill') {
        diagnostics.push(diagnostic('RF2002', action.span, { hook: hook.name.value, action: action.kind }));
      }
    }
  }
}

function resolveArgument(
  hook: LsmHook,
  argument: Argument,
  parameters: readonly Parameter[],
  btf: BtfView,
  diagnostics: Diagnostic[],
): ResolvedArgument | undefined {
  const index = argument.index.value;
  const parameter = parameters[index];
  if (parameter === undefined) {
    const has = parameters.map((each, at) => `${at} ${declare(btf, each)}`).join(', ') || 'none';
    diagnostics.push(diagnostic('RF2003', argument.index.span, { hook: hook.name.value, index, has }));
    return undefined;
  }
  const passes = classify(btf, parameter.typeId);
  const wanted = argument.type.value;
  if (passes !== undefined && passes.kind === 'path' && (wanted === 'auto' || wanted === passes.type)) {
    return { kind: 'path', parameter: index, type: passes.type };
  }
  if (passes !== undefined && passes.kind === 'integer' && (wanted === 'auto' || isIntegerType(wanted))) {
    return {
      kind: 'integer',
      parameter: index,
      shape: wanted === 'auto' ? passes.shape : narrower(integerTypes[wanted], passes.shape),
    };
  }
  const parameters_ = { hook: hook.name.value, index, wanted, declaration: declare(btf, parameter) };
  const code = passes === undefined ? 'RF2005' : 'RF2004';
  const fits = passes === undefined ? '' : passes.kind === 'path' ? passes.type : integerName(passes.shape);
  diagnostics.push(diagnostic(code, argument.type.span, { ...parameters_, fits }));
  return undefined;
}

function declare(btf: BtfView, parameter: Parameter): string {
  const type = btf.describe(parameter.typeId);
  return `${type}${type.endsWith('*') ? '' : ' '}${parameter.name}`;
}

type Passed =
  | { readonly kind: 'path'; readonly type: PathType }
  | { readonly kind: 'integer'; readonly shape: IntegerShape };

function classify(btf: BtfView, typeId: BtfTypeId): Passed | undefined {
  const type = btf.type(btf.skipModifiers(typeId));
  switch (type.kind) {
    case 'ptr': {
      const pointee = btf.type(btf.skipModifiers(type.typeId));
      const path = pointee.kind === 'struct' ? PATH_STRUCTS[pointee.name] : undefined;
      return path === undefined ? undefined : { kind: 'path', type: path };
    }
    case 'int':
      return { kind: 'integer', shape: { bits: bitsOf(type.size), signed: type.encoding === 'signed' } };
    case 'enum':
      return { kind: 'integer', shape: { bits: bitsOf(type.size), signed: true } };
    default:
      return undefined;
  }
}

function bitsOf(size: number): IntegerShape['bits'] {
  return size === 1 ? 8 : size === 2 ? 16 : size === 4 ? 32 : 64;
}

/** A wider declaration than what the kernel passes would read garbage above it. */
function narrower(declared: IntegerShape, passed: IntegerShape): IntegerShape {
  return declared.bits < passed.bits ? declared : { bits: passed.bits, signed: declared.signed };
}

function integerName({ bits, signed }: IntegerShape): string {
  return `${signed ? 'int' : 'uint'}${bits}`;
}

/** Up to three hooks of this kernel whose names share the most with the one that is missing. */
function similarHooks(hook: LsmHook, btf: BtfView): string {
  const wanted = new Set(hook.name.value.split('_'));
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const id of btf.ids('func')) {
    const type = btf.type(id);
    if (type.kind !== 'func' || !type.name.startsWith('bpf_lsm_')) continue;
    const name = type.name.slice('bpf_lsm_'.length);
    const score = name.split('_').filter((word) => wanted.has(word)).length;
    if (score > 0) scored.push({ name, score });
  }
  const best = scored.toSorted((a, b) => b.score - a.score || a.name.length - b.name.length).slice(0, 3);
  return best.length === 0
    ? 'see `bpftool btf dump file /sys/kernel/btf/vmlinux | grep bpf_lsm_`'
    : `near it: ${best.map((each) => each.name).join(', ')}`;
}
