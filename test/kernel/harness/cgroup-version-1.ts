/** Puts the hierarchies of cgroup version 1 in the place of version 2, as older nodes have them; only ever in a guest. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const AT = '/sys/fs/cgroup';
/** Those that runc uses; each a hierarchy of its own. */
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'] as const;

/** Version 2 stays beside them, without controllers, as systemd has it on a hybrid node. */
export function mountVersion1(): void {
  const mount = (...args: readonly string[]) => execFileSync('busybox', ['mount', ...args]);
  execFileSync('busybox', ['umount', AT]);
  mount('-t', 'tmpfs', 'cgroup', AT);
  for (const controller of CONTROLLERS) {
    const at = join(AT, controller);
    mkdirSync(at);
    mount('-t', 'cgroup', '-o', controller, 'cgroup', at);
  }
  mkdirSync(join(AT, 'unified'));
  mount('-t', 'cgroup2', 'cgroup2', join(AT, 'unified'));
}
