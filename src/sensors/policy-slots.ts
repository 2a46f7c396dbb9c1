/** The slots of rf_policies: which policy has which, its mode and its counts. */
import { bound, mode, policyLayout } from '#abi';
import type { BpfMap, MappedMemory } from '#kernel';
import type { Policy } from '#policy';
import type { SlotOwner } from './directory.ts';
import type { PolicyCounts, PolicyName } from './policy-sensor.ts';
import type { SlotPolicy } from './prepare.ts';

export class PolicySlots {
  readonly #memory: MappedMemory;
  readonly #view: DataView;
  readonly #owners = new Map<number, SlotOwner>();
  /** Of programs that are detached, oldest first: a call may still be within them. */
  #retired: readonly number[] = [];
  /** In use by programs of which nothing else is known. */
  #unknown: readonly number[] = [];

  constructor(map: Pick<BpfMap, 'mapMemory'>) {
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
      this.#view.setUint32(slot * policyLayout.bytes + policyLayout.mode, mode[policy.mode], true);
      return { policy, slot, incarnation: before.incarnation };
    }
    const at = slot * policyLayout.bytes;
    new Uint8Array(this.#memory.buffer, at, policyLayout.bytes).fill(0);
    this.#view.setUint32(at + policyLayout.mode, mode[policy.mode], true);
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
    this.#view.setUint32(owner.slot * policyLayout.bytes + policyLayout.mode, mode[value], true);
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

  #incarnation(slot: number): number {
    return this.#view.getUint32(slot * policyLayout.bytes + policyLayout.incarnation, true);
  }
}
