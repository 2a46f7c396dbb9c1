/** Records: what the kernel said, decoded, nothing joined to it yet. */
import type { BinaryFile, Credentials, Namespaces, ProcessKey } from '#process';

/** What every record begins with. */
export type RecordHead = {
  /** `ring` of the ABI; `ring.count` for a record read through the iterator. */
  readonly ring: number;
  readonly cpu: number;
  /** Per ring and CPU, from 1; 0 for a record that has none. */
  readonly sequence: number;
  /** CLOCK_MONOTONIC. */
  readonly timeNs: bigint;
  readonly tid: number;
};

/** Byte strings are views of the ring: they end when the record is given back. */
export type ExecRecord = RecordHead & {
  readonly kind: 'exec';
  readonly process: ProcessKey;
  readonly parent: ProcessKey;
  readonly cgroupId: bigint;
  readonly file: BinaryFile;
  /** `execFlag` of the ABI. */
  readonly flags: number;
  /** `pathFlag` of the ABI. */
  readonly binaryFlags: number;
  readonly cwdFlags: number;
  readonly argc: number;
  readonly namespacePid: number;
  readonly credentials: Credentials;
  readonly namespaces: Namespaces;
  readonly binary: Uint8Array;
  readonly cwd: Uint8Array;
  /** Strings, each with its NUL; argv[0] first. */
  readonly argv: Uint8Array;
  readonly comm: Uint8Array;
};

export type ForkRecord = RecordHead & {
  readonly kind: 'fork';
  readonly process: ProcessKey;
  readonly parent: ProcessKey;
  readonly cgroupId: bigint;
  readonly namespacePid: number;
};

export type ExitRecord = RecordHead & {
  readonly kind: 'exit';
  readonly process: ProcessKey;
  /** As wait(2) gives it. */
  readonly status: number;
};

export type PolicyRecord = RecordHead & {
  readonly kind: 'policy';
  readonly process: ProcessKey;
  readonly cgroupId: bigint;
  readonly policy: number;
  readonly incarnation: number;
  /** Position of the hook in the policy. */
  readonly entry: number;
  readonly selector: number;
  /** `action` of the ABI. */
  readonly actions: number;
  /** That was sent, or would have been; 0 for none. SIGKILL of its own action is not told here. */
  readonly signal: number;
  /** What the hook returned: 0 or -errno. */
  readonly verdict: number;
  /** `policyFlag` of the ABI. */
  readonly flags: number;
  readonly comm: Uint8Array;
  readonly arguments: readonly RecordArgument[];
};

export type TamperRecord = RecordHead & {
  readonly kind: 'tamper';
  readonly process: ProcessKey;
  readonly cgroupId: bigint;
  readonly subject: bigint;
  /** `tamper` of the ABI. */
  readonly what: number;
  readonly detail: number;
  /** 0 or -errno. */
  readonly verdict: number;
  /** `tamperFlag` of the ABI. */
  readonly flags: number;
  readonly comm: Uint8Array;
  readonly name: Uint8Array;
};

export type HeldRecord = RecordHead & {
  readonly kind: 'held';
  readonly process: ProcessKey;
  readonly cgroupId: bigint;
  /** 0 or -errno. */
  readonly verdict: number;
  /** `heldFlag` of the ABI. */
  readonly flags: number;
  readonly comm: Uint8Array;
  readonly name: Uint8Array;
};

export type RecordArgument =
  | IntegerRecordArgument
  | PathRecordArgument
  | StringRecordArgument
  | BytesRecordArgument
  | SocketRecordArgument
  | CredentialsRecordArgument;

type ArgumentHead = {
  /** In the policy's args; `position.result` of the ABI for the result of the call. */
  readonly position: number;
  /** `pathFlag` of the ABI. */
  readonly flags: number;
};

export type IntegerRecordArgument = ArgumentHead & { readonly kind: 'integer'; readonly value: bigint };

export type PathRecordArgument = ArgumentHead & {
  readonly kind: 'path';
  readonly inode: bigint;
  readonly device: number;
  readonly mode: number;
  readonly path: Uint8Array;
};

export type StringRecordArgument = ArgumentHead & { readonly kind: 'string'; readonly string: Uint8Array };

export type BytesRecordArgument = ArgumentHead & {
  readonly kind: 'bytes';
  /** Of the whole buffer; `bytes` may be less. */
  readonly size: bigint;
  readonly bytes: Uint8Array;
};

export type SocketRecordArgument = ArgumentHead & { readonly kind: 'socket'; readonly socket: SocketFacts };

export type SocketFacts = {
  /** `socketFlag` of the ABI: which of these are known. */
  readonly flags: number;
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  readonly state: number;
  /** As text; empty when there is none. */
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly mark: number;
  readonly priority: number;
  /** Of a packet. */
  readonly length: number;
  readonly cookie: bigint;
};

export type CredentialsRecordArgument = ArgumentHead & {
  readonly kind: 'credentials';
  readonly identity: IdentityFacts;
};

export type IdentityFacts = {
  readonly credentials: Credentials;
  readonly userNamespace: {
    readonly level: number;
    readonly uid: number;
    readonly gid: number;
    readonly inum: number;
  };
};

/** `Record` is taken: TypeScript has it. */
export type KernelRecord = ExecRecord | ForkRecord | ExitRecord | PolicyRecord | HeldRecord | TamperRecord;

/** Bytes that are not what abi.h says. */
export type MalformedRecord = { readonly kind: 'malformed'; readonly reason: string };
