/** What is known of one container, by who told it, and what that makes of it for the kernel and for events. */
import type { ContainerFacts, Pod, PodFacts, Workload } from '#process';
import { type ContainerClaim, repositoryOf } from './claim.ts';
import type { CgroupEntry, WorkloadSubject } from './table.ts';

export type PodState = {
  /** As the kubelet names cgroups. */
  readonly uid: string;
  /** What Kubernetes tells; undefined until it does. */
  facts: Pod | undefined;
  /** Kubernetes has deleted it; what runs of it may go on for a while. */
  gone: boolean;
  readonly containers: Set<Container>;
  readonly cgroups: Set<bigint>;
};

export type Container = {
  readonly id: string;
  pod: PodState | undefined;
  /** Whose cgroup it is below; there is none where no pod has it. */
  podUid: string | undefined;
  cgroupId: bigint | undefined;
  /** What its runtime says. */
  claim: ContainerClaim | undefined;
  /** What Kubernetes says. */
  told: ContainerFacts | undefined;
  /** As it stands in the kernel's table; undefined without a cgroup, and where no pod has it. */
  entry: CgroupEntry | undefined;
  workload: Workload | undefined;
  /** Since when the kernel has it as pending, on the clock of the agent; undefined when it has not. */
  pendingSinceMs: number | undefined;
  /** Its runtime waits for it to be known before it starts. */
  announced: boolean;
  readonly waiting: Set<() => void>;
};

/** The uid of the cgroups of a static pod is not that of the object which stands for it in the API. */
const MIRROR = 'kubernetes.io/config.mirror';

export function uidOnNode(pod: Pod): string {
  return pod.annotations[MIRROR] ?? pod.uid;
}

export type JoinRules = {
  readonly podsFrom: 'kubernetes' | 'runtime';
  /** Of a namespace, or of an unknown one. */
  readonly holds: (namespace: string | undefined) => boolean;
};

/** Undefined where no pod has it: for policies that is the host. */
export function entryOf(container: Container, rules: JoinRules): CgroupEntry | undefined {
  const { pod, podUid, claim } = container;
  if (podUid === undefined) return undefined;
  const subject = subjectOf(container, rules);
  if (subject !== undefined) return { kind: 'container', subject };
  return { kind: 'pending', holdExec: rules.holds(pod?.facts?.namespace ?? claim?.pod?.namespace) };
}

/** What Kubernetes says of a container comes before what its runtime says. */
function subjectOf({ pod, claim, told }: Container, { podsFrom }: JoinRules): WorkloadSubject | undefined {
  const known = told ?? claim;
  if (known === undefined) return undefined;
  const names = { containerName: known.name, imageRepo: repositoryOf(claim?.image.name || known.image.name) };
  if (pod?.facts !== undefined) return { namespace: pod.facts.namespace, podLabels: pod.facts.labels, ...names };
  if (claim?.pod === undefined || (podsFrom === 'kubernetes' && claim.podLabels === undefined)) return undefined;
  return { namespace: claim.pod.namespace, podLabels: claim.podLabels ?? {}, ...names };
}

export function workloadOf({ id, pod, claim, told }: Container): Workload {
  const image = { id: told?.image.id || (claim?.image.id ?? ''), name: told?.image.name || (claim?.image.name ?? '') };
  const container = told ?? { id, name: claim?.name ?? '', image, startedNs: undefined, privileged: false };
  return { pod: pod?.facts ?? podOfClaim(claim), container: { ...container, image } };
}

function podOfClaim(claim: ContainerClaim | undefined): PodFacts | undefined {
  if (claim?.pod === undefined) return undefined;
  const workload = { kind: 'Pod', name: claim.pod.name };
  return { ...claim.pod, labels: claim.podLabels ?? {}, annotations: {}, workload };
}

export function sameEntry(one: CgroupEntry | undefined, other: CgroupEntry | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.kind === 'container' && other.kind === 'container') return sameSubject(one.subject, other.subject);
  if (one.kind === 'pending' && other.kind === 'pending') return one.holdExec === other.holdExec;
  return one.kind === other.kind;
}

function sameSubject(one: WorkloadSubject, other: WorkloadSubject): boolean {
  const labels = Object.entries(one.podLabels);
  return (
    one.namespace === other.namespace &&
    one.containerName === other.containerName &&
    one.imageRepo === other.imageRepo &&
    labels.length === Object.keys(other.podLabels).length &&
    labels.every(([key, value]) => Object.hasOwn(other.podLabels, key) && other.podLabels[key] === value)
  );
}
