/** Names of a kernel that somebody may have meant: for hints, so made once per mistake, and not for speed. */
import { editDistance } from '#std';

/** Words of names: `vfs_open`, `icmp_out_count.isra.0`, `syscalls/sys_enter_openat`. */
const BETWEEN_WORDS = /[_./-]+/;

/** Beyond so many wrong letters it is another name. */
const DISTANCE_MAX = 3;

type Candidate = { readonly name: string; readonly score: number };

/** Up to `limit` of the names: misspellings of `wanted` first, the nearest before others, then those that share its words. */
export function namesNear(wanted: string, names: Iterable<string>, limit: number): readonly string[] {
  const distanceMax = Math.min(DISTANCE_MAX, Math.max(1, Math.floor(wanted.length / 4)));
  const words = new Set(wordsOf(wanted));
  const found = new Map<string, Candidate>();
  for (const name of names) {
    if (name === wanted || found.has(name)) continue;
    const distance = distanceWithin(distanceMax, wanted, name);
    const score = distance === undefined ? sharedWords(words, name) : 1 + 1 / distance;
    if (score > 0) found.set(name, { name, score });
  }
  const best = [...found.values()].sort((a, b) => b.score - a.score || compare(a.name, b.name));
  return best.slice(0, limit).map(({ name }) => name);
}

/** Undefined beyond `max`; most names are told to be so without comparing them letter by letter. */
function distanceWithin(max: number, wanted: string, name: string): number | undefined {
  if (Math.abs(wanted.length - name.length) > max || lettersApart(wanted, name) > 2 * max) return undefined;
  const distance = editDistance(wanted, name);
  return distance > max ? undefined : distance;
}

/** How many letters only one of them has: a change of one letter makes at most two. */
function lettersApart(one: string, other: string): number {
  let apart = 0;
  for (let difference = letters(one) ^ letters(other); difference !== 0; difference &= difference - 1) apart += 1;
  return apart;
}

function letters(name: string): number {
  let set = 0;
  for (let at = 0; at < name.length; at += 1) set |= 1 << (name.charCodeAt(at) & 31);
  return set;
}

/** From 0 to 1: which part of the words of both is in both; 0 when that is less than half of the wanted ones. */
function sharedWords(wanted: ReadonlySet<string>, name: string): number {
  if (!mayShareHalf(wanted, name)) return 0;
  const words = new Set(wordsOf(name));
  let shared = 0;
  for (const word of words) if (wanted.has(word)) shared += 1;
  return shared * 2 < wanted.size ? 0 : shared / (wanted.size + words.size - shared);
}

/** Tells most names apart from the wanted one without taking them to pieces. */
function mayShareHalf(wanted: ReadonlySet<string>, name: string): boolean {
  let found = 0;
  for (const word of wanted) if (name.includes(word)) found += 1;
  return found * 2 >= wanted.size;
}

function wordsOf(name: string): readonly string[] {
  return name.split(BETWEEN_WORDS).filter((word) => word !== '');
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
