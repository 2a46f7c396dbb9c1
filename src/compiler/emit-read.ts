/** Emits the reading of facts: their raw values at the start, what they point to when a test or the event wants it. */
import { scratchLayout } from '#abi';
import type { Assembler, Register } from '#bpf';
import { assertNever } from '#std';
import { machines, type SavedRegisters } from './arch.ts';
import { emitNarrow } from './emit-integer.ts';
import type { Fact, HookPlan, Source } from './plan.ts';
import { CONTEXT, READ, SCRATCH, STACK } from './registers.ts';

const PROBE_READ_KERNEL = 113; // include/uapi/linux/bpf.h

/** Reads what a fact points to into its slot, once: r0 is not 0 when it cannot be read. */
export function emitReadFact(to: Assembler, { number, value }: Fact): void {
  to.move('r1', SCRATCH);
  switch (value.kind) {
    case 'integer':
      return;
    case 'credentials':
      to.move('r2', number).callExtern('rf_read_cred');
      return;
    default:
      to.move('r2', value.slot).move('r3', number);
      if (value.size !== undefined) to.move('r4', value.size);
      to.callExtern(`rf_read_${value.reader}`);
  }
}

/** Brings the raw values of all facts into the scratch, lengths as wide as they are. */
export function emitRawFacts(to: Assembler, plan: HookPlan): void {
  for (const { number, source, value } of plan.facts) {
    emitRaw(to, plan, source, 'r1');
    if (value.kind === 'integer' && value.as !== undefined) emitNarrow(to, 'r1', value.as);
    to.store(8, SCRATCH, scratchLayout.arguments + 8 * number, 'r1');
  }
}

/** Loads a raw value; the other registers of calls (r0 to r5) are lost. */
export function emitRaw(to: Assembler, plan: HookPlan, source: Source, into: Register): void {
  switch (source.kind) {
    case 'context':
      to.load(8, into, CONTEXT, 8 * source.index);
      return;
    case 'register':
      to.load(8, into, CONTEXT, registersOf(plan).arguments[source.index] ?? 0);
      return;
    case 'syscall':
      emitSyscallArgument(to, plan, source.index, into);
      return;
    case 'result':
      to.load(8, into, CONTEXT, plan.point.kind === 'fexit' ? 8 * source.index : registersOf(plan).result);
      return;
    case 'field':
      to.load(source.bytes, into, CONTEXT, source.offset);
      return;
    case 'field-address':
      emitFieldAddress(to, source, into);
      return;
    case 'syscall64':
      emitRaw(to, plan, source.of, 'r1');
      to.callExtern('rf_syscall64').move(into, 'r0');
      return;
    case 'current-syscall':
      to.callExtern('rf_syscall_current').move(into, 'r0');
      return;
    case 'none':
      to.move(into, 0);
      return;
    default:
      assertNever(source);
  }
}

function registersOf(plan: HookPlan): SavedRegisters {
  return machines[plan.arch].registers;
}

/** The wrapper of a system call has one argument: the registers that were saved when the kernel was entered. */
function emitSyscallArgument(to: Assembler, plan: HookPlan, index: number, into: Register): void {
  const offset = registersOf(plan).syscallArguments[index] ?? 0;
  switch (plan.point.kind) {
    case 'fentry':
    case 'fexit':
      to.load(8, 'r1', CONTEXT, 0).load(8, into, 'r1', offset);
      return;
    case 'kprobe':
    case 'kretprobe':
      to.load(8, 'r3', CONTEXT, registersOf(plan).arguments[0] ?? 0).add('r3', offset);
      to.storeImmediate(8, STACK, READ, 0).move('r1', STACK).add('r1', READ).move('r2', 8);
      to.callHelper(PROBE_READ_KERNEL).load(8, into, STACK, READ);
      return;
    default:
      to.move('r1', index).callExtern('rf_syscall_argument').move(into, 'r0');
  }
}

/** `__data_loc` fields hold where in the record the data lies, in their lower half. */
function emitFieldAddress(
  to: Assembler,
  { offset, dataLocation }: Extract<Source, { kind: 'field-address' }>,
  into: Register,
): void {
  // through memory, where an address is a number: the verifier takes no unknown distance to a context
  to.store(8, SCRATCH, scratchLayout.undecided, CONTEXT).load(8, 'r2', SCRATCH, scratchLayout.undecided);
  if (dataLocation) to.load(4, 'r3', CONTEXT, offset).and('r3', 0xffff).add('r2', 'r3');
  else to.add('r2', offset);
  to.move(into, 'r2');
}
