/** Emits one test of a selector, and what its negation makes of it. */
import type { Assembler } from '#bpf';
import { assertNever } from '#std';
import { emitIntegerCore } from './emit-integer.ts';
import { emitBinaryCore, emitCapabilityCore, emitFollowCore, emitNamespaceCore, emitPidCore } from './emit-process.ts';
import { emitScopeCore } from './emit-scope.ts';
import { emitSocketCore } from './emit-socket.ts';
import { emitTextCore } from './emit-text.ts';
import type { HookPlan, Test } from './plan.ts';

/**
 * Where a test goes on: the next instruction when it holds, `fails` when not, `unreadable` when it cannot be told;
 * `never` when there is nothing that it could be tested of, so that its negation does not hold either.
 */
export type Exits = { readonly fails: string; readonly unreadable: string; readonly never: string };

export function emitTest(to: Assembler, plan: HookPlan, test: Test, exits: Omit<Exits, 'never'>): void {
  to.at(test.span);
  if (!test.negated) {
    emitCore(to, plan, test, { ...exits, never: exits.fails });
    return;
  }
  const holds = to.freshLabel('not');
  emitCore(to, plan, test, { ...exits, fails: holds, never: exits.fails });
  to.at(test.span).jump(exits.fails).label(holds);
}

function emitCore(to: Assembler, plan: HookPlan, test: Test, exits: Exits): void {
  switch (test.kind) {
    case 'integer':
      emitIntegerCore(to, plan, test, exits);
      break;
    case 'scope':
      emitScopeCore(to, test, exits);
      break;
    case 'text':
      emitTextCore(to, plan, test, exits);
      break;
    case 'socket':
      emitSocketCore(to, plan, test, exits);
      break;
    case 'binary':
      emitBinaryCore(to, plan, test, exits);
      break;
    case 'follow':
      emitFollowCore(to, test, exits);
      break;
    case 'pid':
      emitPidCore(to, test, exits);
      break;
    case 'namespace':
      emitNamespaceCore(to, test, exits);
      break;
    case 'capability':
      emitCapabilityCore(to, test, exits);
      break;
    default:
      assertNever(test);
  }
}

/** A number is always there; all else has to be read first. */
export function canBeUnreadable(test: Test): boolean {
  return test.kind !== 'integer' && !(test.kind === 'follow' && test.list === 'pids');
}
