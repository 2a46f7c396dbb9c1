/** Containers that are gone, for events that come late: the newest of them, by the id of their cgroup. */
import type { Workload } from '#process';

export class Departed {
  readonly #workloads = new Map<bigint, Workload>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#workloads.size;
  }

  add(cgroupId: bigint, workload: Workload): void {
    this.#workloads.set(cgroupId, workload);
    if (this.#workloads.size <= this.#max) return;
    const [oldest] = this.#workloads.keys();
    if (oldest !== undefined) this.#workloads.delete(oldest);
  }

  find(cgroupId: bigint): Workload | undefined {
    return this.#workloads.get(cgroupId);
  }
}
