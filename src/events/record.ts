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
  readonly hook: number;
  readonly selector: number;
  /** `action` of the ABI. */
  readonly actions: number;
  /** What the hook returned: 0 or -errno. */
  readonly verdict: number;
  /** `policyFlag` of the ABI. */
  readonly flags: number;
  readonly comm: Uint8Array;
  readonly arguments: readonly RecordArgument[];
};

export type RecordArgument = IntegerRecordArgument | PathRecordArgument;

export type IntegerRecordArgument = {
  readonly kind: 'integer';
  /** In the policy's args. */
  readonly position: number;
  /** `pathFlag` of the ABI. */
  readonly flags: number;
  readonly value: bigint;
};

export type PathRecordArgument = {
  readonly kind: 'path';
  readonly position: number;
  readonly flags: number;
  readonly inode: bigint;
  readonly device: number;
  readonly mode: number;
  readonly path: Uint8Array;
};

/** `Record` is taken: TypeScript has it. */
export type KernelRecord = ExecRecord | ForkRecord | ExitRecord | PolicyRecord;

/** Bytes that are not what abi.h says. */
export type MalformedRecord = { readonly kind: 'malformed'; readonly reason: string };
