/** What programs should ask for, by the plain meaning of their policies, and what they did ask for. */
import { action } from '#abi';
import type { IntegerShape } from '#policy';
import {
  type Hook,
  integerTypes,
  isIntegerType,
  type Machine,
  matches,
  type Observation,
  type Policy,
  type Selector,
  type Verdict,
} from '#policy';
import { known } from '#std';
import { narrowed } from '../../src/policy/semantics-integer.ts';
import type { Note } from './memory.ts';
import { isNamed } from './named.ts';
import { entryOf, hookOf } from './parts.ts';
import { type Place, seenShape } from './place.ts';
import { hostNamespaces, type Situation } from './situation.ts';

/** What the policy sees of the call. */
export function observe(policy: Policy, place: Place, situation: Situation): Observation {
  const hook = hookOf(policy);
  const observed = hook.arguments.flatMap(({ index, type }, position) => {
    const raw = known(situation.raw[index.value], 'raw value');
    const parameter = place.parameters[index.value];
    if (raw.kind !== 'integer' || parameter?.kind !== 'integer') return [[position, raw] as const];
    return [[position, { ...raw, shape: seenShape(type.value, parameter.shape) }] as const];
  });
  return {
    entry: entryOf(policy),
    arguments: new Map(observed),
    result: resultShape(hook) === undefined ? undefined : { kind: 'integer', value: situation.result },
    workload: situation.workload,
    process: situation.process,
    hostNamespaces,
  };
}

export function resultShape(hook: Hook): IntegerShape | undefined {
  const type = hook.kind === 'kprobe' ? hook.returnArgument?.type.value : undefined;
  return type === undefined || !isIntegerType(type) ? undefined : integerTypes[type];
}

/** What is compared of one policy: as text, so that a difference can be read. */
export type Brief = { readonly text: string; readonly error: number };

const nothing: Brief = { text: 'nothing', error: 0 };

export type Expectation = {
  readonly place: Place;
  readonly situation: Situation;
  readonly machine: Machine;
  /** The system call that the policy is about. */
  readonly guard: bigint | undefined;
};

export function expected(
  policy: Policy,
  { place, situation, machine, guard }: Expectation,
): Brief & { readonly verdict: Verdict | undefined } {
  if (guard !== undefined && guard !== situation.call) return { ...nothing, verdict: undefined };
  const observation = observe(policy, place, situation);
  const { hook, verdict } = matches(policy, observation, machine);
  if (verdict.kind === 'no-match') return { ...quiet(verdict.skipped), verdict };
  const selector = known(hook.selectors[verdict.selector], 'selector');
  const posts = selector.actions.every(({ kind }) => kind !== 'nopost');
  const returned = verdict.kind === 'match' ? verdict.returned : undefined;
  const error = overrideError(selector) ?? -1;
  const enforces = selector.actions.some(({ kind }) => kind === 'sigkill' || kind === 'override');
  const named = isNamed(selector, situation.process);
  const text = brief({
    where: whereOf(policy, selector, verdict, place),
    named,
    namedAtReturn: named && returned !== undefined && (returned.kill || returned.signal !== undefined),
    error,
    matches: 1,
    undecided: verdict.skipped,
    told: posts ? toldBits(hook, verdict.post && resultShape(hook) !== undefined) : 0,
    twice: 0,
    sent: verdict.post ? 1 : 0,
    waits: place.split && posts ? 1 : 0,
    returnActions: (returned?.kill ? action.sigkill : 0) | (returned?.signal === undefined ? 0 : action.signal),
    returnSignal: returned?.signal ?? 0,
    integers: posts ? toldIntegers(hook, place, situation) : noIntegers,
    result: verdict.post ? toldResult(hook, situation) : 0n,
  });
  return { text, error: enforces && place.denies ? error : 0, verdict };
}

function quiet(undecided: number): Brief {
  return undecided === 0 ? nothing : { text: `undecided ${undecided}`, error: 0 };
}

function overrideError({ actions }: Selector): number | undefined {
  return actions.find((each) => each.kind === 'override')?.error;
}

/** As rf_match() takes it, but for whom the selector names; see kprobes/include/ringfence/verdict.h. */
function whereOf(
  policy: Policy,
  { actions }: Selector,
  verdict: Exclude<Verdict, { kind: 'no-match' }>,
  { denies }: Place,
): bigint {
  const has = (kind: string) => actions.some((each) => each.kind === kind);
  const signal = actions.find((each) => each.kind === 'signal')?.signal ?? 0;
  const bits =
    (has('nopost') ? action.nopost : action.post) |
    (has('sigkill') ? action.sigkill : 0) |
    (has('override') ? action.override : 0) |
    (has('signal') ? action.signal : 0);
  return (
    BigInt(verdict.selector) |
    (BigInt(entryOf(policy)) << 16n) |
    (BigInt(bits) << 32n) |
    ((verdict.kind === 'unreadable-denied' ? 1n : 0n) << 48n) |
    (BigInt(signal) << 49n) |
    ((denies ? 0n : 1n) << 56n)
  );
}

const resultBit = 31; // RF_NOTE_RESULT

function toldBits({ arguments: declared }: Hook, result: boolean): number {
  const bits = declared.reduce((sum, { type }, position) => (type.value === 'nop' ? sum : sum | (1 << position)), 0);
  return (bits | (result ? 1 << resultBit : 0)) >>> 0;
}

const noIntegers = Array.from({ length: 8 }, () => 0n);

function toldIntegers({ arguments: declared }: Hook, place: Place, { raw }: Situation): readonly bigint[] {
  return noIntegers.map((none, position) => {
    const argument = declared[position];
    const value = argument === undefined || argument.type.value === 'nop' ? undefined : raw[argument.index.value];
    const parameter = argument === undefined ? undefined : place.parameters[argument.index.value];
    if (argument === undefined || value?.kind !== 'integer' || parameter?.kind !== 'integer') return none;
    return BigInt.asUintN(64, narrowed(value.value, seenShape(argument.type.value, parameter.shape)));
  });
}

function toldResult(hook: Hook, { result }: Situation): bigint {
  const shape = resultShape(hook);
  return shape === undefined ? 0n : BigInt.asUintN(64, narrowed(result, shape));
}

const NAMES_BIT = 57n;
const NAMES_ALL = 1;
const NAMES_LIST = 2;

/** What a program noted for one policy. `isListed`: whether the process's own binary is in the list with that bit. */
export function noted(note: Note, isListed: (bit: number) => boolean): string {
  if (note.matches === 0 && note.sent === 0 && note.waits === 0) return quiet(note.undecided).text;
  const isNamed = (word: number) => word === NAMES_ALL || (word >= NAMES_LIST && isListed(word - NAMES_LIST));
  const named = isNamed(Number(note.where >> NAMES_BIT));
  const where = note.where & ((1n << NAMES_BIT) - 1n);
  return brief({ ...note, where, named, namedAtReturn: isNamed(note.returnNames) });
}

type Compared = Omit<Note, 'returnNames'> & { readonly named: boolean; readonly namedAtReturn: boolean };

function brief(note: Compared): string {
  const selector = note.where & 0xffffn;
  const parts = [
    `selector ${selector}`,
    `where ${note.where.toString(16)}`,
    `error ${note.error}`,
    `matches ${note.matches}`,
    `undecided ${note.undecided}`,
    `told ${note.told.toString(16)}`,
    `twice ${note.twice}`,
    `sent ${note.sent}`,
    `waits ${note.waits}`,
    `named ${note.named}`,
    `on return ${note.returnActions} ${note.returnSignal} ${note.namedAtReturn}`,
    `integers ${note.integers.join(' ')}`,
    `result ${note.result}`,
  ];
  return parts.join(', ');
}
