/** Looks for disagreements: trial after trial until as many policies have been tried as were asked for. */
import type { Coverage } from './coverage.ts';
import { wishes } from './place.ts';
import { processWishes } from './policies.ts';
import type { Fault } from './program.ts';
import { Deck, Random } from './random.ts';
import type { Disagreement } from './shrink.ts';
import { type Bench, cover, disagree, judge, makeTrial, nextSituation, Programs, type Trial } from './trial.ts';

export type Search = {
  readonly seed: number;
  readonly policies: number;
  /** Of each policy. */
  readonly observations: number;
  readonly fault?: Fault;
  readonly coverage?: Coverage;
};

export type Found = {
  readonly disagreement: Disagreement | undefined;
  readonly policies: number;
  readonly observations: number;
  readonly matched: number;
  /** Trials with a set, and with a group of policies that a set rules out together. */
  readonly sets: number;
  readonly groups: number;
};

export function search({ seed, policies, observations, fault, coverage }: Search, bench: Bench): Found {
  const random = new Random(seed);
  const decks = { wishes: new Deck(wishes, random), process: new Deck(processWishes, random) };
  const totals = { disagreement: undefined, policies: 0, observations: 0, matched: 0, sets: 0, groups: 0 };
  while (totals.policies < policies) {
    const trial = makeTrial(decks, random);
    using programs = new Programs(bench, trial, fault);
    totals.policies += trial.policies.length;
    totals.sets += programs.hasSets ? 1 : 0;
    totals.groups += programs.hasGroups ? 1 : 0;
    for (let each = 0; each < observations; each += 1) {
      const { disagreement, matched } = observeOnce(trial, programs, random, coverage);
      totals.observations += 1;
      totals.matched += matched ? 1 : 0;
      if (disagreement !== undefined) return { ...totals, disagreement };
    }
  }
  return totals;
}

function observeOnce(
  trial: Trial,
  programs: Programs,
  random: Random,
  coverage: Coverage | undefined,
): { readonly disagreement: Disagreement | undefined; readonly matched: boolean } {
  const situation = nextSituation(trial, random);
  const expected = judge(trial, situation);
  const actual = programs.run(situation);
  if (coverage !== undefined) cover(trial, situation, coverage);
  const disagreement = disagree(expected, actual) ? { trial, situation, expected, actual } : undefined;
  return { disagreement, matched: expected.matched };
}
