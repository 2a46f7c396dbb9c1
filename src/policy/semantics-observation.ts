/** One call of a hook, as the meaning of a policy sees it: plain values, each of which may be unreadable. */
import type { CapabilitySetName, IntegerShape, NamespaceKind } from './model.ts';
import type { WorkloadSubject } from './workload-selector.ts';

export type Observation = {
  /** Position of the hook in the policy. */
  readonly entry: number;
  /** By position in the args of the hook. One that is not there could not be read. */
  readonly arguments: ReadonlyMap<number, ObservedArgument>;
  /** What the call returned, where it has. */
  readonly result: ObservedInteger | undefined;
  /** What runs where the call is made. */
  readonly workload: WorkloadSubject | 'unreadable';
  readonly process: ObservedProcess;
  /** The namespaces of process 1. */
  readonly hostNamespaces: Namespaces;
};

export type ObservedArgument =
  | ObservedInteger
  | ObservedText
  | ObservedSocket
  /** It is told of and not tested. */
  | { readonly kind: 'credentials' }
  | { readonly kind: 'unreadable' };

export type ObservedInteger = {
  readonly kind: 'integer';
  /** As in the register: what is above the width of the type is not looked at. */
  readonly value: bigint;
  /** What the kernel passes, where the policy leaves that to it or declares more than there is. */
  readonly shape?: IntegerShape;
};

/** `string`: a buffer too. */
export type ObservedText = {
  readonly kind: 'path' | 'string';
  readonly bytes: Uint8Array | 'unreadable';
  /** There is more than `bytes`, which are then the end of a path, or the beginning of a string. */
  readonly truncated: boolean;
  /** Which file it is, whatever its name; undefined when it is none. */
  readonly identity: FileIdentity | undefined;
};

export type FileIdentity = { readonly device: bigint; readonly inode: bigint };

/** What is undefined the object does not have: a socket of AF_UNIX has no address, a packet no state. */
export type ObservedSocket = {
  readonly kind: 'socket';
  readonly family: number | undefined;
  readonly protocol: number | undefined;
  readonly state: number | undefined;
  readonly source: ObservedEnd;
  readonly destination: ObservedEnd;
};

/** `address`: 4 or 16 bytes, in network order. */
export type ObservedEnd = { readonly address: Uint8Array | undefined; readonly port: number | undefined };

export type ObservedProcess = {
  /** The path of the executable: empty for a thread of the kernel. */
  readonly binary: Uint8Array | 'unreadable';
  /** It was not in the mount namespace of who executed it: its path is one of another place. */
  readonly isElsewhere?: boolean;
  readonly descent: Descent;
  readonly subject: Subject | 'unreadable';
};

/** What is kept with a process of itself and of those that it descends from. */
export type Descent = {
  /** Executables, as far as they could be read. */
  readonly binaries: readonly Uint8Array[];
  readonly pids: readonly number[];
  readonly namespacePids: readonly number[];
};

/** The calling task. */
export type Subject = {
  /** Of the thread group, in the initial namespace. */
  readonly pid: number;
  /** Of the thread group, in its own namespace. */
  readonly namespacePid: number;
  readonly namespaces: Namespaces;
  readonly capabilities: Readonly<Record<CapabilitySetName, bigint>>;
};

/** Inode numbers. */
export type Namespaces = Readonly<Record<NamespaceKind, number>>;
