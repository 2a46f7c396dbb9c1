/** The arguments of a call, by the variants of the events API. */
import type { Text } from '#process';
import type { IdentityFacts, SocketFacts } from './record.ts';

export type EventArgument =
  | IntegerArgument
  | CapabilityArgument
  | SyscallArgument
  | StringArgument
  | BytesArgument
  | PathArgument
  | SocketArgument
  | CredentialsArgument
  | UnreadArgument;

type ArgumentHead = { readonly label: string | undefined };

export type IntegerArgument = ArgumentHead & {
  readonly kind: 'int_arg' | 'uint_arg' | 'long_arg' | 'size_arg';
  readonly value: bigint;
};

export type CapabilityArgument = ArgumentHead & { readonly kind: 'capability_arg'; readonly number: number };

export type SyscallArgument = ArgumentHead & {
  readonly kind: 'syscall_id';
  readonly id: number;
  /** Of the table that `id` counts in: x64, i386, arm64, arm32. */
  readonly abi: string;
};

export type StringArgument = ArgumentHead & {
  readonly kind: 'string_arg';
  readonly text: Text;
  /** There was more than is kept. */
  readonly truncated: boolean;
};

/** Truncated when `size`, that of the whole buffer, is more than there are bytes. */
export type BytesArgument = ArgumentHead & {
  readonly kind: 'bytes_arg' | 'truncated_bytes_arg';
  readonly bytes: Uint8Array;
  readonly size: bigint;
};

export type PathArgument = ArgumentHead & {
  readonly kind: 'file_arg' | 'path_arg' | 'linux_binprm_arg';
  readonly path: Text;
  /** In the words of the events API; empty when the path is whole. */
  readonly flags: string;
  readonly mode: number;
  readonly inode: bigint;
  readonly device: number;
};

export type SocketArgument = ArgumentHead & {
  readonly kind: 'sock_arg' | 'skb_arg' | 'sockaddr_arg';
  readonly socket: SocketFacts;
};

export type CredentialsArgument = ArgumentHead & {
  readonly kind: 'process_credentials_arg';
  readonly identity: IdentityFacts;
};

/** There was something, or nothing, and it could not be told. */
export type UnreadArgument = ArgumentHead & { readonly kind: 'error_arg'; readonly message: string };
