/** The file system in which the kernel keeps links and maps when nobody holds them. */
import { mkdirSync, readdirSync, rmdirSync, statfsSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { mountFileSystem } from './ffi.ts';

const BPF_FS_MAGIC = 0xcafe4a11; // include/uapi/linux/magic.h
const MOUNT_POINT = '/sys/fs/bpf';

/** Whether `path`, or what is there of it, lies on a bpffs. */
export function isOnBpffs(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    const type = typeOf(at);
    if (type !== undefined) return type === BPF_FS_MAGIC;
    if (at === dirname(at)) return false;
  }
}

/** Mounts one at the usual place, where the host has none yet and `path` would lie on it. */
export function mountBpffs(path: string): void {
  if (isOnBpffs(path) || !path.startsWith(`${MOUNT_POINT}/`)) return;
  mkdirSync(MOUNT_POINT, { recursive: true });
  mountFileSystem('bpf', MOUNT_POINT);
}

/** Names in a directory of a bpffs; none when it is not there. */
export function pinsIn(directory: string): readonly { readonly name: string; readonly isDirectory: boolean }[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Lets the kernel forget what is pinned in a directory, and the directory; what is in use elsewhere goes on. */
export function unpinAll(directory: string): void {
  for (const { name, isDirectory } of pinsIn(directory)) {
    if (isDirectory) unpinAll(`${directory}/${name}`);
    else unpin(`${directory}/${name}`);
  }
  ignoringMissing(() => rmdirSync(directory));
}

export function unpin(path: string): void {
  ignoringMissing(() => unlinkSync(path));
}

function typeOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function ignoringMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
