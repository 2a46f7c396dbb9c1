/** What a policy comes to on all nodes, in a word: what an event on it tells, once for each change. */
import type { PolicyStatusReport } from '#crd';

export type Verdict = {
  readonly reason: 'Pending' | 'Refused' | 'Degraded' | 'Enforced' | 'Canary' | 'PartlyEnforced';
  readonly type: 'Normal' | 'Warning';
  readonly message: string;
};

type Tally = Pick<
  PolicyStatusReport,
  'nodes' | 'enforced' | 'enforcing' | 'outsideCanary' | 'pending' | 'refused' | 'degraded' | 'exceptions'
>;

export function verdictOf(tally: Tally): Verdict {
  const { nodes, enforced, enforcing, outsideCanary = 0, pending, refused, degraded, exceptions } = tally;
  const worst = exceptions[0];
  const why = worst === undefined ? '' : `; ${worst.node}: ${worst.message || worst.reason || worst.state}`;
  const on =
    outsideCanary === 0
      ? `enforced on ${enforced} nodes`
      : `enforced on ${enforcing} of ${nodes} nodes, watching on ${outsideCanary} that are no canaries`;
  if (refused > 0) return { reason: 'Refused', type: 'Warning', message: `refused on ${refused}, ${on}${why}` };
  if (degraded > 0) return { reason: 'Degraded', type: 'Warning', message: `degraded on ${degraded}, ${on}${why}` };
  if (pending > 0 || nodes === 0) return { reason: 'Pending', type: 'Normal', message: `${on}, ${pending} to come` };
  if (exceptions.length > 0) return { reason: 'PartlyEnforced', type: 'Warning', message: `${on}${why}` };
  return { reason: outsideCanary === 0 ? 'Enforced' : 'Canary', type: 'Normal', message: on };
}
