/** What is reported of policies to a cluster: the schemas of NodePolicyStatus and PolicyStatus, and their types. */
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

export const statusApiVersion = 'ringfence.io/v1alpha1';

/** Bounds that keep an object small: docs/decisions/0021-policy-status.md has the sums. What is left out is counted. */
export const statusLimits = {
  policiesOfNode: 512,
  hooksOfPolicy: 16,
  exceptionsOfPolicy: 32,
  messageCharacters: 512,
  lineCharacters: 768,
} as const;

/**
 * How far a policy came on a node, worst first.
 * - Refused: the text is wrong. NotCompiled: this kernel cannot do it. NotAttached: the kernel refused the programs
 * - Degraded: it enforces, but not all that it says; the reason tells what is missing
 * - Pending: seen, not loaded yet. Disabled: somebody switched it off on the node
 * - Monitoring: it tells and does not stop, because the policy, the agent or the start guard says so
 * - Skipped: the node is not among those that it selects
 */
export const nodeStates = [
  'Refused',
  'NotCompiled',
  'NotAttached',
  'Degraded',
  'Pending',
  'Disabled',
  'Monitoring',
  'Enforcing',
  'Skipped',
] as const;

/** Why a node is Monitoring: it is none of those on which the policy enforces first. */
export const notCanary = 'NotCanary';

/** What a policy can do on its hooks, weakest first: a call may complete before its process dies. */
export const effects = ['Observes', 'MayComplete', 'Blocks'] as const;
const costs = ['Low', 'Medium', 'High'] as const;

const count = { type: 'integer', minimum: 0 } as const;
const word = { type: 'string', maxLength: 64 } as const;
const message = { type: 'string', maxLength: statusLimits.messageCharacters } as const;
const objectName = { type: 'string', maxLength: 253 } as const;
const time = { type: 'string', format: 'date-time' } as const;
const hooks = {
  type: 'array',
  items: { type: 'string', maxLength: 128 },
  maxItems: statusLimits.hooksOfPolicy,
} as const;
/** Which text of the policy it is about: the first 8 characters of the uid of the object, a dot, its generation. */
const revision = { type: 'string', maxLength: 32 } as const;

/** Numbers are since the policy was loaded, and as old as the report. */
const counters = {
  memoryKiB: count,
  matches: count,
  denied: count,
  killed: count,
  /** Calls whose arguments could not be read, so that the failure mode decided. */
  unreadable: count,
  /**
   * Of the programs on its hooks, which policies share: instructions that the verifier walked, which is more than a call
   * executes; and calls and their time, of which the kernel counts only while kernel.bpf_stats_enabled is 1.
   */
  verifiedInstructions: count,
  programRuns: count,
  programMicroseconds: count,
} as const;

const nature = {
  effect: { enum: effects },
  /** By how often the kernel comes by its hooks, and what is read there. */
  cost: { enum: costs },
  /** Sections of its programs, such as `lsm/file_open`. */
  hooks,
  /** Another thread of the watched process can get around a verdict. */
  racy: { type: 'boolean' },
  /** The kernel may skip a program that runs on the CPU already. */
  mayBeSkipped: { type: 'boolean' },
} as const;

const policyOnNode = {
  type: 'object',
  properties: {
    /** Missing for a TracingPolicy. */
    namespace: objectName,
    name: objectName,
    revision,
    state: { enum: nodeStates },
    reason: word,
    /** With the line of the policy that it is about. */
    message,
    ...nature,
    ...counters,
  },
  required: ['name', 'revision', 'state'],
  additionalProperties: false,
} as const;

const nodeStatus = {
  type: 'object',
  properties: {
    agentVersion: word,
    kernel: word,
    mode: { enum: ['enforce', 'detect'] },
    /** `Cached`: the API server could not be asked, and what it last said is enforced. */
    source: { enum: ['Synced', 'Cached', 'Waiting'] },
    /** When the report was written. */
    reported: time,
    policies: count,
    enforcing: count,
    degraded: count,
    refused: count,
    /** Of the first policy that is not as it should be. */
    reason: word,
    /** A line for each policy that is as it should be: src/crd/policy-line.ts has its form, and why it is one. */
    asWanted: {
      type: 'array',
      items: { type: 'string', maxLength: statusLimits.lineCharacters },
      maxItems: statusLimits.policiesOfNode,
      'x-kubernetes-list-type': 'atomic',
    },
    /**
     * Those that are not. One writer and one list: kept whole, so that the API server keeps no record of who owns which
     * part.
     */
    details: {
      type: 'array',
      items: policyOnNode,
      maxItems: statusLimits.policiesOfNode,
      'x-kubernetes-list-type': 'atomic',
    },
    detailsOmitted: count,
  },
  required: ['source', 'reported', 'policies', 'enforcing', 'degraded', 'refused', 'details'],
  additionalProperties: false,
} as const;

export const conditionTypes = ['Accepted', 'Compiled', 'Attached', 'Enforcing', 'Degraded'] as const;

const condition = {
  type: 'object',
  properties: {
    type: { enum: conditionTypes },
    status: { enum: ['True', 'False', 'Unknown'] },
    observedGeneration: count,
    lastTransitionTime: time,
    reason: word,
    message,
  },
  required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  additionalProperties: false,
} as const;

const exception = {
  type: 'object',
  properties: { node: objectName, state: { enum: nodeStates }, reason: word, message },
  required: ['node', 'state'],
  additionalProperties: false,
} as const;

/** What kubectl prints of a policy; a TracingPolicy of our definition carries it too. */
const tally = {
  revision,
  /** Those that the policy is for: the others count as skipped. */
  nodes: count,
  /** Enforcing or monitoring all that it says, of those nodes: `4998/5000`. */
  enforced: { type: 'string', maxLength: 32 },
  enforcing: count,
  monitoring: count,
  /** Of those that monitor: nodes that are no canaries of the policy, and would enforce otherwise. */
  outsideCanary: count,
  degraded: count,
  refused: count,
  pending: count,
  skipped: count,
  /** Of most nodes on which it is not as it should be. */
  reason: word,
  message,
} as const;

const tallyRequired = [
  'revision',
  'nodes',
  'enforced',
  'enforcing',
  'monitoring',
  'degraded',
  'refused',
  'pending',
] as const;

const clusterStatus = {
  type: 'object',
  properties: {
    ...tally,
    ...nature,
    ...counters,
    /** Of the node where it takes most. */
    memoryKiBMax: count,
    conditions: {
      type: 'array',
      items: condition,
      maxItems: conditionTypes.length,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    },
    /** Nodes on which it is not as it should be, worst first. */
    exceptions: {
      type: 'array',
      items: exception,
      maxItems: statusLimits.exceptionsOfPolicy,
      'x-kubernetes-list-type': 'atomic',
    },
    exceptionsOmitted: count,
    reported: time,
  },
  required: [...tallyRequired, 'conditions', 'exceptions', 'exceptionsOmitted', 'reported'],
  additionalProperties: false,
} as const;

export const nodePolicyStatusSchema = nodeStatus satisfies JSONSchema;
export const policyStatusSchema = clusterStatus satisfies JSONSchema;
export const tracingPolicyStatusSchema = {
  type: 'object',
  properties: tally,
  required: tallyRequired,
  additionalProperties: false,
} as const satisfies JSONSchema;

export type NodePolicyState = (typeof nodeStates)[number];
export type PolicyEffect = (typeof effects)[number];
export type PolicyConditionType = (typeof conditionTypes)[number];
export type PolicyCondition = FromSchema<typeof condition>;
export type PolicyOnNode = FromSchema<typeof policyOnNode>;
export type PolicyException = FromSchema<typeof exception>;

/** One per node, written by its agent, named after the node. */
export type NodePolicyStatus = FromSchema<typeof nodePolicyStatusSchema>;
/** One per policy, of its name and in its namespace, made of the reports of all nodes. */
export type PolicyStatusReport = FromSchema<typeof policyStatusSchema>;
/** `status` of a TracingPolicy where the definition is ours. */
export type TracingPolicyStatus = FromSchema<typeof tracingPolicyStatusSchema>;
