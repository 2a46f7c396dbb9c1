/** What is valid but hardly meant: selectors that are never reached or never match, that stop all, that trust a name. */
import type { Findings } from './findings.ts';
import {
  type ArgumentMatch,
  type ArgumentOperator,
  type ArgumentValue,
  isEnforcing,
  type LsmHook,
  type Policy,
  type Selector,
} from './model.ts';

export function warnAboutHook(hook: LsmHook, policy: Policy, findings: Findings): void {
  warnAboutOrder(hook.selectors, findings);
  for (const selector of hook.selectors) {
    warnAboutContradiction(selector, findings);
    if (policy.mode === 'monitor' || !isEnforcing(selector)) continue;
    warnAboutEverything(selector, hook, findings);
    warnAboutNames(selector, policy, findings);
  }
}

/** The first selector that matches wins: one that repeats an earlier, or follows a catch-all, has no effect. */
function warnAboutOrder(selectors: readonly Selector[], findings: Findings): void {
  const earlier = new Map<string, Selector>();
  let catchAll: Selector | undefined;
  for (const selector of selectors) {
    const filters = filtersOf(selector);
    const winner = catchAll ?? earlier.get(filters);
    if (winner !== undefined) findings.report('RF1501', startOf(selector), { line: winner.span.line });
    if (filters === matchesAll) catchAll ??= selector;
    else if (winner === undefined) earlier.set(filters, selector);
  }
}

const matchesAll = '[]';

/** The filters of a selector in a form in which equal ones are equal texts. */
function filtersOf(selector: Selector): string {
  const filters = selector.arguments.map(({ argument, operator, values }) => {
    return JSON.stringify([argument, operator.value, values.map(valueKey).sort()]);
  });
  const { binaries } = selector;
  if (binaries !== undefined) {
    filters.push(
      JSON.stringify(['binaries', binaries.operator.value, binaries.values.map((each) => each.value).sort()]),
    );
  }
  return JSON.stringify(filters.sort());
}

function valueKey(value: ArgumentValue): string {
  return value.kind === 'string' ? `"${value.text}` : String(value.value);
}

/** A selector may be long: the warning marks its first line. */
function startOf({ span }: Selector): Selector['span'] {
  return span.endLine === span.line ? span : { ...span, endLine: span.line, endColumn: span.text.length + 1 };
}

/** Value sets too large to be compared pair by pair get no warning: it is a courtesy, and must not cost seconds. */
const comparisonsMax = 1_000_000;

/** Of the values of an Equal filter at least one must satisfy every other filter of the same argument. */
function warnAboutContradiction(selector: Selector, findings: Findings): void {
  for (const filter of selector.arguments) {
    if (filter.operator.value !== 'Equal' || filter.values.length === 0) continue;
    const others = selector.arguments.filter((other) => other !== filter && other.argument === filter.argument);
    const comparisons = others.reduce((sum, other) => sum + other.values.length, 0) * filter.values.length;
    if (comparisons > comparisonsMax) continue;
    if (filter.values.some((value) => others.every((other) => accepts(other, value)))) continue;
    findings.report('RF1502', filter.operator.span);
    return;
  }
}

function accepts(filter: ArgumentMatch, candidate: ArgumentValue): boolean {
  return filter.values.some((value) => satisfies(candidate, filter.operator.value, value));
}

function satisfies(candidate: ArgumentValue, operator: ArgumentOperator, value: ArgumentValue): boolean {
  if (value.kind === 'integer' || candidate.kind === 'integer') return valueKey(value) === valueKey(candidate);
  switch (operator) {
    case 'Equal':
      return candidate.text === value.text;
    case 'Prefix':
      return candidate.text.startsWith(value.text);
    case 'Postfix':
      return candidate.text.endsWith(value.text);
  }
}

function warnAboutEverything(selector: Selector, hook: LsmHook, findings: Findings): void {
  if (selector.arguments.length > 0 || selector.binaries !== undefined) return;
  const action = selector.actions.find(({ kind }) => kind === 'sigkill' || kind === 'override');
  if (action === undefined) return;
  const name = action.kind === 'sigkill' ? 'Sigkill' : 'Override';
  findings.report('RF1503', action.span, { action: name, hook: hook.name.value });
}

/** Hooks through which a file gets another name. */
const renamingHooks = ['path_link', 'path_rename', 'sb_mount', 'move_mount'] as const;

function warnAboutNames(selector: Selector, policy: Policy, findings: Findings): void {
  const byName = selector.arguments.filter((filter) => filter.values[0]?.kind === 'string');
  const byPart = byName.find((filter) => filter.operator.value !== 'Equal');
  const hooks = new Set(policy.hooks.map((hook) => hook.name.value));
  if (byPart !== undefined) {
    const guarded = renamingHooks.every((hook) => hooks.has(hook));
    if (!guarded) findings.report('RF1505', byPart.operator.span, { operator: byPart.operator.value });
    return;
  }
  const whole = byName[0];
  if (whole !== undefined && policy.fileIdentity === 'path') findings.report('RF1504', whole.operator.span);
}
