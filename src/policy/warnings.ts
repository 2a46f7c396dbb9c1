/** What is valid but hardly meant: selectors that are never reached or never match, that stop all, that trust a name. */
import { contradictionIn } from './contradictions.ts';
import type { Findings } from './findings.ts';
import {
  type Argument,
  type ArgumentMatch,
  type ArgumentValue,
  type Hook,
  isEnforcing,
  isPathType,
  type Policy,
  type Selector,
} from './model.ts';
import { workloadKey } from './workload-selector.ts';

/** `hooks`: those of the policy, without those that differ from another by nothing but their names. */
export function warnAboutHooks(hooks: readonly Hook[], policy: Policy, findings: Findings): void {
  const sets = new ValueSets();
  for (const hook of hooks) warnAboutHook(hook, policy, sets, findings);
}

function warnAboutHook(hook: Hook, policy: Policy, sets: ValueSets, findings: Findings): void {
  warnAboutOrder(hook.selectors, sets, findings);
  for (const selector of hook.selectors) {
    const contradiction = contradictionIn(selector, hook.arguments);
    if (contradiction !== undefined) findings.report('RF1502', contradiction);
    if (policy.mode === 'monitor' || !isEnforcing(selector)) continue;
    if (policy.scope === undefined && filtersOf(selector, sets) === matchesAll)
      warnAboutEverything(selector, hook, findings);
    warnAboutNames(selector, hook, policy, findings);
  }
}

/**
 * The first selector that matches wins: one that repeats an earlier, or follows a catch-all, has no effect. What the
 * call returns comes too late to make a difference.
 */
function warnAboutOrder(selectors: readonly Selector[], sets: ValueSets, findings: Findings): void {
  const earlier = new Map<string, Selector>();
  let catchAll: Selector | undefined;
  for (const selector of selectors) {
    const filters = filtersOf(selector, sets);
    const winner = catchAll ?? earlier.get(filters);
    if (winner !== undefined) findings.report('RF1501', startOf(selector), { line: winner.span.line });
    if (filters === matchesAll) catchAll ??= selector;
    else if (winner === undefined) earlier.set(filters, selector);
  }
}

const matchesAll = '[]';

/** The filters of a selector in a form in which equal ones are equal texts. */
function filtersOf(selector: Selector, sets: ValueSets): string {
  const { arguments: matches, workloads, binaries, pids, namespaces, capabilities } = selector;
  const filters = [
    ...(workloads === undefined ? [] : [['workloads', workloadKey(workloads)]]),
    ...matches.map(({ argument, operator, values }) => [argument, operator.value, sets.numberOf(values)]),
    ...(binaries === undefined ? [] : [binaries]).map(({ operator, values, followChildren }) => {
      return ['binaries', operator.value, followChildren, values.map((each) => each.value).sort()];
    }),
    ...pids.map(({ negated, values, inNamespace, followForks }) => {
      return ['pids', negated, inNamespace, followForks, values.toSorted()];
    }),
    ...namespaces.map(({ namespace, negated, values }) => ['namespaces', namespace, negated, values.toSorted()]),
    ...capabilities.map(({ set, negated, inNamespace, mask }) => {
      return ['capabilities', set, negated, inNamespace, String(mask)];
    }),
  ];
  return JSON.stringify(filters.map((filter) => JSON.stringify(filter)).sort());
}

/** A number for each set of values: filters that share a list of thousands are compared by it. */
class ValueSets {
  readonly #byValues = new Map<readonly ArgumentValue[], number>();
  readonly #byText = new Map<string, number>();

  numberOf(values: readonly ArgumentValue[]): number {
    const known = this.#byValues.get(values);
    if (known !== undefined) return known;
    const text = JSON.stringify(values.map(valueKey).sort());
    const number = this.#byText.get(text) ?? this.#byText.size;
    this.#byText.set(text, number);
    this.#byValues.set(values, number);
    return number;
  }
}

function valueKey(value: ArgumentValue): string {
  switch (value.kind) {
    case 'string':
      return `"${value.text}`;
    case 'integer':
      return String(value.value);
    case 'range':
      return `${value.minimum}:${value.maximum}`;
    case 'address':
      return `${value.bytes.join('.')}/${value.prefixLength}`;
    case 'syscall':
      return `${value.name}/${value.width}`;
  }
}

/** A selector may be long: the warning marks its first line. */
function startOf({ span }: Selector): Selector['span'] {
  return span.endLine === span.line ? span : { ...span, endLine: span.line, endColumn: span.text.length + 1 };
}

function warnAboutEverything(selector: Selector, hook: Hook, findings: Findings): void {
  const action = selector.actions.find(({ kind }) => kind === 'sigkill' || kind === 'override');
  if (action === undefined) return;
  const name = action.kind === 'sigkill' ? 'Sigkill' : 'Override';
  findings.report('RF1503', action.span, { action: name, hook: hook.name.value });
}

/** Hooks through which a file gets another name. */
const renamingHooks = ['path_link', 'path_rename', 'sb_mount', 'move_mount'] as const;

function warnAboutNames(selector: Selector, hook: Hook, policy: Policy, findings: Findings): void {
  const byName = selector.arguments.filter((filter) => isByName(filter, hook.arguments));
  const byPart = byName.find((filter) => !filter.operator.value.endsWith('Equal'));
  if (byPart !== undefined) {
    const hooks = new Set(policy.hooks.map((each) => each.name.value.replace(/^security_/, '')));
    const guarded = renamingHooks.every((each) => hooks.has(each));
    if (!guarded) findings.report('RF1505', byPart.operator.span, { operator: byPart.operator.value });
    return;
  }
  const whole = byName[0];
  if (whole !== undefined && policy.fileIdentity === 'path') findings.report('RF1504', whole.operator.span);
}

/** The name of a file, rather than a text that is no more than itself. */
function isByName({ argument, values }: ArgumentMatch, declared: readonly Argument[]): boolean {
  const type = declared[argument]?.type.value;
  return values[0]?.kind === 'string' && type !== undefined && (type === 'auto' || isPathType(type));
}
