/**
 * What an agent of another version left: maps of another layout, and programs that use them. They enforce until this
 * agent does what they do; what it refuses of it, only they have.
 */
import { rmSync } from 'node:fs';
import { type BpfMap, pinsIn, RingBuffer } from '#kernel';
import { LayoutSlots } from './layout-slots.ts';
import type { PinnedLayout, Pins } from './pins.ts';
import type { PolicyName } from './policy-sensor.ts';
import { readSlots, type SavedSlot, stateFileOf } from './saved-state.ts';

/** Undefined: its agent wrote down nothing that is known here. */
export type OlderPolicies = readonly PolicyName[] | undefined;

export class OlderLayout {
  readonly name: string;
  readonly #layout: PinnedLayout;
  readonly #statePath: string;
  readonly #slots: LayoutSlots | undefined;
  #policies: readonly SavedSlot[];
  #told: bigint;

  constructor(layout: PinnedLayout, run: string) {
    this.name = layout.name;
    this.#layout = layout;
    this.#statePath = stateFileOf(run, layout.name);
    const saved = readSlots(this.#statePath, layout.name);
    this.#slots = saved === undefined ? undefined : new LayoutSlots(layout, saved.places);
    this.#policies = saved?.policies ?? [];
    this.#told = this.#posted();
  }

  /** That it enforces. */
  get policies(): OlderPolicies {
    const slots = this.#slots;
    return slots === undefined ? undefined : this.#policies.filter((policy) => slots.enforces(policy));
  }

  /** Whatever of it is not among these ends, each policy by itself. */
  keepOnly(kept: readonly PolicyName[]): void {
    for (const policy of this.#policies) {
      if (!kept.some(({ name, namespace }) => name === policy.name && namespace === policy.namespace)) {
        this.#slots?.switchOff(policy);
      }
    }
  }

  /** Records that were there before, for nobody: their form is not known. The header is the kernel's in any version. */
  unread(): number {
    return ['rf_verdicts', 'rf_observations'].reduce((sum, name) => sum + unreadIn(this.#layout, name), 0);
  }

  /** Records of policies since the last call; those of the base sensor are told of by the one that runs now. */
  takeUntold(): number {
    const posted = this.#posted();
    const count = posted - this.#told;
    this.#told = posted;
    return Number(count);
  }

  remove(): void {
    this[Symbol.dispose]();
    this.#layout.remove();
    rmSync(this.#statePath, { force: true });
  }

  [Symbol.dispose](): void {
    this.#slots?.[Symbol.dispose]();
  }

  #posted(): bigint {
    return this.#policies.reduce((sum, policy) => sum + (this.#slots?.posted(policy) ?? 0n), 0n);
  }
}

export function olderLayouts(pins: Pins, { own, run }: { readonly own: string; readonly run: string }) {
  return pins.layouts.filter(({ name }) => name !== own).map((layout) => new OlderLayout(layout, run));
}

function unreadIn(layout: PinnedLayout, name: string): number {
  if (!pinsIn(`${layout.path}/maps`).some((pin) => pin.name === name)) return 0;
  using map: BpfMap = layout.openMap(name);
  using ring = RingBuffer.open(map);
  return ring.drain(() => undefined, Number.POSITIVE_INFINITY);
}
