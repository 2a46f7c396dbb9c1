/**
 * Lists of processes whose descendants count too, in the kernel: by the path of the executable, and by pid. A list has
 * a bit, and keeps it for as long as a program asks for it.
 */
import { bound, followKeyLayout, followPidLayout } from '#abi';
import type { FollowList } from '#compiler';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { BpfMap } from '#kernel';
import { assert } from '#std';

type MemberMap = Pick<BpfMap, 'update' | 'delete' | 'maxEntries'> & { keys(): Iterable<Uint8Array> };

export type FollowMaps = {
  readonly binaries: MemberMap;
  readonly pids: MemberMap;
  /** Makes what processes have of these bits stale; other bits stay with those that have them. */
  readonly classifyAnew: (added: readonly number[]) => void;
};

/** By what the kernel looks up: the key as hexadecimal digits. */
type Members = ReadonlyMap<string, bigint>;

export class FollowLists {
  readonly #maps: FollowMaps;
  #lists: readonly FollowList[] = [];

  constructor(maps: FollowMaps) {
    this.#maps = maps;
  }

  /**
   * What an earlier agent left in the maps, and `lists` as it had them. Members of lists that are not known any more
   * are left out: nothing asks for their bits.
   */
  restore(lists: readonly FollowList[]): void {
    for (const [kind, membersOf] of MEMBERS) {
      const left = Array.from(this.#maps[kind].keys(), (key) => [Buffer.from(key).toString('hex'), 0n] as const);
      replaceMembers(this.#maps[kind], new Map(left), membersOf(lists));
    }
    this.#lists = lists;
  }

  get lists(): readonly FollowList[] {
    return this.#lists;
  }

  /** The bits that are taken, by the key of the list. */
  get bits(): ReadonlyMap<string, number> {
    return new Map(this.#lists.map(({ key, bit }) => [key, bit]));
  }

  /** Whether the maps have room for `lists` beside what is there. */
  check(lists: readonly FollowList[]): readonly Diagnostic[] {
    const all = [...this.#lists, ...lists];
    const sizes = [
      { what: 'binaries', size: binaryMembers(all).size, limit: this.#maps.binaries.maxEntries },
      { what: 'process ids', size: pidMembers(all).size, limit: this.#maps.pids.maxEntries },
    ];
    return sizes
      .filter(({ size, limit }) => size > limit)
      .map(({ what, limit }) => diagnostic('RF2303', undefined, { what, limit }));
  }

  /**
   * To be called before the programs that ask for `lists` are attached. What the programs before them ask for stays.
   * Only a new list makes processes be classified anew, and only for its own bit: those whose ancestors are gone keep
   * the bits of lists that were there before.
   */
  add(lists: readonly FollowList[]): void {
    const known = this.bits;
    const added = lists.filter(({ key }) => !known.has(key));
    if (added.length === 0) return;
    this.#write([...this.#lists, ...added]);
    this.#maps.classifyAnew(added.map(({ bit }) => bit));
  }

  /** To be called when no program asks for other than `lists` any more. */
  keep(lists: readonly FollowList[]): void {
    this.#write(lists);
  }

  #write(lists: readonly FollowList[]): void {
    for (const [kind, membersOf] of MEMBERS) {
      replaceMembers(this.#maps[kind], membersOf(this.#lists), membersOf(lists));
    }
    this.#lists = lists;
  }
}

/** What is in both sets is there all the time. */
function replaceMembers(map: MemberMap, before: Members, after: Members): void {
  for (const [key, bits] of after) {
    if (before.get(key) !== bits) map.update(Buffer.from(key, 'hex'), bitsValue(bits));
  }
  for (const key of before.keys()) {
    if (!after.has(key)) map.delete(Buffer.from(key, 'hex'));
  }
}

function bitsValue(bits: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(bits).buffer);
}

export function binaryMembers(lists: readonly FollowList[]): Members {
  return members(lists, (list) => (list.kind === 'binaries' ? list.paths.map(binaryKey) : []));
}

export function pidMembers(lists: readonly FollowList[]): Members {
  return members(lists, (list) => (list.kind === 'pids' ? list.pids.map((pid) => pidKey(pid, list.inNamespace)) : []));
}

function members(lists: readonly FollowList[], keysOf: (list: FollowList) => readonly Buffer[]): Members {
  const bits = new Map<string, bigint>();
  for (const list of lists) {
    for (const key of keysOf(list)) {
      const name = key.toString('hex');
      bits.set(name, (bits.get(name) ?? 0n) | (1n << BigInt(list.bit)));
    }
  }
  return bits;
}

const MEMBERS = [
  ['binaries', binaryMembers],
  ['pids', pidMembers],
] as const;

/** With its NUL, so that no path is the beginning of another one. */
function binaryKey(path: Uint8Array): Buffer {
  assert(path.length < bound.binaryMax, `the path of a binary has at most ${bound.binaryMax - 1} bytes`);
  const key = Buffer.alloc(followKeyLayout.bytes);
  key.writeUInt32LE(8 * (path.length + 1), followKeyLayout.bits);
  key.set(path, followKeyLayout.binary);
  return key;
}

function pidKey(pid: number, inNamespace: boolean): Buffer {
  const key = Buffer.alloc(followPidLayout.bytes);
  key.writeUInt32LE(pid, followPidLayout.pid);
  key.writeUInt32LE(inNamespace ? 1 : 0, followPidLayout.inNamespace);
  return key;
}
