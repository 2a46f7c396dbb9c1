/** One trial: random policies on one random hook, compiled and loaded, and many calls of it. */
import { hasErrors, renderDiagnostic } from '#diagnostics';
import { type BpfObject, runProgram } from '#kernel';
import { type FileIdentity, type Machine, parsePolicies, type Policy } from '#policy';
import { assert, known } from '#std';
import { syscallNumber } from '../../src/compiler/syscalls.ts';
import type { Phase } from '#compiler';
import type { Coverage } from './coverage.ts';
import { TestMemory } from './memory.ts';
import { expected, noted, observe } from './outcome.ts';
import { entry, resolvedPolicy } from './parts.ts';
import { furnish, type Place, type Wish } from './place.ts';
import { policyText, type ProcessWish } from './policies.ts';
import { compileHook, type CompiledHook, type Fault, libraryBtf, loadHook, type LoadedHook, openLibrary } from './program.ts';
import type { Deck, Random } from './random.ts';
import { makeSituation, type Situation } from './situation.ts';
import { makeNames } from './values.ts';

/** The kernel's side of all trials. */
export class Bench {
  readonly library: BpfObject;
  readonly memory: TestMemory;

  constructor() {
    this.library = openLibrary();
    this.memory = new TestMemory(this.library, libraryBtf);
  }

  [Symbol.dispose](): void {
    this.library.close();
  }
}

export type Trial = {
  readonly place: Place;
  readonly texts: readonly string[];
  readonly policies: readonly Policy[];
  readonly names: readonly string[];
  readonly identities: ReadonlyMap<string, FileIdentity>;
  readonly guards: readonly (bigint | undefined)[];
  readonly followBits: ReadonlyMap<string, number>;
};

export type Decks = { readonly wishes: Deck<Wish>; readonly process: Deck<ProcessWish> };

const namedDevice = 0x10_0001n;

export function makeTrial(decks: Decks, random: Random): Trial {
  const count = random.pick([1, 1, 2, 3, 4, 8]);
  const { place, placed } = furnish(decks.wishes, 2 + 2 * count, random);
  const names = makeNames(random);
  const scope = { place, names, random, processDeck: decks.process };
  const groups: (typeof placed)[number][][] = Array.from({ length: count }, () => []);
  for (const wish of placed) random.pick(groups).push(wish);
  const texts = groups.map((group, index) => policyText(`policy-${index}`, group, scope));
  return {
    place,
    texts,
    policies: texts.map(parsed),
    names,
    identities: new Map(names.map((name, index) => [name, { inode: BigInt(index + 1), device: namedDevice }])),
    guards: groups.map(() => (random.chance(6) ? BigInt(random.below(3)) : undefined)),
    followBits: new Map(random.chance(50) ? Array.from({ length: 31 }, (_, bit) => [`taken ${bit}`, bit]) : []),
  };
}

function parsed(text: string): Policy {
  const { policies, diagnostics } = parsePolicies(text, 'policy.yaml');
  assert(!hasErrors(diagnostics), `${text}\n${diagnostics.map(renderDiagnostic).join('\n')}`);
  return known(policies[0], 'policy');
}

export function machineOf(trial: Trial): Machine {
  return {
    identityOf: (name) => trial.identities.get(name),
    numberOf: (call) => syscallNumber(call, 'x86_64'),
  };
}

export function nextSituation(trial: Trial, random: Random): Situation {
  const { place, policies, names, identities } = trial;
  const { numberOf } = machineOf(trial);
  return makeSituation({ place, policies, names, identities: [...identities.values()], numberOf, random });
}

/** The programs of a trial: one, or one for the entry and one for the return. */
export class Programs {
  readonly #bench: Bench;
  readonly #trial: Trial;
  readonly #loaded: readonly (LoadedHook & { readonly compiled: CompiledHook })[];

  constructor(bench: Bench, trial: Trial, fault: Fault | undefined) {
    this.#bench = bench;
    this.#trial = trial;
    const phases: readonly Phase[] = trial.place.split ? ['entry', 'return'] : ['whole'];
    this.#loaded = phases.map((phase) => {
      const compiled = compileHook({
        policies: trial.policies.map((policy, slot) => {
          return resolvedPolicy(policy, slot, trial.place, phase, trial.guards[slot]);
        }),
        identities: trial.identities,
        followBits: trial.followBits,
        fault,
      });
      return { compiled, ...loadHook(compiled, bench.library) };
    });
  }

  /** What the hook returned, and what it noted for each policy. */
  run(situation: Situation): Outcome {
    const { memory } = this.#bench;
    const [first, second] = this.#loaded;
    assert(first !== undefined, 'a trial has a program');
    const entered = this.#runOne(first, situation, []);
    if (second === undefined) return { result: entered, policies: this.#notes() };
    const early = this.#trial.policies.map((_, slot) => memory.note(slot));
    // what the runtime gives back at the return: 1 + the selector, of which there is none when it was undecided
    const waiting = early.map(({ waits, where }) => (waits === 0 ? 0 : 1 + ((where >> 48n) & 1n ? 0xffff : Number(where & 0xffffn))));
    this.#runOne(second, situation, waiting);
    const late = this.#trial.policies.map((_, slot) => memory.note(slot));
    const policies = early.map((note, slot) => {
      const { told, twice, sent, returnActions, returnSignal, result, matches, undecided, waits } = known(late[slot], 'note');
      return noted({
        ...note,
        told: (note.told | told) >>> 0,
        twice: note.twice | twice,
        sent: note.sent + sent,
        matches: note.matches + matches,
        undecided: note.undecided + undecided,
        waits: note.waits + waits,
        returnActions,
        returnSignal,
        result,
      });
    });
    return { result: entered, policies };
  }

  #runOne({ compiled, program }: LoadedHook & { readonly compiled: CompiledHook }, situation: Situation, waiting: readonly number[]): number {
    const { memory } = this.#bench;
    memory.write(compiled.plan, compiled.follow, situation);
    memory.clearNotes(waiting);
    const { returnValue } = runProgram(program);
    assert(memory.isBalanced, 'scratch is claimed and given back once');
    return returnValue;
  }

  #notes(): readonly string[] {
    return this.#trial.policies.map((_, slot) => noted(this.#bench.memory.note(slot)));
  }

  [Symbol.dispose](): void {
    for (const { object } of this.#loaded) object.close();
  }
}

export type Outcome = { readonly result: number; readonly policies: readonly string[] };

export type Judged = Outcome & { readonly matched: boolean };

/** What the plain meaning says of the same call. */
export function judge(trial: Trial, situation: Situation): Judged {
  const machine = machineOf(trial);
  const briefs = trial.policies.map((policy, slot) => {
    return expected(policy, { place: trial.place, situation, machine, guard: trial.guards[slot] });
  });
  return {
    result: briefs.find(({ error }) => error !== 0)?.error ?? 0,
    policies: briefs.map(({ text }) => text),
    matched: briefs.some(({ verdict }) => verdict?.kind === 'match'),
  };
}

export function disagree(one: Outcome, other: Outcome): boolean {
  return one.result !== other.result || one.policies.some((text, slot) => text !== other.policies[slot]);
}

export function cover(trial: Trial, situation: Situation, coverage: Coverage): void {
  const machine = machineOf(trial);
  for (const policy of trial.policies) {
    coverage.add(policy, known(policy.hooks[entry], 'hook'), observe(policy, trial.place, situation), machine);
  }
}
