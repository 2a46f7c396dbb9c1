/** What a policy comes to on this node, by its labels: loaded or not, enforcing or only watching. */
import { type NodeFacts, placementOf } from '#policy';
import type { Entries, PolicyEntry } from './policy-entry.ts';

/** An entry for which nothing is different stays the same object. A mode that was set by hand counts for more. */
export function placed(entry: PolicyEntry, node: NodeFacts): PolicyEntry {
  const { policy } = entry;
  if (policy === undefined) return entry;
  const placement = placementOf(policy, node);
  const mode = entry.mode ?? (placement === 'watch' ? 'monitor' : entry.textMode);
  if (placement === entry.placement && mode === policy.mode) return entry;
  return { ...entry, placement, policy: mode === policy.mode ? policy : { ...policy, mode } };
}

export function allPlaced(entries: Entries, node: NodeFacts): Entries {
  return new Map([...entries].map(([key, entry]) => [key, placed(entry, node)]));
}
