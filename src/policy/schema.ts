/**
 * The one JSON Schema of TracingPolicy and TracingPolicyNamespaced, in named parts: the validator, the types of the
 * written form and the CRD come from it. It describes the whole language, also what is not supported yet, so that an
 * unknown field and an unsupported one can be told apart.
 */
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import {
  actionNames,
  argumentOperators,
  argumentSources,
  argumentTypes,
  binaryOperators,
  capabilitySets,
  labelOperators,
  listTypes,
  membershipOperators,
  namespaceTypes,
  rateLimitScopes,
  socketTracking,
} from './schema-vocabulary.ts';

export const apiVersion = 'cilium.io/v1alpha1';
export const kinds = ['TracingPolicy', 'TracingPolicyNamespaced'] as const;

/** What Ringfence accepts per policy; where the peer has a lower limit, a policy within that one is within ours. */
export const limits = {
  hooks: 256,
  selectors: 64,
  arguments: 8,
  filters: 16,
  values: 10_000,
  actions: 3,
  tags: 16,
} as const;

const boolean = { type: 'boolean' } as const;
const string = { type: 'string' } as const;
const strings = { type: 'array', items: string, maxItems: limits.values } as const;
const name = { type: 'string', minLength: 1 } as const;
const int32 = { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 } as const;
const uint32 = { type: 'integer', minimum: 0, maximum: 4_294_967_295 } as const;
/** Largest integer that JSON numbers carry exactly. */
const uint53 = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const tags = { type: 'array', items: string, maxItems: limits.tags } as const;

const labelRequirement = {
  type: 'object',
  properties: { key: name, operator: { enum: labelOperators }, values: strings },
  required: ['key', 'operator'],
  additionalProperties: false,
} as const;

const labelSelectorProperties = {
  matchLabels: { type: 'object', additionalProperties: string },
  matchExpressions: { type: 'array', items: labelRequirement, maxItems: limits.values },
} as const;

const labelSelector = {
  type: 'object',
  properties: labelSelectorProperties,
  additionalProperties: false,
} as const;

/** Host processes are all or none: only `null` and `{}` are valid. */
const hostSelector = { type: ['object', 'null'], maxProperties: 0 } as const;

const argument = {
  type: 'object',
  properties: {
    index: uint32,
    type: { enum: argumentTypes },
    resolve: string,
    btfType: string,
    btfTypeModule: string,
    source: { enum: argumentSources },
    sizeArgIndex: { type: 'integer', minimum: 0, maximum: 15 },
    returnCopy: boolean,
    maxData: boolean,
    label: string,
  },
  additionalProperties: false,
} as const;

const argumentList = { type: 'array', items: argument, maxItems: limits.arguments } as const;

const argumentFilter = {
  type: 'object',
  properties: {
    index: uint32,
    args: { type: 'array', items: uint32, maxItems: limits.arguments },
    operator: { enum: argumentOperators },
    values: strings,
  },
  required: ['operator'],
  additionalProperties: false,
} as const;

const argumentFilters = { type: 'array', items: argumentFilter, maxItems: limits.filters } as const;

const binaryFilter = {
  type: 'object',
  properties: { operator: { enum: binaryOperators }, values: strings, followChildren: boolean },
  required: ['operator', 'values'],
  additionalProperties: false,
} as const;

const pidFilter = {
  type: 'object',
  properties: {
    operator: { enum: membershipOperators },
    values: { type: 'array', items: uint32, maxItems: limits.values },
    isNamespacePID: boolean,
    followForks: boolean,
  },
  required: ['operator', 'values'],
  additionalProperties: false,
} as const;

const namespaceFilter = {
  type: 'object',
  properties: {
    namespace: { enum: namespaceTypes },
    operator: { enum: membershipOperators },
    values: { type: 'array', items: string, maxItems: 4 },
  },
  required: ['namespace', 'operator', 'values'],
  additionalProperties: false,
} as const;

const namespaceChangesFilter = {
  type: 'object',
  properties: {
    operator: { enum: membershipOperators },
    values: { type: 'array', items: { enum: namespaceTypes }, maxItems: namespaceTypes.length },
  },
  required: ['operator', 'values'],
  additionalProperties: false,
} as const;

const capabilitiesFilter = {
  type: 'object',
  properties: {
    type: { enum: capabilitySets },
    operator: { enum: membershipOperators },
    isNamespaceCapability: boolean,
    values: strings,
  },
  required: ['operator', 'values'],
  additionalProperties: false,
} as const;

const workloadsFilter = {
  type: 'object',
  properties: { podSelector: labelSelector, containerSelector: labelSelector, hostSelector },
  additionalProperties: false,
} as const;

const action = {
  type: 'object',
  properties: {
    action: { enum: actionNames },
    argUrl: string,
    argFqdn: string,
    argSig: uint32,
    argError: int32,
    argSock: uint32,
    argIndex: uint32,
    argValue: uint32,
    argRegs: strings,
    argNewSymbol: string,
    argNewAddr: uint53,
    argNewOffset: uint53,
    rateLimit: string,
    rateLimitScope: { enum: rateLimitScopes },
    kernelStackTrace: boolean,
    userStackTrace: boolean,
    imaHash: boolean,
  },
  required: ['action'],
  additionalProperties: false,
} as const;

const actionList = { type: 'array', items: action, maxItems: limits.actions } as const;

const selector = {
  type: 'object',
  properties: {
    label: string,
    macros: strings,
    matchWorkloads: { type: 'array', items: workloadsFilter, maxItems: 1 },
    matchBinaries: { type: 'array', items: binaryFilter, maxItems: 1 },
    matchParentBinaries: { type: 'array', items: binaryFilter, maxItems: 1 },
    matchPIDs: { type: 'array', items: pidFilter, maxItems: limits.filters },
    matchNamespaces: { type: 'array', items: namespaceFilter, maxItems: 10 },
    matchCapabilities: { type: 'array', items: capabilitiesFilter, maxItems: limits.filters },
    matchNamespaceChanges: { type: 'array', items: namespaceChangesFilter, maxItems: 1 },
    matchCapabilityChanges: { type: 'array', items: capabilitiesFilter, maxItems: 1 },
    matchArgs: argumentFilters,
    matchData: argumentFilters,
    matchActions: actionList,
    matchReturnArgs: argumentFilters,
    matchReturnActions: actionList,
  },
  additionalProperties: false,
} as const;

const selectorList = { type: 'array', items: selector, maxItems: limits.selectors } as const;

const kprobe = {
  type: 'object',
  properties: {
    call: name,
    syscall: boolean,
    return: boolean,
    message: string,
    args: argumentList,
    data: argumentList,
    returnArg: argument,
    returnArgAction: { enum: socketTracking },
    selectors: selectorList,
    tags,
    ignore: { type: 'object', properties: { callNotFound: boolean }, additionalProperties: false },
  },
  required: ['call'],
  additionalProperties: false,
} as const;

const tracepoint = {
  type: 'object',
  properties: {
    subsystem: name,
    event: name,
    raw: boolean,
    message: string,
    args: argumentList,
    selectors: selectorList,
    tags,
  },
  required: ['subsystem', 'event'],
  additionalProperties: false,
} as const;

const lsmHook = {
  type: 'object',
  properties: { hook: name, message: string, args: argumentList, selectors: selectorList, tags },
  required: ['hook'],
  additionalProperties: false,
} as const;

const uprobe = {
  type: 'object',
  properties: {
    path: name,
    btfPath: string,
    symbols: strings,
    offsets: { type: 'array', items: uint53, maxItems: limits.values },
    addrs: { type: 'array', items: uint53, maxItems: limits.values },
    refCtrOffsets: { type: 'array', items: uint53, maxItems: limits.values },
    message: string,
    args: argumentList,
    data: argumentList,
    return: boolean,
    returnArg: argument,
    selectors: selectorList,
    tags,
    binaryDigests: strings,
    ignore: { type: 'object', properties: { digestVerificationFailure: boolean }, additionalProperties: false },
  },
  required: ['path'],
  additionalProperties: false,
} as const;

const usdt = {
  type: 'object',
  properties: {
    path: name,
    btfPath: string,
    provider: name,
    name,
    message: string,
    args: argumentList,
    selectors: selectorList,
    tags,
  },
  required: ['path', 'provider', 'name'],
  additionalProperties: false,
} as const;

const enforcer = {
  type: 'object',
  properties: { calls: strings },
  required: ['calls'],
  additionalProperties: false,
} as const;

const list = {
  type: 'object',
  properties: { name, type: { enum: listTypes }, values: strings, pattern: string, validated: boolean },
  required: ['name'],
  additionalProperties: false,
} as const;

const option = {
  type: 'object',
  properties: { name, value: string },
  required: ['name'],
  additionalProperties: false,
} as const;

const spec = {
  type: 'object',
  properties: {
    kprobes: { type: 'array', items: kprobe, maxItems: limits.hooks },
    fentries: { type: 'array', items: kprobe, maxItems: limits.hooks },
    tracepoints: { type: 'array', items: tracepoint, maxItems: limits.hooks },
    lsmhooks: { type: 'array', items: lsmHook, maxItems: limits.hooks },
    uprobes: { type: 'array', items: uprobe, maxItems: limits.hooks },
    usdts: { type: 'array', items: usdt, maxItems: limits.hooks },
    loader: boolean,
    enforcers: { type: 'array', items: enforcer, maxItems: 1 },
    lists: { type: 'array', items: list, maxItems: limits.hooks },
    options: { type: 'array', items: option, maxItems: limits.filters },
    selectorsMacros: { type: 'object', additionalProperties: selector, maxProperties: limits.hooks },
    podSelector: labelSelector,
    containerSelector: labelSelector,
    hostSelector,
    nodeSelector: labelSelector,
  },
  additionalProperties: false,
} as const;

/** The ObjectMeta of Kubernetes: what its API server adds is let through, so that `kubectl get -o yaml` can be read. */
const metadata = {
  type: 'object',
  properties: {
    name,
    namespace: name,
    generateName: string,
    labels: { type: 'object', additionalProperties: string },
    annotations: { type: 'object', additionalProperties: string },
    uid: string,
    resourceVersion: string,
    generation: { type: 'integer' },
    creationTimestamp: { type: ['string', 'null'] },
    deletionTimestamp: { type: ['string', 'null'] },
    deletionGracePeriodSeconds: { type: ['integer', 'null'] },
    finalizers: strings,
    ownerReferences: { type: 'array', items: { type: 'object' } },
    managedFields: { type: 'array', items: { type: 'object' } },
    selfLink: string,
  },
  required: ['name'],
  additionalProperties: false,
} as const;

export const policySchema = {
  type: 'object',
  properties: { apiVersion: { const: apiVersion }, kind: { enum: kinds }, metadata, spec },
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  additionalProperties: false,
} as const satisfies JSONSchema;

/** The parts that are used in several places: the validator has one function for each. */
export const sharedParts = {
  argument,
  argumentFilter,
  argumentFilters,
  argumentList,
  binaryFilter,
  capabilitiesFilter,
  kprobe,
  labelSelector,
  selector,
  selectorList,
  action,
  actionList,
  strings,
  tags,
} as const satisfies Record<string, JSONSchema>;

/** The policy as written: nothing is defaulted. */
export type WrittenPolicy = FromSchema<typeof policySchema>;
