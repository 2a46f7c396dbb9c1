/** Test support: records as the kernel side writes them, and what the directory says of their policy. */
import {
  argumentKind,
  argumentLayout,
  credentialsLayout,
  identityLayout,
  namespacesLayout,
  pathFlag,
  processKeyLayout,
  rangeLayout,
  recordExecLayout,
  recordExitLayout,
  recordForkLayout,
  recordHeldLayout,
  recordKind,
  recordLayout,
  recordPolicyLayout,
  recordTamperLayout,
  socketFlag,
  socketLayout,
} from '#abi';
import type { Credentials, Namespaces, ProcessKey } from '#process';
import { alignUp } from '#std';
import type { HookDescription } from './policy-directory.ts';
import type { IdentityFacts, SocketFacts } from './record.ts';

export type Bytes = string | Uint8Array;

export type HeadOptions = {
  readonly ring?: number;
  readonly cpu?: number;
  readonly sequence?: number | bigint;
  readonly timeNs?: bigint;
  readonly tid?: number;
};

export type ExecOptions = HeadOptions & {
  readonly process: ProcessKey;
  readonly parent?: ProcessKey;
  readonly cgroupId?: bigint;
  readonly inode?: bigint;
  readonly device?: number;
  readonly links?: number;
  readonly mode?: number;
  readonly flags?: number;
  readonly binaryFlags?: number;
  readonly cwdFlags?: number;
  readonly namespacePid?: number;
  readonly credentials?: Partial<Credentials>;
  readonly namespaces?: Partial<Namespaces>;
  readonly binary?: Bytes;
  readonly cwd?: Bytes;
  readonly argv?: readonly Bytes[];
  readonly comm?: Bytes;
};

export function execRecord(options: ExecOptions): Uint8Array {
  const layout = recordExecLayout;
  const binary = toBytes(options.binary ?? '/usr/bin/cat');
  const cwd = toBytes(options.cwd ?? '/');
  const argv = joinArgv(options.argv ?? ['cat']);
  const strings = [
    [layout.binary, binary],
    [layout.cwd, cwd],
    [layout.argv, argv],
  ] as const;
  const end = layout.bytes + binary.length + cwd.length + argv.length;
  const record = new RecordWriter(recordKind.exec, alignUp(end, 8), options);
  record.key(layout.process, options.process);
  record.key(layout.parent, options.parent ?? { pid: 1, startNs: 5n });
  record.u64(layout.cgroupId, options.cgroupId ?? 0n);
  record.u64(layout.binaryInode, options.inode ?? 77n);
  record.u32(layout.binaryDevice, options.device ?? (8 << 20) | 1);
  record.u32(layout.binaryLinks, options.links ?? 1);
  record.u32(layout.binaryMode, options.mode ?? 0o100755);
  record.u32(layout.flags, options.flags ?? 0);
  record.u32(layout.binaryFlags, options.binaryFlags ?? pathFlag.read);
  record.u32(layout.cwdFlags, options.cwdFlags ?? pathFlag.read);
  record.u32(layout.argc, options.argv?.length ?? 1);
  record.u32(layout.nsPid, options.namespacePid ?? options.process.pid);
  writeCredentials(record, layout.credentials, options.credentials ?? {});
  for (const [name, value] of Object.entries(options.namespaces ?? {})) {
    record.u32(layout.namespaces + namespacesLayout[name as keyof Namespaces], value);
  }
  let at: number = layout.bytes;
  for (const [range, content] of strings) {
    record.u32(range + rangeLayout.offset, at);
    record.u32(range + rangeLayout.length, content.length);
    record.put(at, content);
    at += content.length;
  }
  record.put(layout.comm, toBytes(options.comm ?? 'cat'));
  return record.bytes;
}

export function forkRecord(
  options: HeadOptions & { process: ProcessKey; parent: ProcessKey; cgroupId?: bigint },
): Uint8Array {
  const record = new RecordWriter(recordKind.fork, recordForkLayout.bytes, { ring: 1, ...options });
  record.key(recordForkLayout.process, options.process);
  record.key(recordForkLayout.parent, options.parent);
  record.u64(recordForkLayout.cgroupId, options.cgroupId ?? 0n);
  record.u32(recordForkLayout.nsPid, options.process.pid);
  return record.bytes;
}

export function exitRecord(options: HeadOptions & { process: ProcessKey; status?: number }): Uint8Array {
  const record = new RecordWriter(recordKind.exit, recordExitLayout.bytes, options);
  record.key(recordExitLayout.process, options.process);
  record.u32(recordExitLayout.status, options.status ?? 0);
  return record.bytes;
}

export type TamperOptions = HeadOptions & {
  readonly process: ProcessKey;
  readonly what: number;
  readonly detail?: number;
  readonly verdict?: number;
  readonly flags?: number;
  readonly subject?: bigint;
  readonly cgroupId?: bigint;
  readonly comm?: Bytes;
  readonly name?: Bytes;
};

export function tamperRecord(options: TamperOptions): Uint8Array {
  const layout = recordTamperLayout;
  const record = new RecordWriter(recordKind.tamper, layout.bytes, options);
  record.key(layout.process, options.process);
  record.u64(layout.cgroupId, options.cgroupId ?? 0n);
  record.u64(layout.subject, options.subject ?? 0n);
  record.u32(layout.what, options.what);
  record.u32(layout.detail, options.detail ?? 0);
  record.u32(layout.verdict, options.verdict ?? 0);
  record.u32(layout.flags, options.flags ?? 0);
  record.put(layout.comm, toBytes(options.comm ?? 'cat'));
  record.put(layout.name, toBytes(options.name ?? ''));
  return record.bytes;
}

export type HeldOptions = HeadOptions & {
  readonly process: ProcessKey;
  readonly verdict?: number;
  readonly flags?: number;
  readonly cgroupId?: bigint;
  readonly comm?: Bytes;
  readonly name?: Bytes;
};

export function heldRecord(options: HeldOptions): Uint8Array {
  const layout = recordHeldLayout;
  const record = new RecordWriter(recordKind.held, layout.bytes, options);
  record.key(layout.process, options.process);
  record.u64(layout.cgroupId, options.cgroupId ?? 0n);
  record.u32(layout.verdict, options.verdict ?? -11);
  record.u32(layout.flags, options.flags ?? 0);
  record.put(layout.comm, toBytes(options.comm ?? 'runc'));
  record.put(layout.name, toBytes(options.name ?? '/bin/app'));
  return record.bytes;
}

export type ArgumentOptions = { readonly position?: number; readonly flags?: number } & (
  | { readonly kind: 'integer'; readonly value: bigint }
  | {
      readonly kind: 'path';
      readonly path: Bytes;
      readonly mode?: number;
      readonly inode?: bigint;
      readonly device?: number;
    }
  | { readonly kind: 'string'; readonly string: Bytes }
  | { readonly kind: 'bytes'; readonly bytes: Bytes; readonly size?: bigint }
  | { readonly kind: 'socket'; readonly socket: SocketOptions | undefined }
  | { readonly kind: 'credentials'; readonly identity: IdentityOptions | undefined }
);

/** Addresses as octets: four, sixteen, or none. */
export type SocketOptions = Partial<Omit<SocketFacts, 'source' | 'destination'>> & {
  readonly source?: readonly number[];
  readonly destination?: readonly number[];
};

export type IdentityOptions = Partial<Credentials> & { readonly userNamespace?: IdentityFacts['userNamespace'] };

export type PolicyOptions = HeadOptions & {
  readonly process: ProcessKey;
  readonly policy?: number;
  readonly incarnation?: number;
  readonly entry?: number;
  readonly selector?: number;
  readonly signal?: number;
  readonly actions?: number;
  readonly verdict?: number;
  readonly flags?: number;
  readonly cgroupId?: bigint;
  readonly comm?: Bytes;
  readonly arguments?: readonly ArgumentOptions[];
};

export function policyRecord(options: PolicyOptions): Uint8Array {
  const layout = recordPolicyLayout;
  const list = options.arguments ?? [];
  const bodies = list.map(argumentBody);
  const length = bodies.reduce(
    (sum, body) => sum + argumentLayout.bytes + alignUp(body.length, 8),
    layout.bytes as number,
  );
  const record = new RecordWriter(recordKind.policy, length, options);
  record.key(layout.process, options.process);
  record.u64(layout.cgroupId, options.cgroupId ?? 0n);
  record.u32(layout.policy, options.policy ?? 0);
  record.u32(layout.incarnation, options.incarnation ?? 1);
  record.u16(layout.entry, options.entry ?? 0);
  record.u16(layout.selector, options.selector ?? 0);
  record.u16(layout.arguments, list.length);
  record.u16(layout.actions, options.actions ?? 1);
  record.u32(layout.verdict, options.verdict ?? 0);
  record.u32(layout.flags, options.flags ?? 0);
  record.u32(layout.signal, options.signal ?? 0);
  record.put(layout.comm, toBytes(options.comm ?? 'cat'));
  let at: number = layout.bytes;
  list.forEach((argument, index) => {
    const body = bodies[index] ?? new Uint8Array();
    writeArgument(record, at, argument, index);
    record.u32(at + argumentLayout.length, body.length);
    record.put(at + argumentLayout.bytes, body);
    at += argumentLayout.bytes + alignUp(body.length, 8);
  });
  return record.bytes;
}

function writeArgument(record: RecordWriter, at: number, argument: ArgumentOptions, index: number): void {
  record.u16(at + argumentLayout.kind, argumentKind[argument.kind]);
  record.u16(at + argumentLayout.position, argument.position ?? index);
  record.u32(at + argumentLayout.flags, argument.flags ?? pathFlag.read);
  switch (argument.kind) {
    case 'integer':
      record.u64(at + argumentLayout.value, BigInt.asUintN(64, argument.value));
      break;
    case 'path':
      record.u64(at + argumentLayout.value, argument.inode ?? 0n);
      record.u32(at + argumentLayout.device, argument.device ?? 0);
      record.u32(at + argumentLayout.mode, argument.mode ?? 0);
      break;
    case 'bytes':
      record.u64(at + argumentLayout.value, argument.size ?? BigInt(argument.bytes.length));
      break;
  }
}

function argumentBody(argument: ArgumentOptions): Uint8Array {
  switch (argument.kind) {
    case 'integer':
      return new Uint8Array();
    case 'path':
      return toBytes(argument.path);
    case 'string':
      return toBytes(argument.string);
    case 'bytes':
      return toBytes(argument.bytes);
    case 'socket':
      return argument.socket === undefined ? new Uint8Array() : socketBody(argument.socket);
    case 'credentials':
      return argument.identity === undefined ? new Uint8Array() : identityBody(argument.identity);
  }
}

function socketBody(socket: SocketOptions): Uint8Array {
  const layout = socketLayout;
  const writer = new Writer(layout.bytes);
  writer.u32(layout.flags, socket.flags ?? socketFlag.read);
  writer.u16(layout.family, socket.family ?? 2);
  writer.u16(layout.type, socket.type ?? 0);
  writer.u16(layout.protocol, socket.protocol ?? 0);
  writer.u16(layout.state, socket.state ?? 0);
  writer.u16(layout.sourcePort, socket.sourcePort ?? 0);
  writer.u16(layout.destinationPort, socket.destinationPort ?? 0);
  writer.u32(layout.mark, socket.mark ?? 0);
  writer.u32(layout.priority, socket.priority ?? 0);
  writer.u32(layout.length, socket.length ?? 0);
  writer.u64(layout.cookie, socket.cookie ?? 0n);
  writer.put(layout.source, addressBytes(socket.source ?? []));
  writer.put(layout.destination, addressBytes(socket.destination ?? []));
  return writer.bytes;
}

function addressBytes(octets: readonly number[]): Uint8Array {
  const version = octets.length === 0 ? 0 : octets.length === 4 ? 4 : 6;
  return Uint8Array.of(version, ...octets);
}

function identityBody({ userNamespace, ...given }: IdentityOptions): Uint8Array {
  const writer = new Writer(identityLayout.bytes);
  writeCredentials(writer, identityLayout.credentials, given);
  writer.u32(identityLayout.userNsLevel, userNamespace?.level ?? 0);
  writer.u32(identityLayout.userNsUid, userNamespace?.uid ?? 0);
  writer.u32(identityLayout.userNsGid, userNamespace?.gid ?? 0);
  writer.u32(identityLayout.userNsInum, userNamespace?.inum ?? 0);
  return writer.bytes;
}

function writeCredentials(record: Writer, at: number, given: Partial<Credentials>): void {
  const { effective = 0n, permitted = 0n, inheritable = 0n, ...numbers } = given;
  for (const [name, value] of Object.entries(numbers)) {
    record.u32(at + credentialsLayout[name as keyof typeof numbers], value);
  }
  record.u64(at + credentialsLayout.capEffective, effective);
  record.u64(at + credentialsLayout.capPermitted, permitted);
  record.u64(at + credentialsLayout.capInheritable, inheritable);
}

class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  u64(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }

  key(at: number, key: ProcessKey): void {
    this.u64(at + processKeyLayout.startNs, key.startNs);
    this.u32(at + processKeyLayout.pid, key.pid);
  }

  put(at: number, content: Uint8Array): void {
    this.bytes.set(content, at);
  }
}

class RecordWriter extends Writer {
  constructor(kind: number, length: number, head: HeadOptions) {
    super(length);
    this.u32(recordLayout.length, length);
    this.u16(recordLayout.kind, kind);
    this.u16(recordLayout.ring, head.ring ?? 0);
    this.u64(recordLayout.sequence, BigInt(head.sequence ?? 1));
    this.u64(recordLayout.timeNs, head.timeNs ?? 1_000_000_000n);
    this.u32(recordLayout.cpu, head.cpu ?? 0);
    this.u32(recordLayout.tid, head.tid ?? 42);
  }
}

function joinArgv(argv: readonly Bytes[]): Uint8Array {
  const parts = argv.map(toBytes);
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length + 1;
  }
  return joined;
}

function toBytes(content: Bytes): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** Of an LSM hook that is decided where it is declared, with nothing to say of itself. */
export function hookDescription(given: Partial<HookDescription> = {}): HookDescription {
  return {
    policyName: 'guard',
    namespace: undefined,
    declared: { kind: 'lsm', functionName: 'file_open' },
    message: undefined,
    tags: [],
    arguments: [],
    result: undefined,
    architecture: 'x86_64',
    decided: undefined,
    racy: false,
    denies: true,
    ...given,
  };
}

/** A small generator whose whole state is the seed, so that a failure can be repeated. */
export function random(seed: number): { below(limit: number): number; bytes(length: number): Uint8Array } {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, bytes: (length) => Uint8Array.from({ length }, () => below(256)) };
}
