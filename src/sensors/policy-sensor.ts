/**
 * The policies, loaded: compiled together, one program for each attach point, replaced as a whole. With pins they go on
 * without the agent; the next one finds them, and replaces them in the same way.
 */
import { type SensorImage, sectionOf, type Target } from '#bpf';
import type { CompileResult, compile, HostNamespaces } from '#compiler';
import { type Diagnostic, diagnostic, hasErrors, type Span } from '#diagnostics';
import { AttachRefused, LoadRejected } from '#kernel';
import type { Policy } from '#policy';
import { assert, known } from '#std';
import type { BaseSensor } from './base-sensor.ts';
import { Directory, type SlotOwner } from './directory.ts';
import { FollowLists } from './follow-lists.ts';
import { FoundImage } from './found-image.ts';
import { LoadedImage } from './loaded-image.ts';
import type { PinnedLayout } from './pins.ts';
import { PolicySlots } from './policy-slots.ts';
import { type Prepared, preparePolicies, type SlotPolicy } from './prepare.ts';
import { findRefused, refusalDiagnostic, type Stop } from './refusal.ts';
import { readState, writeState } from './saved-state.ts';
import type { WatchedPin } from './watchdog.ts';

export type PolicySensorOptions = {
  readonly base: BaseSensor;
  readonly target: Target;
  readonly hostNamespaces: HostNamespaces;
  /** kprobes/build/runtime.bpf.o */
  readonly runtime: Uint8Array;
  /** Where it is kept what the policies are called; with pins. */
  readonly statePath?: string | undefined;
  /** Unless said, the compiler. */
  readonly compile?: typeof compile;
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

type Attempt = { readonly kind: 'installed' } | { readonly kind: 'refused'; readonly refused: readonly Refused[] };

type Refused = { readonly owner: SlotPolicy; readonly diagnostic: Diagnostic };

/** A call that is within a program when that is detached goes on: its marks and its slots are kept for so long. */
const IN_FLIGHT_MS = 500;

const NOTHING_PINNED: readonly WatchedPin[] = [];

export class PolicySensor {
  readonly directory = new Directory();
  readonly #options: PolicySensorOptions;
  readonly #follow: FollowLists;
  readonly #slots: PolicySlots;
  #loaded: LoadedImage | undefined;
  /** By an earlier agent, until this one has installed its own. */
  #found: readonly FoundImage[] = [];
  #swappedAtMs: number | undefined;
  /** By programs that are gone. */
  #skippedBefore = 0n;

  constructor(options: PolicySensorOptions) {
    this.#options = options;
    const { base } = options;
    this.#slots = new PolicySlots(base.map('rf_policies'));
    this.#follow = new FollowLists({
      binaries: base.map('rf_follow_binaries'),
      pids: base.map('rf_follow_pids'),
      classifyAnew: (added) => base.classifyAnew(added),
    });
    const { layout } = base;
    if (layout !== undefined && base.adopted) this.#restore(layout);
  }

  /**
   * A policy that is loaded, word for word, keeps its slot, with what it has counted and the calls that wait for their
   * return. Others get free ones: the old ones count, and are told of, until they are detached.
   */
  prepare(policies: readonly Policy[]): Prepared {
    const { target, hostNamespaces, compile } = this.#options;
    return preparePolicies(policies, {
      ...{ target, hostNamespaces, freeSlots: this.#slots.free, followBits: this.#follow.bits },
      slotOf: (policy) => this.#slots.sameAs(policy)?.slot,
      ...(compile === undefined ? {} : { compile }),
    });
  }

  /**
   * Makes what was prepared what is loaded. New programs enforce from the moment they are attached, old ones until they
   * are detached. A policy that the kernel refuses is left out, or stays as it was loaded before; the others go on.
   */
  install(prepared: Prepared): Installed {
    assert(!hasErrors(prepared.diagnostics), 'what has errors is not installed');
    const diagnostics = [...prepared.diagnostics];
    let { owners, result } = prepared;
    for (;;) {
      assert(
        owners.every(({ policy, slot }) => this.#slots.isFree(slot) || this.#slots.sameAs(policy)?.slot === slot),
        'the slots of new policies are free',
      );
      const full = this.#follow.check(result.follow);
      if (full.length > 0) return this.#unchanged([...diagnostics, ...full]);
      const attempt = this.#tryInstall(owners, prepared, result);
      if (attempt.kind === 'installed') {
        return { policies: owners.map(({ policy }) => policy), reports: result.reports, diagnostics };
      }
      diagnostics.push(...attempt.refused.map((each) => each.diagnostic));
      owners = owners.flatMap((owner) => this.#without(owner, attempt.refused));
      result = prepared.recompile(owners);
      if (hasErrors(result.diagnostics)) return this.#unchanged([...diagnostics, ...result.diagnostics]);
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
  }

  #unchanged(diagnostics: readonly Diagnostic[]): Installed {
    return { policies: this.policies, reports: [], diagnostics };
  }

  #tryInstall(owners: readonly SlotPolicy[], prepared: Prepared, result: CompileResult): Attempt {
    const { base, runtime } = this.#options;
    const { image } = result;
    const followedBefore = this.#follow.lists;
    const epoch = base.nextEpoch;
    let next: LoadedImage | undefined;
    try {
      if (image !== undefined && image.hooks.length > 0) next = new LoadedImage({ base, runtime, image, epoch });
      const owned = owners.map((owner) => this.#slots.write(owner, epoch));
      for (const owner of owned) this.directory.add(owner, result);
      this.#follow.add(result.follow);
      const slots = new Set(owned.map(({ slot }) => slot));
      this.#save([...owned, ...this.#slots.owners.filter(({ slot }) => !slots.has(slot))]);
      base.beginSwap(epoch);
      next?.attach();
      this.#swap(next);
      this.#follow.keep(result.follow);
      this.#slots.own(owned);
      return { kind: 'installed' };
    } catch (error) {
      next?.detach();
      next?.[Symbol.dispose]();
      this.#swappedAtMs = performance.now();
      this.#follow.keep(followedBefore);
      if (!(error instanceof AttachRefused || error instanceof LoadRejected)) throw error;
      return { kind: 'refused', refused: this.#refusedBy(error, owners, prepared, result) };
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
    const followBits = state?.followBits ?? new Map<string, number>();
    const current = all.filter((owner) => this.#slots.isWritten(owner));
    this.#slots.restore(current);
    this.#follow.restore(this.#recall(current, followBits));
    this.#recall(
      all.filter((owner) => !current.includes(owner)),
      followBits,
    );
  }

  /** Compiled again only to know what the numbers of records stand for. */
  #recall(owners: readonly SlotOwner[], followBits: ReadonlyMap<string, number>): CompileResult['follow'] {
    const { target, hostNamespaces } = this.#options;
    const { result } = preparePolicies(
      owners.map(({ policy }) => policy),
      { target, hostNamespaces, freeSlots: owners.map(({ slot }) => slot), followBits },
    );
    for (const owner of owners) this.directory.add(owner, result);
    return result.follow;
  }

  #save(owners: readonly SlotOwner[]): void {
    const { base, statePath } = this.#options;
    if (statePath === undefined || base.layout === undefined) return;
    writeState(statePath, { layout: base.layout.name, owners, followBits: this.#follow.bits });
  }

  // ---- when the kernel refuses ----

  /** One program was: the policies of its attach point are tried, those that are loaded already first. */
  #refusedBy(
    error: AttachRefused | LoadRejected,
    owners: readonly SlotPolicy[],
    { recompile }: Prepared,
    { image }: CompileResult,
  ): readonly Refused[] {
    const hook = image?.hooks.find((each) => each.program === error.program);
    if (hook === undefined) throw error;
    const members = owners
      .filter(({ slot }) => hook.policies.some((part) => part.slot === slot))
      .toSorted((a, b) => Number(this.#loadedBefore(b) !== undefined) - Number(this.#loadedBefore(a) !== undefined));
    if (error instanceof AttachRefused) {
      return members.map((owner) => {
        const { name, span } = hookOf(owner, hook);
        return { owner, diagnostic: diagnostic('RF2202', span, { hook: name, reason: error.reason }) };
      });
    }
    const refused = findRefused(members, (some) => this.#stopOf(some, recompile(some), hook.section));
    assert(refused.length > 0, 'what was refused is refused again');
    return refused.map(({ member, reason, onlyWithOthers }) => {
      const span = onlyWithOthers ? hookOf(member, hook).span : reason.span;
      return { owner: member, diagnostic: refusalDiagnostic({ ...reason, span }, onlyWithOthers) };
    });
  }

  /** Loads, and lets go again, what the policies have at one attach point. */
  #stopOf(owners: readonly SlotPolicy[], { image }: CompileResult, section: string): Stop | undefined {
    const { base, runtime } = this.#options;
    const hook = image?.hooks.find((each) => each.section === section);
    if (image === undefined || hook === undefined) return undefined;
    try {
      using _loaded = new LoadedImage({ base, runtime, image, epoch: base.nextEpoch, program: hook.program });
      return undefined;
    } catch (error) {
      if (!(error instanceof LoadRejected)) throw error;
      const [owner] = owners;
      const { name, span } = hookOf(known(owner, 'policy'), hook);
      const { reason, instruction } = error;
      return { hook: name, reason, span: instruction === undefined ? span : (hook.spans[instruction] ?? span) };
    }
  }

  /** Without what was refused: in its place, the policy of that name that is loaded, if there is one. */
  #without(owner: SlotPolicy, refused: readonly Refused[]): readonly SlotPolicy[] {
    if (!refused.some((each) => each.owner === owner)) return [owner];
    const before = this.#slots.ownerOf(owner.policy);
    return before === undefined || before.slot === owner.slot ? [] : [before];
  }

  #loadedBefore({ policy }: SlotPolicy): Policy | undefined {
    return this.#slots.ownerOf(policy)?.policy;
  }
}

/** The hook as the policy names it, and where. */
function hookOf({ policy, slot }: SlotPolicy, image: SensorImage['hooks'][number]): { name: string; span: Span } {
  const entry = image.policies.find((part) => part.slot === slot)?.entry;
  const hook = entry === undefined ? undefined : policy.hooks[entry];
  return { name: hook?.name.value ?? sectionOf(image.point), span: hook?.name.span ?? policy.span };
}
