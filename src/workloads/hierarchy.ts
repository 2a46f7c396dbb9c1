/** Which cgroup hierarchy tells the containers of this node apart, and where it is mounted. */
import { readFileSync } from 'node:fs';
import { EnvironmentError } from '#diagnostics';

/**
 * Of version 1, the controllers that every runtime puts a container into, best first. With systemd on a hybrid node the
 * unified tree is there as well, but runtimes do not use it: nothing below `kubepods` would be found in it.
 */
const CONTROLLERS = ['memory', 'pids', 'cpu', 'devices', 'freezer'] as const;
export type Controller = (typeof CONTROLLERS)[number];

export type Hierarchy = {
  /** `controller`: of version 1, the one whose tree counts; undefined: the unified tree of version 2. */
  readonly controller: Controller | undefined;
  /** Where its root, as the node has it, can be read. */
  readonly mount: string;
};

const UNIFIED_AT = '/sys/fs/cgroup';

type Mount = { readonly type: string; readonly at: string; readonly options: readonly string[] };

/** Of the mount namespace of `root`, the node as the agent sees it. Throws RF3621 when there is none. */
export function hierarchyOfNode(mountinfo = '/proc/self/mountinfo'): Hierarchy {
  const found = hierarchyIn(readFileSync(mountinfo, 'utf8'));
  if (found === undefined) throw new EnvironmentError('RF3621', { path: mountinfo });
  return found;
}

/** The text is that of /proc/PID/mountinfo. The last mount at a place hides those before. */
export function hierarchyIn(mountinfo: string): Hierarchy | undefined {
  const mounts = mountinfo.split('\n').flatMap((line) => mountOf(line) ?? []);
  const unified = mounts.filter(({ type }) => type === 'cgroup2');
  const whole = unified.findLast(({ at }) => at === UNIFIED_AT);
  if (whole !== undefined) return { controller: undefined, mount: whole.at };
  for (const controller of CONTROLLERS) {
    const mount = mounts.findLast(({ type, options }) => type === 'cgroup' && options.includes(controller));
    if (mount !== undefined) return { controller, mount: mount.at };
  }
  const other = unified.at(-1);
  return other === undefined ? undefined : { controller: undefined, mount: other.at };
}

/** Fields of a line: id, parent, device, root, mount point, options, optional fields, `-`, type, source, options. */
function mountOf(line: string): Mount | undefined {
  const [before, after] = line.split(' - ');
  const at = before?.split(' ')[4];
  const [type, , options] = after?.split(' ') ?? [];
  if (at === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return undefined;
  return { type, at: unescaped(at), options: options?.split(',') ?? [] };
}

/** Blanks and the like are written as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
