/**
 * Which hierarchy of cgroups tells workloads apart. Where controllers are mounted the old way, container runtimes make
 * a cgroup for each container in each of them, and in the unified hierarchy beside them, if there is one, maybe none.
 */
import { readFileSync } from 'node:fs';

/** The unified one, or that of a v1 controller: those that every runtime puts a container into, best first. */
export const hierarchies = ['unified', 'memory', 'pids', 'cpu', 'devices', 'freezer'] as const;
export type Hierarchy = (typeof hierarchies)[number];

export function readHierarchy(): Hierarchy {
  return hierarchyIn(readFileSync('/proc/self/mountinfo', 'utf8'));
}

const UNIFIED = / \/sys\/fs\/cgroup .* - cgroup2 /;
const CONTROLLERS = / - cgroup \S+ (\S+)$/;

/** Where the unified one is in its usual place, one more controller that somebody mounted elsewhere means nothing. */
export function hierarchyIn(mountinfo: string): Hierarchy {
  const lines = mountinfo.split('\n');
  const root = lines.findLast((line) => line.includes(' /sys/fs/cgroup '));
  if (root !== undefined && UNIFIED.test(root)) return 'unified';
  const mounted = new Set(lines.flatMap((line) => CONTROLLERS.exec(line)?.[1]?.split(',') ?? []));
  return hierarchies.find((name) => mounted.has(name)) ?? 'unified';
}
