/** What runs in a cgroup: a container of a pod, or a container that no pod has. The host's own processes have none. */

export type Labels = Readonly<Record<string, string>>;

export type PodFacts = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** The controller at the top: the Deployment and not its ReplicaSet; of a bare pod, the pod. */
  readonly workload: { readonly kind: string; readonly name: string };
};

export type ContainerFacts = {
  /** As the runtime has it, without the `containerd://` of a pod's status. */
  readonly id: string;
  readonly name: string;
  /** `name` as in the status of the pod, with tag or digest; `id` is the digest. Empty where nobody told. */
  readonly image: { readonly id: string; readonly name: string };
  /** When it started, in nanoseconds since 1970; undefined where nobody told. */
  readonly startedNs: bigint | undefined;
  readonly privileged: boolean;
};

export type Workload = { readonly pod: PodFacts | undefined; readonly container: ContainerFacts };

/** A pod of this node, and its containers of all kinds (init and ephemeral ones too), those without an id left out. */
export type Pod = PodFacts & { readonly hostNetwork: boolean; readonly containers: readonly ContainerFacts[] };

/**
 * By the id that records carry. A container that is gone is found for as long as late events may come. What is found is
 * the same object until something of it changes, and another one then: text is kept by it.
 */
export type WorkloadLookup = (cgroupId: bigint) => Workload | undefined;
