/** Emits many policies so that those that a set rules out together are passed over together. */
import { pathFlag, pathLayout, scratchLayout } from '#abi';
import type { Assembler } from '#bpf';
import { emitReadFact } from './emit-read.ts';
import { emitRow } from './emit-row.ts';
import type { HookPlan, InSet, PolicyPlan, Test } from './plan.ts';
import { rowWord, SCRATCH } from './registers.ts';

/** Fewer are tested one by one as fast. */
const GROUP_MIN = 4;

type Ticket = { readonly set: number; readonly word: number; readonly mask: number };

/** Policies in their order; those in a row that need a bit of the same word of the same set make a group. */
export function emitGroups(to: Assembler, plan: HookPlan, emit: (policy: PolicyPlan) => void): void {
  let group: PolicyPlan[] = [];
  let ticket: Ticket | undefined;
  const flush = () => {
    emitGroup(to, plan, group, ticket, emit);
    group = [];
    ticket = undefined;
  };
  for (const policy of plan.policies) {
    const own = ticketOf(policy);
    if (own === undefined || ticket === undefined || own.set !== ticket.set || own.word !== ticket.word) flush();
    group.push(policy);
    if (own !== undefined) ticket = { ...own, mask: (own.mask | (ticket?.mask ?? 0)) >>> 0 };
    else flush();
  }
  flush();
}

function emitGroup(
  to: Assembler,
  plan: HookPlan,
  group: readonly PolicyPlan[],
  ticket: Ticket | undefined,
  emit: (policy: PolicyPlan) => void,
): void {
  if (ticket === undefined || group.length < GROUP_MIN) {
    for (const policy of group) emit(policy);
    return;
  }
  const enter = to.freshLabel('group');
  const past = to.freshLabel('past');
  to.at(plan.span);
  emitReadKey(to, plan, ticket.set, enter);
  emitRow(to, plan, ticket.set);
  to.load(4, 'r1', SCRATCH, rowWord(ticket.set, ticket.word * 32).offset);
  to.jumpIf32('set', 'r1', ticket.mask, enter).jump(past).label(enter);
  for (const policy of group) emit(policy);
  to.at(plan.span).label(past);
}

/** What cannot be read, or is cut, rules nothing out: each policy then says what it makes of it. */
function emitReadKey(to: Assembler, plan: HookPlan, set: number, unreadable: string): void {
  const key = plan.sets[set]?.key;
  if (key?.kind !== 'text') return;
  const { value } = key.fact;
  if (value.kind !== 'text') return;
  emitReadFact(to, key.fact);
  to.jumpIf('ne', 'r0', 0, unreadable);
  to.load(4, 'r1', SCRATCH, scratchLayout.paths + value.slot * pathLayout.bytes + pathLayout.flags);
  to.jumpIf('set', 'r1', pathFlag.truncated, unreadable);
}

/** The bits without one of which no selector of the policy matches. */
function ticketOf(policy: PolicyPlan): Ticket | undefined {
  if (policy.phase === 'return') return undefined;
  let ticket: Ticket | undefined;
  for (const { tests } of policy.selectors) {
    const place = tests.map(bitOf).find((each) => each !== undefined);
    if (place === undefined) return undefined;
    const own = { set: place.set, word: place.bit >> 5, mask: (1 << (place.bit & 31)) >>> 0 };
    if (ticket !== undefined && (ticket.set !== own.set || ticket.word !== own.word)) return undefined;
    ticket = { ...own, mask: (own.mask | (ticket?.mask ?? 0)) >>> 0 };
  }
  return ticket;
}

/** A text that must be in a set, and of which the set says all: not one that is cut, or known by its inode. */
function bitOf(test: Test): InSet | undefined {
  if (test.kind !== 'text' || test.negated || test.values.length > 0) return undefined;
  return test.identities.length > 0 || test.identityInSet !== undefined ? undefined : test.inSet;
}
