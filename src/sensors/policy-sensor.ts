/** The policies, loaded: compiled together, one program for each attach point, replaced as a whole. */
import { bound, mode, policyLayout } from '#abi';
import { type SensorImage, sectionOf, type Target } from '#bpf';
import type { CompileResult, compile, HostNamespaces } from '#compiler';
import { type Diagnostic, diagnostic, hasErrors, type Span } from '#diagnostics';
import { AttachRefused, LoadRejected, u32Key } from '#kernel';
import type { Policy } from '#policy';
import { assert, known } from '#std';
import type { BaseSensor } from './base-sensor.ts';
import { Directory, type SlotOwner } from './directory.ts';
import { FollowLists } from './follow-lists.ts';
import { LoadedImage } from './loaded-image.ts';
import { type Prepared, preparePolicies, type SlotPolicy } from './prepare.ts';
import { findRefused, refusalDiagnostic, type Stop } from './refusal.ts';

export type PolicySensorOptions = {
  readonly base: BaseSensor;
  readonly target: Target;
  readonly hostNamespaces: HostNamespaces;
  /** kprobes/build/runtime.bpf.o */
  readonly runtime: Uint8Array;
  /** Unless said, the compiler. */
  readonly compile?: typeof compile;
};

export type PolicyCounts = Readonly<
  Record<'matches' | 'posted' | 'killed' | 'denied' | 'monitored' | 'unreadable' | 'signalled' | 'returnLost', bigint>
>;

export type Installed = {
  /** What is loaded now. */
  readonly policies: readonly Policy[];
  readonly reports: CompileResult['reports'];
  readonly diagnostics: readonly Diagnostic[];
};

type Attempt = { readonly kind: 'installed' } | { readonly kind: 'refused'; readonly refused: readonly Refused[] };

type Refused = { readonly owner: SlotPolicy; readonly diagnostic: Diagnostic };

export class PolicySensor {
  readonly directory = new Directory();
  readonly #options: PolicySensorOptions;
  readonly #follow: FollowLists;
  readonly #owners: (SlotOwner | undefined)[] = new Array<SlotOwner | undefined>(bound.policyMax);
  #incarnations = 0;
  #loaded: LoadedImage | undefined;
  /** By programs that are gone. */
  #skippedBefore = 0n;

  constructor(options: PolicySensorOptions) {
    this.#options = options;
    const { base } = options;
    this.#follow = new FollowLists({
      binaries: base.map('rf_follow_binaries'),
      pids: base.map('rf_follow_pids'),
      classifyAnew: (added) => base.classifyAnew(added),
    });
  }

  /** New policies get free slots: the old ones count, and are told of, until they are detached. */
  prepare(policies: readonly Policy[]): Prepared {
    const { target, hostNamespaces, compile } = this.#options;
    const freeSlots = Array.from(this.#owners.keys()).filter((slot) => this.#owners[slot] === undefined);
    return preparePolicies(policies, {
      ...{ target, hostNamespaces, freeSlots, followBits: this.#follow.bits },
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
        owners.every(({ slot }) => this.#owners[slot] === undefined),
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

  /** By policy, in the order of the slots. */
  counts(): readonly { readonly name: string; readonly counts: PolicyCounts }[] {
    const map = this.#options.base.map('rf_policies');
    return this.#owners
      .filter((owner) => owner !== undefined)
      .map(({ policy, slot }) => ({
        name: policy.name,
        counts: readCounts(known(map.lookup(u32Key(slot)), 'policy state')),
      }));
  }

  /** Calls that programs did not see since the sensor was made, because a program ran on that CPU already. */
  skipped(): bigint {
    return this.#skippedBefore + (this.#loaded?.skipped() ?? 0n);
  }

  [Symbol.dispose](): void {
    this.#swap(undefined);
    this.#follow.keep([]);
    this.#owners.fill(undefined);
  }

  #unchanged(diagnostics: readonly Diagnostic[]): Installed {
    const policies = this.#owners.flatMap((owner) => (owner === undefined ? [] : [owner.policy]));
    return { policies, reports: [], diagnostics };
  }

  #tryInstall(owners: readonly SlotPolicy[], prepared: Prepared, result: CompileResult): Attempt {
    const { base, runtime } = this.#options;
    const { image } = result;
    const followedBefore = this.#follow.lists;
    let next: LoadedImage | undefined;
    try {
      next = image === undefined || image.hooks.length === 0 ? undefined : new LoadedImage({ base, runtime, image });
      const owned = owners.map((owner) => this.#writeSlot(owner, result));
      this.#follow.add(result.follow);
      next?.attach();
      this.#swap(next);
      this.#follow.keep(result.follow);
      this.#owners.fill(undefined);
      for (const owner of owned) this.#owners[owner.slot] = owner;
      return { kind: 'installed' };
    } catch (error) {
      next?.[Symbol.dispose]();
      this.#follow.keep(followedBefore);
      if (!(error instanceof AttachRefused || error instanceof LoadRejected)) throw error;
      return { kind: 'refused', refused: this.#refusedBy(error, owners, prepared, result) };
    }
  }

  #writeSlot({ policy, slot }: SlotPolicy, result: CompileResult): SlotOwner {
    this.#incarnations += 1;
    const owner = { policy, slot, incarnation: this.#incarnations };
    const value = new Uint8Array(policyLayout.bytes);
    const view = new DataView(value.buffer);
    view.setUint32(policyLayout.mode, mode[policy.mode], true);
    view.setUint32(policyLayout.incarnation, owner.incarnation, true);
    this.#options.base.map('rf_policies').update(u32Key(slot), value);
    this.directory.add(owner, result);
    return owner;
  }

  #swap(next: LoadedImage | undefined): void {
    const previous = this.#loaded;
    this.#loaded = next;
    if (previous === undefined) return;
    previous.detach();
    this.#skippedBefore += previous.skipped();
    previous[Symbol.dispose]();
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
      using _loaded = new LoadedImage({ base, runtime, image, program: hook.program });
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
    const before = this.#loadedBefore(owner);
    return before === undefined || before === owner.policy ? [] : [{ policy: before, slot: owner.slot }];
  }

  #loadedBefore({ policy }: SlotPolicy): Policy | undefined {
    return this.#owners.find(
      (owner) => owner?.policy.name === policy.name && owner.policy.namespace === policy.namespace,
    )?.policy;
  }
}

function readCounts(value: Uint8Array): PolicyCounts {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const read = (offset: number) => view.getBigUint64(offset, true);
  return {
    matches: read(policyLayout.matches),
    posted: read(policyLayout.posted),
    killed: read(policyLayout.killed),
    denied: read(policyLayout.denied),
    monitored: read(policyLayout.monitored),
    unreadable: read(policyLayout.unreadable),
    signalled: read(policyLayout.signalled),
    returnLost: read(policyLayout.returnLost),
  };
}

/** The hook as the policy names it, and where. */
function hookOf({ policy, slot }: SlotPolicy, image: SensorImage['hooks'][number]): { name: string; span: Span } {
  const entry = image.policies.find((part) => part.slot === slot)?.entry;
  const hook = entry === undefined ? undefined : policy.hooks[entry];
  return { name: hook?.name.value ?? sectionOf(image.point), span: hook?.name.span ?? policy.span };
}
