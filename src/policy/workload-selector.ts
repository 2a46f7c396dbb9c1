/** Which workloads a policy, or a selector of it, is about; and which it selects. */
import type { Span } from '#diagnostics';

/** Undefined in its place stands for everything on the node. */
export type WorkloadSelector = {
  /** What no pod has: processes of the host, and containers that somebody runs beside the pods. */
  readonly host: boolean;
  /** Undefined: no container is selected. */
  readonly containers: ContainerSelector | undefined;
  readonly span: Span;
};

/** All must hold. */
export type ContainerSelector = {
  /** Of a namespaced policy: only pods of this namespace. */
  readonly namespace: string | undefined;
  /** Undefined: whatever the pod is, if there is one; none at all selects every pod. */
  readonly pod: readonly LabelRequirement[] | undefined;
  /** Of the keys `name` and `repo`. */
  readonly container: readonly LabelRequirement[];
};

/** As Kubernetes has it: NotIn holds too where the key is not there. An entry of matchLabels is In with one value. */
export type LabelRequirement = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Never empty with In and NotIn, else always. No two equal. */
  readonly values: readonly string[];
  readonly span: Span;
};

/** The label that every pod has besides its own. */
export const namespaceLabel = 'k8s:io.kubernetes.pod.namespace';
export const containerKeys = ['name', 'repo'] as const;

export type ContainerSubject = {
  /** Undefined: no pod has it. */
  readonly namespace: string | undefined;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly containerName: string;
  /** The image without tag and digest. */
  readonly imageRepo: string;
};

export type WorkloadSubject =
  | { readonly kind: 'host' }
  | ({ readonly kind: 'container' } & ContainerSubject)
  /** In a pod, of which nothing more is known yet. */
  | { readonly kind: 'pending' };

/** What is pending is selected by what selects every container of every pod. */
export function selectsWorkload({ host, containers }: WorkloadSelector, subject: WorkloadSubject): boolean {
  switch (subject.kind) {
    case 'host':
      return host;
    case 'pending':
      return containers !== undefined && selectsAll(containers);
    case 'container':
      if (host && subject.namespace === undefined) return true;
      return containers !== undefined && selectsContainer(containers, subject);
  }
}

function selectsAll({ namespace, pod = [], container }: ContainerSelector): boolean {
  return namespace === undefined && pod.length === 0 && container.length === 0;
}

function selectsContainer({ namespace, pod, container }: ContainerSelector, subject: ContainerSubject): boolean {
  if (namespace !== undefined && subject.namespace !== namespace) return false;
  if (pod !== undefined && !selectsPod(pod, subject)) return false;
  const facts: Facts = { name: subject.containerName, repo: subject.imageRepo };
  return container.every((requirement) => holds(requirement, facts));
}

function selectsPod(requirements: readonly LabelRequirement[], { namespace, podLabels }: ContainerSubject): boolean {
  if (namespace === undefined) return false;
  return requirements.every((requirement) =>
    holds(requirement, requirement.key === namespaceLabel ? { [namespaceLabel]: namespace } : podLabels),
  );
}

type Facts = Readonly<Record<string, string>>;

export function holds({ key, operator, values }: LabelRequirement, facts: Facts): boolean {
  const value = Object.hasOwn(facts, key) ? facts[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Equal for selectors that select the same by what they say, wherever they stand and in whatever order. */
export function workloadKey({ host, containers }: WorkloadSelector): string {
  if (containers === undefined) return JSON.stringify([host]);
  const { namespace = null, pod, container } = containers;
  return JSON.stringify([host, namespace, pod === undefined ? null : requirementKeys(pod), requirementKeys(container)]);
}

function requirementKeys(requirements: readonly LabelRequirement[]): readonly string[] {
  const keys = requirements.map(({ key, operator, values }) => JSON.stringify([key, operator, values.toSorted()]));
  return [...new Set(keys)].toSorted();
}
