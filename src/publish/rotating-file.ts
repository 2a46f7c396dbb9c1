/**
 * A file that is appended to, and begun anew when it is large or old.
 *
 * What is written survives the death of the agent at once; that of the machine, what the kernel had written by then.
 * A file is brought to the disk when it is rotated and when it is closed, not for each event.
 */
import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, lstat, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { type BackupOptions, Backups, openNew } from './backups.ts';
import { fileReason } from './file-reason.ts';

export type RotatingFileOptions = BackupOptions & {
  readonly bytesMax: number;
  /** 0 for never. */
  readonly intervalMs: number;
  /** Told when a rotation does not work; the file grows meanwhile. */
  readonly onTrouble?: ((error: EnvironmentError) => void) | undefined;
  readonly now?: () => number;
};

/** How often is looked whether the path still leads to the file. */
const LOOK_MS = 1000;
const ROTATION_RETRY_MS = 10_000;
const NEWLINE = 0x0a;

type Current = {
  readonly file: FileHandle;
  readonly device: number;
  readonly inode: number;
  begunMs: number;
  bytes: number;
};

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #backups: Backups;
  readonly #now: () => number;
  #current: Current | undefined;
  #lookMs = 0;
  #rotateMs = 0;
  /** What is done with rotated files; it never rejects. */
  #tidying: Promise<void> = Promise.resolve();

  /** Throws RF4009 when it can not be written. */
  static async open(options: RotatingFileOptions): Promise<RotatingFile> {
    const rotating = new RotatingFile(options);
    try {
      await access(dirname(options.path), constants.W_OK); // rotation makes files there
      rotating.#current = await rotating.#open();
    } catch (cause) {
      throw new EnvironmentError('RF4009', { path: options.path, reason: fileReason(cause) }, { cause });
    }
    rotating.#tidying = rotating.#tidy();
    return rotating;
  }

  private constructor(options: RotatingFileOptions) {
    this.#options = options;
    this.#backups = new Backups(options);
    this.#now = options.now ?? Date.now;
  }

  /**
   * Opens the file again when its path leads elsewhere by now: somebody moved it away, or put another in its place, and
   * what is then written would not be found. Returns whether it did; throws when it can not.
   */
  async follow(): Promise<boolean> {
    const nowMs = this.#now();
    if (this.#current !== undefined && nowMs < this.#lookMs) return false;
    this.#lookMs = nowMs + LOOK_MS;
    if (this.#current !== undefined) {
      const there = await lstat(this.#options.path).catch(() => undefined);
      if (there?.ino === this.#current.inode && there.dev === this.#current.device) return false;
      const { file } = this.#current;
      this.#current = undefined;
      await this.#finish(file);
    }
    this.#current = await this.#open();
    return true;
  }

  /** Begins the file anew when so many bytes more are too many for it, or it is old. Never throws. */
  async rotateIfDue(bytes: number): Promise<void> {
    const current = this.#current;
    const { bytesMax, intervalMs } = this.#options;
    const nowMs = this.#now();
    if (current === undefined || current.bytes === 0 || nowMs < this.#rotateMs) return;
    const large = current.bytes + bytes > bytesMax;
    const old = intervalMs > 0 && nowMs - current.begunMs >= intervalMs;
    if (large || old) await this.#rotate(current);
  }

  /** Writes from `offset`, and returns how many bytes were written. */
  async append(bytes: Uint8Array, offset: number): Promise<number> {
    const current = this.#current;
    if (current === undefined) throw new Error('the file is not open');
    const { bytesWritten } = await current.file.write(bytes, offset, bytes.length - offset, null);
    current.bytes += bytesWritten;
    return bytesWritten;
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await this.#tidying;
    if (current !== undefined) await this.#finish(current.file);
  }

  async #open(): Promise<Current> {
    const { path, permission } = this.#options;
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, permission);
    try {
      const stat = await file.stat();
      const obstacle = obstacleOf(stat);
      if (obstacle !== undefined) throw new Error(obstacle);
      if ((stat.mode & 0o7777) !== permission) await file.chmod(permission);
      const torn = await isTorn(file, stat.size);
      if (torn) await file.write('\n');
      const begunMs = stat.size === 0 ? this.#now() : stat.birthtimeMs;
      return { file, device: stat.dev, inode: stat.ino, begunMs, bytes: stat.size + (torn ? 1 : 0) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #rotate(old: Current): Promise<void> {
    const { path, permission } = this.#options;
    try {
      await this.#tidying; // one rotated file at a time, however fast they come
      const backup = await this.#backups.freeName(this.#now());
      await rename(path, backup);
      const file = await openNew(path, permission).catch(async (error: unknown) => {
        await rename(backup, path);
        throw error;
      });
      const { dev, ino } = await file.stat();
      this.#current = { file, device: dev, inode: ino, begunMs: this.#now(), bytes: 0 };
      this.#tidying = this.#finish(old.file).then(() => this.#tidy());
    } catch (error) {
      this.#rotateMs = this.#now() + ROTATION_RETRY_MS;
      this.#tell(error);
    }
  }

  async #tidy(): Promise<void> {
    await this.#backups.tidy().catch((error: unknown) => this.#tell(error));
  }

  async #finish(file: FileHandle): Promise<void> {
    await file.datasync().catch((error: unknown) => this.#tell(error));
    await file.close();
  }

  #tell(cause: unknown): void {
    const { path, onTrouble } = this.#options;
    onTrouble?.(new EnvironmentError('RF4011', { path, reason: fileReason(cause) }, { cause }));
  }
}

/** Why events must not go into a file that is there; in a directory that others can write, it may be a trap. */
function obstacleOf(stat: Stats): string | undefined {
  if (!stat.isFile()) return 'it is no regular file';
  if (stat.uid !== process.geteuid?.()) return `it belongs to another user (${stat.uid})`;
  return stat.nlink === 1 ? undefined : 'it has a second name (hard link)';
}

/** Whether an agent that died left a line without its end. */
async function isTorn(file: FileHandle, bytes: number): Promise<boolean> {
  if (bytes === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, bytes - 1);
  return buffer[0] !== NEWLINE;
}
