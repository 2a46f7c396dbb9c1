/** Lowers resolved policies to plans: one per attach point, with the facts that its policies share. */
import { bound } from '#abi';
import { type Architecture, sectionOf } from '#bpf';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Action, Selector, WorkloadSelector } from '#policy';
import { known } from '#std';
import { FactTable } from './facts.ts';
import type { Findings } from './findings.ts';
import { type FollowBits, type Identities, lowerMatch, type MatchScope } from './lower-match.ts';
import { lowerNamed } from './lower-named.ts';
import { lowerProcess } from './lower-process.ts';
import type {
  Act,
  Fact,
  HookPlan,
  IntegerTest,
  PolicyPlan,
  ReturnPlan,
  ScopeTest,
  SelectorPlan,
  Test,
  ToldArgument,
} from './plan.ts';
import type { ResolvedArgument, ResolvedPart, ResolvedPolicy } from './resolved.ts';
import type { ScopeBits } from './scope.ts';

export type LowerInput = {
  readonly policies: readonly ResolvedPolicy[];
  readonly arch: Architecture;
  readonly identities: Identities;
  /** Inode numbers of the namespaces of process 1; without them `host_ns` is no number. */
  readonly hostNamespaces: HostNamespaces;
  readonly follow: FollowBits;
  readonly scopes: ScopeBits;
};

/** By the names of struct rf_namespaces. */
export type HostNamespaces = Readonly<Record<string, number>>;

const EPERM = 1;

export function lower(input: LowerInput, findings: Findings): readonly HookPlan[] {
  const members = input.policies.flatMap((owner) => owner.parts.map((part) => ({ owner, part })));
  const byPoint = Map.groupBy(members, ({ part }) => sectionOf(part.point));
  return Array.from(byPoint.values(), (parts, id) => {
    const first = known(parts[0], 'part').part;
    const table = new FactTable();
    const policies = parts.map(({ owner, part }) =>
      findings.about(owner.slot, (diagnostics) => lowerPart(owner, part, { ...input, table, diagnostics })),
    );
    return {
      id,
      point: first.point,
      arch: input.arch,
      span: first.hook.name.span,
      denies: first.denies,
      facts: table.facts,
      sets: [],
      policies,
    };
  });
}

type Scope = Omit<LowerInput, 'policies'> & { readonly table: FactTable; readonly diagnostics: Diagnostic[] };

function lowerPart({ policy, slot }: ResolvedPolicy, part: ResolvedPart, scope: Scope): PolicyPlan {
  const { hook, entry, phase, guard } = part;
  const returnOnly = phase === 'return';
  const facts = part.arguments.map((argument) =>
    argument === undefined || returnOnly ? undefined : factOf(argument, hook.name.value, scope),
  );
  const result = part.result === undefined ? undefined : factOf(part.result, hook.name.value, scope);
  const matches: MatchScope = {
    arguments: part.arguments,
    facts,
    result: part.result,
    resultFact: result,
    arch: scope.arch,
    identities: policy.fileIdentity === 'inode' ? scope.identities : new Map(),
    diagnostics: scope.diagnostics,
  };
  return {
    name: policy.name,
    slot,
    entry,
    hook,
    span: hook.span,
    phase,
    scope: returnOnly ? undefined : scopeTest(policy.scope, scope),
    guard: guard === undefined ? undefined : guardTest(guard, part, scope),
    told: returnOnly ? [] : toldOf(part.arguments, facts),
    result: result === undefined ? undefined : { fact: result, shape: shapeOf(part.result) ?? WORD },
    selectors: hook.selectors.map((selector, index) => lowerSelector(selector, index, returnOnly, matches, scope)),
  };
}

const CURRENT_SYSCALL = {
  source: { kind: 'current-syscall' },
  value: { kind: 'integer', bits: 64, signed: false },
} as const;

function guardTest(number: bigint, { hook }: ResolvedPart, { table, diagnostics }: Scope): IntegerTest | undefined {
  const { span, value: name } = hook.name;
  const fact = table.add(CURRENT_SYSCALL);
  if (fact === undefined) {
    diagnostics.push(diagnostic('RF2110', span, { hook: name, limit: bound.factMax }));
    return undefined;
  }
  const shape = { bits: 64, signed: false } as const;
  const ranges = [{ minimum: number, maximum: number, span }];
  return { kind: 'integer', fact, shape, negated: false, how: { kind: 'ranges', ranges }, span };
}

/** Undefined for everything on the node, and when a diagnostic says why not. */
function scopeTest(
  selector: WorkloadSelector | undefined,
  { scopes, diagnostics }: Pick<Scope, 'scopes' | 'diagnostics'>,
): ScopeTest | undefined {
  if (selector === undefined) return undefined;
  const bit = scopes.bitOf(selector);
  if (bit !== undefined) return { kind: 'scope', bit, negated: false, span: selector.span };
  diagnostics.push(diagnostic('RF2111', selector.span, { limit: bound.scopeMax }));
  return undefined;
}

const WORD = { bits: 64, signed: true } as const;

function factOf(argument: ResolvedArgument, hook: string, { table, diagnostics }: Scope): Fact | undefined {
  const fact = table.add(argument);
  if (fact === undefined) {
    diagnostics.push(diagnostic('RF2110', argument.declared.span, { hook, limit: bound.factMax }));
  }
  return fact;
}

function shapeOf(argument: ResolvedArgument | undefined): { bits: 8 | 16 | 32 | 64; signed: boolean } | undefined {
  if (argument?.value.kind !== 'integer') return undefined;
  const { bits, signed } = argument.value;
  return { bits, signed };
}

function toldOf(
  arguments_: readonly (ResolvedArgument | undefined)[],
  facts: readonly (Fact | undefined)[],
): readonly ToldArgument[] {
  return arguments_.flatMap((argument, position) => {
    const fact = facts[position];
    if (argument === undefined || fact === undefined) return [];
    return [{ position, fact, as: argument.told, shape: shapeOf(argument) }];
  });
}

/** Cheap tests first: a number is a load away, a path is a walk. */
const COST: Readonly<Record<Test['kind'], number>> = {
  integer: 0,
  scope: 1,
  follow: 2,
  binary: 3,
  pid: 4,
  namespace: 4,
  capability: 4,
  socket: 5,
  text: 6,
};

function byCost(tests: readonly Test[]): readonly Test[] {
  return tests.toSorted((a, b) => COST[a.kind] - COST[b.kind]);
}

function lowerSelector(
  selector: Selector,
  index: number,
  returnOnly: boolean,
  matches: MatchScope,
  scope: Scope,
): SelectorPlan {
  const tests = returnOnly
    ? []
    : [
        scopeTest(selector.workloads, scope),
        ...lowerProcess(selector, scope),
        ...selector.arguments.map((match) => lowerMatch(match, matches)),
      ];
  const act = lowerActions(selector.actions, selector.span);
  const returned = lowerReturn(selector, matches);
  if (!act.post && (returned.act.kill || returned.act.signal !== 0)) {
    scope.diagnostics.push(diagnostic('RF2104', act.span));
  }
  return {
    index,
    span: selector.span,
    tests: byCost(tests.filter((test) => test !== undefined)),
    names: lowerNamed(selector, scope.follow),
    act,
    returned,
  };
}

function lowerReturn(selector: Selector, matches: MatchScope): ReturnPlan {
  const tests =
    matches.resultFact === undefined ? [] : selector.returnArguments.map((each) => lowerMatch(each, matches));
  return {
    tests: byCost(tests.filter((test) => test !== undefined)),
    act: lowerActions(selector.returnActions, selector.span),
  };
}

/** Every match is told of unless NoPost says otherwise. */
function lowerActions(actions: readonly Action[], fallback: Selector['span']): Act {
  const override = actions.find((action) => action.kind === 'override');
  const signal = actions.find((action) => action.kind === 'signal');
  return {
    post: !actions.some((action) => action.kind === 'nopost'),
    kill: actions.some((action) => action.kind === 'sigkill'),
    signal: signal?.signal ?? 0,
    override: override !== undefined,
    error: override?.error ?? -EPERM,
    span: actions[0]?.span ?? fallback,
  };
}
