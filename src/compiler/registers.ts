/** Who lives where in an emitted program: the calling convention keeps r6 to r9 over calls. */
import { pathLayout, rowLayout, scopesLayout, scratchLayout, socketLayout } from '#abi';
import type { Assembler, Register } from '#bpf';

/** What the kernel passed. */
export const CONTEXT: Register = 'r6';
/** struct rf_scratch */
export const SCRATCH: Register = 'r7';
/** struct rf_process; only set where it is needed. */
export const PROCESS: Register = 'r8';
/** struct rf_path of the test at hand; while a match acts, the word that says which it was. */
export const PATH: Register = 'r9';
export const WHERE: Register = 'r9';
/** Of that word: a test could not be told, so that the selector denies without a match; see ringfence/verdict.h. */
export const UNDECIDED_BIT = 48;

export const STACK: Register = 'r10';
/** Stack offset, eight bytes: what a denial of the match at hand returns. */
export const ERROR = -8;
/** Stack offset, eight bytes: what a helper reads into. */
export const READ = -16;
/** Stack offset, eight bytes: the struct rf_scopes of the caller's cgroup. */
export const WORKLOAD = -24;

/** Stack offset, struct rf_ends: of the file, at the gate. */
export const ENDS = -48;

/** Where the bit of a workload selector is among them, in words of 32 bits. */
export function scopeWord(bit: number): { readonly offset: number; readonly mask: number } {
  return { offset: scopesLayout.selected + (bit >> 5) * 4, mask: (1 << (bit & 31)) >>> 0 };
}

export function pathAddress(to: Assembler, into: Register, slot: number): void {
  to.move(into, SCRATCH).add(into, scratchLayout.paths + slot * pathLayout.bytes);
}

/** Where bit `bit` of a row is, in words of 32 bits. */
export function rowWord(row: number, bit: number): { readonly offset: number; readonly mask: number } {
  return {
    offset: scratchLayout.rows + row * rowLayout.bytes + (bit >> 5) * 4,
    mask: (1 << (bit & 31)) >>> 0,
  };
}

/** Where in the scratch a socket is. */
export function socketAt(slot: number): number {
  return scratchLayout.sockets + slot * socketLayout.bytes;
}

/** Where in the scratch one of its addresses is. */
export function addressAt(slot: number, side: 'source' | 'destination'): number {
  return socketAt(slot) + socketLayout[side];
}
