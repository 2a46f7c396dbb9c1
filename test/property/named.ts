/** Whether a policy names the process that it matched, so that it is killed though the node can not do without it. */
import type { FollowList } from '#compiler';
import type { ObservedProcess, Selector } from '#policy';

/** By its plain meaning, of one that matches. */
export function isNamed({ binaries, pids }: Selector, { binary }: ObservedProcess): boolean {
  if (pids.some(({ negated, inNamespace, followForks }) => !negated && !inNamespace && !followForks)) return true;
  if (binaries === undefined || binaries.operator.value.startsWith('Not')) return false;
  if (!binaries.followChildren) return true;
  return binary !== 'unreadable' && binaries.values.some(({ value }) => Buffer.from(value).equals(binary));
}

/** Whether its own binary is in the list with this bit. */
export function isListed(follow: readonly FollowList[], bit: number, { binary }: ObservedProcess): boolean {
  const list = follow.find((each) => each.bit === bit);
  if (list?.kind !== 'binaries' || binary === 'unreadable') return false;
  return list.paths.some((path) => Buffer.from(path).equals(binary));
}
