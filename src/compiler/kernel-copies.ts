/**
 * Where what a system call does is decided on what the kernel has copied, and can still be denied.
 *
 * At the entry of a system call its strings are in user memory, where another thread can change them between the
 * verdict and the use, and nothing can be denied there. So a hook that enforces moves to an LSM hook, by this table.
 * A row may be here only when every call that has an effect passes the LSM hook first, on each supported kernel.
 */

import { fileRows } from './kernel-copies-files.ts';
import { processRows } from './kernel-copies-processes.ts';
import { socketRows } from './kernel-copies-sockets.ts';
import type { SocketReader, TextReader } from './plan.ts';

/** What the LSM hook has of one argument of the system call; `parameter` is one of the hook's. */
export type Copy =
  | {
      readonly type: 'string';
      readonly reader: Extract<TextReader, 'string' | 'binprm_name'>;
      readonly parameter: number;
    }
  | { readonly type: 'string'; readonly reader: 'open_name'; readonly parameter: undefined }
  | {
      readonly type: 'sockaddr';
      readonly reader: Extract<SocketReader, 'sockaddr'>;
      readonly parameter: number;
      readonly size: number;
    }
  /** The very file that the number stood for when the call began. */
  | { readonly type: 'fd'; readonly reader: Extract<TextReader, 'file' | 'path'>; readonly parameter: number };

export type LsmPlace = {
  readonly hook: string;
  /** By position among the arguments of the system call. Numbers need none: they were saved at the entry. */
  readonly copies: Readonly<Record<number, Copy>>;
};

export type KernelCopyRow = {
  /** As the table of system calls names them. */
  readonly calls: readonly string[];
  /** `each`: a call passes one of them. `first`: the first that the kernel has is passed. */
  readonly take: 'each' | 'first';
  readonly places: readonly LsmPlace[];
  /** Why no call gets by: a sentence for the report. */
  readonly reason: string;
  readonly blind: readonly string[];
  /** io_uring does the same without the system call. */
  readonly uring: boolean;
};

const rowByCall: ReadonlyMap<string, KernelCopyRow> = new Map(
  [...fileRows, ...socketRows, ...processRows].flatMap((row) => row.calls.map((call) => [call, row] as const)),
);

export function kernelCopies(call: string): KernelCopyRow | undefined {
  return rowByCall.get(call);
}
