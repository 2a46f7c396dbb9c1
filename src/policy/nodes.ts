/** On which nodes a policy is loaded, and on which of these it enforces. */
import { holds, type LabelRequirement } from './workload-selector.ts';

/** Nodes on which the policy enforces; it watches on the others that it selects. All must hold. */
export type Canary = {
  readonly labels: readonly LabelRequirement[];
  /** Of all nodes, by their names; undefined: whatever the name. */
  readonly percent: number | undefined;
};

export type NodeFacts = {
  readonly name: string;
  /** Undefined: not known. */
  readonly labels: Readonly<Record<string, string>> | undefined;
};

/**
 * - `here`: it does what it says
 * - `watch`: it is loaded, in monitor mode, as the node is no canary of it
 * - `elsewhere`: it is not loaded: its nodeSelector does not select the node
 * - `unknown`: it is not loaded: the labels of the node are not known
 */
export type Placement = 'here' | 'watch' | 'elsewhere' | 'unknown';

export type Placed = {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly nodeSelector: readonly LabelRequirement[];
  readonly canary: Canary | undefined;
};

export function placementOf(policy: Placed, { name, labels }: NodeFacts): Placement {
  const { nodeSelector, canary } = policy;
  if (nodeSelector.length > 0) {
    if (labels === undefined) return 'unknown';
    if (!nodeSelector.every((requirement) => holds(requirement, labels))) return 'elsewhere';
  }
  if (canary === undefined) return 'here';
  const isLabelled =
    canary.labels.length === 0 ||
    (labels !== undefined && canary.labels.every((requirement) => holds(requirement, labels)));
  const isDrawn = canary.percent === undefined || lotOf(policy, name) < canary.percent;
  return isLabelled && isDrawn ? 'here' : 'watch';
}

/**
 * Of a node, from 0 to below 100: always the same for one policy, so that a higher percentage only adds nodes, and
 * another for each policy, so that it is not always the same nodes that come first.
 */
function lotOf({ name, namespace = '' }: Placed, node: string): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(`${namespace}/${name}/${node}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  // what differs at the end of a name is only in the lowest bits so far
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100;
}
