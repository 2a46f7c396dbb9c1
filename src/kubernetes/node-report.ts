/** What a node reports of its policies: one word for each, and more only of those that are not as they should be. */
import type { NodePolicyState, NodePolicyStatus, PolicyEffect, PolicyOnNode } from '#crd';
import { lineStates, notCanary, policyLine, statusLimits } from '#crd';
import type { Diagnostic } from '#diagnostics';
import type { ObservedAgent, ObservedHook, ObservedPolicy } from './observed-policy.ts';

/** A report to which only the time is missing. */
export type NodeReport = Omit<NodePolicyStatus, 'reported'>;

const ORIGIN = 'kubernetes';
const WORD_CHARACTERS_MAX = 64;
const HOOK_CHARACTERS_MAX = 128;
/** Worst first: these are never left out for others. */
const UNHEALTHY: readonly NodePolicyState[] = ['Refused', 'NotCompiled', 'NotAttached', 'Degraded', 'Pending'];
const EFFECTS: Readonly<Record<ObservedHook['effect'], PolicyEffect>> = {
  observes: 'Observes',
  'may complete': 'MayComplete',
  blocks: 'Blocks',
};
const WEAKEST_FIRST: readonly PolicyEffect[] = ['Observes', 'MayComplete', 'Blocks'];

export function reportOf(policies: readonly ObservedPolicy[], agent: ObservedAgent): NodeReport {
  const all = policies
    .filter(({ origin }) => origin === ORIGIN)
    .map((policy) => onNode(policy, agent))
    .toSorted((a, b) => severity(a) - severity(b));
  const told = all.slice(0, statusLimits.policiesOfNode);
  const isWanted = ({ state }: PolicyOnNode) => lineStates.includes(state);
  const details = told.filter((policy) => !isWanted(policy));
  const count = (...states: readonly NodePolicyState[]) => all.filter(({ state }) => states.includes(state)).length;
  const reason = all.find(({ state }) => UNHEALTHY.includes(state))?.reason;
  return {
    agentVersion: agent.version.slice(0, WORD_CHARACTERS_MAX),
    kernel: agent.kernel.slice(0, WORD_CHARACTERS_MAX),
    mode: agent.held === undefined ? 'enforce' : 'detect',
    source: agent.source,
    policies: all.length,
    enforcing: count('Enforcing'),
    degraded: count('Degraded'),
    refused: count('Refused', 'NotCompiled', 'NotAttached'),
    ...(reason === undefined ? {} : { reason }),
    asWanted: told.filter(isWanted).map(policyLine),
    details,
    ...(all.length > told.length ? { detailsOmitted: all.length - told.length } : {}),
  };
}

/** What makes a report worth writing soon: all but numbers. */
export function essenceOf({ source, mode, asWanted = [], details, detailsOmitted }: NodeReport): string {
  const policies = details.map(({ namespace, name, revision, state, reason, message, effect }) => [
    ...[namespace, name, revision, state, reason, message, effect],
  ]);
  const lines = asWanted.map((line) => line.replaceAll(/ \w+=\d+(?= |$)/g, ''));
  return JSON.stringify([source, mode, detailsOmitted, lines, policies]);
}

type Verdict = { readonly state: NodePolicyState; readonly reason?: string; readonly message?: string };

function onNode(policy: ObservedPolicy, agent: ObservedAgent): PolicyOnNode {
  const { name, namespace, revision = '', hooks, counts, memoryBytes } = policy;
  const effect = weakest(hooks);
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...{ name, revision },
    ...verdictOf(policy, agent),
    ...(effect === undefined ? {} : { effect }),
    ...(hooks.length === 0 ? {} : { hooks: sectionsOf(hooks) }),
    ...(hooks.some(({ racy }) => racy) ? { racy: true } : {}),
    ...(hooks.some(({ mayBeSkipped }) => mayBeSkipped) ? { mayBeSkipped: true } : {}),
    ...costOf(hooks),
    ...(memoryBytes === undefined ? {} : { memoryKiB: Math.ceil(memoryBytes / 1024) }),
    ...(counts === undefined ? {} : numbersOf(counts)),
  };
}

function verdictOf(policy: ObservedPolicy, agent: ObservedAgent): Verdict {
  if (policy.state === 'disabled') return { state: 'Disabled', reason: 'DisabledOnNode' };
  if (policy.state === 'skipped') {
    return { state: 'Skipped', reason: policy.placement === 'unknown' ? 'NodeLabelsUnknown' : 'NodeSelector' };
  }
  if (policy.state === 'refused') {
    const verdict = refusal(policy.diagnostics);
    if (policy.olderEnforces !== true) return verdict;
    const { state, message = '' } = verdict;
    const told = `programs of another version of the agent enforce it, as for this one it is ${state}: ${message}`;
    return { state: 'Degraded', reason: 'OlderVersion', message: cut(told) };
  }
  if (policy.refusedVersion !== undefined) {
    const { state, message = '' } = refusal(policy.refusedVersion.diagnostics);
    const told = `the version before it is enforced, as ${policy.refusedVersion.revision} is ${state}: ${message}`;
    return { state: 'Degraded', reason: 'FormerVersion', message: cut(told) };
  }
  if (policy.demoted === true) return { state: 'Monitoring', reason: 'KillBudgetSpent' };
  if (policy.mode === 'monitor') {
    return { state: 'Monitoring', reason: policy.placement === 'watch' ? notCanary : 'ByPolicy' };
  }
  if (agent.held !== undefined) return { state: 'Monitoring', reason: agent.held };
  return { state: 'Enforcing' };
}

/** By the first error: the policy is wrong, this kernel cannot do it, or it refused what was made for it. */
function refusal(diagnostics: readonly Diagnostic[]): Verdict {
  const first = diagnostics.find(({ severity }) => severity === 'error');
  const state = first?.code.startsWith('RF1')
    ? 'Refused'
    : first?.code.startsWith('RF2')
      ? 'NotCompiled'
      : 'NotAttached';
  if (first === undefined) return { state, reason: 'Unknown' };
  const { code, span, message } = first;
  const line = span === undefined ? '' : `line ${span.line} (${span.text.trim()}): `;
  return { state, reason: code, message: cut(`${line}${message}`) };
}

function weakest(hooks: readonly ObservedHook[]): PolicyEffect | undefined {
  const there = hooks.map(({ effect }) => EFFECTS[effect]);
  return WEAKEST_FIRST.find((effect) => there.includes(effect));
}

const COSTS: readonly ObservedHook['cost'][] = ['low', 'medium', 'high'];
const COST_WORDS = { low: 'Low', medium: 'Medium', high: 'High' } as const;

/** The dearest hook's word; numbers of all its programs, each section once. */
function costOf(hooks: readonly ObservedHook[]): Partial<PolicyOnNode> {
  const word = COSTS.findLast((cost) => hooks.some((hook) => hook.cost === cost));
  if (word === undefined) return {};
  const programs = [...new Map(hooks.map((hook) => [hook.attached.join(), hook])).values()];
  const sum = (key: 'instructions' | 'runs' | 'runNs') => programs.reduce((all, hook) => all + (hook[key] ?? 0), 0);
  const numbers = {
    verifiedInstructions: sum('instructions'),
    programRuns: sum('runs'),
    programMicroseconds: Math.round(sum('runNs') / 1000),
  };
  const known = Object.entries(numbers).filter(([, number]) => number > 0);
  return { cost: COST_WORDS[word], ...Object.fromEntries(known) };
}

function sectionsOf(hooks: readonly ObservedHook[]): string[] {
  const sections = new Set(hooks.flatMap(({ attached }) => attached));
  return [...sections].slice(0, statusLimits.hooksOfPolicy).map((section) => section.slice(0, HOOK_CHARACTERS_MAX));
}

function numbersOf({ matches, denied, killed, unreadable }: NonNullable<ObservedPolicy['counts']>) {
  return { matches, denied, killed, unreadable };
}

function severity({ state }: PolicyOnNode): number {
  const index = UNHEALTHY.indexOf(state);
  return index === -1 ? UNHEALTHY.length : index;
}

function cut(text: string): string {
  const max = statusLimits.messageCharacters;
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
