/** Emits the telling of arguments: what the event will have of them. */
import { position as positions } from '#abi';
import type { Assembler } from '#bpf';
import { assertNever } from '#std';
import { emitLoadFact } from './emit-integer.ts';
import { emitReadFact } from './emit-read.ts';
import type { PolicyPlan, ToldArgument } from './plan.ts';
import { SCRATCH } from './registers.ts';

export function emitTell(to: Assembler, { position, fact, as, shape }: ToldArgument): void {
  if (as === 'integer') {
    emitTellInteger(to, position, { fact, shape: shape ?? { bits: 64, signed: false } });
    return;
  }
  emitReadFact(to, fact);
  to.move('r1', SCRATCH).move('r2', position);
  switch (fact.value.kind) {
    case 'credentials':
      to.callExtern('rf_tell_credentials');
      return;
    case 'text':
    case 'socket':
      to.move('r3', fact.value.slot).callExtern(`rf_tell_${as}`);
      return;
    case 'integer':
      return;
    default:
      assertNever(fact.value);
  }
}

type Result = NonNullable<PolicyPlan['result']>;

export function emitTellResult(to: Assembler, result: Result): void {
  emitTellInteger(to, positions.result, result);
}

function emitTellInteger(to: Assembler, position: number, { fact, shape }: Result): void {
  to.move('r1', SCRATCH).move('r2', position);
  emitLoadFact(to, 'r3', fact, shape);
  to.callExtern('rf_tell_integer');
}
