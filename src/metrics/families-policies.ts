/** Metrics of policies: as many series as there are policies, of which a node takes 1,024. */
import type { PolicyStatus } from '#sensors';
import type { Family, Labels, Sample } from './family.ts';
import type { Enforcement } from './numbers.ts';

/** One of them holds for each policy; the first that fits. */
const STATES = ['refused', 'skipped', 'disabled', 'former-version', 'demoted', 'monitoring', 'enforcing'] as const;
type State = (typeof STATES)[number];

const VERDICTS = ['killed', 'denied', 'monitored', 'signalled', 'spared'] as const;

export const policyFamilies: readonly Family[] = [
  {
    name: 'ringfence_policies',
    type: 'gauge',
    help: 'Policies by state: refused; skipped, as they are for other nodes; disabled; former-version, where the newest is refused and the one before it goes on; demoted, as its kill budget is spent; monitoring; enforcing.',
    labels: ['state'],
    read: ({ policies, enforcement }) => {
      const states = policies.map((policy) => stateOf(policy, enforcement));
      return STATES.map((state) => ({
        labels: { state },
        value: states.filter((each) => each === state).length,
      }));
    },
  },
  {
    name: 'ringfence_policy_state',
    type: 'gauge',
    help: 'The state of each policy, in the words of ringfence_policies; always 1.',
    labels: ['policy_namespace', 'policy', 'state'],
    read: ({ policies, enforcement }) =>
      policies.map((policy) => ({ labels: { ...named(policy), state: stateOf(policy, enforcement) }, value: 1 })),
  },
  {
    name: 'ringfence_policy_stale',
    type: 'gauge',
    help: '1 for a policy that is enforced from its copy, as the API server has not been heard; without a series when it has.',
    labels: ['policy_namespace', 'policy'],
    read: ({ policies }) =>
      policies.flatMap((policy) => (policy.stale === true ? [{ labels: named(policy), value: 1 }] : [])),
  },
  {
    name: 'ringfence_policy_memory_bytes',
    type: 'gauge',
    help: 'Memory of programs and sets in the kernel; what policies share is shared out evenly.',
    labels: ['policy_namespace', 'policy'],
    read: ({ policies }) =>
      policies.flatMap((policy) =>
        policy.memoryBytes === undefined ? [] : [{ labels: named(policy), value: policy.memoryBytes }],
      ),
  },
  {
    name: 'ringfence_policy_matches_total',
    type: 'counter',
    help: 'Calls that a policy matched, as the kernel counts them; anew when the policy is loaded anew.',
    labels: ['policy_namespace', 'policy'],
    read: ({ policies }) => counted(policies, 'matches'),
  },
  {
    name: 'ringfence_policy_events_total',
    type: 'counter',
    help: 'Events that a policy has sent on their way, whether or not they arrived.',
    labels: ['policy_namespace', 'policy'],
    read: ({ policies }) => counted(policies, 'posted'),
  },
  {
    name: 'ringfence_policy_verdicts_total',
    type: 'counter',
    help: 'Calls by what became of them: killed; denied; monitored, which would have been; signalled; spared, as the process is critical to the node. Only those that there were.',
    labels: ['policy_namespace', 'policy', 'verdict'],
    read: ({ policies }) =>
      policies.flatMap((policy) =>
        VERDICTS.flatMap((verdict) => {
          const value = policy.counts?.[verdict] ?? 0;
          return value === 0 ? [] : [{ labels: { ...named(policy), verdict }, value }];
        }),
      ),
  },
  {
    name: 'ringfence_policy_unreadable_total',
    type: 'counter',
    help: 'Calls of which an argument could not be read: enforcing policies denied them. Only where there were some.',
    labels: ['policy_namespace', 'policy'],
    read: ({ policies }) => counted(policies, 'unreadable').filter(({ value }) => value > 0),
  },
  {
    name: 'ringfence_policy_returns_lost_total',
    type: 'counter',
    help: 'Calls whose return could not be joined to them. Only where there were some.',
    labels: ['policy_namespace', 'policy'],
    read: ({ policies }) => counted(policies, 'returnLost').filter(({ value }) => value > 0),
  },
];

function named({ name, namespace }: PolicyStatus): Labels {
  return { policy_namespace: namespace ?? '', policy: name };
}

function counted(policies: readonly PolicyStatus[], count: keyof NonNullable<PolicyStatus['counts']>): Sample[] {
  return policies.flatMap((policy) =>
    policy.counts === undefined ? [] : [{ labels: named(policy), value: policy.counts[count] }],
  );
}

function stateOf({ state, mode, demoted, refusedVersion }: PolicyStatus, enforcement: Enforcement): State {
  if (state !== 'loaded') return state;
  if (refusedVersion !== undefined) return 'former-version';
  if (demoted) return 'demoted';
  return mode === 'monitor' || enforcement !== 'enforce' ? 'monitoring' : 'enforcing';
}
