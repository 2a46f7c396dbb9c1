/** podSelector, containerSelector and hostSelector, of a policy and under matchWorkloads: whom they select. */
import type { Span } from '#diagnostics';
import type { Findings } from './findings.ts';
import { entryOf, itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import { nearest } from './nearest.ts';
import { withoutRepeats } from './possible-values.ts';
import { shorten } from './schema-errors.ts';
import { labelOperators } from './schema-vocabulary.ts';
import { containerKeys, type LabelRequirement, namespaceLabel, type WorkloadSelector } from './workload-selector.ts';

/** Undefined for everything on the node. `namespace`: of a namespaced policy, and where it stands that it is one. */
export function policyScope(
  spec: Located,
  namespace: { readonly name: string; readonly span: Span } | undefined,
  findings: Findings,
): WorkloadSelector | undefined {
  if (namespace === undefined) return selectorOf(spec, findings);
  const { span } = namespace;
  reportHost(spec, findings);
  const { pod, container } = partsOf(spec, findings);
  return { host: false, containers: { namespace: namespace.name, pod: pod ?? [], container: container ?? [] }, span };
}

/** Of matchWorkloads: within what the policy itself is about. */
export function workloadMatch(filter: Located, namespaced: boolean, findings: Findings): WorkloadSelector | undefined {
  if (namespaced) reportHost(filter, findings);
  return selectorOf(filter, findings);
}

/** Host processes are in no namespace. */
function reportHost(owner: Located, findings: Findings): void {
  const host = entryOf(owner, 'hostSelector');
  if (host?.value.kind === 'map') findings.report('RF1113', host.key);
}

/** Nothing written selects everything, and so do all three of them where none asks for anything. */
function selectorOf(owner: Located, findings: Findings): WorkloadSelector | undefined {
  const host = entryOf(owner, 'hostSelector')?.value.kind === 'map';
  const { pod, container, span } = partsOf(owner, findings);
  if (pod === undefined && container === undefined) return host ? { host, containers: undefined, span } : undefined;
  const asksForNothing = (pod ?? []).length === 0 && (container ?? []).length === 0;
  if (host && asksForNothing) return undefined;
  return { host, containers: { namespace: undefined, pod, container: container ?? [] }, span };
}

function partsOf(owner: Located, findings: Findings) {
  const pod = entryOf(owner, 'podSelector');
  const container = entryOf(owner, 'containerSelector');
  const first = pod ?? container ?? entryOf(owner, 'hostSelector');
  return {
    pod: pod?.value.kind === 'map' ? requirementsOf(pod.value, podRules, findings) : undefined,
    container: container?.value.kind === 'map' ? requirementsOf(container.value, containerRules, findings) : undefined,
    span: first?.key ?? owner.span,
  };
}

export function nodeRequirements(selector: Located, findings: Findings): readonly LabelRequirement[] {
  return requirementsOf(selector, nodeRules, findings);
}

/** What keys and values there can be. */
type Rules = {
  readonly checkKey: (key: string, span: Span, findings: Findings) => void;
  readonly allows: (key: string, value: string) => boolean;
};

function requirementsOf(selector: Located, rules: Rules, findings: Findings): readonly LabelRequirement[] {
  const labels = entryOf(selector, 'matchLabels')?.value;
  const entries = labels?.kind === 'map' ? [...labels.entries] : [];
  return [
    ...entries.flatMap(([key, entry]) => labelOf(key, entry.key, entry.value, rules, findings) ?? []),
    ...itemsOf(selector, 'matchExpressions').flatMap((each) => expressionOf(each, rules, findings) ?? []),
  ];
}

function labelOf(
  key: string,
  span: Span,
  value: Located,
  rules: Rules,
  findings: Findings,
): LabelRequirement | undefined {
  rules.checkKey(key, span, findings);
  if (value.kind !== 'scalar') return undefined;
  checkValue(key, value, rules, findings);
  return { key, operator: 'In', values: [value.written], span };
}

function expressionOf(expression: Located, rules: Rules, findings: Findings): LabelRequirement | undefined {
  const key = scalarOf(expression, 'key');
  const written = scalarOf(expression, 'operator');
  const operator = labelOperators.find((each) => each === written?.value);
  if (key === undefined || written === undefined || operator === undefined) return undefined;
  rules.checkKey(key.written, key.span, findings);
  const scalars = itemsOf(expression, 'values').filter((value) => value.kind === 'scalar');
  const values = withoutRepeats(scalars, (value) => value.written, findings);
  for (const value of values) checkValue(key.written, value, rules, findings);
  const wantsValues = operator === 'In' || operator === 'NotIn';
  if (wantsValues && values.length === 0) findings.report('RF1305', written.span, { operator });
  if (!wantsValues && values.length > 0) findings.report('RF1343', values[0]?.span, { operator });
  return { key: key.written, operator, values: values.map((value) => value.written), span: expression.span };
}

function checkValue(key: string, value: LocatedScalar, { allows }: Rules, findings: Findings): void {
  if (allows(key, value.written)) return;
  findings.report('RF1342', value.span, { value: `"${shorten(value.written)}"`, key: shorten(key) });
}

/** As k8s.io/apimachinery has it: what no label can be, no label is. */
const label = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const prefix = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function isLabel(value: string): boolean {
  return value === '' || label.test(value);
}

export function isLabelKey(key: string): boolean {
  const [name = '', ...prefixes] = key.split('/').reverse();
  return prefixes.length < 2 && label.test(name) && prefixes.every((each) => prefix.test(each));
}

const nodeRules: Rules = {
  checkKey: (key, span, findings) => {
    if (!isLabelKey(key)) findings.report('RF1341', span, { key: `"${shorten(key)}"` });
  },
  allows: (_key, value) => isLabel(value),
};

const podRules: Rules = {
  checkKey: (key, span, findings) => {
    if (key !== namespaceLabel) nodeRules.checkKey(key, span, findings);
  },
  allows: nodeRules.allows,
};

/** The name of a container is a DNS label; the repository of an image has a host, a port and a path. */
const containerValues: Readonly<Record<(typeof containerKeys)[number], RegExp>> = {
  name: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  repo: /^(?=.{1,255}$)[A-Za-z0-9]([-A-Za-z0-9_.:/]*[A-Za-z0-9])?$/,
};

const containerRules: Rules = {
  checkKey: (key, span, findings) => {
    if (isContainerKey(key)) return;
    const like = nearest(key, containerKeys);
    const advice = like === undefined ? `write ${containerKeys.join(' or ')}` : `did you mean "${like}"?`;
    findings.report('RF1344', span, { key: `"${shorten(key)}"`, advice });
  },
  allows: (key, value) => !isContainerKey(key) || containerValues[key].test(value),
};

function isContainerKey(key: string): key is (typeof containerKeys)[number] {
  return containerKeys.some((each) => each === key);
}
