/**
 * Emits the gates of a hook, the cheapest first: each lets calls go that no policy can match, before there is scratch
 * memory. They say never more than that something cannot match, so that a program means the same without them.
 *
 *   numbers     five instructions for each that is asked
 *   process     130: one lookup, and a comparison for each binary
 *   workload    150: one lookup in a hash, more outside of containers
 *   ends        300 to 900: the way up from a file to the root, without its path
 *
 * What is remembered of an inode would stand before the ends: it has the same answers, nothing or perhaps.
 */
import type { Assembler } from '#bpf';
import { emitGate, gateOf } from './emit-gate.ts';
import { emitEndsGate, endsGateOf } from './emit-gate-ends.ts';
import { emitProcessGate, processGateOf } from './emit-gate-process.ts';
import { emitAnyScope, emitAskWorkload, scopesOf } from './emit-scope.ts';
import { asksWorkload, type HookPlan } from './plan.ts';

/** `past`: where a call goes that nothing can match. The verifier asks for `never`, which is not to happen. */
type Exits = { readonly past: string; readonly never: string };

export type Gate = {
  readonly name: 'numbers' | 'process' | 'workload' | 'ends';
  /** Falls through when nothing can match, else jumps to `open`. */
  readonly emit: (to: Assembler, open: string, exits: Exits) => void;
};

/** Who is concerned is asked in any case: policies rely on the answer. */
export function gatesOf(plan: HookPlan, optimise: boolean): readonly Gate[] {
  const workload = asksWorkload(plan) ? [workloadGate(plan)] : [];
  if (!optimise) return workload;
  const numbers = gateOf(plan);
  const process = processGateOf(plan);
  const ends = endsGateOf(plan);
  return [
    ...(numbers === undefined ? [] : [gate('numbers', (to, open) => emitGate(to, plan, numbers, open))]),
    ...(process === undefined ? [] : [gate('process', (to, open) => emitProcessGate(to, plan, process, open))]),
    ...workload,
    ...(ends === undefined ? [] : [gate('ends', (to, open) => emitEndsGate(to, plan, ends, open))]),
  ];
}

function gate(name: Gate['name'], emit: Gate['emit']): Gate {
  return { name, emit };
}

function workloadGate(plan: HookPlan): Gate {
  const scopes = scopesOf(plan);
  return gate('workload', (to, open, { never }) => {
    emitAskWorkload(to, never);
    if (scopes === undefined) to.jump(open);
    else emitAnyScope(to, scopes, open);
  });
}

/** Goes on behind all of them when something may match. */
export function emitGates(to: Assembler, plan: HookPlan, gates: readonly Gate[], exits: Exits): void {
  for (const { name, emit } of gates) {
    const open = `${name} open`;
    emit(to.at(plan.span), open, exits);
    to.at(plan.span).jump(exits.past).label(open);
  }
}
