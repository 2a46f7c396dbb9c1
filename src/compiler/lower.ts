/** Lowers resolved policies to plans: one per hook, with the paths that its policies share. */
import { bound } from '#abi';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { ArgumentMatch, ArgumentValue, Policy, Selector } from '#policy';
import { assertNever, known } from '#std';
import type {
  Act,
  ArgumentPlan,
  BytesValue,
  FileIdentity,
  HookPlan,
  PathArgument,
  PolicyPlan,
  SelectorPlan,
  Test,
} from './plan.ts';
import type { ResolvedArgument, ResolvedHook } from './resolve.ts';

/** A policy, the slot of the policies map that is its own, and its hooks as this kernel has them. */
export type ResolvedPolicy = {
  readonly policy: Policy;
  readonly slot: number;
  readonly hooks: readonly ResolvedHook[];
};

/** Device and inode of the files that have a name now; see the annotation `ringfence.io/file-identity`. */
export type Identities = ReadonlyMap<string, FileIdentity>;

const EPERM = 1;

export function lower(
  policies: readonly ResolvedPolicy[],
  identities: Identities,
  diagnostics: Diagnostic[],
): readonly HookPlan[] {
  const byHook = new Map<string, { readonly owner: ResolvedPolicy; readonly hook: ResolvedHook }[]>();
  for (const owner of policies) {
    for (const hook of owner.hooks) {
      const name = hook.hook.name.value;
      byHook.set(name, [...(byHook.get(name) ?? []), { owner, hook }]);
    }
  }
  return Array.from(byHook.values(), (members, id) => {
    const first = known(members[0], 'hook').hook;
    const paths = new PathSlots();
    return {
      id,
      hook: first.hook.name.value,
      span: first.hook.name.span,
      denies: first.denies,
      policies: members.map(({ owner, hook }) => lowerPolicy(owner, hook, paths, identities, diagnostics)),
    };
  });
}

/** Gives each path parameter of a hook its slot of the scratch. */
class PathSlots {
  readonly #byParameter = new Map<number, number>();

  slotOf(parameter: number): number | undefined {
    const had = this.#byParameter.get(parameter);
    if (had !== undefined) return had;
    if (this.#byParameter.size === bound.pathSlots) return undefined;
    const slot = this.#byParameter.size;
    this.#byParameter.set(parameter, slot);
    return slot;
  }
}

function lowerPolicy(
  { policy, slot }: ResolvedPolicy,
  { hook, arguments: resolved }: ResolvedHook,
  paths: PathSlots,
  identities: Identities,
  diagnostics: Diagnostic[],
): PolicyPlan {
  const plans = resolved.map((each, position) => {
    const plan = lowerArgument(each, paths);
    if (plan === undefined) {
      const span = known(hook.arguments[position], 'argument').span;
      diagnostics.push(diagnostic('RF2006', span, { hook: hook.name.value, limit: bound.pathSlots }));
    }
    return plan;
  });
  const arguments_ = plans.filter((each) => each !== undefined);
  const complete = arguments_.length === plans.length;
  const known_ = policy.fileIdentity === 'inode' ? identities : new Map<string, FileIdentity>();
  return {
    name: policy.name,
    slot,
    span: hook.span,
    arguments: arguments_,
    selectors: complete
      ? hook.selectors.map((selector, index) =>
          lowerSelector(selector, index, { arguments_, identities: known_, diagnostics }),
        )
      : [],
  };
}

function lowerArgument(argument: ResolvedArgument, paths: PathSlots): ArgumentPlan | undefined {
  if (argument.kind === 'integer') {
    return { kind: 'integer', parameter: argument.parameter, ...argument.shape };
  }
  const slot = paths.slotOf(argument.parameter);
  return slot === undefined ? undefined : { kind: 'path', parameter: argument.parameter, type: argument.type, slot };
}

/** Cheap tests first: an integer is in a register, the binary a load away, a path is a walk. */
const COST: Readonly<Record<Test['kind'], number>> = { integer: 0, binary: 1, path: 2 };

type Scope = {
  readonly arguments_: readonly ArgumentPlan[];
  readonly identities: Identities;
  readonly diagnostics: Diagnostic[];
};

function lowerSelector(selector: Selector, index: number, scope: Scope): SelectorPlan {
  const tests: Test[] = selector.arguments.map((match) => lowerMatch(match, scope));
  const { binaries } = selector;
  if (binaries !== undefined) {
    tests.push({
      kind: 'binary',
      negated: binaries.operator.value === 'NotIn',
      values: binaries.values.map(({ value, span }) => ({ bytes: new TextEncoder().encode(value), span })),
      span: binaries.span,
    });
  }
  return {
    index,
    span: selector.span,
    tests: tests.toSorted((a, b) => COST[a.kind] - COST[b.kind]),
    act: lowerActions(selector),
  };
}

function lowerMatch(match: ArgumentMatch, scope: Scope): Test {
  const argument = known(scope.arguments_[match.argument], 'argument of a match');
  switch (argument.kind) {
    case 'integer': {
      const values = match.values.flatMap((each) =>
        each.kind === 'integer' ? [{ value: each.value, span: each.span }] : unfit(each, 'a number', scope),
      );
      return { kind: 'integer', argument, values, span: match.span };
    }
    case 'path':
      return lowerPathMatch(match, argument, scope);
    default:
      return assertNever(argument);
  }
}

function lowerPathMatch(match: ArgumentMatch, argument: PathArgument, scope: Scope): Test {
  const values: BytesValue[] = [];
  const files: FileIdentity[] = [];
  for (const each of match.values) {
    if (each.kind !== 'string') {
      unfit(each, 'a path', scope);
      continue;
    }
    values.push({ bytes: each.bytes, span: each.span });
    const identity = match.operator.value === 'Equal' ? scope.identities.get(each.text) : undefined;
    if (identity !== undefined) files.push(identity);
  }
  return { kind: 'path', argument, operator: match.operator.value, values, identities: files, span: match.span };
}

/** With type auto only the kernel's types say what a value must be. */
function unfit(value: ArgumentValue, passes: string, scope: Scope): [] {
  const written = value.kind === 'string' ? value.text : String(value.value);
  scope.diagnostics.push(diagnostic('RF2007', value.span, { value: written, passes }));
  return [];
}

/** Every match is told of unless NoPost says otherwise. */
function lowerActions(selector: Selector): Act {
  const override = selector.actions.find((action) => action.kind === 'override');
  return {
    post: !selector.actions.some((action) => action.kind === 'nopost'),
    kill: selector.actions.some((action) => action.kind === 'sigkill'),
    override: override !== undefined,
    error: override?.error ?? -EPERM,
    span: known(selector.actions[0], 'action').span,
  };
}
