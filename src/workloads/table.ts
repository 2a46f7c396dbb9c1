/** The kernel's table of cgroups, as far as this folder writes it: what the process in a cgroup counts as. */
import type { Labels } from '#process';

/** What selectors ask of a container. */
export type WorkloadSubject = {
  readonly namespace: string;
  readonly podLabels: Labels;
  /** Empty for the one that holds the pod together, which no pod declares. */
  readonly containerName: string;
  /** Of the image, without tag and digest; empty where nobody told. */
  readonly imageRepo: string;
};

export type CgroupEntry =
  | { readonly kind: 'container'; readonly subject: WorkloadSubject }
  /** Not known yet. With `holdExec` nothing is executed there until it is. */
  | { readonly kind: 'pending'; readonly holdExec: boolean }
  | { readonly kind: 'host' };

export type CgroupTable = {
  /** Those that it has; at first what an earlier agent knew, which is in force until it is set or deleted. */
  readonly cgroupIds: readonly bigint[];
  /** In force when it returns; false when there is no room. */
  set(cgroupId: bigint, entry: CgroupEntry): boolean;
  delete(cgroupId: bigint): void;
};
