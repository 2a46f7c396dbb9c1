/**
 * Which hierarchy of cgroups tells workloads apart. Where controllers are mounted the old way, container runtimes make
 * a cgroup for each container in each of them, and in the unified hierarchy beside them, if there is one, maybe none.
 */
import { readFileSync } from 'node:fs';

export const hierarchies = ['unified', 'memory', 'pids', 'cpu', 'devices', 'freezer'] as const;
export type Hierarchy = (typeof hierarchies)[number];

export function readHierarchy(): Hierarchy {
  return hierarchyIn(readFileSync('/proc/self/cgroup', 'utf8'));
}

/** A line is `number:controllers:path`; that of the unified one has the number 0 and no controllers. */
export function hierarchyIn(text: string): Hierarchy {
  const mounted = new Set(text.split('\n').flatMap((line) => line.split(':')[1]?.split(',') ?? []));
  return hierarchies.find((name) => mounted.has(name)) ?? 'unified';
}
