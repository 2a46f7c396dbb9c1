/** Who lives where in an emitted program: the calling convention keeps r6 to r9 over calls. */
import { pathLayout, scratchLayout } from '#abi';
import type { Assembler, Register } from '#bpf';

/** The hook's arguments, eight bytes each. */
export const CONTEXT: Register = 'r6';
/** struct rf_scratch */
export const SCRATCH: Register = 'r7';
/** struct rf_process */
export const PROCESS: Register = 'r8';
/** struct rf_path of the test at hand */
export const PATH: Register = 'r9';

/** Stack offsets, eight bytes each. */
export const VERDICT = -8;
export const UNREADABLE = -16;

export function pathAddress(to: Assembler, into: Register, slot: number): void {
  to.move(into, SCRATCH).add(into, scratchLayout.paths + slot * pathLayout.bytes);
}
