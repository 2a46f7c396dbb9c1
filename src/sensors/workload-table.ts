/**
 * What runs in which cgroup, in the kernel: for each cgroup that is known, which workload selectors select it. A cgroup
 * inherits from the nearest one above it that is known; what is in none of them is the host.
 */
import { bound, workloadFlag as flag, scopesLayout, workloadLayout, workloadPlace } from '#abi';
import type { WorkloadScope } from '#compiler';
import type { BpfMap } from '#kernel';
import { type ContainerSubject, selectsWorkload, type WorkloadSubject } from '#policy';
import { known } from '#std';

export type WorkloadEntry =
  | { readonly kind: 'container'; readonly subject: ContainerSubject }
  /**
   * The cgroup of a pod, or of all pods: what is in it is a container that is not known yet. `holdExec`: until it is,
   * nothing is executed there.
   */
  | { readonly kind: 'pending'; readonly holdExec: boolean }
  /** Beneath a cgroup that is listed, and still the host's. */
  | { readonly kind: 'host' };

export type WorkloadCounts = {
  /** Cgroups that are listed now. */
  readonly entries: number;
  /** That there was no room for. */
  readonly refused: number;
};

export type WorkloadMaps = {
  /** Index by cgroup id. */
  readonly index: Pick<BpfMap, 'update' | 'delete' | 'lookup'> & { keys(): Iterable<Uint8Array> };
  /** The entries, as programs see them. */
  readonly memory: ArrayBuffer;
};

/** `subject` is undefined of what an earlier agent left: which container it is, nobody knows any more. */
type Place = { readonly index: number; readonly subject: WorkloadSubject | undefined };

const HOST_INDEX = workloadPlace.host;
/** Behind those that are no cgroup's. */
const FIRST_INDEX = 1 + Math.max(...Object.values(workloadPlace));
const HOST: WorkloadSubject = { kind: 'host' };
const PENDING: WorkloadSubject = { kind: 'pending' };

export class WorkloadTable {
  readonly #index: WorkloadMaps['index'];
  readonly #state: Uint32Array;
  readonly #words: BigUint64Array;
  readonly #places = new Map<bigint, Place>();
  /** Given out again as late as possible: a call that is in a program may still look at an entry that is gone. */
  #free: number[] = [];
  #scopes: readonly WorkloadScope[] = [];
  /** Programs of an earlier agent may ask for more than is known of: such bits stay as they are. */
  #hasOlder: boolean;
  #refused = 0;

  /** Takes over what is there. */
  constructor({ index, memory }: WorkloadMaps) {
    this.#index = index;
    this.#state = new Uint32Array(memory);
    this.#words = new BigUint64Array(memory);
    for (const second of [0, flag.second])
      this.#words[this.#bitsAt(workloadPlace.unreadable, second) + UNKNOWN_WORD] = 1n;
    for (const key of index.keys()) {
      const value = known(index.lookup(key), 'entry of a cgroup');
      const place = indexIn(value);
      const isPending = (known(this.#state[stateAt(place)], 'state') & flag.pending) !== 0;
      const subject = isPending ? PENDING : undefined;
      this.#places.set(Buffer.from(key).readBigUInt64LE(), { index: place, subject });
    }
    this.#hasOlder = this.#places.size > 0 || this.#read(HOST_INDEX).some((word) => word !== 0n);
    const taken = new Set(Array.from(this.#places.values(), (place) => place.index));
    for (let each = FIRST_INDEX; each < bound.workloadMax; each += 1) if (!taken.has(each)) this.#free.push(each);
  }

  /** What is listed; at first, what an earlier agent knew, which stays as it was until it is set or deleted. */
  get cgroupIds(): readonly bigint[] {
    return [...this.#places.keys()];
  }

  /**
   * Takes effect with the next call, for what runs there already too. False when there is no room: it is counted, and
   * what runs there is what its parent is.
   */
  set(cgroupId: bigint, entry: WorkloadEntry): boolean {
    const subject = subjectOf(entry);
    const before = this.#places.get(cgroupId);
    const index = before?.index ?? this.#free.shift();
    if (index === undefined) {
      this.#refused += 1;
      return false;
    }
    this.#words[wordAt(index) + CGROUP_WORD] = cgroupId;
    this.#write(index, subject, entry.kind === 'pending' && entry.holdExec ? flag.hold : 0);
    this.#places.set(cgroupId, { index, subject });
    if (before === undefined) this.#index.update(keyOf(cgroupId), new Uint8Array(Uint32Array.of(index).buffer));
    return true;
  }

  /** What still runs there is what its parent is. */
  delete(cgroupId: bigint): void {
    const place = this.#places.get(cgroupId);
    if (place === undefined) return;
    this.#index.delete(keyOf(cgroupId));
    this.#places.delete(cgroupId);
    this.#free.push(place.index);
  }

  counts(): WorkloadCounts {
    return { entries: this.#places.size, refused: this.#refused };
  }

  // ---- what policies ask for ----

  get scopes(): readonly WorkloadScope[] {
    return this.#scopes;
  }

  /** The bits that are taken, by the key of the scope. */
  get bits(): ReadonlyMap<string, number> {
    const older = Array.from(this.#olderBits(), (bit) => [`older ${bit}`, bit] as const);
    return new Map([...older, ...this.#scopes.map(({ key, bit }) => [key, bit] as const)]);
  }

  /** As they were before a change that failed, or those of an earlier agent that are known: what they select is there. */
  restore(scopes: readonly WorkloadScope[]): void {
    this.#scopes = scopes;
  }

  /** To be called before the programs that ask for `scopes` are attached. What those before them ask for stays. */
  add(scopes: readonly WorkloadScope[]): void {
    const had = this.bits;
    const added = scopes.filter(({ key }) => !had.has(key));
    this.#scopes = [...this.#scopes, ...added];
    for (const { index, subject } of [{ index: HOST_INDEX, subject: HOST }, ...this.#places.values()]) {
      for (const scope of added) this.#put(index, scope, subject);
    }
  }

  /** To be called when no program asks for other than `scopes` any more. */
  keep(scopes: readonly WorkloadScope[]): void {
    this.#scopes = scopes;
    this.#hasOlder = false;
  }

  /** Those that select something, and that stand for nothing that is known. */
  *#olderBits(): Generator<number> {
    if (!this.#hasOlder) return;
    const known = new Set(this.#scopes.map(({ bit }) => bit));
    const words = new BigUint64Array(bound.scopeWords);
    for (const index of [HOST_INDEX, ...Array.from(this.#places.values(), (place) => place.index)]) {
      for (const [word, bits] of this.#read(index).entries()) words[word] = (words[word] ?? 0n) | bits;
    }
    for (let bit = 0; bit < bound.scopeMax; bit += 1) if (has(words, bit) && !known.has(bit)) yield bit;
  }

  /** Nobody looks at the bit yet. What is left of an earlier agent is selected by nothing new until it is known. */
  #put(index: number, { bit, selector }: WorkloadScope, subject: WorkloadSubject | undefined): void {
    const at = this.#bitsAt(index, this.#current(index));
    const words = this.#words.subarray(at, at + bound.scopeWords);
    put(words, bit, subject !== undefined && selectsWorkload(selector, subject));
  }

  /** Into the bits that nobody reads; then these are the ones. */
  #write(index: number, subject: WorkloadSubject, hold: number): void {
    const second = this.#current(index) ^ flag.second;
    const words = this.#hasOlder ? this.#read(index) : new BigUint64Array(bound.scopeWords);
    for (const { bit, selector } of this.#scopes) put(words, bit, selectsWorkload(selector, subject));
    this.#words.set(words, this.#bitsAt(index, second));
    Atomics.store(this.#state, stateAt(index), second | hold | (subject.kind === 'pending' ? flag.pending : 0));
  }

  /** A copy of the bits that count. */
  #read(index: number): BigUint64Array {
    const at = this.#bitsAt(index, this.#current(index));
    return this.#words.slice(at, at + bound.scopeWords);
  }

  #current(index: number): number {
    return known(this.#state[stateAt(index)], 'state') & flag.second;
  }

  #bitsAt(index: number, second: number): number {
    return wordAt(index) + SCOPES_WORD + (second === 0 ? 0 : scopesLayout.bytes / 8);
  }
}

function has(words: BigUint64Array, bit: number): boolean {
  return ((known(words[bit >> 6], 'word') >> BigInt(bit & 63)) & 1n) === 1n;
}

function put(words: BigUint64Array, bit: number, selects: boolean): void {
  const [word, mask] = [known(words[bit >> 6], 'word'), 1n << BigInt(bit & 63)];
  words[bit >> 6] = selects ? word | mask : word & ~mask;
}

const CGROUP_WORD = workloadLayout.cgroupId / 8;
const SCOPES_WORD = (workloadLayout.scopes + scopesLayout.selected) / 8;
const UNKNOWN_WORD = (scopesLayout.unknown - scopesLayout.selected) / 8;

function wordAt(index: number): number {
  return (index * workloadLayout.bytes) / 8;
}

function stateAt(index: number): number {
  return (index * workloadLayout.bytes + workloadLayout.state) / 4;
}

function subjectOf(entry: WorkloadEntry): WorkloadSubject {
  return entry.kind === 'container' ? { ...entry.subject, kind: 'container' } : { kind: entry.kind };
}

function keyOf(cgroupId: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(cgroupId).buffer);
}

function indexIn(value: Uint8Array): number {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).readUInt32LE();
}
