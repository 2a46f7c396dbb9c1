/** Looks for disagreements: trial after trial until as many policies have been tried as were asked for. */
import type { SetKey } from '#compiler';
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
  /** Sets by what they are of. */
  readonly sets: SetCounts;
  /** Trials with a group of policies that a set rules out together. */
  readonly groups: number;
};

export type SetCounts = Readonly<Record<SetKey['kind'], number>>;

export function search({ seed, policies, observations, fault, coverage }: Search, bench: Bench): Found {
  const random = new Random(seed);
  const decks = { wishes: new Deck(wishes, random), process: new Deck(processWishes, random) };
  const totals = { disagreement: undefined, policies: 0, observations: 0, matched: 0, groups: 0 };
  const sets = { text: 0, binary: 0, integer: 0, identity: 0, address: 0 };
  while (totals.policies < policies) {
    const trial = makeTrial(decks, random);
    using programs = new Programs(bench, trial, fault);
    totals.policies += trial.policies.length;
    for (const kind of programs.setKinds) sets[kind] += 1;
    totals.groups += programs.hasGroups ? 1 : 0;
    for (let each = 0; each < observations; each += 1) {
      const { disagreement, matched } = observeOnce(trial, programs, random, coverage);
      totals.observations += 1;
      totals.matched += matched ? 1 : 0;
      if (disagreement !== undefined) return { ...totals, sets, disagreement };
    }
  }
  return { ...totals, sets };
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
