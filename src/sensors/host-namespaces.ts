/** The namespaces of process 1, which policies call `host_ns`. */
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { HostNamespaces } from '#compiler';

/** By the names of struct rf_namespaces. */
const LINKS = {
  uts: 'uts',
  ipc: 'ipc',
  mnt: 'mnt',
  pid: 'pid',
  pidForChildren: 'pid_for_children',
  net: 'net',
  time: 'time',
  timeForChildren: 'time_for_children',
  cgroup: 'cgroup',
  user: 'user',
} as const;

/**
 * Their inode numbers; one that the kernel was built without is left out. In a container process 1 is that of the
 * host only with its pid namespace: `hostPID: true` in Kubernetes, `--pid=host` elsewhere.
 */
export function readHostNamespaces(directory = '/proc/1/ns'): HostNamespaces {
  const found = Object.entries(LINKS).flatMap(([name, link]) => {
    const number = inodeOf(join(directory, link));
    return number === undefined ? [] : [[name, number] as const];
  });
  return Object.fromEntries(found);
}

/** The link reads `uts:[4026531838]`. */
function inodeOf(path: string): number | undefined {
  try {
    const digits = /^\w+:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
    return digits === undefined ? undefined : Number(digits);
  } catch {
    return undefined;
  }
}
