/** Writes the kernel's table: what an earlier agent left there counts until more is known, and no refusal ends the agent. */
import { EnvironmentError } from '#diagnostics';
import type { CgroupEntry, CgroupTable } from './table.ts';

export class TableWriter {
  readonly #table: CgroupTable;
  readonly #inherited: Set<bigint>;
  #refused = 0;

  constructor(table: CgroupTable) {
    this.#table = table;
    this.#inherited = new Set(table.cgroupIds);
  }

  /** Cgroups that the table had at first, and of which nothing was written since. */
  get inherited(): ReadonlySet<bigint> {
    return this.#inherited;
  }

  /** Entries that the table did not take: it has no room, or the kernel no memory. */
  get refused(): number {
    return this.#refused;
  }

  put(cgroupId: bigint, entry: CgroupEntry): boolean {
    this.#inherited.delete(cgroupId);
    const done = attempted(() => this.#table.set(cgroupId, entry));
    if (!done) this.#refused += 1;
    return done;
  }

  /** What an earlier agent knew of a container is in force until more is known than that it is there. */
  putContainer(cgroupId: bigint, entry: CgroupEntry): boolean {
    return (entry.kind === 'pending' && this.#inherited.has(cgroupId)) || this.put(cgroupId, entry);
  }

  forget(cgroupId: bigint): void {
    this.#inherited.delete(cgroupId);
    attempted(() => {
      this.#table.delete(cgroupId);
      return true;
    });
  }
}

function attempted(change: () => boolean): boolean {
  try {
    return change();
  } catch (error) {
    if (error instanceof EnvironmentError) return false;
    throw error;
  }
}
