/** A metric as it is declared: its name and what it means, and how its samples are read off the numbers of the agent. */
import type { AgentNumbers } from './numbers.ts';

export type Labels = Readonly<Record<string, string>>;

export type Sample = { readonly labels: Labels; readonly value: number };

export type Family = {
  /** Without the prefix, where it is ours. */
  readonly name: string;
  /** A counter begins anew with the agent, or with the policy that it is about. */
  readonly type: 'counter' | 'gauge';
  /** A part of a sentence. */
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (numbers: AgentNumbers) => readonly Sample[];
};

const NO_LABELS: Labels = {};

export function plain(value: number): readonly Sample[] {
  return [{ labels: NO_LABELS, value }];
}

/** One sample for each entry, with its key as the label. */
export function byKey(label: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
}

/** 1 for the word that holds, 0 for the others: whoever asks finds all of them. */
export function oneOf(words: readonly string[], holds: string, labels: Labels = NO_LABELS): readonly Sample[] {
  return words.map((state) => ({ labels: { ...labels, state }, value: state === holds ? 1 : 0 }));
}
