/** Memory that is shared with the kernel: the pages of a map, seen live. */
import { assert } from '#std';
import { mapAnonymous, mapShared, type Pages, unmap } from './ffi.ts';

export class MappedMemory {
  readonly #pages: Pages;
  #closed = false;

  private constructor(pages: Pages) {
    this.#pages = pages;
  }

  /** Writing into memory that was not asked for as `writable` kills the process; there is no error to catch. */
  static ofDescriptor(
    fd: number,
    options: { readonly length: number; readonly offset?: number; readonly writable?: boolean },
  ): MappedMemory {
    return new MappedMemory(mapShared(fd, options.length, options.offset ?? 0, options.writable ?? false));
  }

  static anonymous(length: number): MappedMemory {
    return new MappedMemory(mapAnonymous(length));
  }

  /** The live bytes; make typed views over it once and keep them. After disposal they read as zeroes. */
  get buffer(): ArrayBuffer {
    assert(!this.#closed, 'mapped memory is used after it was closed');
    return this.#pages.memory;
  }

  get address(): bigint {
    assert(!this.#closed, 'mapped memory is used after it was closed');
    return this.#pages.address;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    unmap(this.#pages);
  }
}
