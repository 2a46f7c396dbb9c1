/** Paths from what the observer tells of objects: by the directories of the scene and the table of mounts. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelDevice } from '../../src/sensors/identity.ts';
import type { SeenObject } from './observer.ts';

type Mount = { readonly root: string; readonly point: string };

const decoder = new TextDecoder('latin1');
const encoder = new TextEncoder();

export class Places {
  readonly #device: number;
  /** By inode: paths within the file system of the scene. */
  readonly #directories = new Map<bigint, string>();
  readonly #mounts = new Map<number, Mount>();

  /** `root`: where the file system of the scene is mounted. `processes`: whose mounts there are. */
  constructor(root: string, processes: readonly (number | 'self')[]) {
    this.#device = kernelDevice(lstatSync(root, { bigint: true }).dev);
    this.#addDirectories(root, '/');
    for (const each of processes) this.#addMounts(readFileSync(`/proc/${each}/mountinfo`, 'utf8'));
  }

  #addDirectories(root: string, within: string): void {
    const path = join(root, within);
    const { ino, dev } = lstatSync(path, { bigint: true });
    if (kernelDevice(dev) !== this.#device || this.#directories.has(ino)) return;
    this.#directories.set(ino, within);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) this.#addDirectories(root, join(within, entry.name));
    }
  }

  #addMounts(table: string): void {
    for (const line of table.split('\n')) {
      const [id, , , root, point] = line.split(' ');
      if (id !== '' && root !== undefined && point !== undefined) this.#mounts.set(Number(id), { root, point });
    }
  }

  /**
   * The absolute path; of an object that came without a mount, the path within its file system. What is in no place,
   * such as a socket, has the path that its own name makes below a root of its own; without a name it has none.
   */
  pathOf(object: SeenObject): Uint8Array {
    if (object.device !== this.#device) return encoder.encode(object.name.length === 0 ? '' : `/${textOf(object)}`);
    const directory = this.#directories.get(object.inode);
    const within = directory ?? join(this.#directoryOf(object), textOf(object));
    if (object.mount === undefined) return encoder.encode(within);
    const mount = this.#mounts.get(object.mount);
    if (mount === undefined) throw new Error(`mount ${object.mount} of ${within} is in no table`);
    return encoder.encode(join(mount.point, within.slice(mount.root === '/' ? 0 : mount.root.length)));
  }

  #directoryOf(object: SeenObject): string {
    const directory = this.#directories.get(object.parent);
    if (directory === undefined) throw new Error(`the directory ${object.parent} of ${textOf(object)} is not known`);
    return directory;
  }
}

function textOf({ name }: SeenObject): string {
  return decoder.decode(name);
}
