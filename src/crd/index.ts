/** crd: what the API server of a cluster knows of our kinds: their definitions, and what is reported of policies. */
export { definitionLabel, definitions } from './definitions.ts';
export { lineStates, policyLine, policyOfLine } from './policy-line.ts';
export {
  conditionTypes,
  effects,
  type NodePolicyState,
  type NodePolicyStatus,
  nodeStates,
  notCanary,
  type PolicyCondition,
  type PolicyConditionType,
  type PolicyEffect,
  type PolicyException,
  type PolicyOnNode,
  type PolicyStatusReport,
  statusApiVersion,
  statusLimits,
  type TracingPolicyStatus,
} from './status-schema.ts';
export { type Structural, structural } from './structural.ts';
