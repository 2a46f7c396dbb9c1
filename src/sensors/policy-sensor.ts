/**
 * The policies, loaded: compiled together, one program for each attach point, replaced as a whole. With pins they go on
 * without the agent; the next one finds them, and replaces them in the same way.
 */
import type { Target } from '#bpf';
import type { CompileResult, compile, HostNamespaces } from '#compiler';
import { type Diagnostic, hasErrors } from '#diagnostics';
import { AttachRefused, LoadRejected, type MappedMemory } from '#kernel';
import type { Policy } from '#policy';
import { assert } from '#std';
import type { BaseSensor } from './base-sensor.ts';
import { type Culprit, culpritsOf, gateless, type Scene } from './culprits.ts';
import { Directory, type SlotOwner } from './directory.ts';
import { FollowLists } from './follow-lists.ts';
import { FoundImage } from './found-image.ts';
import { LoadedImage, type ProgramCost } from './loaded-image.ts';
import type { PinnedLayout } from './pins.ts';
import { PolicySlots } from './policy-slots.ts';
import { type Prepared, preparePolicies, type SlotPolicy } from './prepare.ts';
import { readState, writeState } from './saved-state.ts';
import { atOnce, inPieces, type Steps } from './steps.ts';
import type { WatchedPin } from './watchdog.ts';
import { WorkloadTable } from './workload-table.ts';

export type PolicySensorOptions = {
  readonly base: BaseSensor;
  readonly target: Target;
  readonly hostNamespaces: HostNamespaces;
  /** Where the file system of the node is: our own root, unless said. */
  readonly nodeRoot?: string | undefined;
  /** kprobes/build/runtime.bpf.o */
  readonly runtime: Uint8Array;
  /** Where it is kept what the policies are called; with pins. */
  readonly statePath?: string | undefined;
  /** Unless said, the compiler. */
  readonly compile?: typeof compile;
  /** What a start has made of its policies already, for this target. */
  readonly earlier?: Prepared;
};

export type PolicyCounts = Readonly<
  Record<
    'matches' | 'posted' | 'killed' | 'denied' | 'monitored' | 'unreadable' | 'signalled' | 'returnLost' | 'spared',
    bigint
  >
>;

export type PolicyName = { readonly name: string; readonly namespace: string | undefined };

/** `demoted`: by the kernel, which only watches for it since; see RF_POLICY_DEMOTED. */
export type Counted = PolicyName & { readonly counts: PolicyCounts; readonly demoted: boolean };

/** `sinceNs`: CLOCK_MONOTONIC. */
export type Demoted = { readonly policy: Policy; readonly sinceNs: bigint };

export type Installed = {
  /** What is loaded now. */
  readonly policies: readonly Policy[];
  readonly reports: CompileResult['reports'];
  readonly diagnostics: readonly Diagnostic[];
};

export type InstallOptions = {
  /** All of it, or nothing. */
  readonly whole?: boolean;
};

type Attempt =
  | { readonly kind: 'installed' }
  | { readonly kind: 'refused'; readonly error: AttachRefused | LoadRejected };

type SavedBits = { readonly [Member in 'followBits' | 'scopeBits']: ReadonlyMap<string, number> | undefined };

/** A call that is within a program when that is detached goes on: its marks and its slots are kept for so long. */
const IN_FLIGHT_MS = 500;

const NOTHING_PINNED: readonly WatchedPin[] = [];

export class PolicySensor {
  readonly directory = new Directory();
  /** Filled by whoever knows what runs on the node, before the policies are there and whenever it changes. */
  readonly workloads: WorkloadTable;
  readonly #options: PolicySensorOptions;
  readonly #follow: FollowLists;
  readonly #slots: PolicySlots;
  readonly #workloadMemory: MappedMemory;
  #loaded: LoadedImage | undefined;
  /** By an earlier agent, until this one has installed its own. */
  #found: readonly FoundImage[] = [];
  #swappedAtMs: number | undefined;
  /** For the first set only: it is not kept for longer. */
  #earlier: Prepared | undefined;
  /** By programs that are gone. */
  #skippedBefore = 0n;

  constructor(options: PolicySensorOptions) {
    const { base, earlier, ...rest } = options;
    this.#options = { base, ...rest };
    this.#earlier = earlier;
    this.#slots = new PolicySlots(base.map('rf_policies'));
    this.#follow = new FollowLists({
      binaries: base.map('rf_follow_binaries'),
      pids: base.map('rf_follow_pids'),
      classifyAnew: (added) => base.classifyAnew(added),
    });
    this.#workloadMemory = base.map('rf_workload_entries').mapMemory({ writable: true });
    this.workloads = new WorkloadTable({ index: base.map('rf_workloads'), memory: this.#workloadMemory.buffer });
    const { layout } = base;
    if (layout !== undefined && base.adopted) this.#restore(layout);
  }

  /**
   * A policy that is loaded, word for word, keeps its slot, with what it has counted and the calls that wait for their
   * return. Others get free ones: the old ones count, and are told of, until they are detached.
   */
  prepare(policies: readonly Policy[]): Prepared {
    const { target, hostNamespaces, nodeRoot, compile } = this.#options;
    const earlier = this.#earlier;
    this.#earlier = undefined;
    return preparePolicies(policies, {
      ...{ target, hostNamespaces, nodeRoot, freeSlots: this.#slots.free, earlier },
      ...{ followBits: this.#follow.bits, scopeBits: this.workloads.bits },
      slotOf: (policy) => this.#slots.sameAs(policy)?.slot,
      ...(compile === undefined ? {} : { compile }),
    });
  }

  /**
   * Makes what was prepared what is loaded. New programs enforce from the moment they are attached, which is when all of
   * them are loaded, and old ones until they are detached. A policy that the kernel refuses is left out, or stays as it
   * was loaded before, before anything is attached; where it can not do without one that enforces now, nothing changes.
   */
  install(prepared: Prepared, options: InstallOptions = {}): Installed {
    return atOnce(this.#installing(prepared, options));
  }

  /** The same, with all else in between where it has to be looked for what the kernel refuses. */
  installInPieces(prepared: Prepared, options: InstallOptions = {}): Promise<Installed> {
    return inPieces(this.#installing(prepared, options));
  }

  *#installing(prepared: Prepared, { whole = false }: InstallOptions): Steps<Installed> {
    assert(!hasErrors(prepared.diagnostics), 'what has errors is not installed');
    const diagnostics = [...prepared.diagnostics];
    const ungated = new Map<string, Diagnostic>();
    const recompile = (some: readonly SlotPolicy[]) => prepared.recompile(some, new Set(ungated.keys()));
    let { owners, result } = prepared;
    for (;;) {
      assert(
        owners.every((owner) => this.#slots.isFree(owner.slot) || this.#isLoaded(owner)),
        'the slots of new policies are free',
      );
      const full = this.#follow.check(result.follow);
      if (full.length > 0) return this.#unchanged(prepared, [...diagnostics, ...full]);
      const attempt = this.#tryInstall(owners, result);
      if (attempt.kind === 'installed') {
        diagnostics.push(...ungated.values());
        return { policies: owners.map(({ policy }) => policy), reports: result.reports, diagnostics };
      }
      if (attempt.error instanceof LoadRejected) {
        const { section, diagnostic } = gateless(attempt.error, { image: result.image, owners });
        if (!ungated.has(section)) {
          ungated.set(section, diagnostic);
          result = recompile(owners);
          yield;
          continue;
        }
      }
      const refused = yield* culpritsOf(attempt.error, { ...this.#scene, image: result.image, owners, recompile });
      diagnostics.push(...refused.map((each) => each.diagnostic));
      if (whole || refused.some(({ owner }) => this.#isLoaded(owner))) return this.#unchanged(prepared, diagnostics);
      owners = owners.flatMap((owner) => this.#without(owner, refused));
      ungated.clear();
      result = recompile(owners);
      if (hasErrors(result.diagnostics)) return this.#unchanged(prepared, [...diagnostics, ...result.diagnostics]);
    }
  }

  /** Prepares and installs. With an error of a policy nothing has changed: what was loaded goes on. */
  replace(policies: readonly Policy[]): readonly Diagnostic[] {
    const prepared = this.prepare(policies);
    return hasErrors(prepared.diagnostics) ? prepared.diagnostics : this.install(prepared).diagnostics;
  }

  /** What is loaded. */
  get policies(): readonly Policy[] {
    return this.#slots.owners.map(({ policy }) => policy);
  }

  /** Takes effect at once, by one word that its programs read. */
  setMode(policy: PolicyName, mode: Policy['mode']): void {
    this.#slots.setMode(policy, mode);
    this.#save(this.#slots.owners);
  }

  /** By policy, in the order of the slots. */
  counts(): readonly Counted[] {
    return this.#slots.owners.map(({ policy: { name, namespace }, slot }) => ({
      ...{ name, namespace, counts: this.#slots.counts(slot), demoted: this.#slots.demotedNs(slot) !== undefined },
    }));
  }

  /** Policies that have spent their kill budget and only watch since; each is given out once. */
  takeDemoted(): readonly Demoted[] {
    return this.#slots
      .takeDemoted()
      .map(({ policy, slot }) => ({ policy, sinceNs: this.#slots.demotedNs(slot) ?? 0n }));
  }

  /** Of programs and sets in the kernel; what policies share is shared out evenly. */
  memory(): readonly (PolicyName & { readonly bytes: number })[] {
    const bySlot = this.#loaded?.memory();
    return this.#slots.owners.map(({ policy: { name, namespace }, slot }) => ({
      ...{ name, namespace, bytes: bySlot?.get(slot) ?? 0 },
    }));
  }

  /** What is pinned, and how to pin it again; another list after each change. */
  get pinned(): readonly WatchedPin[] {
    return this.#loaded?.pinned ?? NOTHING_PINNED;
  }

  /** Whether a program is attached by a kprobe, which can be switched off from outside. */
  get usesKprobes(): boolean {
    return this.#loaded?.usesKprobes ?? false;
  }

  /** Calls that programs did not see since the sensor was made, because a program ran on that CPU already. */
  skipped(): bigint {
    return this.#skippedBefore + this.skippedByAttached();
  }

  /** Of these, by programs that are gone. */
  get skippedByDetached(): bigint {
    return this.#skippedBefore;
  }

  /** By the programs that are loaded now, by attach point. */
  skippedBySection(): ReadonlyMap<string, bigint> {
    return this.#loaded?.skippedBySection() ?? new Map();
  }

  /** Of the programs that are loaded now, by attach point. */
  costBySection(): ReadonlyMap<string, ProgramCost> {
    return this.#loaded?.costBySection() ?? new Map();
  }

  /** Of these, by the programs that are attached now: what the next agent finds. */
  skippedByAttached(): bigint {
    const attached = [...(this.#loaded === undefined ? [] : [this.#loaded]), ...this.#found];
    return attached.reduce((sum, image) => sum + image.skipped(), 0n);
  }

  /** To be called now and then: ends what has to outlast the last replacement a little. */
  settle(nowMs: number): void {
    if (this.#swappedAtMs === undefined || nowMs - this.#swappedAtMs < IN_FLIGHT_MS) return;
    this.#swappedAtMs = undefined;
    this.#options.base.endSwap();
    this.#slots.clearRetired();
  }

  /** Lets go: what is pinned goes on enforcing, all else ends. */
  [Symbol.dispose](): void {
    this.#skippedBefore = this.skipped();
    for (const image of [...this.#found, this.#loaded]) image?.[Symbol.dispose]();
    this.#loaded = undefined;
    this.#found = [];
    this.#slots[Symbol.dispose]();
    this.#workloadMemory[Symbol.dispose]();
  }

  /** What is wanted and was loaded already, by an earlier agent too, is loaded still, with all else that was. */
  #unchanged({ owners }: Prepared, diagnostics: readonly Diagnostic[]): Installed {
    const still = owners.filter((owner) => this.#isLoaded(owner));
    const slots = new Set(still.map(({ slot }) => slot));
    const others = this.#slots.owners.filter(({ slot }) => !slots.has(slot));
    return { policies: [...still, ...others].map(({ policy }) => policy), reports: [], diagnostics };
  }

  #tryInstall(owners: readonly SlotPolicy[], result: CompileResult): Attempt {
    const { base, runtime } = this.#options;
    const { image } = result;
    const before = { follow: this.#follow.lists, scopes: this.workloads.scopes };
    const epoch = base.nextEpoch;
    let next: LoadedImage | undefined;
    try {
      if (image !== undefined && image.hooks.length > 0) next = new LoadedImage({ base, runtime, image, epoch });
      const owned = owners.map((owner) => this.#slots.write(owner, epoch));
      for (const owner of owned) this.directory.add(owner, result);
      this.#follow.add(result.follow);
      this.workloads.add(result.scopes);
      const slots = new Set(owned.map(({ slot }) => slot));
      this.#save([...owned, ...this.#slots.owners.filter(({ slot }) => !slots.has(slot))]);
      base.beginSwap(epoch);
      next?.attach();
      this.#swap(next);
      this.#follow.keep(result.follow);
      this.workloads.keep(result.scopes);
      this.#slots.own(owned);
      return { kind: 'installed' };
    } catch (error) {
      next?.detach();
      next?.[Symbol.dispose]();
      this.#swappedAtMs = performance.now();
      this.#follow.keep(before.follow);
      this.workloads.restore(before.scopes);
      if (!(error instanceof AttachRefused || error instanceof LoadRejected)) throw error;
      return { kind: 'refused', error };
    }
  }

  #swap(next: LoadedImage | undefined): void {
    const previous = [...this.#found, ...(this.#loaded === undefined ? [] : [this.#loaded])];
    this.#loaded = next;
    this.#found = [];
    this.#swappedAtMs = performance.now();
    for (const image of previous) {
      this.#skippedBefore += image.skipped();
      image.detach();
      image[Symbol.dispose]();
    }
  }

  // ---- what an earlier agent left ----

  #restore(layout: PinnedLayout): void {
    this.#found = layout.epochs.map((epoch) => new FoundImage(layout, epoch));
    const { statePath } = this.#options;
    const state = statePath === undefined ? undefined : readState(statePath, layout.name);
    const all = state?.owners ?? [];
    const bits = { followBits: state?.followBits, scopeBits: state?.scopeBits };
    const current = all.filter((owner) => this.#slots.isWritten(owner));
    this.#slots.restore(current);
    const { follow, scopes } = this.#recall(current, bits);
    this.#follow.restore(follow);
    this.workloads.restore(scopes);
    this.#recall(
      all.filter((owner) => !current.includes(owner)),
      bits,
    );
  }

  /** Compiled again only to know what the numbers of records stand for. */
  #recall(owners: readonly SlotOwner[], { followBits, scopeBits }: SavedBits): CompileResult {
    const { target, hostNamespaces, nodeRoot } = this.#options;
    const { result } = preparePolicies(
      owners.map(({ policy }) => policy),
      {
        ...{ target, hostNamespaces, nodeRoot, freeSlots: owners.map(({ slot }) => slot) },
        ...(followBits === undefined ? {} : { followBits }),
        ...(scopeBits === undefined ? {} : { scopeBits }),
      },
    );
    for (const owner of owners) this.directory.add(owner, result);
    return result;
  }

  #save(owners: readonly SlotOwner[]): void {
    const { base, statePath } = this.#options;
    if (statePath === undefined || base.layout === undefined) return;
    writeState(statePath, {
      layout: base.layout.name,
      owners,
      followBits: this.#follow.bits,
      scopeBits: this.workloads.bits,
    });
  }

  // ---- when the kernel refuses ----

  get #scene(): Pick<Scene, 'isLoaded' | 'tryLoading'> {
    const { base, runtime } = this.#options;
    return {
      isLoaded: (owner) => this.#isLoaded(owner),
      tryLoading: (image, program) => {
        using _loaded = new LoadedImage({ base, runtime, image, epoch: base.nextEpoch, program });
      },
    };
  }

  /** Without what was refused: in its place, the policy of that name that is loaded, if there is one. */
  #without(owner: SlotPolicy, refused: readonly Culprit[]): readonly SlotPolicy[] {
    if (!refused.some((each) => each.owner === owner)) return [owner];
    const before = this.#slots.ownerOf(owner.policy);
    return before === undefined ? [] : [before];
  }

  /** It is loaded now, word for word. */
  #isLoaded({ policy, slot }: SlotPolicy): boolean {
    return this.#slots.sameAs(policy)?.slot === slot;
  }
}
