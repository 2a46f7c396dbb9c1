/** Rotated files: `events.json` becomes `events-2026-11-21T16-50-42.123.json`, the oldest ones go, others may be packed. */
import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export type BackupOptions = {
  /** Of the file that is rotated. */
  readonly path: string;
  readonly countMax: number;
  readonly compress: boolean;
  readonly permission: number;
};

const STAMP = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/;
const PACKED = '.gz';
/** Of a file that is being packed: what a crash leaves of one is made anew. */
const PART = '.gz.part';
const NAME_TRIES = 1000;

export class Backups {
  readonly #options: BackupOptions;
  readonly #directory: string;
  readonly #extension: string;
  readonly #stem: string;

  constructor(options: BackupOptions) {
    this.#options = options;
    this.#directory = dirname(options.path);
    this.#extension = extname(options.path);
    this.#stem = `${basename(options.path, this.#extension)}-`;
  }

  /** A name that is not taken, for a file that ends now. */
  async freeName(nowMs: number): Promise<string> {
    for (let atMs = nowMs; atMs < nowMs + NAME_TRIES; atMs += 1) {
      const stamp = new Date(atMs).toISOString().slice(0, -1).replaceAll(':', '-');
      const path = join(this.#directory, `${this.#stem}${stamp}${this.#extension}`);
      if (!(await exists(path)) && !(await exists(path + PACKED))) return path;
    }
    throw new Error('no name is left for this second');
  }

  /** Removes the oldest ones, and packs those that are left. */
  async tidy(): Promise<void> {
    const names = await this.#list();
    for (const name of names.filter((each) => each.endsWith(PART))) await unlink(join(this.#directory, name));
    const whole = names.filter((each) => !each.endsWith(PART)).toSorted();
    const kept = whole.slice(-this.#options.countMax);
    for (const name of whole.slice(0, whole.length - kept.length)) await unlink(join(this.#directory, name));
    if (!this.#options.compress) return;
    for (const name of kept.filter((each) => !each.endsWith(PACKED))) await this.#pack(join(this.#directory, name));
  }

  async #list(): Promise<readonly string[]> {
    const names = await readdir(this.#directory);
    return names.filter((name) => {
      if (!name.startsWith(this.#stem)) return false;
      const ending = [PART, PACKED, ''].find((each) => name.endsWith(this.#extension + each));
      if (ending === undefined) return false;
      return STAMP.test(name.slice(this.#stem.length, name.length - this.#extension.length - ending.length));
    });
  }

  /** The packed file is whole and on the disk before it gets its name, and only then the other one goes. */
  async #pack(path: string): Promise<void> {
    await using from = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    await using to = await openNew(path + PART, this.#options.permission);
    await pipeline(from.createReadStream({ autoClose: false }), createGzip(), to.createWriteStream({ flush: true }));
    await rename(path + PART, path + PACKED);
    await unlink(path);
  }
}

/** A file that was not there before. */
export async function openNew(path: string, permission: number): Promise<FileHandle> {
  const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, permission);
  await file.chmod(permission); // whatever the umask took away
  return file;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
