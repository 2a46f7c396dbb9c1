/** Makes a disagreement smaller: what can be left out without the two sides agreeing is left out. */
import type { ArgumentMatch, Hook, Policy, Selector } from '#policy';
import { known } from '#std';
import { hookOf } from './parts.ts';
import type { Fault } from './program.ts';
import type { Situation } from './situation.ts';
import { type Bench, disagree, judge, type Outcome, Programs, type Trial } from './trial.ts';

export type Disagreement = {
  readonly trial: Trial;
  readonly situation: Situation;
  readonly expected: Outcome;
  readonly actual: Outcome;
};

const attemptsMax = 200;

export function shrink(found: Disagreement, bench: Bench, fault: Fault | undefined): Disagreement {
  let smallest = found;
  let attempts = 0;
  for (let again = true; again; ) {
    again = false;
    for (const trial of smallerOf(smallest.trial)) {
      attempts += 1;
      if (attempts > attemptsMax) return smallest;
      const still = tryOut(trial, found.situation, bench, fault);
      if (still === undefined) continue;
      smallest = still;
      again = true;
      break;
    }
  }
  return smallest;
}

function tryOut(trial: Trial, situation: Situation, bench: Bench, fault: Fault | undefined): Disagreement | undefined {
  using programs = new Programs(bench, trial, fault);
  const expected = judge(trial, situation);
  const actual = programs.run(situation);
  return disagree(expected, actual) ? { trial, situation, expected, actual } : undefined;
}

function* smallerOf(trial: Trial): Generator<Trial> {
  const { policies, guards, texts } = trial;
  for (const index of policies.length > 1 ? policies.keys() : []) {
    yield {
      ...trial,
      policies: policies.toSpliced(index, 1),
      guards: guards.toSpliced(index, 1),
      texts: texts.toSpliced(index, 1),
    };
  }
  for (const [index, policy] of policies.entries()) {
    for (const smaller of smallerPolicies(policy)) yield { ...trial, policies: policies.with(index, smaller) };
  }
}

function* smallerPolicies(policy: Policy): Generator<Policy> {
  const hook = hookOf(policy);
  const withSelectors = (selectors: readonly Selector[]): Policy => {
    const smaller: Hook = { ...hook, selectors };
    return { ...policy, hooks: policy.hooks.with(-1, smaller) };
  };
  for (const index of hook.selectors.length > 1 ? hook.selectors.keys() : []) {
    yield withSelectors(hook.selectors.toSpliced(index, 1));
  }
  for (const [index, selector] of hook.selectors.entries()) {
    for (const smaller of smallerSelectors(selector)) yield withSelectors(hook.selectors.with(index, smaller));
  }
}

function* smallerSelectors(selector: Selector): Generator<Selector> {
  if (selector.binaries !== undefined) {
    yield { ...selector, binaries: undefined };
    for (const values of fewer(selector.binaries.values))
      yield { ...selector, binaries: { ...selector.binaries, values } };
  }
  for (const index of selector.pids.keys()) yield { ...selector, pids: selector.pids.toSpliced(index, 1) };
  for (const index of selector.namespaces.keys())
    yield { ...selector, namespaces: selector.namespaces.toSpliced(index, 1) };
  for (const index of selector.capabilities.keys()) {
    yield { ...selector, capabilities: selector.capabilities.toSpliced(index, 1) };
  }
  for (const matches of fewerMatches(selector.arguments)) yield { ...selector, arguments: matches };
  for (const matches of fewerMatches(selector.returnArguments)) yield { ...selector, returnArguments: matches };
}

function* fewerMatches(matches: readonly ArgumentMatch[]): Generator<readonly ArgumentMatch[]> {
  for (const index of matches.keys()) yield matches.toSpliced(index, 1);
  for (const [index, match] of matches.entries()) {
    for (const values of fewer(match.values)) yield matches.with(index, { ...match, values });
  }
}

/** Either half of them. */
function* fewer<Value>(values: readonly Value[]): Generator<readonly Value[]> {
  const half = values.length >> 1;
  if (half === 0) return;
  yield values.slice(0, half);
  yield values.slice(half);
}

/** All that is needed to see the disagreement, and to meet it again. */
export function describe({ trial, situation, expected, actual }: Disagreement, seed: number): string {
  const slots = trial.policies.map((policy, slot) => {
    const [want, got] = [known(expected.policies[slot], 'answer'), known(actual.policies[slot], 'answer')];
    const answers = want === got ? [`  both: ${want}`] : [`  meaning: ${want}`, `  program: ${got}`];
    return [
      `policy ${slot}: ${readable(hookOf(policy).selectors)}`,
      ...answers,
      `  as written: ${trial.texts[slot]}`,
    ].join('\n');
  });
  return [
    `the program and the meaning of its policies disagree (RINGFENCE_SEED=${seed})`,
    `the hook returns ${actual.result}, and should return ${expected.result}`,
    ...slots,
    `hook: ${readable(trial.place)}, only of the system call: ${readable(trial.guards)}`,
    `call: ${readable(situation)}`,
  ].join('\n');
}

const decoder = new TextDecoder();
const unsaid = ['span', 'label', 'text'];

function readable(value: unknown): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (unsaid.includes(key)) return undefined;
    if (typeof each === 'bigint') return String(each);
    return each instanceof Uint8Array ? bytesText(each) : each;
  });
}

function bytesText(bytes: Uint8Array): string {
  const isText = bytes.every((byte) => byte < 0x7f && (byte >= 0x20 || byte === 0));
  const shown = isText && bytes.length !== 4 ? JSON.stringify(decoder.decode(bytes)) : bytes.join('.');
  return shown.length > 400 ? `${bytes.length} bytes: ${shown.slice(0, 200)} ... ${shown.slice(-200)}` : shown;
}
