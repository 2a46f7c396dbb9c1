/** The containers of this node from end to end: cgroups watched, runtimes listened to, pods taken in, the table kept. */
import { readFileSync } from 'node:fs';
import type { Pod, Workload } from '#process';
import { claimInBundle } from './bundle-files.ts';
import { type CgroupPlace, placeOf } from './cgroup-layout.ts';
import { CgroupTree, type CgroupTreeCounts } from './cgroup-tree.ts';
import { claimOf } from './claim.ts';
import type { Hierarchy } from './hierarchy.ts';
import { cgroupPathIn, type HookRequest } from './hook-request.ts';
import type { HookAnswer } from './hook-server.ts';
import { NestedCgroups } from './nested.ts';
import type { Announced } from './nri-messages.ts';
import { type RegistryCounts, type RegistryOptions, WorkloadRegistry } from './registry.ts';

export type WorkloadsOptions = RegistryOptions & {
  readonly hierarchy: Hierarchy;
  /** Where the file system of the node is, for what its runtimes keep there: `/`, or where a pod has mounted it. */
  readonly nodeRoot?: string;
  /** The path of a cgroup by its id, for those that containers make; undefined when it has gone. */
  readonly pathOf: (cgroupId: bigint) => string | undefined;
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
const OUTSIDE_MAX = 4096;

export class Workloads implements PodSink {
  readonly #registry: WorkloadRegistry;
  readonly #tree: CgroupTree;
  readonly #nested: NestedCgroups;
  readonly #controller: string | undefined;
  readonly #nodeRoot: string;
  /** By path, what runtimes told of that lies where no layout has containers. */
  readonly #outside = new Map<string, bigint>();
  #failClosed: ReadonlySet<string> = new Set();
  #scannedAtMs = Number.NEGATIVE_INFINITY;

  /** When it is made, the table has all containers that are there, and those that can be named are. */
  constructor(options: WorkloadsOptions) {
    this.#registry = new WorkloadRegistry(options);
    this.#controller = options.hierarchy.controller;
    this.#nodeRoot = options.nodeRoot ?? '/';
    const sink = {
      appeared: (cgroupId: bigint, place: CgroupPlace) => this.#appeared(cgroupId, place),
      gone: (cgroupId: bigint) => this.#registry.cgroupGone(cgroupId),
    };
    this.#tree = new CgroupTree({ mount: options.hierarchy.mount, sink });
    this.#nested = new NestedCgroups({ pathOf: options.pathOf, idOf: (path) => this.#tree.idOf(path) });
    this.#tree.scan();
    this.#registry.cgroupsListed();
  }

  /** The `WorkloadLookup` of events; a cgroup that a container made is the container's. */
  readonly find = (cgroupId: bigint): Workload | undefined => {
    const found = this.#registry.find(cgroupId);
    if (found !== undefined) return found;
    const container = this.#nested.containerOf(cgroupId, (id, place) => this.#appeared(id, place));
    return container === undefined ? undefined : this.#registry.find(container);
  };

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
    this.#failClosed = namespaces;
    this.#registry.setFailClosed(namespaces);
  }

  get failClosed(): ReadonlySet<string> {
    return this.#failClosed;
  }

  /** A container is about to start: takes it in, and waits until it is known by all that policies ask for. */
  async admit({ id, pid, cgroup, annotations }: HookRequest, signal: AbortSignal): Promise<HookAnswer> {
    const paths = [cgroup, cgroupOfProcess(pid)].flatMap((text) => cgroupPathIn(text, this.#controller) ?? []);
    return this.announce({ claim: claimOf(id, annotations), paths }, signal);
  }

  /** The same, where the runtime says it itself. */
  async announce({ claim, paths }: Announced, signal: AbortSignal): Promise<HookAnswer> {
    if (this.#found({ claim, paths }, { announced: true })) {
      if (await this.#registry.settled(claim.id, signal)) return { kind: 'registered' };
      return this.#unknown(claim.pod?.namespace, 'Kubernetes has not told of its pod yet');
    }
    if (claim.pod === undefined) return { kind: 'passed' };
    return this.#unknown(claim.pod.namespace, 'its cgroup is not one of this node');
  }

  /** Takes in a container that may run already; false when it has no cgroup here. */
  found(told: Announced): boolean {
    return this.#found(told, { announced: false });
  }

  /** To be called every second or so; notifications of the kernel may be lost, so that all is looked through at times. */
  tick(nowMs: number): void {
    if (nowMs - this.#scannedAtMs < SCAN_MS) return;
    this.#scannedAtMs = nowMs;
    this.#tree.scan();
    for (const [path, cgroupId] of this.#outside) {
      if (this.#tree.idOf(path) === cgroupId) continue;
      this.#outside.delete(path);
      this.#registry.cgroupGone(cgroupId);
    }
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

  #found({ claim, paths }: Announced, { announced }: { readonly announced: boolean }): boolean {
    for (const path of paths) {
      const at = this.#locate(claim.id, path);
      if (at === undefined) continue;
      this.#registry.claimed(claim, { ...at, announced });
      return true;
    }
    return false;
  }

  #unknown(namespace: string | undefined, reason: string): HookAnswer {
    return this.#registry.failsClosed(namespace) ? { kind: 'refused', reason } : { kind: 'passed' };
  }

  /** The cgroup of a container by a path that is said to be its own; another container's place is not. */
  #locate(id: string, path: string): { cgroupId: bigint; podUid: string | undefined } | undefined {
    const place = placeOf(path);
    if (place.kind === 'container' && place.id !== id) return undefined;
    if (place.kind === 'container') {
      const cgroupId = this.#tree.idOf(place.path);
      return cgroupId === undefined ? undefined : { cgroupId, podUid: place.podUid };
    }
    // one without a cgroup of its own is in that of its runtime, which is no container
    if (!path.includes(id) || this.#outside.size >= OUTSIDE_MAX) return undefined;
    const cgroupId = this.#tree.idOf(path);
    if (cgroupId === undefined) return undefined;
    this.#outside.set(path, cgroupId);
    return { cgroupId, podUid: undefined };
  }
}

/** As the agent sees it: where the hook ran in a cgroup namespace of the container, it saw less. */
function cgroupOfProcess(pid: number): string {
  if (pid === 0) return '';
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
