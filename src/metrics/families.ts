/** All metrics that there are: the page of them is made from this. */
import { agentFamilies } from './families-agent.ts';
import { eventFamilies } from './families-events.ts';
import { nodeFamilies } from './families-node.ts';
import { policyFamilies } from './families-policies.ts';
import type { Family } from './family.ts';

export const families: readonly (readonly [title: string, families: readonly Family[]])[] = [
  ['The agent', agentFamilies],
  ['Policies', policyFamilies],
  ['Events', eventFamilies],
  ['The node and its cluster', nodeFamilies],
];
