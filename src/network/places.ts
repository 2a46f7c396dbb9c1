/** Cgroups and network interfaces of this node, by the numbers that the kernel tells of them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Listed<Id, Name> = { readonly found: ReadonlyMap<Id, Name>; readonly more: boolean };

/** Interfaces of the network namespace that this process is in, by index. */
export function interfaces(max: number, root = '/sys/class/net'): Listed<number, string> {
  const names = entries(root).toSorted();
  const found = new Map<number, string>();
  for (const name of names.slice(0, max)) {
    const index = readNumber(join(root, name, 'ifindex'));
    if (index !== undefined) found.set(index, name);
  }
  return { found, more: names.length > max };
}

/** Cgroups of the unified hierarchy, by id, from the top down. */
export function cgroups(max: number, root = cgroupRoot()): Listed<bigint, string> {
  const found = new Map<bigint, string>();
  const waiting = root === undefined ? [] : [root];
  for (const path of waiting) {
    if (found.size === max) return { found, more: true };
    const id = inodeOf(path);
    if (id === undefined) continue;
    found.set(id, path);
    waiting.push(...directories(path).map((name) => join(path, name)));
  }
  return { found, more: false };
}

/** On a node with both hierarchies the unified one lies beside the others. */
function cgroupRoot(): string | undefined {
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) => entries(path).includes('cgroup.controllers'));
}

function entries(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function directories(path: string): readonly string[] {
  try {
    const all = readdirSync(path, { withFileTypes: true });
    return all.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function readNumber(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'latin1'));
  } catch {
    return undefined;
  }
}

function inodeOf(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}
