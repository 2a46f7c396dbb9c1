/** A map in the kernel: what programs and the agent both read and write. */
import { constants } from 'node:os';
import { alignUp, assert } from '#std';
import { ENOTSUPP } from './errno.ts';
import { checked, duplicateDescriptor, listening, loadLibbpf, openPidDescriptor, pageBytes, sized } from './ffi.ts';
import { Descriptor } from './handle.ts';
import { readInfo } from './info.ts';
import { MappedMemory } from './mapped-memory.ts';

/** enum bpf_map_type, include/uapi/linux/bpf.h: those that the agent makes or treats in a way of their own. */
export const mapTypes = {
  hash: 1,
  array: 2,
  percpuHash: 5,
  percpuArray: 6,
  lruPercpuHash: 10,
  lpmTrie: 11,
  ringBuffer: 27,
  inodeStorage: 28,
  taskStorage: 29,
} as const;

const PER_CPU_TYPES: readonly number[] = [mapTypes.percpuHash, mapTypes.percpuArray, mapTypes.lruPercpuHash];

export const BPF_F_NO_PREALLOC = 1 << 0;
export const BPF_F_RDONLY_PROG = 1 << 7;
export const BPF_F_MMAPABLE = 1 << 10;

/** Which entries an update may write: any, only a new one, only one that is there (BPF_ANY, NOEXIST, EXIST). */
export type UpdateMode = 'any' | 'new' | 'present';
const UPDATE_FLAGS: Readonly<Record<UpdateMode, number>> = { any: 0, new: 1, present: 2 };

export type MapShape = {
  readonly type: number;
  readonly name: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
};

export type MapEntry = { readonly key: Uint8Array; readonly value: Uint8Array };

/** Of one call: a batch is copied before it is given to the kernel. */
const BATCH_ENTRIES = 4096;

/** Whose descriptor it is: an object's map lives as long as the object. */
type DescriptorOwner = { readonly fd: number };

export class BpfMap {
  readonly #owner: DescriptorOwner;
  readonly #owned: Descriptor | undefined;
  readonly id: number;
  readonly shape: MapShape;
  /** Bytes of one value as lookups return it: one padded value per possible CPU for per-CPU maps. */
  readonly lookupBytes: number;

  private constructor(owner: DescriptorOwner, options: { readonly name?: string; readonly owned?: Descriptor }) {
    this.#owner = owner;
    this.#owned = options.owned;
    const { id, shape } = readShape(owner.fd);
    this.id = id;
    this.shape = options.name === undefined ? shape : { ...shape, name: options.name };
    this.lookupBytes = PER_CPU_TYPES.includes(shape.type)
      ? alignUp(shape.valueSize, 8) * possibleCpus()
      : shape.valueSize;
  }

  /**
   * A map whose descriptor belongs to something else, which must outlive it. `name`: as its object has it, of which
   * the kernel keeps 15 characters.
   */
  static borrowed(owner: DescriptorOwner, name: string): BpfMap {
    return new BpfMap(owner, { name });
  }

  static create(shape: MapShape): BpfMap {
    const fd = listening(() =>
      checked(
        `bpf_map_create(${shape.name})`,
        loadLibbpf().bpf_map_create(
          shape.type,
          shape.name,
          shape.keySize,
          shape.valueSize,
          shape.maxEntries,
          sized('rf_map_opts', { map_flags: shape.flags }),
        ),
      ),
    );
    return BpfMap.#own(fd, shape.name);
  }

  /** The map that is pinned at `path` in a bpffs. */
  static openPinned(path: string): BpfMap {
    return BpfMap.#own(checked(`bpf_obj_get(${path})`, loadLibbpf().bpf_obj_get(path)), path);
  }

  static #own(fd: number, name: string): BpfMap {
    const descriptor = new Descriptor(`the map ${name}`, fd);
    try {
      return new BpfMap(descriptor, { owned: descriptor });
    } catch (error) {
      descriptor.close();
      throw error;
    }
  }

  get fd(): number {
    return this.#owner.fd;
  }

  get name(): string {
    return this.shape.name;
  }

  get keySize(): number {
    return this.shape.keySize;
  }

  get valueSize(): number {
    return this.shape.valueSize;
  }

  get maxEntries(): number {
    return this.shape.maxEntries;
  }

  /** A fresh copy of the value, or undefined when there is none under `key`. */
  lookup(key: Uint8Array): Uint8Array | undefined {
    const value = new Uint8Array(this.lookupBytes);
    return this.lookupInto(key, value) ? value : undefined;
  }

  /** Copies the value over `value`; false when there is none under `key`. */
  lookupInto(key: Uint8Array, value: Uint8Array): boolean {
    this.#assertKey(key);
    this.#assertValue(value);
    return this.#found('bpf_map_lookup_elem', loadLibbpf().bpf_map_lookup_elem(this.fd, key, value));
  }

  update(key: Uint8Array, value: Uint8Array, mode: UpdateMode = 'any'): void {
    this.#assertKey(key);
    this.#assertValue(value);
    const result = loadLibbpf().bpf_map_update_elem(this.fd, key, value, UPDATE_FLAGS[mode]);
    checked(`bpf_map_update_elem(${this.name})`, result);
  }

  /** Many entries at once; a key that comes twice keeps the later value. */
  fill(entries: readonly MapEntry[]): void {
    for (let start = 0; start < entries.length; start += BATCH_ENTRIES) {
      const batch = entries.slice(start, start + BATCH_ENTRIES);
      if (!this.#fillAtOnce(batch)) for (const { key, value } of batch) this.update(key, value);
    }
  }

  /** False where the kernel has no batches for this type of map: tries have them since 5.13 (f56387c534cc). */
  #fillAtOnce(entries: readonly MapEntry[]): boolean {
    const keys = new Uint8Array(entries.length * this.keySize);
    const values = new Uint8Array(entries.length * this.lookupBytes);
    for (const [index, { key, value }] of entries.entries()) {
      this.#assertKey(key);
      this.#assertValue(value);
      keys.set(key, index * this.keySize);
      values.set(value, index * this.lookupBytes);
    }
    const result = loadLibbpf().bpf_map_update_batch(this.fd, keys, values, [entries.length], null);
    if (result === -ENOTSUPP) return false;
    checked(`bpf_map_update_batch(${this.name})`, result);
    return true;
  }

  /** Returns whether there was an entry. */
  delete(key: Uint8Array): boolean {
    this.#assertKey(key);
    return this.#found('bpf_map_delete_elem', loadLibbpf().bpf_map_delete_elem(this.fd, key));
  }

  /** Every key, each a fresh copy. While entries come and go some may be missed or told twice, but it ends. */
  *keys(): Generator<Uint8Array> {
    let previous: Uint8Array | null = null;
    for (let visited = 0; visited < this.maxEntries; visited += 1) {
      const next = new Uint8Array(this.keySize);
      const result = loadLibbpf().bpf_map_get_next_key(this.fd, previous, next);
      if (!this.#found('bpf_map_get_next_key', result)) return;
      yield next;
      previous = next;
    }
  }

  /** From now on only programs can write; there is no way back. */
  freeze(): void {
    checked(`bpf_map_freeze(${this.name})`, loadLibbpf().bpf_map_freeze(this.fd));
  }

  pin(path: string): void {
    checked(`bpf_obj_pin(${path})`, loadLibbpf().bpf_obj_pin(this.fd, path));
  }

  /** The live values of an array made with BPF_F_MMAPABLE, each padded to 8 bytes. */
  mapMemory(options: { readonly writable: boolean }): MappedMemory {
    assert((this.shape.flags & BPF_F_MMAPABLE) !== 0, `map ${this.name} is not made to be mapped`);
    const length = alignUp(alignUp(this.valueSize, 8) * this.maxEntries, pageBytes());
    return MappedMemory.ofDescriptor(this.fd, { length, writable: options.writable });
  }

  /** The same map under a descriptor of its own, which outlives the object it came from. */
  duplicate(): BpfMap {
    return BpfMap.#own(duplicateDescriptor(this.fd), this.name);
  }

  /** Closes the descriptor if it is ours; the map itself lives on in links, pins and programs. */
  [Symbol.dispose](): void {
    this.#owned?.close();
  }

  #assertKey(key: Uint8Array): void {
    assert(key.length === this.keySize, `map ${this.name}: a key has ${this.keySize} bytes, not ${key.length}`);
  }

  #assertValue(value: Uint8Array): void {
    assert(value.length === this.lookupBytes, `map ${this.name}: a value has ${this.lookupBytes} bytes`);
  }

  #found(call: string, result: number): boolean {
    if (result === -constants.errno.ENOENT) return false;
    checked(`${call}(${this.name})`, result);
    return true;
  }
}

/** struct bpf_map_info, include/uapi/linux/bpf.h: the fields up to here exist since 4.15. */
function readShape(fd: number): { readonly id: number; readonly shape: MapShape } {
  const info = readInfo(fd, 88);
  const shape: MapShape = {
    type: info.u32(0),
    keySize: info.u32(8),
    valueSize: info.u32(12),
    maxEntries: info.u32(16),
    flags: info.u32(20),
    name: info.text(24, 16),
  };
  return { id: info.u32(4), shape };
}

let cpus: number | undefined;

/** How many CPUs this kernel may ever bring up: the number of values in an entry of a per-CPU map. */
export function possibleCpus(): number {
  cpus ??= checked('libbpf_num_possible_cpus', loadLibbpf().libbpf_num_possible_cpus());
  return cpus;
}

const PIDFD_THREAD = 0o200; // O_EXCL; kernel 6.9 (64bef697d33b) and newer, refused with EINVAL before

/** A handle on a process (or, on 6.9 and newer, any thread): the key of a task storage map, as u32 of its `fd`. */
export function openPidfd(pid: number, options: { readonly thread?: boolean } = {}): Descriptor {
  return new Descriptor(`the pidfd of ${pid}`, openPidDescriptor(pid, options.thread === true ? PIDFD_THREAD : 0));
}

/** The bytes of a u32 key. */
export function u32Key(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}
