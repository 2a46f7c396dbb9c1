/** One trial: random policies on one random hook, compiled and loaded, and many calls of it. */

import type { Phase, SetKey } from '#compiler';
import { hasErrors, renderDiagnostic } from '#diagnostics';
import { runProgram } from '#kernel';
import { type FileIdentity, type Machine, type Policy, parsePolicies } from '#policy';
import { assert, known } from '#std';
import { syscallNumber } from '../../src/compiler/syscalls.ts';
import type { Coverage } from './coverage.ts';
import { type Note, TestMemory } from './memory.ts';
import { isListed } from './named.ts';
import { expected, noted, observe } from './outcome.ts';
import { hookOf, resolvedPolicy } from './parts.ts';
import { crowd, furnish, type Place, type PlacedWish, type Wish } from './place.ts';
import { type ProcessWish, policyText } from './policies.ts';
import { type CompiledHook, compileHook, type Fault, Library, type LoadedHook } from './program.ts';
import type { Deck, Random } from './random.ts';
import { makeSituation, type Situation } from './situation.ts';
import { makeNames } from './values.ts';

/** The kernel's side of all trials. */
export class Bench {
  readonly library = new Library();
  readonly memory = new TestMemory(this.library.object, this.library.btf);

  [Symbol.dispose](): void {
    this.memory[Symbol.dispose]();
    this.library[Symbol.dispose]();
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
  readonly scopeBits: ReadonlyMap<string, number>;
  readonly lookups: number;
  readonly optimise: boolean;
};

export type Decks = { readonly wishes: Deck<Wish>; readonly process: Deck<ProcessWish> };

const namedDevice = 0x10_0001n;

export function makeTrial(decks: Decks, random: Random): Trial {
  const isCrowd = random.chance(10);
  const count = isCrowd ? random.between(4, 8) : random.pick([1, 1, 2, 3, 4, 8]);
  const { place, placed } = isCrowd ? crowd(random) : furnish(decks.wishes, 2 + 2 * count, random);
  const names = makeNames(random);
  const scope = { place, names, random, processDeck: decks.process, isCrowd };
  const groups = isCrowd ? Array.from({ length: count }, () => [random.pick(placed)]) : spread(placed, count, random);
  const texts = groups.map((group, index) => policyText(`policy-${index}`, group, scope));
  return {
    place,
    texts,
    policies: texts.map(parsed),
    names,
    identities: new Map(names.map((name, index) => [name, { inode: BigInt(index + 1), device: namedDevice }])),
    guards: groups.map(() => (random.chance(6) ? BigInt(random.below(3)) : undefined)),
    // 0: what few values would not make a set is looked up all the same
    lookups: random.chance(50) ? 0 : 1,
    optimise: !random.chance(10),
    // so that lists have bits of either half
    followBits: new Map(random.chance(50) ? Array.from({ length: 31 }, (_, bit) => [`taken ${bit}`, bit]) : []),
    // so that they lie across words
    scopeBits: new Map(Array.from({ length: random.pick([0, 31, 470]) }, (_, bit) => [`taken ${bit}`, bit])),
  };
}

function spread(placed: readonly PlacedWish[], count: number, random: Random): readonly (readonly PlacedWish[])[] {
  const groups = Array.from({ length: count }, (): PlacedWish[] => []);
  for (const wish of placed) random.pick(groups).push(wish);
  return groups;
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
    // a list has the same bit in both programs, as when they are compiled together
    const followBits = new Map(trial.followBits);
    this.#loaded = phases.map((phase) => {
      const compiled = compileHook({
        policies: trial.policies.map((policy, slot) => {
          return resolvedPolicy(policy, slot, trial.place, phase, trial.guards[slot]);
        }),
        identities: trial.identities,
        followBits,
        scopeBits: trial.scopeBits,
        lookups: trial.lookups,
        optimise: trial.optimise,
        fault,
      });
      for (const { key, bit } of compiled.follow) followBits.set(key, bit);
      return { compiled, ...bench.library.load(compiled) };
    });
  }

  /** What the sets of the programs are of. */
  get setKinds(): readonly SetKey['kind'][] {
    return this.#loaded.flatMap(({ compiled }) => compiled.plan.sets.map(({ key }) => key.kind));
  }

  /** Whether policies are passed over together; see src/compiler/emit-group.ts. */
  get hasGroups(): boolean {
    return this.#loaded.some(({ compiled }) => compiled.code.labels.some(({ name }) => name.startsWith('group')));
  }

  /** What the hook returned, and what it noted for each policy. */
  run(situation: Situation): Outcome {
    const [first, second] = this.#loaded;
    assert(first !== undefined, 'a trial has a program');
    const entered = this.#runOne(first, situation, []);
    const told = (note: Note) => noted(note, (bit) => isListed(first.compiled.follow, bit, situation.process));
    if (second === undefined) return { result: entered, policies: this.#notes().map(told) };
    const early = this.#notes();
    // what the runtime gives back at the return: 1 + the selector, of which there is none when it was undecided
    const waiting = early.map(({ waits, where }) =>
      waits === 0 ? 0 : 1 + ((where >> 48n) & 1n ? 0xffff : Number(where & 0xffffn)),
    );
    this.#runOne(second, situation, waiting);
    const late = this.#notes();
    const policies = early.map((note, slot) => {
      const after = known(late[slot], 'note');
      const { returnActions, returnSignal, returnNames, result } = after;
      return told({
        ...note,
        told: (note.told | after.told) >>> 0,
        twice: note.twice | after.twice,
        sent: note.sent + after.sent,
        matches: note.matches + after.matches,
        undecided: note.undecided + after.undecided,
        waits: note.waits + after.waits,
        ...{ returnActions, returnSignal, returnNames, result },
      });
    });
    return { result: entered, policies };
  }

  #runOne(
    { compiled, program }: LoadedHook & { readonly compiled: CompiledHook },
    situation: Situation,
    waiting: readonly number[],
  ): number {
    const { memory } = this.#bench;
    memory.write(compiled.plan, compiled.follow, situation);
    memory.clearNotes(waiting);
    memory.writeWorkload(compiled.scopes, situation.workload);
    const { returnValue } = runProgram(program);
    assert(memory.isBalanced, 'scratch is claimed and given back once');
    return returnValue;
  }

  #notes(): readonly Note[] {
    return this.#trial.policies.map((_, slot) => this.#bench.memory.note(slot));
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
    coverage.add(policy, hookOf(policy), observe(policy, trial.place, situation), machine);
  }
}
