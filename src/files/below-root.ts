/** Names of another root than our own, as processes there would follow them: an absolute link begins at that root. */
import { type BigIntStats, lstatSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LINKS_MAX = 40; // MAXSYMLINKS, include/linux/namei.h

/**
 * What `path` is below `root`, links followed, never above it. Undefined for whatever has no name now: a missing
 * directory on the way, a loop of links.
 */
export function statBelow(root: string, path: string): BigIntStats | undefined {
  try {
    return walk(root, path);
  } catch {
    return undefined;
  }
}

function walk(root: string, path: string): BigIntStats | undefined {
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
    const found = lstatSync(place, { bigint: true });
    if (!found.isSymbolicLink()) {
      names.push(name);
      stats = found;
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
  return stats;
}
