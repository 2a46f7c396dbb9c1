/** The observer in the kernel: loaded, attached, and what it saw, as values; see observer.bpf.c. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BpfObject, type BpfProgram, type Link, RingBuffer, u32Key } from '#kernel';
import { type Namespaces, namespaceKinds } from '#policy';
import { assert, known } from '#std';
import { repository } from '../kernel/harness/index.ts';

const hookNames = [
  ...(['file_open', 'file_permission', 'path_link', 'path_unlink', 'path_rename', 'path_mkdir', 'sb_mount'] as const),
  ...(['socket_connect', 'socket_bind', 'bprm_check_security', 'fd_install', 'tcp_connect', 'sys_enter'] as const),
] as const;

export type SeenHook = (typeof hookNames)[number];

/** A file or a directory, or the place of one that is not there yet. */
export type SeenObject = {
  readonly inode: bigint;
  readonly parent: bigint;
  readonly device: number;
  /** Undefined where the hook is not told of one. */
  readonly mount: number | undefined;
  readonly name: Uint8Array;
};

export type Sighting = {
  readonly hook: SeenHook;
  readonly pid: number;
  readonly tid: number;
  readonly namespacePid: number;
  /** The system call that the task is in; undefined for a worker of the kernel. */
  readonly call: number | undefined;
  readonly namespaces: Namespaces;
  readonly capabilities: { readonly Effective: bigint; readonly Inheritable: bigint; readonly Permitted: bigint };
  readonly binary: SeenObject;
  /** By index of the parameter, and so are the numbers. */
  readonly objects: readonly SeenObject[];
  readonly numbers: readonly bigint[];
  /** What d_path() says. */
  readonly path: Uint8Array | undefined;
  readonly texts: readonly (Uint8Array | undefined)[];
  readonly address: Uint8Array | undefined;
  readonly socket: SeenSocket;
};

export type SeenSocket = {
  readonly family: number;
  readonly protocol: number;
  readonly state: number;
  readonly addresses: readonly [source: Uint8Array, destination: Uint8Array];
  readonly ports: readonly [source: number, destination: number];
};

const withPath = 1 << 0;
const withText = 1 << 1;
const withAddress = 1 << 3;
const nameBytes = 256;
const textBytes = 512;

export class Observer {
  readonly #object: BpfObject;
  readonly #ring: RingBuffer;
  /** Of those that stop nothing the order does not matter: they stay. */
  readonly #lasting: readonly Link[];
  #links: readonly Link[] = [];

  constructor(uts: readonly [number, number]) {
    this.#object = BpfObject.open(readFileSync(join(repository, 'kprobes/build/observer.bpf.o')), { name: 'observer' });
    this.#object.load();
    this.#object.map('scope').update(u32Key(0), new Uint8Array(Uint32Array.of(...uts, 0).buffer));
    this.#ring = RingBuffer.open(this.#object.map('sightings'));
    this.#lasting = this.#programs((section) => !section.startsWith('lsm/')).map((program) => program.attach());
  }

  /** Programs of an LSM hook run newest first: attached after the policies, these run before them. */
  attach(): void {
    this.#links = this.#programs((section) => section.startsWith('lsm/')).map((program) => program.attach());
  }

  #programs(isWanted: (section: string) => boolean): readonly BpfProgram[] {
    return this.#object.programs.filter(({ section }) => isWanted(section));
  }

  /** All that was seen since it was attached, in its order. */
  detach(): readonly Sighting[] {
    for (const link of this.#links) link.destroy();
    const seen: Sighting[] = [];
    this.#ring.drain((bytes, offset, length) => seen.push(read(bytes.slice(offset, offset + length))), 1_000_000);
    const state = known(this.#object.map('scope').lookup(u32Key(0)), 'scope');
    assert(new DataView(state.buffer, state.byteOffset).getUint32(8, true) === 0, 'the observer lost nothing');
    return seen;
  }

  /** Forgets what the others saw when it was not attached. */
  forget(): void {
    this.#ring.drain(() => undefined, 1_000_000);
  }

  [Symbol.dispose](): void {
    for (const link of this.#lasting) link.destroy();
    this.#ring[Symbol.dispose]();
    this.#object.close();
  }
}

/** struct sighting, from its first member to its last. */
function read(bytes: Uint8Array): Sighting {
  const from = new Reader(bytes);
  const hook = known(hookNames[from.u32()], 'hook');
  const [pid, tid, flags, namespacePid, call] = [from.u32(), from.u32(), from.u32(), from.s32(), from.u32()];
  const inodes = namespaceKinds.map((kind) => [kind, from.u32()] as const);
  const [Effective, Inheritable, Permitted] = [from.u64(), from.u64(), from.u64()];
  const binary = from.object();
  const objects = Array.from({ length: 4 }, () => from.object());
  const numbers = Array.from({ length: 6 }, () => from.u64());
  const path = from.text(textBytes);
  const texts = [from.text(textBytes), from.text(textBytes)];
  const address = from.bytes(32);
  const addressBytes = from.u32();
  const sides = [from.bytes(16), from.bytes(16)] as const;
  const ports = [from.u16(), from.u16()] as const;
  const [family, protocol, state] = [from.u16(), from.u16(), from.u16()];
  const plain = (side: Uint8Array) => (family === 2 ? side.subarray(0, 4) : side);
  return {
    ...{ hook, pid, tid, namespacePid, binary, objects, numbers },
    call: call === 0xffff_ffff ? undefined : call,
    namespaces: { ...noNamespaces, ...Object.fromEntries(inodes) },
    capabilities: { Effective, Inheritable, Permitted },
    path: flags & withPath ? path : undefined,
    texts: texts.map((text, index) => (flags & (withText << index) ? text : undefined)),
    address: flags & withAddress ? address.subarray(0, addressBytes) : undefined,
    socket: { family, protocol, state, addresses: [plain(sides[0]), plain(sides[1])], ports },
  };
}

const noNamespaces: Namespaces = {
  ...{ Uts: 0, Ipc: 0, Mnt: 0, Pid: 0, PidForChildren: 0, Net: 0, Time: 0, TimeForChildren: 0, Cgroup: 0, User: 0 },
};

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(): number {
    return this.#view.getUint16(this.#next(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#next(4), true);
  }

  s32(): number {
    return this.#view.getInt32(this.#next(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#next(8), true);
  }

  bytes(length: number): Uint8Array {
    const at = this.#next(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Up to its NUL. */
  text(length: number): Uint8Array {
    const bytes = this.bytes(length);
    const end = bytes.indexOf(0);
    return end === -1 ? bytes : bytes.subarray(0, end);
  }

  object(): SeenObject {
    const [inode, parent, device, mount] = [this.u64(), this.u64(), this.u32(), this.s32()];
    return { inode, parent, device, mount: mount === -1 ? undefined : mount, name: this.text(nameBytes) };
  }

  #next(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
