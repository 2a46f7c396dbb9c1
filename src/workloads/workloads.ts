/** The containers of this node from end to end: cgroups watched, runtimes listened to, pods taken in, the table kept. */
import type { Pod, Workload } from '#process';
import { claimInBundle } from './bundle-files.ts';
import type { CgroupPlace } from './cgroup-layout.ts';
import { CgroupTree, type CgroupTreeCounts } from './cgroup-tree.ts';
import type { Hierarchy } from './hierarchy.ts';
import { type RegistryCounts, type RegistryOptions, WorkloadRegistry } from './registry.ts';

export type WorkloadsOptions = RegistryOptions & {
  readonly hierarchy: Hierarchy;
  /** Where the file system of the node is, for what its runtimes keep there: `/`, or where a pod has mounted it. */
  readonly nodeRoot?: string;
};

export type WorkloadCounts = RegistryCounts & { readonly tree: CgroupTreeCounts };

/** Where Kubernetes tells of the pods of this node. */
export type PodSink = {
  /** New, or changed in whatever: labels, containers, names. */
  podChanged(pod: Pod): void;
  /** By the uid that it has in the API. */
  podGone(uid: string): void;
};

const SCAN_MS = 30_000;

export class Workloads implements PodSink {
  readonly #registry: WorkloadRegistry;
  readonly #tree: CgroupTree;
  readonly #nodeRoot: string;
  #scannedAtMs = Number.NEGATIVE_INFINITY;

  /** When it is made, the table has all containers that are there, and those that can be named are. */
  constructor(options: WorkloadsOptions) {
    this.#registry = new WorkloadRegistry(options);
    this.#nodeRoot = options.nodeRoot ?? '/';
    const sink = {
      appeared: (cgroupId: bigint, place: CgroupPlace) => this.#appeared(cgroupId, place),
      gone: (cgroupId: bigint) => this.#registry.cgroupGone(cgroupId),
    };
    this.#tree = new CgroupTree({ mount: options.hierarchy.mount, sink });
    this.#tree.scan();
    this.#registry.cgroupsListed();
  }

  /** The `WorkloadLookup` of events. */
  readonly find = (cgroupId: bigint): Workload | undefined => this.#registry.find(cgroupId);

  get counts(): WorkloadCounts {
    return { ...this.#registry.counts, tree: this.#tree.counts };
  }

  podChanged(pod: Pod): void {
    this.#registry.podChanged(pod);
  }

  podGone(uid: string): void {
    this.#registry.podGone(uid);
  }

  /** Namespaces where nothing is executed in a container that is not known yet, and none starts while no agent runs. */
  setFailClosed(namespaces: ReadonlySet<string>): void {
    this.#registry.setFailClosed(namespaces);
  }

  /** To be called every second or so; notifications of the kernel may be lost, so that all is looked through at times. */
  tick(nowMs: number): void {
    if (nowMs - this.#scannedAtMs < SCAN_MS) return;
    this.#scannedAtMs = nowMs;
    this.#tree.scan();
  }

  [Symbol.dispose](): void {
    this.#tree[Symbol.dispose]();
  }

  #appeared(cgroupId: bigint, place: CgroupPlace): void {
    const claim =
      place.kind === 'container' && place.podUid !== undefined ? claimInBundle(place.id, this.#nodeRoot) : undefined;
    if (claim === undefined || place.kind !== 'container') this.#registry.cgroupAppeared(cgroupId, place);
    else this.#registry.claimed(claim, { cgroupId, podUid: place.podUid });
  }
}
