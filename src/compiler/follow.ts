/** Gives lists whose members' descendants count too their bits, equal lists the same. */
import { bound } from '#abi';
import type { FollowRequest } from './lower-match.ts';
import type { FollowList } from './plan.ts';

export class FollowBook {
  /** In the kernel already, for other programs: a list keeps its bit as long as any program asks for it. */
  readonly #taken: ReadonlyMap<string, number>;
  readonly #lists = new Map<string, FollowList>();

  constructor(taken: ReadonlyMap<string, number> = new Map()) {
    this.#taken = taken;
  }

  get lists(): readonly FollowList[] {
    return [...this.#lists.values()];
  }

  /** Undefined when all bits are taken. */
  bitOf(list: FollowRequest): number | undefined {
    const had = this.#lists.get(list.key);
    if (had !== undefined) return had.bit;
    const bit = this.#taken.get(list.key) ?? this.#free();
    if (bit === undefined) return undefined;
    this.#lists.set(list.key, { ...list, bit });
    return bit;
  }

  #free(): number | undefined {
    const used = new Set([...this.#taken.values(), ...Array.from(this.#lists.values(), ({ bit }) => bit)]);
    return Array.from({ length: bound.followMax }, (_, bit) => bit).find((bit) => !used.has(bit));
  }
}
