/** Emits the gate of files: how their paths begin and end says of most that no policy means them. */
import { endsLayout } from '#abi';
import type { Assembler, Register } from '#bpf';
import { emitNumbers, NUMBERS_MAX } from './emit-gate.ts';
import { emitRaw } from './emit-read.ts';
import { numbersKey, type Way, waysOf } from './gate.ts';
import type { Fact, HookPlan, IntegerTest } from './plan.ts';
import { ENDS, SCRATCH, STACK } from './registers.ts';
import { type Ends, type EndWord, endsOf } from './text-ends.ts';

/** Those of a call with these numbers; one of `ends` must hold. */
type Branch = { readonly numbers: readonly IntegerTest[]; readonly ends: readonly Ends[] };

export type EndsGate = { readonly fact: Fact; readonly branches: readonly Branch[] };

/** With more words than this the gate costs what it saves. */
const WORDS_MAX = 96;

const SEEN: Register = 'r2';
const MASKED: Register = 'r3';
const MASK: Register = 'r4';
const LITERAL: Register = 'r5';

/** Undefined when a policy may match whatever the file is called, or when it is not one file that they ask for. */
export function endsGateOf(plan: HookPlan): EndsGate | undefined {
  const ways = waysOf(plan);
  const fact = ways[0]?.file?.fact;
  if (fact === undefined || ways.some(({ file }) => file?.fact.number !== fact.number)) return undefined;
  const branches: Branch[] = [];
  for (const group of groupsOf(ways)) {
    const ends = endsOf(group.flatMap(({ file }) => file ?? []));
    if (ends === undefined) return undefined;
    branches.push({ numbers: group[0]?.numbers ?? [], ends });
  }
  return branches.flatMap(wordsOf).length > WORDS_MAX ? undefined : { fact, branches };
}

/** Apart by the numbers that they ask for, unless that is too much to ask again. */
function groupsOf(ways: readonly Way[]): readonly (readonly Way[])[] {
  const groups = [...Map.groupBy(ways, ({ numbers }) => numbersKey(numbers)).values()];
  const asked = groups.flatMap(([first]) => first?.numbers ?? []).length;
  return asked > NUMBERS_MAX ? [ways.map((way) => ({ ...way, numbers: [] }))] : groups;
}

function wordsOf({ ends }: Branch): readonly EndWord[] {
  return ends.flatMap(({ heads = [], tails = [] }) => [...heads, ...tails]);
}

/** Falls through when nothing can match, else jumps to `open`. */
export function emitEndsGate(to: Assembler, plan: HookPlan, { fact, branches }: EndsGate, open: string): void {
  const asksLast = branches.some(({ ends }) => ends.some(({ tails }) => tails !== undefined));
  to.at(plan.span);
  emitReadEnds(to, plan, fact, asksLast);
  to.jumpIf('ne', 'r0', 0, open);
  for (const { numbers, ends } of branches) {
    const fails = to.freshLabel('branch');
    emitNumbers(to, plan, numbers, fails);
    for (const each of ends) emitEnds(to, each, open);
    to.at(plan.span).label(fails);
  }
}

/** The argument keeps the type that it has in the context. A program under test has its texts in the scratch. */
function emitReadEnds(to: Assembler, plan: HookPlan, { number, source, value }: Fact, asksLast: boolean): void {
  if (plan.point.kind === 'test') {
    to.move('r1', SCRATCH)
      .move('r2', value.kind === 'text' ? value.slot : 0)
      .move('r3', number);
    to.move('r4', STACK).add('r4', ENDS).callExtern('rf_test_ends');
    return;
  }
  emitRaw(to, plan, source, 'r1');
  to.move('r2', STACK)
    .add('r2', ENDS)
    .move('r3', asksLast ? 1 : 0)
    .callExtern('rf_ends_of_file');
}

function emitEnds(to: Assembler, { heads, tails }: Ends, open: string): void {
  const fails = to.freshLabel('ends');
  const begun = tails === undefined ? open : to.freshLabel('begun');
  if (heads !== undefined) {
    to.load(8, SEEN, STACK, ENDS + endsLayout.head);
    emitAnyHead(to, heads, begun);
    to.jump(fails);
  }
  if (tails !== undefined) {
    to.label(begun).load(8, SEEN, STACK, ENDS + endsLayout.tail);
    emitAnyTail(to, tails, open);
  }
  to.label(fails);
}

function byMask(words: readonly EndWord[]): ReadonlyMap<bigint, readonly EndWord[]> {
  return Map.groupBy(words, ({ mask }) => mask);
}

function emitAnyHead(to: Assembler, words: readonly EndWord[], holds: string): void {
  for (const [mask, own] of byMask(words)) {
    to.loadImmediate64(MASK, mask).move(MASKED, SEEN).and(MASKED, MASK);
    for (const { value, span } of own) to.at(span).loadImmediate64(LITERAL, value).jumpIf('eq', MASKED, LITERAL, holds);
  }
}

/** What is not known of the end may be anything. */
function emitAnyTail(to: Assembler, words: readonly EndWord[], holds: string): void {
  for (const [mask, own] of byMask(words)) {
    to.loadImmediate64(MASK, mask)
      .load(8, MASKED, STACK, ENDS + endsLayout.known)
      .and(MASK, MASKED);
    to.move(MASKED, SEEN).and(MASKED, MASK);
    for (const { value, span } of own) {
      to.at(span).loadImmediate64(LITERAL, value).and(LITERAL, MASK).jumpIf('eq', MASKED, LITERAL, holds);
    }
  }
}
