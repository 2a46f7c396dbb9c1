/** The slots of rf_policies: which policy has which, its mode and its counts. */
import { bound, mode, policyLayout } from '#abi';
import type { MappedMemory } from '#kernel';
import type { Policy } from '#policy';
import type { SlotOwner } from './directory.ts';
import type { PolicyCounts, PolicyName } from './policy-sensor.ts';
import type { SlotPolicy } from './prepare.ts';

/** Of the map, with the kernel. */
type SharedMemory = Pick<MappedMemory, 'buffer'> & Disposable;

export class PolicySlots {
  readonly #memory: SharedMemory;
  readonly #view: DataView;
  readonly #owners = new Map<number, SlotOwner>();
  /** Of programs that are detached, oldest first: a call may still be within them. */
  #retired: readonly number[] = [];
  /** In use by programs of which nothing else is known. */
  #unknown: readonly number[] = [];

  constructor(map: { mapMemory(options: { readonly writable: boolean }): SharedMemory }) {
    this.#memory = map.mapMemory({ writable: true });
    this.#view = new DataView(this.#memory.buffer);
  }

  /** In the order of the slots. */
  get owners(): readonly SlotOwner[] {
    return [...this.#owners.values()].toSorted((a, b) => a.slot - b.slot);
  }

  /** Those that were in use last come last. */
  get free(): readonly number[] {
    const never = Array.from({ length: bound.policyMax }, (_, slot) => slot).filter(
      (slot) => this.isFree(slot) && !this.#retired.includes(slot),
    );
    return [...never, ...this.#retired];
  }

  isFree(slot: number): boolean {
    return !(this.#owners.has(slot) || this.#unknown.includes(slot));
  }

  /** Its programs, once attached, find it. One that is loaded already goes on as it was. */
  write({ policy, slot }: SlotPolicy, incarnation: number): SlotOwner {
    const before = this.#owners.get(slot);
    if (before !== undefined) {
      // the kernel may have set another one meanwhile; see RF_POLICY_DEMOTED
      if (before.policy.mode !== policy.mode) this.#setMode(slot, policy.mode);
      return { policy, slot, incarnation: before.incarnation };
    }
    const at = slot * policyLayout.bytes;
    new Uint8Array(this.#memory.buffer, at, policyLayout.bytes).fill(0);
    this.#view.setUint32(at + policyLayout.budgetKills, policy.killBudget?.kills ?? 0, true);
    this.#view.setUint32(at + policyLayout.budgetWindowMs, policy.killBudget?.windowMs ?? 0, true);
    this.#setMode(slot, policy.mode);
    this.#view.setUint32(at + policyLayout.incarnation, incarnation, true);
    this.#retired = this.#retired.filter((each) => each !== slot);
    return { policy, slot, incarnation };
  }

  isWritten({ slot, incarnation }: SlotOwner): boolean {
    return this.#incarnation(slot) === incarnation;
  }

  /** These have their slots, and nobody else has one. */
  own(owners: readonly SlotOwner[]): void {
    const slots = new Set(owners.map(({ slot }) => slot));
    const before = [...this.#owners.keys(), ...this.#unknown];
    this.#retired = [...this.#retired, ...before.filter((slot) => !slots.has(slot))];
    this.#unknown = [];
    this.#owners.clear();
    for (const owner of owners) this.#owners.set(owner.slot, owner);
  }

  /** As an earlier agent left them: what is in use beside these stays as it is. */
  restore(owners: readonly SlotOwner[]): void {
    for (const owner of owners) this.#owners.set(owner.slot, owner);
    this.#unknown = Array.from({ length: bound.policyMax }, (_, slot) => slot).filter(
      (slot) => this.#incarnation(slot) !== 0 && !this.#owners.has(slot),
    );
  }

  clearRetired(): void {
    for (const slot of this.#retired)
      this.#view.setUint32(slot * policyLayout.bytes + policyLayout.incarnation, 0, true);
    this.#retired = [];
  }

  ownerOf({ name, namespace }: PolicyName): SlotOwner | undefined {
    return [...this.#owners.values()].find(({ policy }) => policy.name === name && policy.namespace === namespace);
  }

  /** The same, word for word. */
  sameAs(policy: Policy): SlotOwner | undefined {
    const owner = this.ownerOf(policy);
    return owner?.policy.text === policy.text ? owner : undefined;
  }

  setMode(policy: PolicyName, value: Policy['mode']): void {
    const owner = this.ownerOf(policy);
    if (owner === undefined) return;
    this.#owners.set(owner.slot, { ...owner, policy: { ...owner.policy, mode: value } });
    this.#setMode(owner.slot, value);
  }

  /** When the kernel set the mode to monitor, because the policy has spent its kill budget: CLOCK_MONOTONIC. */
  demotedNs(slot: number): bigint | undefined {
    const at = slot * policyLayout.bytes;
    if (this.#view.getUint32(at + policyLayout.mode, true) !== mode.monitor) return undefined;
    const sinceNs = this.#view.getBigUint64(at + policyLayout.demotedNs, true);
    return sinceNs === 0n ? undefined : sinceNs;
  }

  /** Those of which this is the first time; by this agent or those before it. */
  takeDemoted(): readonly SlotOwner[] {
    const told = ({ slot }: SlotOwner) => slot * policyLayout.bytes + policyLayout.demotedTold;
    const untold = this.owners.filter(
      (owner) => this.demotedNs(owner.slot) !== undefined && this.#view.getUint32(told(owner), true) === 0,
    );
    for (const owner of untold) this.#view.setUint32(told(owner), 1, true);
    return untold;
  }

  counts(slot: number): PolicyCounts {
    const read = (offset: number) => this.#view.getBigUint64(slot * policyLayout.bytes + offset, true);
    return {
      matches: read(policyLayout.matches),
      posted: read(policyLayout.posted),
      killed: read(policyLayout.killed),
      denied: read(policyLayout.denied),
      monitored: read(policyLayout.monitored),
      unreadable: read(policyLayout.unreadable),
      signalled: read(policyLayout.signalled),
      returnLost: read(policyLayout.returnLost),
      spared: read(policyLayout.spared),
    };
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  /** A window of the kill budget begins anew with it. */
  #setMode(slot: number, value: Policy['mode']): void {
    const at = slot * policyLayout.bytes;
    this.#view.setBigUint64(at + policyLayout.budgetSpent, 0n, true);
    this.#view.setBigUint64(at + policyLayout.demotedNs, 0n, true);
    this.#view.setUint32(at + policyLayout.demotedTold, 0, true);
    this.#view.setUint32(at + policyLayout.mode, mode[value], true);
  }

  #incarnation(slot: number): number {
    return this.#view.getUint32(slot * policyLayout.bytes + policyLayout.incarnation, true);
  }
}
