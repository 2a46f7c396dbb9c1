/** Whom a selector names: such processes are killed even when the node can not do without them. */
import type { Selector } from '#policy';
import type { FollowBits } from './lower-match.ts';
import { followedBinaries } from './lower-process.ts';
import type { Named } from './plan.ts';

export function lowerNamed({ binaries, pids }: Selector, follow: FollowBits): Named {
  if (pids.some((match) => !match.negated && !match.inNamespace && !match.followForks)) return { kind: 'all' };
  if (binaries === undefined || binaries.operator.value.startsWith('Not')) return { kind: 'nobody' };
  if (!binaries.followChildren) return { kind: 'all' };
  const bit = follow.bitOf(followedBinaries(binaries));
  return bit === undefined ? { kind: 'nobody' } : { kind: 'listed', bit };
}
