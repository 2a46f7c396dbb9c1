/**
 * What kernel tests covered of the policy language: for each kind of hook, type, operator, filter and action, how many
 * of the policies that they had loaded had it. What must be covered is what the model of the language has.
 */
import type { AttachPoint, Target } from '#bpf';
import { resolvePolicy } from '#compiler';
import type { Diagnostic } from '#diagnostics';
import { type Action, capabilitySetNames, type Hook, type Policy, parsePolicies, type Selector } from '#policy';
import { wishes } from '../property/place.ts';
import { processWishes } from '../property/policies.ts';
import { rowOfBinaries, rowOfCapabilities, rowOfNamespaces, rowOfPids, rowOfWish } from '../property/process-rows.ts';

/** Complete, or this would not compile. */
const attachedKinds: Readonly<Record<Exclude<AttachPoint['kind'], 'test'>, true>> = {
  ...{ lsm: true, fentry: true, fexit: true, kprobe: true, kretprobe: true, tp_btf: true, tracepoint: true },
};
const actionKinds: Readonly<Record<Action['kind'], true>> = {
  ...{ post: true, nopost: true, sigkill: true, signal: true, override: true },
};
const declarations = ['LSM hook', 'function', 'system call', 'tracepoint', 'raw tracepoint'] as const;
const returnActions = ['sigkill', 'signal'] as const;

type Row = readonly [group: string, name: string];

const ATTACHED = 'attached as';
const DECLARED = 'declared as';
const TYPES = 'types';
const RESULT = 'filters on the result';
const PROCESS = 'filters on the process';
const ACTIONS = 'actions';

/** `auto` stands for another type, so that only itself must be covered, and not with every operator. */
function required(): readonly Row[] {
  return [
    ...Object.keys(attachedKinds).map((kind): Row => [ATTACHED, kind]),
    ...declarations.map((kind): Row => [DECLARED, kind]),
    ...[...new Set(wishes.map(({ type }) => type)), 'cred', 'nop'].map((type): Row => [TYPES, type]),
    ...wishes.filter(({ type }) => type !== 'auto').map(({ type, operator }): Row => [type, operator]),
    [RESULT, 'Equal'],
    ...processWishes.map((wish): Row => [PROCESS, rowOfWish(wish)]),
    ...capabilitySetNames.map((set): Row => [PROCESS, `${set} capabilities`]),
    ...Object.keys(actionKinds).map((kind): Row => [ACTIONS, kind]),
    ...returnActions.map((kind): Row => [ACTIONS, `${kind} at the return`]),
  ];
}

export class PolicyCoverage {
  readonly #target: Target;
  readonly #groups = new Map<string, Map<string, number>>();
  #policies = 0;

  constructor(target: Target) {
    this.#target = target;
    for (const row of required()) this.#add(row, 0);
  }

  /** Policies that were loaded on this kernel. */
  add(texts: readonly string[]): void {
    for (const text of texts) {
      for (const policy of parsePolicies(text, 'policy.yaml').policies) {
        this.#policies += 1;
        for (const [group, names] of Map.groupBy(this.#rowsOf(policy), ([name]) => name)) {
          for (const name of new Set(names.map(([, each]) => each))) this.#add([group, name], 1);
        }
      }
    }
  }

  /** What no policy had. */
  missing(): readonly string[] {
    return this.#lines((count) => count === 0);
  }

  /** A line for each group: what was covered, and how often. */
  toString(): string {
    return [`${this.#policies} policies were loaded, with`, ...this.#lines((count) => count > 0)].join('\n  ');
  }

  /** In one line, for one file. */
  get summary(): string {
    const parts = [ATTACHED, TYPES, ACTIONS].map((group) => {
      const seen = [...(this.#groups.get(group) ?? [])].filter(([, count]) => count > 0);
      return seen.map(([name, count]) => `${name} ${count}`).join(', ');
    });
    return `${this.#policies} policies: ${parts.join('; ')}`;
  }

  #lines(wanted: (count: number) => boolean): readonly string[] {
    return Array.from(this.#groups, ([group, names]) => {
      const some = [...names].filter(([, count]) => wanted(count));
      return some.length === 0 ? [] : [`${group}: ${some.map(([name, count]) => `${name} ${count}`).join(', ')}`];
    }).flat();
  }

  #add([group, name]: Row, count: number): void {
    const names = this.#groups.get(group) ?? new Map<string, number>();
    this.#groups.set(group, names);
    names.set(name, (names.get(name) ?? 0) + count);
  }

  /** As the compiler placed its hooks on this kernel; it was loaded, so that no diagnostic is an error. */
  #rowsOf(policy: Policy): readonly Row[] {
    const diagnostics: Diagnostic[] = [];
    const { resolved } = resolvePolicy(policy, 0, this.#target, diagnostics);
    return [
      ...resolved.parts.map(({ point }): Row => [ATTACHED, point.kind]),
      ...policy.hooks.flatMap((hook) => [
        [DECLARED, declaration(hook)] as const,
        ...hook.arguments.map(({ type }): Row => [TYPES, type.value]),
        ...hook.selectors.flatMap((selector) => rowsOfSelector(selector, hook)),
      ]),
    ];
  }
}

function declaration(hook: Hook): (typeof declarations)[number] {
  switch (hook.kind) {
    case 'lsm':
      return 'LSM hook';
    case 'kprobe':
      return hook.syscall ? 'system call' : 'function';
    case 'tracepoint':
      return hook.raw ? 'raw tracepoint' : 'tracepoint';
  }
}

function rowsOfSelector(selector: Selector, hook: Hook): readonly Row[] {
  const { binaries, pids, namespaces, capabilities } = selector;
  const process = [
    ...(binaries === undefined ? [] : [rowOfBinaries(binaries)]),
    ...pids.map(rowOfPids),
    ...namespaces.map(rowOfNamespaces),
    ...capabilities.flatMap((match) => [rowOfCapabilities(match), `${match.set} capabilities`]),
  ];
  return [
    ...selector.arguments.map(
      ({ argument, operator }): Row => [hook.arguments[argument]?.type.value ?? RESULT, operator.value],
    ),
    ...selector.returnArguments.map(({ operator }): Row => [RESULT, operator.value]),
    ...process.map((name): Row => [PROCESS, name]),
    ...selector.actions.map(({ kind }): Row => [ACTIONS, kind]),
    ...selector.returnActions.map(({ kind }): Row => [ACTIONS, `${kind} at the return`]),
  ];
}
