/** A lock that one process has at a time, and that ends with it however it ends. */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { lockDescriptor } from './ffi.ts';

export class FileLock {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Undefined when another process has it; the file then says which. */
  static take(path: string): FileLock | undefined {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      if (lockDescriptor(fd)) {
        ftruncateSync(fd);
        writeSync(fd, `${process.pid}\n`, 0);
        return new FileLock(fd);
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
    return undefined;
  }

  /** The process that took the lock last; it may be gone. */
  static holder(path: string): number | undefined {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
