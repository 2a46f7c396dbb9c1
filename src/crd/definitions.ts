/** The custom resource definitions, as values. */
import { apiVersion, policySchema } from '#policy';
import {
  nodePolicyStatusSchema,
  policyStatusSchema,
  statusApiVersion,
  tracingPolicyStatusSchema,
} from './status-schema.ts';
import { type Structural, structural } from './structural.ts';

/** On every definition of ours; the chart changes no definition that lacks it. */
export const definitionLabel = 'ringfence.io/definition';

type Kind = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
  readonly description: string;
  /** Beside apiVersion, kind and metadata. */
  readonly properties: Readonly<Record<string, Structural>>;
  readonly required: readonly string[];
  readonly subresources?: Structural;
  readonly columns: readonly Column[];
};

type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  /** Above 0: only with `-o wide`. */
  readonly priority?: number;
};

const integer = (name: string, jsonPath: string): Column => ({ name, type: 'integer', jsonPath });
const text = (name: string, jsonPath: string, priority = 0): Column => ({ name, type: 'string', jsonPath, priority });
const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const tallyColumns: readonly Column[] = [
  integer('Nodes', '.status.nodes'),
  text('Enforced', '.status.enforced'),
  integer('Degraded', '.status.degraded'),
  integer('Refused', '.status.refused'),
  age,
  text('Reason', '.status.reason'),
  text('Message', '.status.message', 1),
];

const sections = ['kprobes', 'fentries', 'tracepoints', 'lsmhooks', 'uprobes', 'usdts'] as const;

const oneSection = {
  rule: `[${sections.map((name) => `has(self.${name}) && size(self.${name}) > 0`).join(', ')}].filter(x, x).size() <= 1`,
  message: `a policy has hooks of one kind: only one of ${sections.join(', ')}`,
};

const someHook = {
  rule: `${sections.map((name) => `has(self.${name}) && size(self.${name}) > 0`).join(' || ')} || has(self.loader) && self.loader`,
  message: 'a policy without hooks does nothing',
};

/** `null` is let through, as no rule is asked about it. */
const noHost = {
  rule: 'false',
  message: 'host processes are in no namespace: only the kind TracingPolicy can have a hostSelector',
};

function specOf(scope: Kind['scope']): Structural {
  const spec = structural(policySchema.properties.spec as Structural);
  const properties = spec.properties as Record<string, Structural>;
  const host = scope === 'Cluster' ? {} : { 'x-kubernetes-validations': [noHost] };
  return {
    ...spec,
    properties: { ...properties, hostSelector: { ...properties.hostSelector, ...host } },
    'x-kubernetes-validations': [oneSection, someHook],
  };
}

const tracingPolicies: readonly Kind[] = (['Cluster', 'Namespaced'] as const).map((scope) => ({
  apiVersion,
  scope,
  kind: scope === 'Cluster' ? 'TracingPolicy' : 'TracingPolicyNamespaced',
  plural: scope === 'Cluster' ? 'tracingpolicies' : 'tracingpoliciesnamespaced',
  shortNames: scope === 'Cluster' ? ['tgtp'] : ['tgtpn'],
  categories: ['tetragon', 'ringfence'],
  description:
    scope === 'Cluster'
      ? 'What processes may not do, or what is told of them, on the nodes of the cluster.'
      : 'What processes of the pods of a namespace may not do, or what is told of them.',
  properties: { spec: specOf(scope), status: structural(tracingPolicyStatusSchema) },
  required: ['spec'],
  subresources: { status: {} },
  columns: tallyColumns,
}));

const policyStatuses: readonly Kind[] = (['Cluster', 'Namespaced'] as const).map((scope) => ({
  apiVersion: statusApiVersion,
  scope,
  kind: scope === 'Cluster' ? 'PolicyStatus' : 'PolicyStatusNamespaced',
  plural: scope === 'Cluster' ? 'policystatuses' : 'policystatusesnamespaced',
  shortNames: scope === 'Cluster' ? ['rfps'] : ['rfpsn'],
  categories: ['ringfence'],
  description: `What became of the policy of the same name${scope === 'Cluster' ? '' : ' in the same namespace'} on all nodes.`,
  properties: { status: structural(policyStatusSchema) },
  required: ['status'],
  columns: [...tallyColumns, text('Effect', '.status.effect', 1), text('Hooks', '.status.hooks', 1)],
}));

const nodeStatuses: Kind = {
  apiVersion: statusApiVersion,
  scope: 'Cluster',
  kind: 'NodePolicyStatus',
  plural: 'nodepolicystatuses',
  shortNames: ['rfnode'],
  categories: ['ringfence'],
  description: 'What became of all policies on the node of the same name, as its agent reports it.',
  properties: { status: structural(nodePolicyStatusSchema) },
  required: ['status'],
  columns: [
    integer('Policies', '.status.policies'),
    integer('Enforcing', '.status.enforcing'),
    integer('Degraded', '.status.degraded'),
    integer('Refused', '.status.refused'),
    text('Source', '.status.source'),
    { name: 'Reported', type: 'date', jsonPath: '.status.reported' },
    text('Reason', '.status.reason'),
    text('Kernel', '.status.kernel', 1),
    text('Agent', '.status.agentVersion', 1),
  ],
};

/** The two that the peer may have brought, then those that are ours alone. */
export const definitions: readonly Structural[] = [...tracingPolicies, ...policyStatuses, nodeStatuses].map(define);

function define(kind: Kind): Structural {
  const [group = '', version = ''] = kind.apiVersion.split('/');
  const served = {
    name: version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: rootSchema(kind) },
    ...(kind.subresources === undefined ? {} : { subresources: kind.subresources }),
    additionalPrinterColumns: kind.columns,
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}`, labels: { [definitionLabel]: 'v1' } },
    spec: {
      group,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        singular: kind.kind.toLowerCase(),
        plural: kind.plural,
        shortNames: kind.shortNames,
        categories: kind.categories,
      },
      versions: [served],
    },
  };
}

function rootSchema({ description, properties, required }: Kind): Structural {
  return {
    type: 'object',
    description,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      ...properties,
    },
    required,
  };
}
