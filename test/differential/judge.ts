/** What the plain meaning of the policies says of a call, by what the observer saw of it. */
import {
  isEnforcing,
  isIntegerType,
  matches,
  type Namespaces,
  type Observation,
  type ObservedArgument,
  type ObservedProcess,
  type Policy,
  type Verdict,
} from '#policy';
import { known } from '#std';
import { seenShape } from '../property/place.ts';
import type { Who } from './calls.ts';
import type { RealHook } from './hooks.ts';
import type { Sighting } from './observer.ts';
import type { Places } from './places.ts';
import type { RandomPolicy } from './policies.ts';

/** Of what the process that calls is descended, itself not included. */
export type Ancestry = { readonly binaries: readonly string[]; readonly pids: readonly number[] };

export type JudgeOptions = {
  readonly places: Places;
  readonly hostNamespaces: Namespaces;
  readonly ancestry: Ancestry;
};

/** What is to be seen from outside. */
export type Outcome = {
  /** What the call returns when it is denied. */
  readonly error: number | undefined;
  readonly killed: boolean;
  /** A bit for each signal, of number 1 and up, but SIGKILL. */
  readonly signals: bigint;
  /** What is told, one line for each event, sorted. */
  readonly told: readonly string[];
  /** The hooks of the policies that matched, or could not tell. */
  readonly matched: readonly string[];
};

export class Judge {
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** All policies look at each call of their hook; of the errors the first stands, and ends the call. */
  judge(policies: readonly RandomPolicy[], who: Who, sightings: readonly Sighting[]): Outcome {
    let error: number | undefined;
    let killed = false;
    let signals = 0n;
    const matched: string[] = [];
    const told: string[] = [];
    for (const [index, sighting] of sightings.entries()) {
      for (const { policy, hook } of policies) {
        const facts = factsFor(policy, hook, sighting, sightings.slice(0, index));
        if (facts === undefined) continue;
        const verdict = matches(policy, this.#observe(policy, hook, facts, who)).verdict;
        if (verdict.kind === 'no-match') continue;
        matched.push(hook.name);
        const enforced = policy.mode === 'enforce';
        const line = eventLine(policy, hook, verdict, enforced);
        if (line !== undefined) told.push(line);
        if (!enforced) continue;
        if (hook.denies) error ??= verdict.error;
        if (verdict.kind !== 'match') continue;
        killed ||= verdict.kill;
        if (verdict.signal !== undefined) signals |= 1n << BigInt(verdict.signal - 1);
      }
    }
    return { error, killed, signals, told: told.sort(), matched };
  }

  #observe(policy: Policy, hook: RealHook, facts: Facts, who: Who): Observation {
    const declared = known(policy.hooks[0], 'hook').arguments;
    const seen = declared.flatMap(({ index, type }, position): (readonly [number, ObservedArgument])[] => {
      const { parameter, see } = known(hook.parameters[index.value], 'parameter');
      if (see === undefined || type.value === 'nop') return [];
      const value = see(facts.arguments, this.#options.places);
      if (value.kind !== 'integer' || parameter.kind !== 'integer' || !isIntegerType(type.value)) {
        return [[position, value]];
      }
      return [[position, { ...value, shape: seenShape(type.value, parameter.shape) }]];
    });
    const { hostNamespaces } = this.#options;
    const process = this.#process(facts.caller, who);
    const workload = { kind: 'host' } as const;
    return { entry: 0, arguments: new Map(seen), result: undefined, workload, process, hostNamespaces };
  }

  #process(sighting: Sighting, who: Who): ObservedProcess {
    const { ancestry, places } = this.#options;
    const { namespaces, capabilities, namespacePid } = sighting;
    const binary = places.pathOf(sighting.binary);
    return {
      binary,
      descent: {
        binaries: [binary, ...ancestry.binaries.map((each) => new TextEncoder().encode(each))],
        pids: [who.pid, ...ancestry.pids],
        namespacePids: [who.inner ?? who.pid, ...ancestry.pids],
      },
      subject: { pid: sighting.pid, namespacePid, namespaces, capabilities },
    };
  }
}

/** Where the arguments were seen, and where the process was. */
type Facts = { readonly arguments: Sighting; readonly caller: Sighting };

/**
 * Undefined when the sighting is no call of the hook. A system call that is stopped is judged where the kernel asks an
 * LSM hook about it, by what it was called with; a worker of the kernel is in no system call.
 */
function factsFor(policy: Policy, hook: RealHook, sighting: Sighting, before: readonly Sighting[]): Facts | undefined {
  const { syscall } = hook;
  if (syscall === undefined)
    return sighting.hook === hook.seenAt ? { arguments: sighting, caller: sighting } : undefined;
  if (sighting.call !== syscall.number) return undefined;
  const moves = known(policy.hooks[0], 'hook').selectors.some(isEnforcing);
  if (!moves) return sighting.hook === 'sys_enter' ? { arguments: sighting, caller: sighting } : undefined;
  if (sighting.hook !== syscall.movesTo) return undefined;
  const entry = before.findLast(({ hook: seen, tid }) => seen === 'sys_enter' && tid === sighting.tid);
  return { arguments: known(entry, 'entry of the system call'), caller: sighting };
}

type Telling = Exclude<Verdict, { kind: 'no-match' }>;

function eventLine({ name }: Policy, { denies }: RealHook, verdict: Telling, enforced: boolean): string | undefined {
  if (!verdict.post) return undefined;
  const error = denies && enforced ? -(verdict.error ?? 0) : 0;
  const undecided = verdict.kind === 'unreadable-denied' ? ' undecided' : '';
  return `${name} selector ${verdict.selector} ${effectOf(verdict, denies, enforced)} errno ${error}${undecided}`;
}

function effectOf(verdict: Telling, denies: boolean, enforced: boolean): string {
  if (verdict.kind === 'unreadable-denied') return denies ? (enforced ? 'denied' : 'would') : 'match';
  const asks = verdict.kill || verdict.signal !== undefined || verdict.actions.some(({ kind }) => kind === 'override');
  if (!enforced) return asks ? 'would' : 'match';
  if (verdict.kill) return 'killed';
  if (denies && verdict.error !== undefined) return 'denied';
  return verdict.signal === undefined ? 'match' : 'signalled';
}
