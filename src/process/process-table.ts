/** The bounded table of process images: the living, and the dead for as long as records may still speak of them. */
import { execFlag } from '#abi';
import { assert } from '#std';
import type { BootClock } from './boot-clock.ts';
import { Entry, EntryList } from './entry.ts';
import {
  type ForkFacts,
  forkedProcess,
  kernelProcess,
  type Process,
  type ProcessFacts,
  type ProcessKey,
  processOf,
  unknownProcess,
} from './process.ts';

export type ProcessTableOptions = {
  readonly nodeName: string;
  readonly clock: BootClock;
  readonly capacity?: number;
  /** How long a dead process answers, for records of it that come late. */
  readonly deadKeepNs?: bigint;
};

export type ProcessCounts = {
  /** Met in a record before any record told of them. */
  unknown: number;
  /** A new process has the pid, yet no record told of the exit. */
  exitsMissed: number;
  /** Dead, and dropped before their time because the table was full. */
  evictedDead: number;
  /** The same, while a child of theirs was still in the table. */
  evictedParents: number;
  /** Alive, the least recently met. */
  evictedLive: number;
};

const CAPACITY = 65_536;
const DEAD_KEEP_NS = 15_000_000_000n;
/** Limits the work that one record can cause. */
const EXPIRE_MAX = 64;

/**
 * An entry is in one of three lists: `live` by last use, `dead` by time of death, and `parents`: dead for longer than
 * they are kept, but an entry's parent still. Room is made in the order dead, parents, live.
 */
export class ProcessTable {
  readonly capacity: number;
  readonly counts: ProcessCounts = {
    unknown: 0,
    exitsMissed: 0,
    evictedDead: 0,
    evictedParents: 0,
    evictedLive: 0,
  };

  readonly #naming: { readonly nodeName: string; readonly clock: BootClock };
  readonly #deadKeepNs: bigint;
  readonly #kernel: Process;
  /** The newest image of each pid; the older ones hang from it. */
  readonly #newest = new Map<number, Entry>();
  readonly #live = new EntryList();
  readonly #dead = new EntryList();
  readonly #parents = new EntryList();
  #size = 0;

  constructor(options: ProcessTableOptions) {
    this.capacity = options.capacity ?? CAPACITY;
    assert(this.capacity > 0, 'a process table has room');
    this.#deadKeepNs = options.deadKeepNs ?? DEAD_KEEP_NS;
    this.#naming = { nodeName: options.nodeName, clock: options.clock };
    this.#kernel = kernelProcess(this.#naming);
  }

  /** Images in the table, the dead ones included. */
  get size(): number {
    return this.#size;
  }

  /** A new image; the one before it under the same pid is dead from now on. What is seeded tells nothing new of a known one. */
  exec(facts: ProcessFacts): Process {
    const process = processOf(facts, true, this.#naming);
    const entry = this.#lookup(facts.key);
    if (entry === undefined) this.#insert(new Entry(process));
    else if (entry.process.known && (facts.execFlags & execFlag.seeded) !== 0) return entry.process;
    else this.#replace(entry, process);
    return process;
  }

  /** A new process that has its parent's image; when that is not known yet, it is looked for again when asked. */
  fork(fork: ForkFacts): Process {
    const found = this.#lookup(fork.key);
    if (found?.process.known) return found.process;
    const parent = this.#imageBefore(fork);
    const process = parent?.known
      ? forkedProcess(fork, parent, this.#naming)
      : unknownProcess(fork.key, fork.parent, this.#naming);
    if (found === undefined) this.#insert(new Entry(process, process.known ? undefined : fork));
    else if (process.known) this.#replace(found, process);
    else found.awaiting = fork;
    return process;
  }

  /** The process stays, among the dead. */
  exit(key: ProcessKey, timeNs: bigint): Process {
    const entry = this.#meet(key);
    this.#bury(entry, timeNs);
    this.#expire(timeNs);
    return entry.process;
  }

  /** The process of a record; one that no record told of is made up from its key, and counted. */
  find(key: ProcessKey): Process {
    if (key.pid === 0) return this.#kernel;
    const entry = this.#meet(key);
    if (entry.list === this.#live) this.#live.touch(entry);
    return entry.process;
  }

  /**
   * The process of a record whose key the kernel side made up at the hook: the image that has the pid, if one lives.
   * Such a key has the time of the fork, which is not that of the image.
   */
  findLate(key: ProcessKey): Process {
    const newest = this.#newest.get(key.pid);
    if (newest === undefined || newest.list !== this.#live || this.#lookup(key) !== undefined) return this.find(key);
    this.#live.touch(newest);
    return this.#inherit(newest);
  }

  /** The process of `key`, when it is in the table; nothing is moved or made. */
  peek(key: ProcessKey): Process | undefined {
    return this.#lookup(key)?.process;
  }

  /** The parent of `process`; undefined where there is none. One that is not in the table is not put there. */
  parentOf(process: Process): Process | undefined {
    if (process.parent === undefined) return undefined;
    if (process.parent.pid === 0) return this.#kernel;
    const entry = this.#lookup(process.parent);
    return entry === undefined ? unknownProcess(process.parent, undefined, this.#naming) : this.#inherit(entry);
  }

  #meet(key: ProcessKey): Entry {
    const found = this.#lookup(key);
    if (found !== undefined) {
      this.#inherit(found);
      return found;
    }
    this.counts.unknown += 1;
    const entry = new Entry(unknownProcess(key, undefined, this.#naming));
    this.#insert(entry);
    return entry;
  }

  #lookup(key: ProcessKey): Entry | undefined {
    let entry = this.#newest.get(key.pid);
    while (entry !== undefined && entry.process.key.startNs > key.startNs) entry = entry.older;
    return entry?.process.key.startNs === key.startNs ? entry : undefined;
  }

  #inherit(entry: Entry): Process {
    const { awaiting } = entry;
    if (awaiting === undefined) return entry.process;
    const parent = this.#imageBefore(awaiting);
    if (parent?.known) this.#replace(entry, forkedProcess(awaiting, parent, this.#naming));
    return entry.process;
  }

  #imageBefore({ parent }: ForkFacts): Process | undefined {
    return parent.pid === 0 ? this.#kernel : this.#lookup(parent)?.process;
  }

  #replace(entry: Entry, process: Process): void {
    entry.process = process;
    entry.awaiting = undefined;
    this.#link(entry);
  }

  #insert(entry: Entry): void {
    this.#expire(entry.process.key.startNs);
    if (this.#size >= this.capacity) this.#evict();
    this.#size += 1;
    this.#live.append(entry);
    this.#chain(entry);
    this.#link(entry);
  }

  /** Puts `entry` among the images of its pid. Only the newest can be alive. */
  #chain(entry: Entry): void {
    const { pid, startNs } = entry.process.key;
    let newer: Entry | undefined;
    let older = this.#newest.get(pid);
    while (older !== undefined && older.process.key.startNs > startNs) {
      newer = older;
      older = older.older;
    }
    entry.newer = newer;
    entry.older = older;
    if (older !== undefined) older.newer = entry;
    if (newer === undefined) this.#newest.set(pid, entry);
    else newer.older = entry;

    if (newer !== undefined) this.#bury(entry, newer.process.key.startNs);
    if (older !== undefined && older.list === this.#live) {
      if (!sameProcess(older.process, entry.process)) this.counts.exitsMissed += 1;
      this.#bury(older, startNs);
    }
  }

  /** Holds the parent in the table for as long as `entry` is there. */
  #link(entry: Entry): void {
    const parent = entry.process.parent === undefined ? undefined : this.#lookup(entry.process.parent);
    if (parent === entry.parent || parent === entry) return;
    this.#unlink(entry);
    entry.parent = parent;
    if (parent !== undefined) parent.children += 1;
  }

  #unlink(entry: Entry): void {
    if (entry.parent !== undefined) entry.parent.children -= 1;
    entry.parent = undefined;
  }

  #bury(entry: Entry, timeNs: bigint): void {
    if (entry.list !== this.#live) return;
    entry.diedNs = timeNs;
    this.#live.remove(entry);
    this.#dead.append(entry);
  }

  /** Lets go of those that have been dead for long enough. */
  #expire(nowNs: bigint): void {
    for (let count = 0; count < EXPIRE_MAX; count++) {
      const entry = this.#dead.first;
      if (entry === undefined || entry.diedNs + this.#deadKeepNs > nowNs) return;
      if (entry.children === 0) this.#remove(entry);
      else this.#retain(entry);
    }
  }

  /**
   * Keeps `entry` for its children's sake only. Its own parent is not needed any more: a process that executes itself
   * again and again would otherwise hold the whole line of its images.
   */
  #retain(entry: Entry): void {
    this.#dead.remove(entry);
    this.#parents.append(entry);
    const { parent } = entry;
    this.#unlink(entry);
    if (parent !== undefined && this.#isUnneeded(parent)) this.#remove(parent);
  }

  #isUnneeded(parent: Entry): boolean {
    return parent.children === 0 && parent.list === this.#parents;
  }

  #evict(): void {
    for (let entry = this.#dead.first; entry !== undefined; entry = this.#dead.first) {
      if (entry.children === 0) {
        this.counts.evictedDead += 1;
        this.#remove(entry);
        return;
      }
      this.#retain(entry);
      if (this.#size < this.capacity) return;
    }
    const parent = this.#parents.first;
    if (parent !== undefined) {
      this.counts.evictedParents += 1;
      this.#remove(parent);
      return;
    }
    const live = this.#live.first;
    assert(live !== undefined, 'a full table has an entry');
    this.counts.evictedLive += 1;
    this.#remove(live);
  }

  /** Removes `entry`, and the parents that were there for its sake only. */
  #remove(entry: Entry): void {
    for (let gone: Entry | undefined = entry; gone !== undefined; ) {
      const parent: Entry | undefined = gone.parent;
      this.#unlink(gone);
      this.#unchain(gone);
      gone.list?.remove(gone);
      this.#size -= 1;
      gone = parent !== undefined && this.#isUnneeded(parent) ? parent : undefined;
    }
  }

  #unchain(entry: Entry): void {
    if (entry.older !== undefined) entry.older.newer = entry.newer;
    if (entry.newer !== undefined) entry.newer.older = entry.older;
    else if (entry.older !== undefined) this.#newest.set(entry.process.key.pid, entry.older);
    else this.#newest.delete(entry.process.key.pid);
    entry.older = undefined;
    entry.newer = undefined;
  }
}

/**
 * Whether `next` goes on where `previous`, alive, stood: by an exec, which names the previous image as its parent or,
 * the first after a fork, has the same parent. An image that was met only in passing proves nothing.
 */
function sameProcess(previous: Process, next: Process): boolean {
  if (!previous.known || next.parent?.pid === next.key.pid) return true;
  return previous.flags === 'clone' && previous.parentExecId === next.parentExecId;
}
