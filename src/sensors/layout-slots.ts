/** The slots of policies in a layout of any version, by what its agent wrote down of them. */
import type { BpfMap, MappedMemory } from '#kernel';
import type { PinnedLayout } from './pins.ts';
import type { SavedSlot, SlotPlaces } from './saved-state.ts';

export class LayoutSlots {
  readonly #places: SlotPlaces;
  readonly #map: BpfMap;
  readonly #memory: MappedMemory;
  readonly #view: DataView;

  constructor(layout: PinnedLayout, places: SlotPlaces) {
    this.#places = places;
    using undo = new DisposableStack();
    this.#map = undo.use(layout.openMap('rf_policies'));
    this.#memory = undo.use(this.#map.mapMemory({ writable: true }));
    this.#view = new DataView(this.#memory.buffer);
    undo.move();
  }

  /** It is still that policy, and its programs do what it says. */
  enforces(policy: SavedSlot): boolean {
    return this.#has(policy) && this.#read(policy, this.#places.mode) === this.#places.enforce;
  }

  /** Its programs go on, and do nothing for it. */
  switchOff(policy: SavedSlot): void {
    const { bytes, mode, off } = this.#places;
    if (this.#has(policy)) this.#view.setUint32(policy.slot * bytes + mode, off, true);
  }

  /** Records that were written for it. */
  posted(policy: SavedSlot): bigint {
    const { bytes, posted } = this.#places;
    return this.#has(policy) ? this.#view.getBigUint64(policy.slot * bytes + posted, true) : 0n;
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
    this.#map[Symbol.dispose]();
  }

  #has(policy: SavedSlot): boolean {
    const isWithin = policy.slot >= 0 && (policy.slot + 1) * this.#places.bytes <= this.#view.byteLength;
    return isWithin && this.#read(policy, this.#places.incarnation) === policy.incarnation;
  }

  #read({ slot }: SavedSlot, place: number): number {
    return this.#view.getUint32(slot * this.#places.bytes + place, true);
  }
}
