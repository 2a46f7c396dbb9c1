/** An ELF object on its way into the kernel: opened, adjusted, loaded once; its programs and maps live as long. */

import { EnvironmentError } from '#diagnostics';
import { assert, known } from '#std';
import { assertElf } from './elf-check.ts';
import {
  borrowed,
  checked,
  listening,
  loadLibbpf,
  type MapPointer,
  type ObjectPointer,
  type ProgramPointer,
  present,
  sized,
} from './ffi.ts';
import { Handle } from './handle.ts';
import { libbpfReason } from './libbpf-reason.ts';
import { BpfMap, type MapShape } from './map.ts';
import { MappedMemory } from './mapped-memory.ts';
import { BpfProgram } from './program.ts';
import { LoadRejected } from './verifier-log.ts';

export type OpenOptions = {
  /** What libbpf calls the object in its messages, and the prefix of the names of its data maps. */
  readonly name: string;
  /** 0 (default): log only when a load fails, 1: branches, 2: every state; see the verifier's BPF_LOG_*. */
  readonly kernelLogLevel?: 0 | 1 | 2;
};

const PROGRAMS_MAX = 512;
const MAPS_MAX = 512;
const LOG_BYTES = 4 * 1024 * 1024;

export class BpfObject {
  readonly #handle: Handle<ObjectPointer>;
  readonly #programs = new Map<string, { readonly program: BpfProgram; readonly pointer: ProgramPointer }>();
  readonly #maps = new Map<string, BpfMap>();
  readonly #logLevel: number;
  readonly name: string;
  #state: 'open' | 'loaded' | 'failed' = 'open';

  private constructor(pointer: ObjectPointer, options: OpenOptions) {
    this.name = options.name;
    this.#logLevel = options.kernelLogLevel ?? 0;
    this.#handle = new Handle(`the object ${options.name}`, pointer);
    for (const each of walk(PROGRAMS_MAX, (previous: ProgramPointer | null) =>
      loadLibbpf().bpf_object__next_program(pointer, previous),
    )) {
      const program = new BpfProgram(each, this.#handle);
      this.#programs.set(program.name, { program, pointer: each });
    }
  }

  /** Parses the object; nothing reaches the kernel yet. */
  static open(image: Uint8Array, options: OpenOptions): BpfObject {
    assertElf(image);
    const aligned = image.byteOffset % 8 === 0 ? image : image.slice(); // libelf reads structs in place
    const pointer = listening(() =>
      present(
        `bpf_object__open(${options.name})`,
        loadLibbpf().bpf_object__open_mem(
          aligned,
          aligned.length,
          sized('rf_open_opts', { object_name: options.name }),
        ),
      ),
    );
    return new BpfObject(pointer, options);
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  get programs(): readonly BpfProgram[] {
    return [...this.#programs.values()].map((each) => each.program);
  }

  program(name: string): BpfProgram {
    return this.#program(name).program;
  }

  // ---- before load ----

  setAutoload(programName: string, autoload: boolean): void {
    this.#assertOpen();
    const { pointer } = this.#program(programName);
    checked('bpf_program__set_autoload', loadLibbpf().bpf_program__set_autoload(pointer, autoload));
  }

  setMaxEntries(mapName: string, entries: number): void {
    const pointer = this.#mapPointer(mapName);
    checked(`bpf_map__set_max_entries(${mapName})`, loadLibbpf().bpf_map__set_max_entries(pointer, entries));
  }

  /** What the maps will be made as, in their order; those of data sections are left out. */
  declaredMaps(): readonly MapShape[] {
    this.#assertOpen();
    const libbpf = loadLibbpf();
    return this.#mapPointers()
      .map((pointer) => ({
        type: libbpf.bpf_map__type(pointer),
        name: libbpf.bpf_map__name(pointer),
        keySize: libbpf.bpf_map__key_size(pointer),
        valueSize: libbpf.bpf_map__value_size(pointer),
        maxEntries: libbpf.bpf_map__max_entries(pointer),
        flags: libbpf.bpf_map__map_flags(pointer),
      }))
      .filter(({ name }) => !name.includes('.'));
  }

  /** Takes a map that exists instead of making one: how objects share, and how a restart keeps, what a map holds. */
  reuseMap(mapName: string, existing: BpfMap): void {
    const pointer = this.#mapPointer(mapName);
    listening(() => checked(`bpf_map__reuse_fd(${mapName})`, loadLibbpf().bpf_map__reuse_fd(pointer, existing.fd)));
  }

  /** What a data section (`.rodata`, `.data`, `.bss`) will hold at load: a copy. */
  initialValue(section: string): Uint8Array {
    return this.#initialValue(section).slice();
  }

  /** Overwrites a data section at `offset`; its size stays. */
  setInitialValue(section: string, bytes: Uint8Array, offset = 0): void {
    const value = this.#initialValue(section);
    assert(offset + bytes.length <= value.length, `${section} has ${value.length} bytes`);
    value.set(bytes, offset);
  }

  /** Constants of the programs: the verifier prunes the branches that they rule out. */
  setReadOnlyData(bytes: Uint8Array, offset = 0): void {
    this.setInitialValue('.rodata', bytes, offset);
  }

  // ---- load ----

  /**
   * Makes the maps, verifies and loads the programs; all or nothing. The log of the verifier costs only when a
   * program is refused: libbpf loads without one first and, with a buffer set, once more with it after a refusal.
   */
  load(): void {
    this.#assertOpen();
    using log = MappedMemory.anonymous(LOG_BYTES);
    const libbpf = loadLibbpf();
    for (const { pointer } of this.#programs.values()) {
      // One buffer serves all: programs load one after the other, and the first refusal ends the load.
      checked('bpf_program__set_log_buf', libbpf.bpf_program__set_log_buf(pointer, log.address, LOG_BYTES));
      checked('bpf_program__set_log_level', libbpf.bpf_program__set_log_level(pointer, this.#logLevel));
    }
    this.#state = 'failed';
    listening((messages) => {
      try {
        checked(`bpf_object__load(${this.name})`, libbpf.bpf_object__load(this.#handle.pointer));
      } catch (cause) {
        throw rejection(messages, new Uint8Array(log.buffer), cause);
      }
    });
    this.#state = 'loaded';
  }

  // ---- after load ----

  get maps(): readonly BpfMap[] {
    this.#assertLoaded();
    return this.#mapPointers().map((each) => this.map(loadLibbpf().bpf_map__name(each)));
  }

  /** By its name, or for a data section by the section's name. */
  map(name: string): BpfMap {
    this.#assertLoaded();
    const seen = this.#maps.get(name);
    if (seen !== undefined) return seen;
    const pointer = this.#find(name);
    const handle = new Handle(`the map ${name}`, pointer, this.#handle);
    const owner = {
      get fd() {
        return checked(`bpf_map__fd(${name})`, loadLibbpf().bpf_map__fd(handle.pointer));
      },
    };
    const map = BpfMap.borrowed(owner, name);
    this.#maps.set(name, map);
    return map;
  }

  /** Programs without a link or a pin end here, and so do maps that nothing else holds. */
  close(): void {
    const pointer = this.#handle.take();
    if (pointer !== undefined) loadLibbpf().bpf_object__close(pointer);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #program(name: string) {
    return known(this.#programs.get(name), `program ${name} of object ${this.name}`);
  }

  #initialValue(section: string): Uint8Array {
    const pointer = this.#mapPointer(section);
    const length: [number] = [0];
    const address = loadLibbpf().bpf_map__initial_value(pointer, length);
    assert(address !== null, `${section} of object ${this.name} is not a data section`);
    return borrowed(address, length[0]);
  }

  #mapPointer(name: string): MapPointer {
    this.#assertOpen();
    return this.#find(name);
  }

  #find(name: string): MapPointer {
    const found = loadLibbpf().bpf_object__find_map_by_name(this.#handle.pointer, name);
    return known(found ?? undefined, `map ${name} of object ${this.name}`);
  }

  #mapPointers(): readonly MapPointer[] {
    const { pointer } = this.#handle;
    return walk(MAPS_MAX, (previous: MapPointer | null) => loadLibbpf().bpf_object__next_map(pointer, previous));
  }

  #assertOpen(): void {
    assert(this.#state === 'open' && !this.closed, `object ${this.name} is adjusted and loaded once, after open`);
  }

  #assertLoaded(): void {
    assert(this.#state === 'loaded' && !this.closed, `object ${this.name} has maps while it is loaded`);
  }
}

/** libbpf names the program it gave up on in a message, in the same words from 1.1 to 1.7. */
const REFUSED_PROGRAM = /prog '([^']+)': failed to load: /;

/** The refusal of one program if that is what it was; else the error as it is. */
function rejection(messages: readonly string[], log: Uint8Array, cause: unknown): unknown {
  const program = messages.map((each) => REFUSED_PROGRAM.exec(each)?.[1]).find((name) => name !== undefined);
  if (program === undefined || !(cause instanceof EnvironmentError)) return cause;
  const end = log.indexOf(0);
  const length = end < 0 ? log.length : end;
  const text = Buffer.from(log.buffer, log.byteOffset, length).toString('utf8');
  const said = libbpfReason(messages, program);
  return new LoadRejected(program, { text, cut: length >= log.length - 1, said }, cause);
}

/** Follows a C list whose `next` takes the previous entry and ends with null. */
function walk<Pointer extends bigint>(limit: number, next: (previous: Pointer | null) => Pointer | null): Pointer[] {
  const found: Pointer[] = [];
  let pointer = next(null);
  while (pointer !== null) {
    assert(found.length < limit, `an object has at most ${limit} programs and as many maps`);
    found.push(pointer);
    pointer = next(pointer);
  }
  return found;
}
