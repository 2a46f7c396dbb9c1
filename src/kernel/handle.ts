/** What stands between us and a freed pointer or a reused descriptor: after disposal, use is an assertion. */
import { closeSync } from 'node:fs';
import { assert } from '#std';

/** A pointer into libbpf. A child (a program of an object) is usable for as long as its `owner` is. */
export class Handle<Pointer extends bigint> {
  readonly #what: string;
  readonly #owner: { readonly closed: boolean } | undefined;
  #pointer: Pointer | undefined;

  constructor(what: string, pointer: Pointer, owner?: { readonly closed: boolean }) {
    this.#what = what;
    this.#pointer = pointer;
    this.#owner = owner;
  }

  get closed(): boolean {
    return this.#pointer === undefined || this.#owner?.closed === true;
  }

  get pointer(): Pointer {
    const pointer = this.#pointer;
    assert(pointer !== undefined && !this.closed, `${this.#what} is used after it was closed`);
    return pointer;
  }

  /** Gives the pointer up, once: the caller frees it. Undefined when that has been done. */
  take(): Pointer | undefined {
    const pointer = this.#pointer;
    this.#pointer = undefined;
    return pointer;
  }
}

/** A file descriptor that closes once; its number may be given to another file right after. */
export class Descriptor {
  readonly #what: string;
  #fd: number | undefined;

  constructor(what: string, fd: number) {
    this.#what = what;
    this.#fd = fd;
  }

  get closed(): boolean {
    return this.#fd === undefined;
  }

  get fd(): number {
    assert(this.#fd !== undefined, `${this.#what} is used after it was closed`);
    return this.#fd;
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
