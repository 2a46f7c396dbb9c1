/** What all nodes say of one policy, added up: pure, and made anew from what each said last. */
import {
  effects,
  type NodePolicyState,
  nodeStates,
  notCanary,
  type PolicyCondition,
  type PolicyConditionType,
  type PolicyException,
  type PolicyOnNode,
  type PolicyStatusReport,
  statusLimits,
} from '#crd';

/** What one node says of it; undefined when it has not heard of this version yet. */
export type NodeAnswer = { readonly node: string; readonly said: PolicyOnNode | undefined };

export type TallyOptions = {
  readonly revision: string;
  readonly generation: number;
  readonly nodes: Iterable<NodeAnswer>;
  /** As they were reported last: a condition keeps the time of its last change. */
  readonly before: readonly PolicyCondition[];
  readonly now: Date;
};

const COSTS = ['Low', 'Medium', 'High'] as const;
const REFUSED: readonly NodePolicyState[] = ['Refused', 'NotCompiled', 'NotAttached'];
const AS_IT_SHOULD_BE: readonly NodePolicyState[] = ['Enforcing', 'Monitoring', 'Skipped'];
const COUNTERS = [
  ...(['memoryKiB', 'matches', 'denied', 'killed', 'unreadable'] as const),
  ...(['programRuns', 'programMicroseconds'] as const),
] as const;

export function tallyOf({ revision, generation, nodes, before, now }: TallyOptions): PolicyStatusReport {
  const states = new Map<NodePolicyState, number>(nodeStates.map((state) => [state, 0]));
  const sums = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<(typeof COUNTERS)[number], number>;
  let verifiedInstructions = 0;
  const hooks = new Set<string>();
  const reasons = new Map<string, { count: number; readonly message: string }>();
  const exceptions: PolicyException[] = [];
  let outsideCanary = 0;
  let memoryKiBMax = 0;
  let effect: number = effects.length;
  let cost = -1;
  let racy = false;
  let mayBeSkipped = false;
  for (const { node, said } of nodes) {
    const current = said?.revision === revision ? said : undefined;
    const state = current?.state ?? 'Pending';
    states.set(state, (states.get(state) ?? 0) + 1);
    if (!AS_IT_SHOULD_BE.includes(state)) {
      const { reason = state, message = '' } = current ?? {};
      const known = reasons.get(reason) ?? { count: 0, message };
      known.count += 1;
      reasons.set(reason, known);
      exceptions.push({ node, state, ...(current?.reason && { reason }), ...(message && { message }) });
    }
    if (current === undefined) continue;
    if (state === 'Monitoring' && current.reason === notCanary) outsideCanary += 1;
    for (const counter of COUNTERS) sums[counter] += current[counter] ?? 0;
    memoryKiBMax = Math.max(memoryKiBMax, current.memoryKiB ?? 0);
    verifiedInstructions = Math.max(verifiedInstructions, current.verifiedInstructions ?? 0);
    if (current.effect !== undefined) effect = Math.min(effect, effects.indexOf(current.effect));
    if (current.cost !== undefined) cost = Math.max(cost, COSTS.indexOf(current.cost));
    for (const hook of current.hooks ?? []) if (hooks.size < statusLimits.hooksOfPolicy) hooks.add(hook);
    racy ||= current.racy === true;
    mayBeSkipped ||= current.mayBeSkipped === true;
  }
  const count = (...wanted: readonly NodePolicyState[]) =>
    wanted.reduce((sum, state) => sum + (states.get(state) ?? 0), 0);
  const all = count(...nodeStates) - count('Skipped');
  const [top] = [...reasons].toSorted(([, a], [, b]) => b.count - a.count);
  exceptions.sort((a, b) => nodeStates.indexOf(a.state) - nodeStates.indexOf(b.state) || compare(a.node, b.node));
  const listed = exceptions.slice(0, statusLimits.exceptionsOfPolicy);
  const weakest = effects[effect];
  const dearest = COSTS[cost];
  return {
    revision,
    nodes: all,
    enforced: `${count('Enforcing', 'Monitoring')}/${all}`,
    enforcing: count('Enforcing'),
    monitoring: count('Monitoring'),
    ...(outsideCanary === 0 ? {} : { outsideCanary }),
    degraded: count('Degraded'),
    refused: count(...REFUSED),
    pending: count('Pending'),
    skipped: count('Skipped'),
    ...(top === undefined ? {} : { reason: top[0], message: top[1].message }),
    ...(weakest === undefined ? {} : { effect: weakest }),
    ...(dearest === undefined ? {} : { cost: dearest }),
    ...{ hooks: [...hooks], racy, mayBeSkipped, ...sums, verifiedInstructions, memoryKiBMax },
    conditions: conditionsOf({ count, all, generation, before, now }),
    exceptions: listed,
    exceptionsOmitted: exceptions.length - listed.length,
    reported: now.toISOString(),
  };
}

type Counts = Pick<TallyOptions, 'generation' | 'before' | 'now'> & {
  readonly count: (...states: readonly NodePolicyState[]) => number;
  readonly all: number;
};

/** Each says one thing of all nodes: true when it holds on each, unknown while nobody has said anything. */
function conditionsOf({ count, all, generation, before, now }: Counts): PolicyCondition[] {
  const unheard = all === count('Pending');
  const none = (type: PolicyConditionType, state: NodePolicyState) => {
    if (unheard) return condition(type, 'Unknown', 'Pending', `${count('Pending')} of ${all} nodes have not said`);
    const bad = count(state);
    return bad === 0
      ? condition(type, 'True', type, 'on all nodes that have said')
      : condition(type, 'False', state, `not on ${bad} of ${all} nodes`);
  };
  const enforcing = count('Enforcing', 'Degraded');
  const degraded = count('Degraded');
  return [
    none('Accepted', 'Refused'),
    none('Compiled', 'NotCompiled'),
    none('Attached', 'NotAttached'),
    enforcing === all && all > 0
      ? condition('Enforcing', 'True', 'Enforcing', `on all ${all} nodes`)
      : condition('Enforcing', unheard ? 'Unknown' : 'False', 'NotOnAllNodes', `on ${enforcing} of ${all} nodes`),
    degraded > 0
      ? condition('Degraded', 'True', 'Degraded', `on ${degraded} of ${all} nodes`)
      : condition('Degraded', 'False', 'NotDegraded', 'on no node'),
  ];

  function condition(
    type: PolicyConditionType,
    status: PolicyCondition['status'],
    reason: string,
    message: string,
  ): PolicyCondition {
    const same = before.find((each) => each.type === type && each.status === status);
    const lastTransitionTime = same?.lastTransitionTime ?? now.toISOString();
    return { type, status, observedGeneration: generation, lastTransitionTime, reason, message };
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
