/** The path of a cgroup by the id that records carry, without a search: the id is what a file handle of cgroupfs holds. */
import { closeSync, constants, openSync, readlinkSync, statSync } from 'node:fs';
import { EnvironmentError } from '#diagnostics';
import { openByHandle } from './ffi.ts';
import { Descriptor } from './handle.ts';

const FILEID_KERNFS = 0xfe; // include/linux/exportfs.h
const HANDLE_BYTES = 8;
const O_PATH = 0o10000000; // include/uapi/asm-generic/fcntl.h; the same on x86-64 and arm64

export class CgroupPaths {
  readonly #mount: string;
  readonly #root: Descriptor;

  /** `mount` is where the root of the hierarchy can be read. Throws RF3001 without CAP_DAC_READ_SEARCH. */
  constructor(mount: string) {
    this.#mount = mount;
    this.#root = new Descriptor(mount, openSync(mount, constants.O_RDONLY | constants.O_DIRECTORY));
    try {
      this.#look(statSync(mount, { bigint: true }).ino);
    } catch (error) {
      this.#root[Symbol.dispose]();
      throw error;
    }
  }

  /** From the root of the hierarchy, `/` for itself; undefined when it has gone, or the kernel has no room to say. */
  pathOf(cgroupId: bigint): string | undefined {
    try {
      return this.#look(cgroupId);
    } catch (error) {
      if (error instanceof EnvironmentError) return undefined;
      throw error;
    }
  }

  #look(cgroupId: bigint): string | undefined {
    const fd = openByHandle(this.#root.fd, handleOf(cgroupId), O_PATH | constants.O_DIRECTORY);
    if (fd === undefined) return undefined;
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      if (path === this.#mount) return '/';
      return path.startsWith(`${this.#mount}/`) ? path.slice(this.#mount.length) : undefined;
    } finally {
      closeSync(fd);
    }
  }

  [Symbol.dispose](): void {
    this.#root[Symbol.dispose]();
  }
}

/** struct file_handle: bytes, type, id. */
function handleOf(cgroupId: bigint): Uint8Array {
  const handle = Buffer.alloc(2 * 4 + HANDLE_BYTES);
  handle.writeUInt32LE(HANDLE_BYTES, 0);
  handle.writeInt32LE(FILEID_KERNFS, 4);
  handle.writeBigUInt64LE(cgroupId, 8);
  return handle;
}
