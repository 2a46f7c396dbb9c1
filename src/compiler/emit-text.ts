/** Emits tests of texts: comparisons with literals, eight bytes at a time, or a lookup. */
import { bound, pathFlag, pathLayout } from '#abi';
import type { Assembler, Register } from '#bpf';
import type { Span } from '#diagnostics';
import { assert } from '#std';
import { emitReadFact } from './emit-read.ts';
import { emitIsListed } from './emit-row.ts';
import type { Exits } from './emit-test.ts';
import type { BytesValue, FileIdentity, HookPlan, TextTest } from './plan.ts';
import { PATH, pathAddress, SCRATCH } from './registers.ts';

const HEAD: Register = 'r3';
export const LENGTH: Register = 'r2';
const WORD: Register = 'r4';
const LITERAL: Register = 'r5';

/** Falls through when the text is one of those listed, whether or not the test is negated. */
export function emitTextCore(to: Assembler, plan: HookPlan, test: TextTest, exits: Exits): void {
  const { value } = test.fact;
  assert(value.kind === 'text', 'the fact of a text test is a text');
  const holds = to.freshLabel('text');
  emitReadFact(to, test.fact);
  if (test.identities.length > 0 || test.identityInSet !== undefined) {
    emitIdentities(to, plan, test, { slot: value.slot, holds });
    // what it said is gone with the calls, and known
    emitReadFact(to, test.fact);
  }
  pathAddress(to, PATH, value.slot);
  to.at(test.span).jumpIf('ne', 'r0', 0, exits.unreadable);
  emitCut(to, test, exits);
  if (test.negated && test.emptyNever) to.load(4, LENGTH, PATH, pathLayout.length).jumpIf('eq', LENGTH, 0, exits.never);
  if (test.inSet !== undefined) emitIsListed(to, plan, test.inSet, holds);
  emitValues(to, test, exits);
  to.at(test.span).label(holds);
}

/** Of a path that is too long the end is known, of other texts the beginning. All values are shorter. */
function emitCut(to: Assembler, { operator, emptyNever }: TextTest, exits: Exits): void {
  const known = operator === (emptyNever ? 'postfix' : 'prefix');
  if (known) return;
  to.load(4, WORD, PATH, pathLayout.flags);
  to.jumpIf('set', WORD, pathFlag.truncated, operator === 'equal' ? exits.fails : exits.unreadable);
}

function emitValues(to: Assembler, test: TextTest, exits: Exits): void {
  if (test.values.length === 0) {
    to.jump(exits.fails);
    return;
  }
  to.load(4, LENGTH, PATH, pathLayout.length);
  if (test.operator !== 'postfix') {
    to.load(4, WORD, PATH, pathLayout.start);
    to.jumpIf('gt', WORD, bound.pathMax, exits.unreadable);
    to.move(HEAD, PATH).add(HEAD, WORD);
  }
  emitAny(to, test.values, exits.fails, (each, differs) => {
    to.jumpIf(test.operator === 'equal' ? 'ne' : 'lt', LENGTH, each.bytes.length, differs);
    emitCompare(to, each, placeOf(test, each), differs);
  });
}

/** Texts end at a fixed place of their slot, so a postfix stands at a constant offset. */
function placeOf({ operator }: TextTest, value: BytesValue): Place {
  if (operator !== 'postfix') return { base: HEAD, offset: pathLayout.text };
  return { base: PATH, offset: pathLayout.text + bound.pathMax - value.bytes.length };
}

/** Jumps to `holds` when the object itself is listed, whatever it is called. */
function emitIdentities(to: Assembler, plan: HookPlan, test: TextTest, where: { slot: number; holds: string }): void {
  to.move('r1', SCRATCH).move('r2', where.slot).callExtern('rf_read_object');
  pathAddress(to, PATH, where.slot);
  for (const identity of test.identities) emitIdentity(to, identity, where.holds);
  if (test.identityInSet !== undefined) emitIsListed(to, plan, test.identityInSet, where.holds);
}

function emitIdentity(to: Assembler, identity: FileIdentity, holds: string): void {
  const differs = to.freshLabel('identity');
  to.load(8, WORD, PATH, pathLayout.inode).loadImmediate64(LITERAL, identity.inode);
  to.jumpIf('ne', WORD, LITERAL, differs);
  to.load(4, WORD, PATH, pathLayout.device).jumpIf32('ne', WORD, identity.device, differs);
  to.jump(holds).label(differs);
}

/** Goes on when one of the values holds, to `none` when none does. */
export function emitAny<Value extends { readonly span: Span }>(
  to: Assembler,
  values: readonly Value[],
  none: string,
  compare: (value: Value, differs: string) => void,
): void {
  const holds = to.freshLabel('holds');
  for (const [index, value] of values.entries()) {
    to.at(value.span);
    if (index === values.length - 1) {
      compare(value, none);
      continue;
    }
    const next = to.freshLabel('value');
    compare(value, next);
    to.jump(holds).label(next);
  }
  to.label(holds);
}

export type Place = { readonly base: Register; readonly offset: number };

/** Falls through when the bytes at `place` are those of `value`. The length has been compared. */
export function emitCompare(to: Assembler, { bytes }: BytesValue, { base, offset }: Place, differs: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (; bytes.length - at >= 8; at += 8) {
    to.load(8, WORD, base, offset + at).loadImmediate64(LITERAL, view.getBigUint64(at, true));
    to.jumpIf('ne', WORD, LITERAL, differs);
  }
  if (bytes.length - at >= 4) {
    to.load(4, WORD, base, offset + at).jumpIf32('ne', WORD, view.getUint32(at, true), differs);
    at += 4;
  }
  if (bytes.length - at >= 2) {
    to.load(2, WORD, base, offset + at).jumpIf32('ne', WORD, view.getUint16(at, true), differs);
    at += 2;
  }
  if (bytes.length - at === 1) {
    to.load(1, WORD, base, offset + at).jumpIf32('ne', WORD, view.getUint8(at), differs);
  }
}
