/** Gives workload selectors their bits, equal ones the same. */
import { bound } from '#abi';
import { type WorkloadSelector, workloadKey } from '#policy';
import type { WorkloadScope } from './plan.ts';

export type ScopeBits = {
  /** The bit of a selector, which may be new; undefined when there is none left. */
  readonly bitOf: (selector: WorkloadSelector) => number | undefined;
};

export class ScopeBook implements ScopeBits {
  /** In the kernel already, for other programs: a selector keeps its bit as long as any program asks for it. */
  readonly #taken: ReadonlyMap<string, number>;
  readonly #used: Set<number>;
  readonly #scopes = new Map<string, WorkloadScope>();

  constructor(taken: ReadonlyMap<string, number> = new Map()) {
    this.#taken = taken;
    this.#used = new Set(taken.values());
  }

  get scopes(): readonly WorkloadScope[] {
    return [...this.#scopes.values()];
  }

  bitOf(selector: WorkloadSelector): number | undefined {
    const key = workloadKey(selector);
    const bit = this.#scopes.get(key)?.bit ?? this.#taken.get(key) ?? this.#free();
    if (bit === undefined) return undefined;
    this.#used.add(bit);
    this.#scopes.set(key, { bit, key, selector });
    return bit;
  }

  #free(): number | undefined {
    for (let bit = 0; bit < bound.scopeMax; bit += 1) if (!this.#used.has(bit)) return bit;
    return undefined;
  }
}
