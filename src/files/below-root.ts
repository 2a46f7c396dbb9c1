/** Names of another root than our own, as processes there would follow them: an absolute link begins at that root. */
import { type BigIntStats, lstatSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LINKS_MAX = 40; // MAXSYMLINKS, include/linux/namei.h

/**
 * What `path` is below `root`, links followed, never above it. Undefined for whatever has no name now: a missing
 * directory on the way, a loop of links.
 */
export function statBelow(root: string, path: string): BigIntStats | undefined {
  return found(root, path)?.stats;
}

/** Where that is, by a name without links below `root`: what is opened there is not led out of it. */
export function placeBelow(root: string, path: string): string | undefined {
  return found(root, path)?.place;
}

type Found = { readonly stats: BigIntStats; readonly place: string };

function found(root: string, path: string): Found | undefined {
  try {
    return walk(root, path);
  } catch {
    return undefined;
  }
}

function walk(root: string, path: string): Found | undefined {
  const top = statSync(root, { bigint: true });
  const left = path.split('/').toReversed();
  const names: string[] = [];
  let stats = top;
  let links = 0;
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === '') continue;
    if (!stats.isDirectory()) return undefined;
    if (name === '.') continue;
    if (name === '..') {
      names.pop();
      stats = names.length === 0 ? top : lstatSync(join(root, ...names), { bigint: true });
      continue;
    }
    const place = join(root, ...names, name);
    const here = lstatSync(place, { bigint: true });
    if (!here.isSymbolicLink()) {
      names.push(name);
      stats = here;
      continue;
    }
    links += 1;
    if (links > LINKS_MAX) return undefined;
    const target = readlinkSync(place);
    if (target.startsWith('/')) {
      names.length = 0;
      stats = top;
    }
    left.push(...target.split('/').toReversed());
  }
  return { stats, place: join(root, ...names) };
}
