/**
 * The containers of the node: joins what cgroups, runtimes and Kubernetes tell, in whatever order they do, and keeps
 * the kernel's table at what is known. A change costs as much as the pod that it is about is large.
 */
import type { ContainerFacts, Pod, Workload } from '#process';
import type { CgroupPlace } from './cgroup-layout.ts';
import type { ContainerClaim } from './claim.ts';
import { Departed } from './departed.ts';
import { type Container, entryOf, type JoinRules, type PodState, sameEntry, uidOnNode, workloadOf } from './join.ts';
import { isSettled, nextChange } from './settled.ts';
import type { CgroupEntry, CgroupTable } from './table.ts';
import { TableWriter } from './table-writer.ts';

export type RegistryOptions = {
  readonly table: CgroupTable;
  /** Who tells the labels of pods: Kubernetes, which containers wait for; or nobody, so that the runtime's word does. */
  readonly podsFrom: 'kubernetes' | 'runtime';
  /** Hold execs back in pods that nobody has told of yet, whatever their namespace. */
  readonly holdUnknownPods?: boolean;
  readonly podsMax?: number;
  readonly containersMax?: number;
  /** Containers that are gone, and found for late events. */
  readonly departedMax?: number;
  /** Policies can select a container: how long they could not, from when its cgroup was seen. */
  readonly onKnown?: ((pendingMs: number, container: { readonly announced: boolean }) => void) | undefined;
};

export type RegistryCounts = {
  readonly pods: number;
  readonly containers: number;
  /** In pods, with a cgroup, and not known: no policy selects them yet. */
  readonly pending: number;
  readonly departed: number;
  readonly podsRefused: number;
  readonly containersRefused: number;
  /** Entries that the kernel's table did not take. */
  readonly notWritten: number;
  /** Two told different pods for one container; where it runs decided. */
  readonly contradictions: number;
};

/** `podUid` is whose cgroup it is below; `announced`: the runtime waits for us before it starts the container. */
type ClaimPlace = { readonly cgroupId: bigint; readonly podUid: string | undefined; readonly announced?: boolean };

const PODS_MAX = 8192;
const CONTAINERS_MAX = 16_384;
const DEPARTED_MAX = 4096;

export class WorkloadRegistry {
  readonly #table: TableWriter;
  readonly #rules: JoinRules;
  readonly #onKnown: NonNullable<RegistryOptions['onKnown']>;
  readonly #podsMax: number;
  readonly #containersMax: number;
  readonly #pods = new Map<string, PodState>();
  /** Of static pods: their uid in the API, and that on the node. */
  readonly #mirrors = new Map<string, string>();
  readonly #containers = new Map<string, Container>();
  readonly #byCgroup = new Map<bigint, Container>();
  /** Cgroups of pods, and of what groups them, which no pod has. */
  readonly #groups = new Map<bigint, PodState | undefined>();
  readonly #departed: Departed;
  #failClosed: ReadonlySet<string> = new Set();
  #pending = 0;
  #podsRefused = 0;
  #containersRefused = 0;
  #contradictions = 0;

  constructor(options: RegistryOptions) {
    this.#table = new TableWriter(options.table);
    this.#podsMax = options.podsMax ?? PODS_MAX;
    this.#containersMax = options.containersMax ?? CONTAINERS_MAX;
    this.#departed = new Departed(options.departedMax ?? DEPARTED_MAX);
    this.#onKnown = options.onKnown ?? (() => undefined);
    const holdUnknown = options.holdUnknownPods ?? false;
    const holds = (namespace: string | undefined) =>
      namespace === undefined ? holdUnknown : this.#failClosed.has(namespace);
    this.#rules = { podsFrom: options.podsFrom, holds };
  }

  get counts(): RegistryCounts {
    return {
      ...{ pods: this.#pods.size, containers: this.#containers.size, pending: this.#pending },
      ...{ departed: this.#departed.size, contradictions: this.#contradictions, notWritten: this.#table.refused },
      ...{ podsRefused: this.#podsRefused, containersRefused: this.#containersRefused },
    };
  }

  find(cgroupId: bigint): Workload | undefined {
    return this.#byCgroup.get(cgroupId)?.workload ?? this.#departed.find(cgroupId);
  }

  /** Of a namespace, or of one that nobody told: is nothing executed where it is not known in what container? */
  failsClosed(namespace: string | undefined): boolean {
    return this.#rules.holds(namespace);
  }

  setFailClosed(namespaces: ReadonlySet<string>): void {
    this.#failClosed = namespaces;
    for (const cgroupId of this.#groups.keys()) this.#writeGroup(cgroupId);
    for (const container of this.#containers.values()) this.#renew(container);
  }

  podChanged(pod: Pod): void {
    const uid = uidOnNode(pod);
    const state = this.#podOf(uid);
    if (state === undefined) return;
    if (uid !== pod.uid) this.#mirrors.set(pod.uid, uid);
    state.facts = pod;
    state.gone = false;
    const told = new Map(pod.containers.map((facts) => [facts.id, facts]));
    for (const container of state.containers) {
      container.told = told.get(container.id);
      told.delete(container.id);
      if (!this.#drop(container)) this.#renew(container);
    }
    for (const facts of told.values()) this.#told(facts, state);
    for (const cgroupId of state.cgroups) this.#writeGroup(cgroupId);
  }

  /** What still runs of it stays what it is: a pod that is deleted by force may go on. */
  podGone(apiUid: string): void {
    const state = this.#pods.get(this.#mirrors.get(apiUid) ?? apiUid);
    if (state === undefined || (state.facts !== undefined && state.facts.uid !== apiUid)) return;
    state.gone = true;
    for (const container of state.containers) this.#drop(container);
    this.#dropPod(state);
  }

  cgroupAppeared(cgroupId: bigint, place: CgroupPlace): void {
    if (place.kind === 'container') {
      const container = this.#containerOf(place.id);
      if (container !== undefined) this.#place(container, cgroupId, place.podUid);
    } else if (place.kind === 'pod' || place.kind === 'pods') {
      const state = place.kind === 'pod' ? this.#podOf(place.podUid) : undefined;
      state?.cgroups.add(cgroupId);
      this.#groups.set(cgroupId, state);
      this.#writeGroup(cgroupId);
    } else if (place.kind === 'monitor') {
      this.#table.put(cgroupId, { kind: 'host' });
    }
  }

  /** To be called when all cgroups that are there have appeared: what an earlier agent left of others goes. */
  cgroupsListed(): void {
    for (const cgroupId of this.#table.inherited) if (!this.#byCgroup.has(cgroupId)) this.#table.forget(cgroupId);
  }

  cgroupGone(cgroupId: bigint): void {
    const container = this.#byCgroup.get(cgroupId);
    if (container !== undefined) {
      this.#unplace(container, cgroupId);
      this.#drop(container);
      return;
    }
    this.#table.forget(cgroupId);
    const state = this.#groups.get(cgroupId);
    this.#groups.delete(cgroupId);
    state?.cgroups.delete(cgroupId);
    if (state !== undefined) this.#dropPod(state);
  }

  /** The runtime speaks of a container that is in this cgroup. */
  claimed(claim: ContainerClaim, { cgroupId, podUid, announced = false }: ClaimPlace): void {
    const container = this.#containerOf(claim.id);
    if (container === undefined) return;
    container.announced ||= announced;
    if (podUid !== undefined && claim.pod !== undefined && claim.pod.uid !== podUid) this.#contradictions += 1;
    else container.claim = { ...claim, podLabels: claim.podLabels ?? container.claim?.podLabels };
    this.#place(container, cgroupId, podUid ?? claim.pod?.uid);
  }

  /** Whether policies that select it do by now; waits for that until the signal aborts. */
  async settled(id: string, signal: AbortSignal): Promise<boolean> {
    const container = this.#containers.get(id);
    if (container === undefined) return false;
    while (!isSettled(container) && !signal.aborted) await nextChange(container, signal);
    return isSettled(container);
  }

  #podOf(uid: string): PodState | undefined {
    const found = this.#pods.get(uid);
    if (found !== undefined) return found;
    if (this.#pods.size >= this.#podsMax) {
      this.#podsRefused += 1;
      return undefined;
    }
    const state: PodState = { uid, facts: undefined, gone: false, containers: new Set(), cgroups: new Set() };
    this.#pods.set(uid, state);
    return state;
  }

  #containerOf(id: string): Container | undefined {
    const found = this.#containers.get(id);
    if (found !== undefined) return found;
    if (this.#containers.size >= this.#containersMax) {
      this.#containersRefused += 1;
      return undefined;
    }
    const nothing = { claim: undefined, told: undefined, entry: undefined, workload: undefined };
    const gap = { pendingSinceMs: undefined, announced: false };
    const container: Container = {
      ...{ id, pod: undefined, podUid: undefined, cgroupId: undefined },
      ...nothing,
      ...gap,
      waiting: new Set(),
    };
    this.#containers.set(id, container);
    return container;
  }

  #told(facts: ContainerFacts, state: PodState): void {
    const container = this.#containerOf(facts.id);
    if (container === undefined) return;
    if (container.pod !== undefined && container.pod !== state) {
      this.#contradictions += 1;
      return;
    }
    container.told = facts;
    this.#join(container, state);
    this.#renew(container);
  }

  #place(container: Container, cgroupId: bigint, podUid: string | undefined): void {
    if (container.cgroupId !== cgroupId) {
      if (container.cgroupId !== undefined) this.#unplace(container, container.cgroupId);
      container.cgroupId = cgroupId;
      this.#byCgroup.set(cgroupId, container);
    }
    const state = podUid === undefined ? undefined : this.#podOf(podUid);
    container.podUid = podUid;
    if (state !== undefined) this.#join(container, state);
    this.#renew(container);
  }

  /** Where a container runs decides whose it is, whatever was told before. */
  #join(container: Container, state: PodState): void {
    if (container.pod !== undefined && container.pod !== state) {
      this.#contradictions += 1;
      container.pod.containers.delete(container);
      container.told = undefined;
    }
    container.pod = state;
    state.containers.add(container);
  }

  #renew(container: Container): void {
    container.workload = workloadOf(container);
    const { cgroupId, entry: before } = container;
    if (cgroupId === undefined) return;
    const entry = entryOf(container, this.#rules);
    if (entry !== undefined && !sameEntry(before, entry) && this.#table.putContainer(cgroupId, entry)) {
      this.#pending += Number(entry.kind === 'pending') - Number(before?.kind === 'pending');
      container.entry = entry;
      this.#measure(container, before?.kind);
    }
    for (const wake of container.waiting) wake();
  }

  /** What another agent knew already has no gap; nor has a container that is known as soon as it is seen. */
  #measure(container: Container, before: CgroupEntry['kind'] | undefined): void {
    const { cgroupId } = container;
    if (container.entry?.kind === 'pending') {
      const isOlder = cgroupId !== undefined && this.#table.inherited.has(cgroupId);
      if (!isOlder) container.pendingSinceMs ??= performance.now();
    } else if (container.entry?.kind === 'container' && before !== 'container') {
      const sinceMs = container.pendingSinceMs;
      container.pendingSinceMs = undefined;
      this.#onKnown(sinceMs === undefined ? 0 : performance.now() - sinceMs, container);
    }
  }

  #writeGroup(cgroupId: bigint): void {
    const namespace = this.#groups.get(cgroupId)?.facts?.namespace;
    this.#table.put(cgroupId, { kind: 'pending', holdExec: this.#rules.holds(namespace) });
  }

  #unplace(container: Container, cgroupId: bigint): void {
    this.#table.forget(cgroupId);
    this.#byCgroup.delete(cgroupId);
    if (container.workload !== undefined) this.#departed.add(cgroupId, container.workload);
    this.#pending -= Number(container.entry?.kind === 'pending');
    container.cgroupId = undefined;
    container.entry = undefined;
    container.pendingSinceMs = undefined;
    container.announced = false;
  }

  /** Forgets a container that neither runs nor is told of by a pod that is there. */
  #drop(container: Container): boolean {
    const { id, pod, told, cgroupId } = container;
    if (cgroupId !== undefined || (told !== undefined && pod?.gone === false)) return false;
    this.#containers.delete(id);
    for (const wake of container.waiting) wake();
    container.pod = undefined;
    pod?.containers.delete(container);
    if (pod !== undefined) this.#dropPod(pod);
    return true;
  }

  #dropPod(state: PodState): void {
    const told = state.facts !== undefined && !state.gone;
    if (told || state.containers.size > 0 || state.cgroups.size > 0) return;
    this.#pods.delete(state.uid);
    if (state.facts !== undefined) this.#mirrors.delete(state.facts.uid);
  }
}
