/** Emits the tests of a selector: comparisons with literals, inline, eight bytes at a time. */
import { bound, pathFlag, pathLayout, processFlag, processLayout } from '#abi';
import type { Assembler, Register } from '#bpf';
import type { Span } from '#diagnostics';
import { assertNever } from '#std';
import type { BinaryTest, BytesValue, IntegerArgument, IntegerTest, PathArgument, PathTest, Test } from './plan.ts';
import { CONTEXT, PATH, PROCESS, pathAddress, SCRATCH } from './registers.ts';

/** Where a test goes on: the next test when it holds, `fails` when not, `unreadable` when it cannot be told. */
export type Exits = { readonly fails: string; readonly unreadable: string };

const HEAD: Register = 'r3';
const LENGTH: Register = 'r2';
const WORD: Register = 'r4';
const LITERAL: Register = 'r5';

export function emitTest(to: Assembler, test: Test, exits: Exits): void {
  to.at(test.span);
  switch (test.kind) {
    case 'integer':
      emitIntegerTest(to, test, exits);
      break;
    case 'binary':
      emitBinaryTest(to, test, exits);
      break;
    case 'path':
      emitPathTest(to, test, exits);
      break;
    default:
      assertNever(test);
  }
}

/** Loads an integer parameter; what is above its width is cleared or, for signed ones, extended. */
export function emitLoadInteger(to: Assembler, into: Register, argument: IntegerArgument): void {
  to.load(8, into, CONTEXT, argument.parameter * 8);
  const unused = 64 - argument.bits;
  if (unused === 0) return;
  to.lsh(into, unused);
  if (argument.signed) to.arsh(into, unused);
  else to.rsh(into, unused);
}

function emitIntegerTest(to: Assembler, test: IntegerTest, exits: Exits): void {
  emitLoadInteger(to, LENGTH, test.argument);
  emitAny(to, test.values, exits.fails, ({ value }, differs) => {
    const wide = test.argument.signed ? value : BigInt.asIntN(64, value);
    if (wide >= -(2n ** 31n) && wide < 2n ** 31n) to.jumpIf('ne', LENGTH, Number(wide), differs);
    else to.loadImmediate64(LITERAL, wide).jumpIf('ne', LENGTH, LITERAL, differs);
  });
}

function emitBinaryTest(to: Assembler, test: BinaryTest, exits: Exits): void {
  const listed = to.freshLabel('binary');
  to.load(4, WORD, PROCESS, processLayout.flags);
  to.jumpIf('set', WORD, processFlag.binaryUnknown, exits.unreadable);
  to.load(4, LENGTH, PROCESS, processLayout.binaryLength);
  emitAny(to, test.values, test.negated ? listed : exits.fails, (value, differs) => {
    to.jumpIf('ne', LENGTH, value.bytes.length, differs);
    emitCompare(to, value, { base: PROCESS, offset: processLayout.binary }, differs);
  });
  if (test.negated) to.at(test.span).jump(exits.fails).label(listed);
}

/** Goes on when one of the values holds, to `none` when none does. */
function emitAny<Value extends { readonly span: Span }>(
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

const RESOLVERS = { file: 'rf_path_of_file', path: 'rf_path_of_path', linux_binprm: 'rf_path_of_binprm' } as const;

/** Resolves a path parameter, once for the whole hook: the runtime returns what the slot holds. */
export function emitResolve(to: Assembler, argument: PathArgument): void {
  to.move('r1', SCRATCH)
    .move('r2', argument.slot)
    .load(8, 'r3', CONTEXT, argument.parameter * 8);
  to.callExtern(RESOLVERS[argument.type]);
}

function emitPathTest(to: Assembler, test: PathTest, exits: Exits): void {
  const holds = to.freshLabel('path');
  emitResolve(to, test.argument);
  pathAddress(to, PATH, test.argument.slot);
  for (const identity of test.identities) emitIdentity(to, identity, holds);
  to.at(test.span).jumpIf('ne', 'r0', 0, exits.unreadable);
  emitTruncation(to, test, exits);
  to.load(4, LENGTH, PATH, pathLayout.length);
  if (test.operator !== 'Postfix') {
    to.load(4, WORD, PATH, pathLayout.start);
    to.jumpIf('gt', WORD, bound.pathMax, exits.unreadable);
    to.move(HEAD, PATH).add(HEAD, WORD);
  }
  emitAny(to, test.values, exits.fails, (value, differs) => {
    to.jumpIf(test.operator === 'Equal' ? 'ne' : 'lt', LENGTH, value.bytes.length, differs);
    emitCompare(to, value, placeOf(test.operator, value), differs);
  });
  to.at(test.span).label(holds);
}

/** Paths end at a fixed place of their slot, so a postfix stands at a constant offset. */
function placeOf(operator: PathTest['operator'], value: BytesValue): Place {
  if (operator !== 'Postfix') return { base: HEAD, offset: pathLayout.text };
  return { base: PATH, offset: pathLayout.text + bound.pathMax - value.bytes.length };
}

/** The head of a path that was cut is not known: it differs from all that is shorter, but a prefix cannot be told. */
function emitTruncation(to: Assembler, test: PathTest, exits: Exits): void {
  if (test.operator === 'Postfix') return;
  to.load(4, WORD, PATH, pathLayout.flags);
  to.jumpIf('set', WORD, pathFlag.truncated, test.operator === 'Equal' ? exits.fails : exits.unreadable);
}

function emitIdentity(
  to: Assembler,
  identity: { readonly inode: bigint; readonly device: number },
  holds: string,
): void {
  const differs = to.freshLabel('identity');
  to.load(8, WORD, PATH, pathLayout.inode).loadImmediate64(LITERAL, identity.inode);
  to.jumpIf('ne', WORD, LITERAL, differs);
  to.load(4, WORD, PATH, pathLayout.device).jumpIf32('ne', WORD, identity.device, differs);
  to.jump(holds).label(differs);
}

type Place = { readonly base: Register; readonly offset: number };

/** Falls through when the bytes at `place` are those of `value`. The length has been compared. */
function emitCompare(to: Assembler, { bytes }: BytesValue, { base, offset }: Place, differs: string): void {
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
