/** A program of an opened object: loaded with it, then attached. */
import { EnvironmentError } from '#diagnostics';
import { assert } from '#std';
import { AttachRefused } from './attach-refused.ts';
import { Link } from './attachment.ts';
import { loadLibbpf, type ProgramPointer } from './ffi.ts';
import { Handle } from './handle.ts';
import { type ProgramInfo, readProgramInfo } from './info.ts';

export class BpfProgram {
  readonly #handle: Handle<ProgramPointer>;
  readonly name: string;
  /** The ELF section, which says what kind of program it is and where it attaches: `lsm/file_open`. */
  readonly section: string;

  constructor(pointer: ProgramPointer, object: { readonly closed: boolean }) {
    const libbpf = loadLibbpf();
    this.name = libbpf.bpf_program__name(pointer);
    this.section = libbpf.bpf_program__section_name(pointer);
    this.#handle = new Handle(`the program ${this.name}`, pointer, object);
  }

  get fd(): number {
    const fd = loadLibbpf().bpf_program__fd(this.#handle.pointer);
    assert(fd >= 0, `program ${this.name} is used before it was loaded`);
    return fd;
  }

  /** Whether the next load takes this program; all are taken unless told otherwise, or marked `?` in their section. */
  get autoload(): boolean {
    return loadLibbpf().bpf_program__autoload(this.#handle.pointer);
  }

  /** From here on it runs, system-wide: where, the section says. */
  attach(): Link {
    const { pointer } = this.#handle;
    try {
      return Link.attach(this.name, 'bpf_program__attach', () => loadLibbpf().bpf_program__attach(pointer));
    } catch (cause) {
      throw cause instanceof EnvironmentError ? new AttachRefused(this.name, cause) : cause;
    }
  }

  /** For `iter/…` programs: it runs when the link is read, see readIterator. */
  attachIterator(): Link {
    const { pointer } = this.#handle;
    return Link.attach(this.name, 'bpf_program__attach_iter', () =>
      loadLibbpf().bpf_program__attach_iter(pointer, null),
    );
  }

  info(): ProgramInfo {
    return readProgramInfo(this.fd);
  }
}
