/** A link: a program that runs, for as long as the link or its pin exists. */
import { closeSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { assert } from '#std';
import { refused } from './errno.ts';
import { checked, type LinkPointer, listening, loadLibbpf, present } from './ffi.ts';
import { Handle } from './handle.ts';
import { type LinkInfo, readLinkInfo } from './info.ts';

export class Link {
  readonly #handle: Handle<LinkPointer>;
  readonly name: string;

  /** `attach` is one libbpf call, so that errno is still its own when it fails. */
  private constructor(name: string, pointer: LinkPointer) {
    this.name = name;
    this.#handle = new Handle(`the link of ${name}`, pointer);
  }

  static attach(name: string, call: string, attach: () => LinkPointer | null): Link {
    return new Link(
      name,
      listening(() => present(`${call}(${name})`, attach())),
    );
  }

  /** The link that is pinned at `path` in a bpffs: how a restarted agent finds what it left running. */
  static openPinned(path: string): Link {
    return Link.attach(path, 'bpf_link__open', () => loadLibbpf().bpf_link__open(path));
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  get fd(): number {
    return checked('bpf_link__fd', loadLibbpf().bpf_link__fd(this.#handle.pointer));
  }

  /** Of links that are not perf events, which is what tracepoints and kprobes are on kernels before 5.15. */
  info(): LinkInfo {
    return readLinkInfo(this.fd);
  }

  /** Makes the program outlive this process. Not by bpf_link__pin, which does it once: a pin may have to be put back. */
  pin(path: string): void {
    checked(`bpf_obj_pin(${path})`, loadLibbpf().bpf_obj_pin(this.fd, path));
  }

  /** Lets go: the program stops running unless the link is pinned. */
  destroy(): void {
    const pointer = this.#handle.take();
    if (pointer === undefined) return;
    checked(`bpf_link__destroy(${this.name})`, loadLibbpf().bpf_link__destroy(pointer));
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

const CHUNK_BYTES = 64 * 1024;
/** An iterator that passed a million objects without output says EAGAIN: kernel/bpf/bpf_iter.c, MAX_ITER_OBJECTS. */
const EMPTY_ROUNDS_MAX = 1000;

/**
 * Runs the iterator program over everything there is now, and yields what it writes, as it comes: a chunk may end in
 * the middle of what the program wrote at once. A chunk is valid until the next one is asked for.
 */
export function* readIterator(link: Link): Generator<Uint8Array, void, undefined> {
  const fd = checked(`bpf_iter_create(${link.name})`, loadLibbpf().bpf_iter_create(link.fd));
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const length = readSome(fd, chunk, link.name);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

function readSome(fd: number, chunk: Buffer, name: string): number {
  for (let round = 1; ; round += 1) {
    try {
      return readSync(fd, chunk);
    } catch (cause) {
      assert(cause instanceof Error && 'errno' in cause, 'a failed read has an errno');
      const errno = -Number(cause.errno);
      const again = errno === constants.errno.EAGAIN || errno === constants.errno.EINTR;
      if (!again || round === EMPTY_ROUNDS_MAX) throw refused(`read(iterator ${name})`, errno);
    }
  }
}
