/** An entry of the process table, and the lists it moves through; links live in the entries, so nothing is allocated. */
import { assert } from '#std';
import type { ForkFacts, Process } from './process.ts';

export class Entry {
  process: Process;
  /** A fork whose parent was not known when it was told. */
  awaiting: ForkFacts | undefined;
  /** The entry of the parent while both are in the table; it counts this one in `children`. */
  parent: Entry | undefined = undefined;
  children = 0;
  /** CLOCK_MONOTONIC of the exit, or of the exec that replaced the image. */
  diedNs = 0n;
  /** Images of the same pid, by start. */
  newer: Entry | undefined = undefined;
  older: Entry | undefined = undefined;
  list: EntryList | undefined = undefined;
  previous: Entry | undefined = undefined;
  next: Entry | undefined = undefined;

  constructor(process: Process, awaiting?: ForkFacts) {
    this.process = process;
    this.awaiting = awaiting;
  }
}

/** Oldest first. */
export class EntryList {
  #first: Entry | undefined = undefined;
  #last: Entry | undefined = undefined;

  get first(): Entry | undefined {
    return this.#first;
  }

  append(entry: Entry): void {
    assert(entry.list === undefined, 'an entry is in one list');
    entry.list = this;
    entry.previous = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
  }

  remove(entry: Entry): void {
    assert(entry.list === this, 'the entry is in this list');
    if (entry.previous === undefined) this.#first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.list = undefined;
    entry.previous = undefined;
    entry.next = undefined;
  }

  /** Makes `entry` the youngest. */
  touch(entry: Entry): void {
    if (entry === this.#last) return;
    this.remove(entry);
    this.append(entry);
  }
}
